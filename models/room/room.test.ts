import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import {
  appointmentInputSchema,
  end,
  INVITATION_LIFE_MS,
  invite,
  propose,
  take,
  type Appointment,
  type AppointmentOf,
} from '../people/appointment.ts';
import {
  addRoom,
  applyRoomsFact,
  countRooms,
  demandEmployee,
  demandRoom,
  editRoom,
  noRooms,
  postIn,
  removeRoom,
  ROOM_NAME_CHARS_MAX,
  ROOM_SEATS_MAX,
  roomIn,
  roomInputSchema,
  ROOMS_MAX,
  roomsLine,
  roomsPart,
  withOrganizers,
  type CollegeRooms,
  type Room,
} from './room.ts';

/** 20.11.2019 12:00 in Moscow. */
const NOW_MS = Date.UTC(2019, 10, 20, 9);
const DAY_MS = 24 * 60 * 60_000;
const BY = { name: 'Светлов Игорь Иванович' };
const STUDY = 'study-fed-2019';

const input = (name: string, more: Record<string, unknown> = {}) =>
  roomInputSchema.parse({ name, isConditional: false, subject: 'Физика', seats: 12, ...more });
const empty = (): CollegeRooms => noRooms({ procedure: STUDY, region: 'r48', college: 'c48-1' });
const three = (): CollegeRooms =>
  addRoom(
    addRoom(addRoom(empty(), input('101'), 'a'), input('Условная 1', { isConditional: true }), 'b'),
    input('204', { subject: 'Химия' }),
    'c',
  );
const room = (id: string): Room => roomIn(three(), id);

interface Who {
  id?: string;
  name?: string;
  email?: string | null;
  at?: string;
  subjects?: string[];
  from?: string;
  to?: string;
  replaces?: string;
}
function proposed({ id = 'one', at = 'a', subjects = [], ...said }: Who = {}): Appointment {
  const given = appointmentInputSchema.parse({
    ...{ role: 'roomOrganizer', unit: 'c48-1', procedure: STUDY, room: at, subjects, isEmployee: true },
    ...{ name: 'Тестова Анна Петровна', channel: 'card', ...said },
  });
  const place = { id, unit: 'c48-1', path: '/fed/r48/c48-1/', zone: 'Europe/Moscow' };
  return propose(place, given, BY, NOW_MS, postIn(room(at), subjects));
}
const invited = (who: Who = {}): Appointment =>
  invite(proposed(who), { hash: `hash of ${who.id ?? 'one'}`, channel: 'card' }, NOW_MS);
const taken = (who: Who = {}): AppointmentOf<'appointed'> => {
  const hash = `hash of ${who.id ?? 'one'}`;
  return take(invited(who), { hash, person: `person of ${who.id ?? 'one'}` }, NOW_MS);
};
const refusal = (deed: () => unknown): [string, object] | null => {
  try {
    deed();
  } catch (error) {
    if (error instanceof HubError) return [error.code, error.params];
    throw error;
  }
  return null;
};
const asked = (wanted: Appointment, others: readonly Appointment[] = [], nowMs = NOW_MS) =>
  refusal(() => demandRoom(wanted, room(wanted.room?.id ?? ''), others, nowMs));

