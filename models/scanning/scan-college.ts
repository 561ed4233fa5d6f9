/**
 * A college in the Collector: who is expected (the printed roster), what came back in its delivery package, and how far its pages and works
 * are (S1-12, S1-13, S1-51). Participants are numbers: whose number is whose, only the paper key list of the college knows.
 * Pure, browser-safe.
 */
import { z } from 'zod';
import type { CollectorFindingCode } from '#collector/finding.ts';
import type { Attendance } from '#collector/form.ts';
import { HubError } from '../error.ts';
import { added, addedCounts, type Counts } from './figures.ts';

export const ROOMS_MAX = 60;
/** Participants of one room: as many as its attendance sheet has rows. */
export const PARTICIPANTS_IN_ROOM_MAX = 25;
export const SPARES_MAX = 200;
export const SHEETS_MAX = 100_000;

export interface RosterRoom {
  /** As printed on the pages of the room, from 1. */
  number: number;
  name: string;
  /** The first participant number of the room; the others follow it. */
  first: number;
  participants: number;
}

/** What was printed for a college, and therefore what may come back. */
export interface Roster {
  rooms: RosterRoom[];
  /** Spare sets, numbered from 1. */
  spares: number;
}

/** The package in which the college returned the materials, as it was counted when it was accepted (S1-23, S1-51). */
export interface DeliveryPackage {
  /** Sheets of paper. */
  sheets: number;
  acceptedAtMs: number;
  byName: string;
  /** Counted anew: the earlier figure stays readable. */
  recounts: { sheets: number; atMs: number; byName: string; reason: string }[];
}

/** How far the pages and works are; of the college, and of each of its rooms. */
export interface ScanFigures {
  /** Pages that are to come: of participants, and of their rooms. */
  pagesExpected: number;
  /** Pages that came and stand: with an identity, without a twin. */
  pagesRead: number;
  worksExpected: number;
  /** Works all of whose pages came. */
  worksWhole: number;
  /** Works in which an extended answer is written: what experts have to check. */
  worksWritten: number;
  worksChecked: number;
  errorsOpen: number;
  errorsSettled: number;
}

export interface ScanCollege {
  /** `procedure/college`. */
  id: string;
  rev: number;
  procedure: string;
  college: string;
  name: string;
  order: number;
  /** The scanning centre that reads its pages. */
  centre: string;
  /** As printed on its pages. */
  number: number;
  roster: Roster;
  package: DeliveryPackage | null;
  /** What of the college as a whole was let stand, by key of the finding, with the reason. */
  accepted: Record<string, string>;
  /** Of participants of whom the papers say different things: what a person chose. */
  attendance: Record<string, Attendance>;
  /** Something changed since the college as a whole was last looked over. */
  isDue: boolean;
  /** Pages in its files, whatever became of them. */
  pagesUploaded: number;
  /** Pages that could not be told: without an identity, or waiting for a decision. */
  pagesUnread: number;
  batches: number;
  figures: ScanFigures;
  /** Errors by what is wrong: those that are open, and those of which a new scan was asked. */
  open: Counts<CollectorFindingCode>;
  awaited: Counts<CollectorFindingCode>;
  /** By room number. */
  rooms: Record<string, ScanFigures>;
}

export const scanCollegeId = (procedure: string, college: string): string => `${procedure}/${college}`;

const NOTHING: ScanFigures = {
  ...{ pagesExpected: 0, pagesRead: 0, worksExpected: 0, worksWhole: 0, worksWritten: 0, worksChecked: 0 },
  ...{ errorsOpen: 0, errorsSettled: 0 },
};

export type Difference = Partial<ScanFigures>;

/** A college whose pages are to be printed for the first time; it is not kept before its roster is. */
export const newScanCollege = (
  place: Pick<ScanCollege, 'procedure' | 'college' | 'name' | 'order' | 'centre' | 'number'>,
): ScanCollege => ({
  ...{ id: scanCollegeId(place.procedure, place.college), rev: 0, ...place },
  ...{
    roster: { rooms: [], spares: 0 },
    package: null,
    accepted: {},
    attendance: {},
    isDue: false,
    pagesUploaded: 0,
    pagesUnread: 0,
    batches: 0,
  },
  ...{ figures: NOTHING, open: {}, awaited: {}, rooms: {} },
});

/* ---- what is printed ---- */

export const rosterInputSchema = z.strictObject({
  rooms: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(60),
        participants: z.coerce.number().int().min(1).max(PARTICIPANTS_IN_ROOM_MAX),
      }),
    )
    .max(ROOMS_MAX)
    .refine((rooms) => new Set(rooms.map(({ name }) => name.toLowerCase())).size === rooms.length),
  spares: z.coerce.number().int().min(0).max(SPARES_MAX),
});
export type RosterInput = z.output<typeof rosterInputSchema>;

