/** What appointments make of a college's rooms: asked by whoever appoints, and by whoever changes the rooms. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import type { Fact } from '../journal/journal.ts';
import { roomsStream, studyStream } from '../journal/stream.ts';
import type { Appointment } from '../people/appointment.ts';
import { demandRoom, roomIn, roomsLine, roomsPart, withOrganizers, type CollegeRooms } from './room.ts';

export interface Placing {
  facts: Fact[];
  save(session: ClientSession): Promise<void>;
}

export const roomsFacts = (all: CollegeRooms): Fact[] => [
  {
    ...{ stream: roomsStream(all.procedure, all.college), type: 'roomsChanged', entity: all.id, rev: all.rev },
    body: { part: roomsPart(all) },
  },
  {
    ...{ stream: studyStream(all.procedure, all.region), type: 'studyRoomsChanged', entity: `rooms ${all.id}` },
    ...{ rev: all.rev, body: { line: roomsLine(all) } },
  },
];

type Stores = Pick<Context, 'assignments' | 'collegeRooms' | 'now'>;

/** Those who answer, or are asked to answer, for rooms of a college in a study. */
export const organizersOf = (
  { assignments }: Pick<Context, 'assignments'>,
  { procedure, college }: Pick<CollegeRooms, 'procedure' | 'college'>,
): Promise<Appointment[]> =>
  assignments.list({ role: 'roomOrganizer', unit: college, procedure, status: { $ne: 'ended' } });

/**
 * Puts appointments that begin, change or end into rooms that were read before them: whoever changes either meanwhile is told by the rooms'
 * revision. Errors: those of `demandRoom`, `room_gone`.
 */
export async function place(stores: Stores, all: CollegeRooms, changed: readonly Appointment[]): Promise<CollegeRooms> {
  const { assignments, now } = stores;
  const nowMs = now();
  const after = new Map<string, Appointment>();
  for (const one of [...(await organizersOf(stores, all)), ...changed]) after.set(one.id, one);
  const present = [...after.values()].filter(({ status }) => status !== 'ended');
  for (const one of changed) {
    if (one.status === 'ended' || !one.room) continue;
    // With his account he may answer for a room of another college.
    const elsewhere =
      one.person === null
        ? []
        : (
            await assignments.held({ person: one.person, role: 'roomOrganizer', procedure: one.procedure }, nowMs)
          ).filter(({ unit }) => unit !== one.unit);
    demandRoom(one, roomIn(all, one.room.id), [...present, ...elsewhere], nowMs);
  }
  return withOrganizers(all, present);
}

/** What must be saved and told with appointments that changed; null when none of them is to a room. */
export function createPlacing(stores: Stores) {
  const { collegeRooms } = stores;
  return async function placing(changed: readonly Appointment[]): Promise<Placing | null> {
    const toRooms = changed.filter(({ room }) => room !== undefined);
    const [first] = toRooms;
    if (!first?.procedure) return null;
    const all = await collegeRooms.get(`${first.procedure}/${first.unit}`);
    const next = await place(stores, all, toRooms);
    return { facts: roomsFacts(next), save: (session) => collegeRooms.save(next, session) };
  };
}
export type RoomPlacing = ReturnType<typeof createPlacing>;