describe('the rooms of a college', () => {
  it('[S1-09] have a name, a subject and seats within their limits; a conditional room is a room', () => {
    const isGood = (given: object): boolean =>
      roomInputSchema.safeParse({ name: '101', isConditional: false, subject: 'Физика', seats: 12, ...given }).success;
    expect([isGood({ seats: 1 }), isGood({ seats: ROOM_SEATS_MAX })]).toEqual([true, true]);
    expect([isGood({ seats: 0 }), isGood({ seats: ROOM_SEATS_MAX + 1 }), isGood({ seats: '' })]).toEqual([
      ...[false, false, false],
    ]);
    expect([isGood({ name: 'x'.repeat(ROOM_NAME_CHARS_MAX) }), isGood({ name: ' ' })]).toEqual([true, false]);
    expect(isGood({ name: 'x'.repeat(ROOM_NAME_CHARS_MAX + 1) })).toBe(false);
    expect(three().rooms.map(({ isConditional }) => isConditional)).toEqual([false, true, false]);
  });

  it('are told apart by their names, and are not without number', () => {
    expect(refusal(() => addRoom(three(), input(' УСЛОВНАЯ  1 '.trim()), 'd'))).toEqual([
      ...['room_name_taken', { room: 'УСЛОВНАЯ  1' }],
    ]);
    const full = {
      ...empty(),
      rooms: Array.from({ length: ROOMS_MAX }, (_, at) => ({ ...room('a'), id: `${at}`, name: `${at}` })),
    };
    expect(refusal(() => addRoom(full, input('новая'), 'new'))).toEqual(['rooms_full', { max: ROOMS_MAX }]);
  });

  it('are edited over what the writer saw; the same said again changes nothing', () => {
    expect(editRoom(three(), 'a', input('101'), 1)).toBeNull();
    const edited = editRoom(three(), 'a', input('102', { seats: 20 }), 1);
    expect(edited && roomIn(edited, 'a')).toMatchObject({ name: '102', seats: 20, rev: 2 });
    expect(refusal(() => edited && editRoom(edited, 'a', input('103'), 1))?.[0]).toBe('stale_write');
    expect(refusal(() => editRoom(three(), 'a', input('204'), 1))?.[0]).toBe('room_name_taken');
    expect(refusal(() => editRoom(three(), 'z', input('1'), 1))?.[0]).toBe('room_gone');
  });

  it('[S1-09] do not go with somebody in them of whom nothing is said', () => {
    const held = withOrganizers(three(), [taken({ at: 'a' }), invited({ id: 'two', name: 'Другая Вера', at: 'b' })]);
    expect(refusal(() => removeRoom(held, 'a', { organizer: 'none' }, NOW_MS))).toEqual([
      ...['room_occupied', { room: '101', name: 'Тестова Анна Петровна' }],
    ]);
    expect(refusal(() => removeRoom(held, 'b', { organizer: 'none' }, NOW_MS))?.[0]).toBe('room_occupied');
    // Whoever was invited and did not come in time holds nothing.
    expect(removeRoom(held, 'b', { organizer: 'none' }, NOW_MS + INVITATION_LIFE_MS).rooms).toHaveLength(2);
    expect(removeRoom(held, 'a', { organizer: 'recall', reason: 'ремонт' }, NOW_MS).rooms.map(({ id }) => id)).toEqual([
      'b',
      'c',
    ]);
    expect(removeRoom(held, 'c', { organizer: 'none' }, NOW_MS).rooms).toHaveLength(2);
  });
});

