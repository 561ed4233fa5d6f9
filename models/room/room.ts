/**
 * The rooms of a college in a study and who answers for each (S1-08 … S1-10, guard G-01): an employee, in one room, who is no specialist of
 * what is studied there. A conditional room counts as a room. What stands here of organizers is drawn from their appointments; the revision of
 * a college's rooms rises with each of them, so that of two who decide at the same moment one is stale. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { endingSchema, stageOf, type Appointment, type RoomPost, type Stage } from '../people/appointment.ts';

export const ROOMS_MAX = 60;
export const ROOM_NAME_CHARS_MAX = 60;
export const ROOM_SEATS_MAX = 500;

export const roomInputSchema = z.strictObject({
  /** Its number or its name. */
  name: z.string().trim().min(1).max(ROOM_NAME_CHARS_MAX),
  isConditional: z.boolean(),
  subject: z.string().max(80),
  seats: z.coerce.number().int().min(1).max(ROOM_SEATS_MAX),
});
export type RoomInput = z.output<typeof roomInputSchema>;

/** What becomes of whoever answers for a room that goes. */
export const fateSchema = z.discriminatedUnion('organizer', [
  z.strictObject({ organizer: z.literal('none') }),
  z.strictObject({ organizer: z.literal('recall'), ...endingSchema.shape }),
  z.strictObject({ organizer: z.literal('move'), to: z.string().max(100) }),
]);
export type Fate = z.output<typeof fateSchema>;

export interface RoomOrganizer {
  appointment: string;
  name: string;
  isTaken: boolean;
  fromMs: number;
  untilMs: number | null;
  /** When his open invitation expires; null for who has taken it, and where none is open. */
  expiresAtMs: number | null;
}

export interface Room extends RoomInput {
  id: string;
  /** Rises with what is said of the room itself. */
  rev: number;
  /** In the order of their days: one at a time. */
  organizers: RoomOrganizer[];
}

export interface CollegeRooms {
  /** `procedure/college`. */
  id: string;
  rev: number;
  procedure: string;
  region: string;
  college: string;
  rooms: Room[];
}

export const noRooms = (place: Pick<CollegeRooms, 'procedure' | 'region' | 'college'>): CollegeRooms => ({
  ...{ id: `${place.procedure}/${place.college}`, rev: 0, ...place, rooms: [] },
});

/* ---- the rooms ---- */

const alike = (text: string): string =>
  text.toLocaleLowerCase('ru').replaceAll('ё', 'е').replaceAll(/\s+/g, ' ').trim();

function demandName(others: readonly Room[], name: string): void {
  if (others.some((other) => alike(other.name) === alike(name))) throw new HubError('room_name_taken', { room: name });
}

/** Errors: `not_found` for a room that is not there any more. */
export function roomIn({ rooms }: Pick<CollegeRooms, 'rooms'>, id: string): Room {
  const room = rooms.find((one) => one.id === id);
  if (!room) throw new HubError('room_gone');
  return room;
}

/** Errors: `rooms_full`, `room_name_taken`. */
export function addRoom(all: CollegeRooms, input: RoomInput, id: string): CollegeRooms {
  if (all.rooms.length >= ROOMS_MAX) throw new HubError('rooms_full', { max: ROOMS_MAX });
  demandName(all.rooms, input.name);
  return { ...all, rooms: [...all.rooms, { ...input, id, rev: 1, organizers: [] }] };
}

/** Null when nothing changes. `knownRev` is what the writer saw. Errors: `room_gone`, `stale_write`, `room_name_taken`. */
export function editRoom(all: CollegeRooms, id: string, input: RoomInput, knownRev: number): CollegeRooms | null {
  const room = roomIn(all, id);
  if (room.rev !== knownRev) throw new HubError('stale_write');
  const others = all.rooms.filter((other) => other !== room);
  demandName(others, input.name);
  const { name, isConditional, subject, seats } = input;
  if (room.name === name && room.isConditional === isConditional && room.subject === subject && room.seats === seats)
    return null;
  const edited = { ...room, ...input, rev: room.rev + 1 };
  return { ...all, rooms: all.rooms.map((other) => (other === room ? edited : other)) };
}

/** A room goes; nobody who answers for it is left behind unsaid. Errors: `room_gone`, `room_occupied` with the name of who is there. */
export function removeRoom(all: CollegeRooms, id: string, fate: Fate, nowMs: number): CollegeRooms {
  const room = roomIn(all, id);
  const there = room.organizers.find((one) => isHeldAt(one, nowMs));
  if (there && fate.organizer === 'none') throw new HubError('room_occupied', { room: room.name, name: there.name });
  return { ...all, rooms: all.rooms.filter((other) => other !== room) };
}

/* ---- who answers for them ---- */

/** What is kept of a room with the appointment to it. */
export const postIn = ({ id, name, subject }: Room, subjects: readonly string[]): RoomPost => ({
  ...{ id, name, subject },
  subjects: [...subjects],
});

const isPresent = (stage: Stage): boolean => stage !== 'ended' && stage !== 'expired';

const overlap = (a: Pick<Appointment, 'fromMs' | 'untilMs'>, b: Pick<Appointment, 'fromMs' | 'untilMs'>): boolean =>
  a.fromMs < (b.untilMs ?? Infinity) && b.fromMs < (a.untilMs ?? Infinity);

/** By the account where both have one; else by the address where both have one; else by the name. */
export function isSamePerson(
  a: Pick<Appointment, 'person' | 'email' | 'name'>,
  b: Pick<Appointment, 'person' | 'email' | 'name'>,
): boolean {
  if (a.person !== null && b.person !== null) return a.person === b.person;
  if (a.email !== null && b.email !== null) return alike(a.email) === alike(b.email);
  return alike(a.name) === alike(b.name);
}

