/** Use cases of a college's rooms in a study: stating them, mending them, taking them away with what becomes of their organizers (S1-08 … S1-10). */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { AppointmentFacts } from '../people/appointment.facts.ts';
import { end, stageOf, type Appointment } from '../people/appointment.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import type { StudyProcedure } from '../procedure/procedure.ts';
import { isTold, studyId } from '../study/study.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { organizersOf, place, roomsFacts } from './room.placing.ts';
import {
  addRoom,
  editRoom,
  fateSchema,
  noRooms,
  postIn,
  removeRoom,
  roomIn,
  roomInputSchema,
  type CollegeRooms,
  type Room,
  type RoomInput,
} from './room.ts';

export interface RoomsPlace {
  procedure: string;
  college: string;
}

interface Loaded {
  study: StudyProcedure;
  unit: Unit;
  all: CollegeRooms;
}

export function createRoomActions(context: Context, appointmentFacts: AppointmentFacts) {
  const { journal, units, procedures, studyColleges, collegeRooms, assignments, now, newId } = context;

  /** The rooms of a college that was told of the study; for any other there is none. */
  async function load(person: Person, { procedure, college }: RoomsPlace): Promise<Loaded> {
    const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(college)]);
    if (!unit || !isWithin(unit.path, study.path) || !isAllowed(person, 'rooms.set', unit.path, study.id))
      throw new HubError('not_allowed');
    const taking = await studyColleges.get(studyId(study.id, unit.id));
    if (!isTold(taking)) throw new HubError('not_found');
    const of = { procedure: study.id, region: taking.region, college: unit.id };
    return { study, unit, all: (await collegeRooms.find(studyId(study.id, unit.id))) ?? noRooms(of) };
  }

  function roomOf({ study }: Loaded, input: unknown): RoomInput {
    const room = roomInputSchema.parse(input);
    if (!study.subjects.includes(room.subject))
      throw new HubError('bad_input', { field: 'subject', reason: 'unknown' });
    return room;
  }

  async function record(
    person: Person,
    kind: DeedKind,
    { study, unit }: Loaded,
    next: CollegeRooms,
    changed: readonly Appointment[],
    [before, after]: [Room | null, RoomInput | null],
    told: { person?: string } = {},
  ): Promise<void> {
    const told0 = (room: RoomInput | null) => room && { room: room.name, subject: room.subject, seats: room.seats };
    const note = {
      ...{ kind, path: unit.path, subject: unit.id, subjectName: unit.name },
      differences: [
        ...differencesOf(told0(before), told0(after)),
        ...differencesOf(null, { ...told, procedure: study.title }),
      ],
    };
    const facts = [...(await appointmentFacts(changed)), ...roomsFacts(next)];
    await journal.record({ actor: person.id, atMs: now(), commandId: newId(), note }, facts, async (session) => {
      for (const appointment of changed) await assignments.save(appointment, session);
      await collegeRooms.save(next, session);
    });
  }

  /** Those of a room, from the same reading as the rooms: whoever changes one meanwhile changes the rooms too. */
  const thoseOf = async (all: CollegeRooms, room: string): Promise<Appointment[]> =>
    (await organizersOf(context, all)).filter((one) => one.room?.id === room);

  /** The same appointment to another room, or to a room of which something else is said now. */
  const inRoom = (one: Appointment, room: Room): Appointment => ({
    ...one,
    rev: one.rev + 1,
    room: postIn(room, one.room?.subjects ?? []),
  });

  return {
    /** States a room. Errors: HubError `not_allowed`, `not_found` for a college that was not told, `room_name_taken`, `rooms_full`. */
    add: (person: Person, at: RoomsPlace, input: unknown): Promise<{ room: string }> =>
      retryStale(async () => {
        const loaded = await load(person, at);
        const room = roomOf(loaded, input);
        const id = newId();
        const next = await place(context, addRoom(loaded.all, room, id), []);
        await record(person, 'room.stated', loaded, next, [], [null, room]);
        return { room: id };
      }),

    /** Says something else of a room, over what the writer saw. Errors: HubError `stale_write`, `room_gone`, `room_name_taken`, `room_specialist`. */
    async edit(person: Person, at: RoomsPlace, id: string, given: unknown): Promise<void> {
      const { rev, ...input } = z.looseObject({ rev: z.coerce.number().int() }).parse(given);
      await retryStale(async () => {
        const loaded = await load(person, at);
        const room = roomOf(loaded, input);
        const edited = editRoom(loaded.all, id, room, rev);
        if (!edited) return;
        const changed = (await thoseOf(loaded.all, id)).map((one) => inRoom(one, roomIn(edited, id)));
        const next = await place(context, edited, changed);
        await record(person, 'room.edited', loaded, next, changed, [roomIn(loaded.all, id), room]);
      });
    },

    /**
     * Takes a room away, and says what becomes of who answers for it: he is recalled, or moves to another room. Errors: HubError `room_gone`,
     * `room_occupied` when nothing is said; those of the room that he moves to.
     */
    remove: (person: Person, at: RoomsPlace, id: string, given: unknown): Promise<void> =>
      retryStale(async () => {
        const loaded = await load(person, at);
        const fate = fateSchema.parse(given);
        const gone = roomIn(loaded.all, id);
        const rest = removeRoom(loaded.all, id, fate, now());
        const moves = ({ status, ...one }: Appointment): boolean =>
          fate.organizer === 'move' && ['active', 'coming', 'invited'].includes(stageOf({ status, ...one }, now()));
        const changed = (await thoseOf(loaded.all, id)).map((one) =>
          fate.organizer === 'move' && moves(one)
            ? inRoom(one, roomIn(rest, fate.to))
            : end(one, { by: person, reason: fate.organizer === 'recall' ? fate.reason : gone.name }, now()),
        );
        const next = await place(context, rest, changed);
        const names = changed.map(({ name }) => name).join(', ');
        await record(
          person,
          'room.removed',
          loaded,
          next,
          changed,
          [gone, null],
          names === '' ? {} : { person: names },
        );
      }),
  };
}