describe('an organizer in a room', () => {
  it('[S1-08] [G-01] is an employee of the college: whoever appoints says so, and an observer of it is none', () => {
    const wanted = { person: null, email: null, name: 'Тестова Анна Петровна' };
    const observer = {
      ...taken({ id: 'observer', name: 'тестова  анна петровна' }),
      role: 'independentObserver' as const,
    };
    const employee = (isEmployee: boolean, observers: readonly Appointment[] = []) =>
      refusal(() => demandEmployee(wanted, isEmployee, observers));
    expect(employee(true)).toBeNull();
    expect(employee(false)).toEqual(['room_not_employee', { name: wanted.name }]);
    expect(employee(true, [observer])?.[0]).toBe('room_not_employee');
    expect(employee(true, [end(observer, { by: BY, reason: 'не приехала' }, NOW_MS)])).toBeNull();
  });

  it('[S1-10] [G-01] is no specialist in the subject of that very room', () => {
    expect(asked(proposed({ at: 'a', subjects: ['Физика', 'Химия'] }))).toEqual([
      ...['room_specialist', { name: 'Тестова Анна Петровна', room: '101', subject: 'Физика' }],
    ]);
    expect(asked(proposed({ at: 'a', subjects: ['физика'] }))?.[0]).toBe('room_specialist');
    expect(asked(proposed({ at: 'c', subjects: ['Физика'] }))).toBeNull();
    expect(asked(proposed({ at: 'a' }))).toBeNull();
  });

  it('[S1-09] [G-01] has one room, and a conditional one counts', () => {
    const present = taken({ id: 'first', at: 'b' });
    expect(asked(proposed({ at: 'a' }), [present])).toEqual([
      ...['room_second', { name: 'Тестова Анна Петровна', room: 'Условная 1' }],
    ]);
    expect(asked(proposed({ at: 'a' }), [invited({ id: 'first', at: 'b' })])?.[0]).toBe('room_second');
    expect(asked(proposed({ at: 'a', name: 'Другая Вера' }), [present])).toBeNull();
    const ended = end(present, { by: BY, reason: 'заболела' }, NOW_MS);
    expect(asked(proposed({ at: 'a' }), [ended])).toBeNull();
    // The account tells people apart once both have one; before, the address does.
    expect(asked({ ...taken({ at: 'a' }), person: 'person of first' }, [present])?.[0]).toBe('room_second');
    expect(asked(taken({ at: 'a' }), [present])).toBeNull();
    const [mine, hers] = ['a@example.org', 'b@example.org'];
    expect(asked(proposed({ at: 'a', email: hers }), [taken({ id: 'first', at: 'b', email: mine })])).toBeNull();
    expect(
      asked(proposed({ at: 'a', email: 'A@example.org' }), [invited({ id: 'x', at: 'b', email: mine })])?.[0],
    ).toBe('room_second');
  });

  it('[S1-09] is the only one of the room, unless he follows whom he is said to follow', () => {
    const present = taken({ id: 'first', name: 'Прежняя Вера' });
    expect(asked(proposed(), [present])).toEqual(['room_taken', { room: '101', name: 'Прежняя Вера' }]);
    expect(asked(proposed({ replaces: 'first' }), [present])).toBeNull();
    expect(asked(proposed({ replaces: 'another' }), [present])?.[0]).toBe('room_taken');
    const promised = invited({ id: 'first', name: 'Прежняя Вера' });
    expect(asked(proposed(), [promised])).toEqual(['seat_invited', { name: 'Прежняя Вера' }]);
    expect(asked(proposed(), [promised], NOW_MS + INVITATION_LIFE_MS)).toBeNull();
    // Of two who were invited, the first to come has it.
    expect(asked(taken(), [promised])).toBeNull();
  });

  it('[S1-09] is free from the day on which the other goes, and not a day before', () => {
    const present = taken({ id: 'first', name: 'Прежняя Вера', to: '2019-11-30' });
    expect(asked(proposed({ from: '2019-12-01' }), [present])).toBeNull();
    expect(asked(proposed({ from: '2019-11-30' }), [present])?.[0]).toBe('room_taken');
  });
});

describe('how many rooms have an organizer', () => {
  it('[S1-36] counts whoever took it, now or from a day to come, by the clock; an open invitation is told apart', () => {
    const all = withOrganizers(three(), [
      taken({ id: 'first', at: 'a', to: '2019-11-21' }),
      taken({ id: 'second', name: 'Вторая Вера', at: 'b', from: '2019-12-01' }),
      invited({ id: 'third', name: 'Третья Вера', at: 'c' }),
    ]);
    const count = (nowMs: number): number[] => {
      const { rooms, organized, invited: open } = countRooms(roomsLine(all).rooms, nowMs);
      return [rooms, organized, open];
    };
    expect(count(NOW_MS)).toEqual([3, 2, 1]);
    expect(count(NOW_MS + 2 * DAY_MS)).toEqual([3, 1, 1]);
    expect(count(NOW_MS + INVITATION_LIFE_MS)).toEqual([3, 1, 0]);
    expect(JSON.stringify(roomsLine(all))).not.toContain('Вера');
  });

  it('facts applied twice, or late, change nothing', () => {
    const before = withOrganizers(three(), []);
    const after = withOrganizers(before, [taken()]);
    const fact = (all: CollegeRooms) => ({ type: 'roomsChanged' as const, body: { part: roomsPart(all) } });
    expect([fact(before), fact(after), fact(before)].reduce(applyRoomsFact, roomsPart(empty()))).toEqual(
      roomsPart(after),
    );
    expect(after.rev).toBe(before.rev + 1);
  });
});