/**
 * An employee of the college (S1-08): whoever appoints says so, since the hub keeps no list of a college's staff; and who watches the college
 * as an independent observer is none, whatever is said (S1-18). Errors: `room_not_employee`.
 */
export function demandEmployee(
  wanted: Pick<Appointment, 'person' | 'email' | 'name'>,
  isEmployee: boolean,
  observers: readonly Appointment[],
): void {
  if (!isEmployee || observers.some((one) => one.status !== 'ended' && isSamePerson(wanted, one)))
    throw new HubError('room_not_employee', { name: wanted.name });
}

/**
 * One room, one organizer, no specialist (S1-09, S1-10): `others` are the appointments to rooms of the same study that he could meet. Whoever is
 * followed is named. Errors: `room_specialist`, `room_second`, `room_taken`, `seat_invited`.
 */
export function demandRoom(wanted: Appointment, room: Room, others: readonly Appointment[], nowMs: number): void {
  const { name, room: post } = wanted;
  if (!post) return;
  const { subject } = room;
  if (post.subjects.some((one) => alike(one) === alike(subject)))
    throw new HubError('room_specialist', { name, room: room.name, subject });
  for (const other of others) {
    if (other.id === wanted.id || !other.room || !isPresent(stageOf(other, nowMs)) || !overlap(wanted, other)) continue;
    if (other.room.id !== room.id) {
      if (isSamePerson(wanted, other)) throw new HubError('room_second', { name, room: other.room.name });
      continue;
    }
    if (other.status === 'appointed') {
      if (other.id !== wanted.replaces) throw new HubError('room_taken', { room: room.name, name: other.name });
    } else if (wanted.rev === 1) throw new HubError('seat_invited', { name: other.name });
  }
}

/** The rooms with who answers for each, as the appointments to them are; a revision further. */
export function withOrganizers(all: CollegeRooms, appointments: readonly Appointment[]): CollegeRooms {
  const organizersOf = (id: string): RoomOrganizer[] =>
    appointments
      .filter(({ room, status }) => room?.id === id && status !== 'ended')
      .map(({ id: appointment, name, status, fromMs, untilMs, invitations }) => ({
        ...{ appointment, name, isTaken: status === 'appointed', fromMs, untilMs },
        expiresAtMs: invitations.find(({ state }) => state === 'open')?.expiresAtMs ?? null,
      }))
      .toSorted((a, b) => a.fromMs - b.fromMs || (a.appointment < b.appointment ? -1 : 1));
  return {
    ...all,
    rev: all.rev + 1,
    rooms: all.rooms.map((room) => ({ ...room, organizers: organizersOf(room.id) })),
  };
}

/** Where an organizer's appointment stands at a moment. */
export function organizerStage(
  { isTaken, fromMs, untilMs, expiresAtMs }: Omit<RoomOrganizer, 'appointment' | 'name'>,
  nowMs: number,
): Stage {
  return stageOf(
    {
      ...{ status: isTaken ? 'appointed' : 'invited', fromMs, untilMs },
      invitations: expiresAtMs === null ? [] : [{ state: 'open', expiresAtMs }],
    },
    nowMs,
  );
}

/** Whether somebody answers for a room, or is asked to, at a moment: then it is nobody else's. */
export const isHeldAt = (organizer: RoomOrganizer, nowMs: number): boolean =>
  isPresent(organizerStage(organizer, nowMs));

/* ---- live ---- */

/** The rooms of one college in one study, as the college and those above it see them. */
export interface RoomsPart {
  procedure: string;
  college: string;
  rev: number;
  rooms: Room[];
}
export type RoomsFact = { type: 'roomsChanged'; body: { part: RoomsPart } };
export const roomsPart = ({ procedure, college, rev, rooms }: CollegeRooms): RoomsPart => ({
  ...{ procedure, college, rev, rooms },
});
export const applyRoomsFact = (present: RoomsPart, { body: { part } }: RoomsFact): RoomsPart =>
  present.rev >= part.rev ? present : part;

/** What a region's page counts by: of each room, the days of who answers for it, and nobody's name. */
export interface RoomsLine {
  college: string;
  rev: number;
  rooms: Omit<RoomOrganizer, 'appointment' | 'name'>[][];
  /** The same rooms as they were stated: forms are printed for them. */
  stated: { name: string; seats: number }[];
}
export const roomsLine = ({ college, rev, rooms }: CollegeRooms): RoomsLine => ({
  ...{ college, rev },
  rooms: rooms.map(({ organizers }) =>
    organizers.map(({ isTaken, fromMs, untilMs, expiresAtMs }) => ({ isTaken, fromMs, untilMs, expiresAtMs })),
  ),
  stated: rooms.map(({ name, seats }) => ({ name, seats })),
});

export interface RoomCounts {
  rooms: number;
  /** Rooms for which somebody answers, now or from a day to come. */
  organized: number;
  /** Of the others, those for which an invitation is open. */
  invited: number;
}
export function countRooms(rooms: RoomsLine['rooms'], nowMs: number): RoomCounts {
  const stages = rooms.map((organizers) => organizers.map((one) => organizerStage(one, nowMs)));
  const held = stages.map((all) => all.includes('active') || all.includes('coming'));
  return {
    rooms: rooms.length,
    organized: held.filter(Boolean).length,
    invited: stages.filter((all, index) => !held[index] && all.includes('invited')).length,
  };
}