/** Pages that one participant and one room bring back. */
export interface PagesOf {
  participant: number;
  room: number;
}

/**
 * Rooms and spares in addition to what was printed before: what is on paper stays expected. Errors: `roster_room_taken` for a room that was
 * printed, `roster_full`.
 */
export function extendRoster(college: ScanCollege, input: RosterInput, pages: PagesOf): ScanCollege {
  const { rooms, spares } = college.roster;
  if (rooms.length + input.rooms.length > ROOMS_MAX) throw new HubError('roster_full', { max: ROOMS_MAX });
  if (spares + input.spares > SPARES_MAX) throw new HubError('roster_full', { max: SPARES_MAX });
  const taken = input.rooms.find(({ name }) => rooms.some((room) => room.name.toLowerCase() === name.toLowerCase()));
  if (taken) throw new HubError('roster_room_taken', { name: taken.name });
  const fresh: RosterRoom[] = [];
  let first = 1 + rooms.reduce((sum, { participants }) => sum + participants, 0);
  for (const { name, participants } of input.rooms) {
    fresh.push({ number: rooms.length + fresh.length + 1, name, first, participants });
    first += participants;
  }
  const expected = ({ participants }: RosterRoom): Difference => ({
    pagesExpected: participants * pages.participant + pages.room,
    worksExpected: participants,
  });
  return {
    ...college,
    rev: college.rev + 1,
    roster: { rooms: [...rooms, ...fresh], spares: spares + input.spares },
    figures: fresh.reduce((figures, room) => added(figures, expected(room)), college.figures),
    rooms: {
      ...college.rooms,
      ...Object.fromEntries(fresh.map((room) => [String(room.number), added(NOTHING, expected(room))])),
    },
  };
}

/** The room of a participant; null for a number that nobody was given. */
export const roomOf = ({ rooms }: Roster, participant: number): RosterRoom | null =>
  rooms.find(({ first, participants }) => participant >= first && participant < first + participants) ?? null;

export const participantsOf = ({ first, participants }: RosterRoom): number[] =>
  Array.from({ length: participants }, (_, at) => first + at);

/* ---- the package ---- */

export const packageInputSchema = z.strictObject({ sheets: z.coerce.number().int().min(1).max(SHEETS_MAX) });
export const recountInputSchema = packageInputSchema.extend({ reason: z.string().trim().min(3).max(300) });

/** The package is accepted, counted; only now may it be scanned (S1-51). Errors: `package_accepted`, `roster_missing`. */
export function acceptPackage(
  college: ScanCollege,
  { sheets }: { sheets: number },
  by: { name: string },
  nowMs: number,
): ScanCollege {
  if (college.package) throw new HubError('package_accepted', { atMs: college.package.acceptedAtMs });
  if (college.roster.rooms.length === 0) throw new HubError('roster_missing');
  return {
    ...college,
    rev: college.rev + 1,
    package: { sheets, acceptedAtMs: nowMs, byName: by.name, recounts: [] },
  };
}

/** Counted anew, with the reason. Errors: `package_awaited`. */
export function recountPackage(
  college: ScanCollege,
  { sheets, reason }: { sheets: number; reason: string },
  by: { name: string },
  nowMs: number,
): ScanCollege {
  const before = demandPackage(college);
  const recounts = [...before.recounts, { sheets: before.sheets, atMs: nowMs, byName: by.name, reason }];
  return { ...college, rev: college.rev + 1, package: { ...before, sheets, recounts } };
}

/** Errors: `package_awaited`: what was not accepted is not scanned (S1-51). */
export function demandPackage({ package: accepted, name }: ScanCollege): DeliveryPackage {
  if (!accepted) throw new HubError('package_awaited', { name });
  return accepted;
}

/* ---- figures ---- */

/** What a deed adds to the figures of a college, and to those of the rooms that it touched. */
export interface CollegeChange {
  pagesUploaded?: number;
  pagesUnread?: number;
  batches?: number;
  figures?: Difference;
  open?: Counts<CollectorFindingCode>;
  awaited?: Counts<CollectorFindingCode>;
  /** By room number. */
  rooms?: Record<string, Difference>;
}

export function changeCollege(college: ScanCollege, change: CollegeChange): ScanCollege {
  const rooms = { ...college.rooms };
  for (const [room, difference] of Object.entries(change.rooms ?? {}))
    rooms[room] = added(rooms[room] ?? NOTHING, difference);
  return {
    ...college,
    rev: college.rev + 1,
    isDue: true,
    pagesUploaded: college.pagesUploaded + (change.pagesUploaded ?? 0),
    pagesUnread: college.pagesUnread + (change.pagesUnread ?? 0),
    batches: college.batches + (change.batches ?? 0),
    figures: added(college.figures, change.figures ?? {}),
    open: addedCounts(college.open, change.open ?? {}),
    awaited: addedCounts(college.awaited, change.awaited ?? {}),
    rooms,
  };
}
