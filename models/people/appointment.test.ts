import { describe, expect, it } from 'vitest';
import {
  agree,
  APPOINTING,
  applyAppointmentsFact,
  appointableBy,
  appointersOf,
  appointmentInputSchema,
  appointmentView,
  CODE_SIGNS,
  codeOf,
  demandFit,
  demandOpen,
  demandSeat,
  demandStranger,
  emptyAppointments,
  end,
  follow,
  historyOf,
  INVITATION_LIFE_MS,
  INVITATIONS_KEPT_MAX,
  invite,
  isInForce,
  nextChangeMs,
  OBSERVER_CATEGORIES,
  plainCode,
  powerOver,
  propose,
  stageOf,
  take,
  termOf,
  type Appointment,
  type AppointmentOf,
} from './appointment.ts';
import { ROLES, type Role } from './rights.ts';

const ZONE = 'Europe/Moscow';
/** 20.11.2021 12:00 in Moscow. */
const NOW_MS = Date.UTC(2021, 10, 20, 9);
const DAY_MS = 24 * 60 * 60_000;
const BY = { name: 'Орлова Анна Петровна' };

function input(more: Record<string, unknown> = {}) {
  return appointmentInputSchema.parse({
    role: 'municipalCoordinator',
    unit: 'm1',
    name: 'Белова Ирина Сергеевна',
    channel: 'card',
    ...more,
  });
}
const place = { id: 'a1', unit: 'm1', path: '/r/m1/', zone: ZONE };
const proposed = (more: Record<string, unknown> = {}, at = place) => propose(at, input(more), BY, NOW_MS);
function invited(more: Record<string, unknown> = {}, at = place): AppointmentOf<'invited'> {
  const one = proposed(more, at);
  return invite(one, { hash: `hash of ${at.id}`, channel: 'card' }, NOW_MS);
}
const taken = (more: Record<string, unknown> = {}, at = place): AppointmentOf<'appointed'> =>
  take(invited(more, at), { hash: `hash of ${at.id}`, person: `person of ${at.id}` }, NOW_MS);
const refusal = (deed: () => unknown): unknown => {
  try {
    deed();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return null;
};

describe('who may appoint whom', () => {
  /** Written once more, apart from the table: who appoints at any time, and who the first only. */
  const EXPECTED: Record<Role, string> = {
    administrator: 'administrator',
    federalCoordinator: 'administrator',
    authoritySpecialist: 'administrator',
    regionalCoordinator: 'authoritySpecialist, first administrator',
    dataProcessingOperator: 'authoritySpecialist, first administrator',
    scanningSpecialist: 'authoritySpecialist, first administrator',
    municipalCoordinator: 'regionalCoordinator, first administrator',
    institutionHead: 'regionalCoordinator, municipalCoordinator, first administrator',
    institutionCoordinator: 'institutionHead, first administrator',
    procedureLead: 'institutionHead, institutionCoordinator',
    roomOrganizer: 'institutionHead, institutionCoordinator',
    technicalSpecialist: 'institutionHead, institutionCoordinator',
    independentObserver: 'regionalCoordinator',
    expert: 'regionalCoordinator',
  };

  it('[G-04] [S1-17] is what the table says, of every role by every role, and nobody grants what he may not', () => {
    for (const role of ROLES) {
      const does: string[] = [];
      const first: string[] = [];
      for (const by of ROLES) {
        const power = powerOver(
          { assignments: [{ role: by, unit: 'r', path: '/r/' }] },
          { role, path: '/r/m1/i1/', procedure: null },
        );
        if (power === 'does') does.push(by);
        if (power === 'first') first.push(`first ${by}`);
        expect(appointableBy({ assignments: [{ role: by, unit: 'r', path: '/r/' }] }).includes(role)).toBe(
          power !== null,
        );
      }
      expect([...does, ...first].join(', '), role).toBe(EXPECTED[role]);
      expect(appointersOf(role)).toEqual(does);
    }
  });

  it('[S1-01] [S1-04] lets nobody but the authority appoint the regional coordinator and the scanning specialist', () => {
    expect(appointersOf('regionalCoordinator')).toEqual(['authoritySpecialist']);
    expect(appointersOf('scanningSpecialist')).toEqual(['authoritySpecialist']);
  });

  it('ends at the territory and at the procedure that a role is bound to', () => {
    const head = { assignments: [{ role: 'institutionHead' as const, unit: 'i1', path: '/r/m1/i1/' }] };
    const lead = (path: string) => ({ role: 'procedureLead' as const, path, procedure: 'p' });
    expect(powerOver(head, lead('/r/m1/i1/'))).toBe('does');
    expect(powerOver(head, lead('/r/m1/i10/'))).toBeNull();
    expect(powerOver(head, lead('/r/m1/'))).toBeNull();
    const bound = {
      assignments: [{ role: 'regionalCoordinator' as const, unit: 'r', path: '/r/', procedure: 'p' }],
    };
    const expert = (procedure: string | null) => ({ role: 'expert' as const, path: '/r/', procedure });
    expect(powerOver(bound, expert('p'))).toBe('does');
    expect(powerOver(bound, expert('q'))).toBeNull();
    expect(powerOver(bound, expert(null))).toBeNull();
  });

  it('takes the strongest of several roles', () => {
    const both = {
      assignments: (['administrator', 'regionalCoordinator'] as const).map((role) => ({
        role,
        unit: 'r',
        path: '/r/',
      })),
    };
    expect(powerOver(both, { role: 'municipalCoordinator', path: '/r/m1/', procedure: null })).toBe('does');
  });
});

describe('what is said of an appointment', () => {
  const fit = (more: Record<string, unknown>, kind: Parameters<typeof demandFit>[1]) =>
    refusal(() => demandFit(input(more), kind));

  it('fits the kind of unit that the role is held in', () => {
    expect(fit({}, 'municipality')).toBeNull();
    expect(fit({}, 'region')).toBe('bad_input');
    for (const role of ROLES) expect(APPOINTING[role].places.length, role).toBeGreaterThan(0);
  });

  it('[S1-02] asks a regional coordinator for telephone and e-mail', () => {
    const contacts = { phone: '+7 000 000-00-00', email: 'a@example.org' };
    expect(fit({ role: 'regionalCoordinator', ...contacts }, 'region')).toBeNull();
    for (const missing of ['phone', 'email'])
      expect(fit({ role: 'regionalCoordinator', ...contacts, [missing]: '' }, 'region')).toBe('bad_input');
  });

  it('[S0-25] binds a lead to one procedure, and a head to none', () => {
    expect(fit({ role: 'procedureLead' }, 'institution')).toBe('bad_input');
    expect(fit({ role: 'procedureLead', procedure: 'p' }, 'institution')).toBeNull();
    expect(fit({ role: 'institutionHead', procedure: 'p' }, 'institution')).toBe('bad_input');
  });

  it('[S1-11] names one of six categories of an observer, and of nobody else', () => {
    expect(OBSERVER_CATEGORIES).toHaveLength(6);
    expect(fit({ role: 'independentObserver' }, 'college')).toBe('bad_input');
    expect(fit({ role: 'independentObserver', category: 'deputyHead' }, 'college')).toBeNull();
    expect(fit({ category: 'deputyHead' }, 'municipality')).toBe('bad_input');
  });

  it('[S1-09] asks an organizer of a college for the room of a study, and nobody else', () => {
    const organizer = { role: 'roomOrganizer', procedure: 'study', room: 'a' };
    expect(fit(organizer, 'college')).toBeNull();
    for (const missing of ['procedure', 'room'])
      expect(fit({ ...organizer, [missing]: null }, 'college')).toBe('bad_input');
    expect(fit({ role: 'roomOrganizer' }, 'institution')).toBeNull();
    expect(fit(organizer, 'institution')).toBe('bad_input');
    expect(fit({ role: 'technicalSpecialist', room: 'a' }, 'college')).toBe('bad_input');
  });

  it('needs an address for a letter, and none for a card', () => {
    expect(fit({ channel: 'letter' }, 'municipality')).toBe('bad_input');
    expect(fit({ channel: 'letter', email: 'a@example.org' }, 'municipality')).toBeNull();
  });

  it('[S0-11] has no days for the coordinator of an institution', () => {
    expect(fit({ role: 'institutionCoordinator' }, 'institution')).toBeNull();
    expect(fit({ role: 'institutionCoordinator', to: '2021-12-31' }, 'institution')).toBe('bad_input');
  });
});

describe('the days of an appointment', () => {
  it('are whole days of the region’s zone, the last one inclusive (domain 4.3)', () => {
    const { fromMs, untilMs } = termOf({ from: '2021-11-21', to: '2021-11-30' }, 'Asia/Tomsk', NOW_MS);
    expect(new Date(fromMs).toISOString()).toBe('2021-11-20T17:00:00.000Z');
    expect(new Date(untilMs ?? 0).toISOString()).toBe('2021-11-30T17:00:00.000Z');
  });

  it('begin today when nothing is said, and have no end', () => {
    // 23:30 of the 20th in Moscow is the 21st in Tomsk already.
    const late = Date.UTC(2021, 10, 20, 20, 30);
    expect(termOf({ from: null, to: null }, ZONE, late)).toMatchObject({ from: '2021-11-20', untilMs: null });
    expect(termOf({ from: null, to: null }, 'Asia/Tomsk', late)).toMatchObject({ from: '2021-11-21' });
  });

  it('lie within a year from today and last five years at most', () => {
    const far = (from: string | null, to: string | null) => refusal(() => termOf({ from, to }, ZONE, NOW_MS));
    expect([far('2022-11-20', null), far('2022-11-21', null)]).toEqual([null, 'bad_input']);
    expect([far('2020-11-20', null), far('2020-11-19', null)]).toEqual([null, 'bad_input']);
    expect([far(null, '2026-11-20'), far(null, '2026-11-21')]).toEqual([null, 'bad_input']);
    expect([far(null, '2021-11-20'), far('2021-11-01', '2021-11-19')]).toEqual([null, 'bad_input']);
  });

  it('give rights from the first moment of the first day to the last of the last, by the clock alone', () => {
    const one = taken({ from: '2021-11-21', to: '2021-11-30' });
    const begin = one.fromMs;
    const over = one.untilMs ?? 0;
    expect([begin - 1, begin, over - 1, over].map((atMs) => isInForce(one, atMs))).toEqual([false, true, true, false]);
    expect([begin - 1, begin, over].map((atMs) => nextChangeMs([one], atMs))).toEqual([begin, over, null]);
    expect([begin - 1, begin, over].map((atMs) => stageOf(one, atMs))).toEqual(['coming', 'active', 'ended']);
    expect(isInForce(end(one, { by: BY, reason: 'ушла' }, begin), begin)).toBe(false);
  });
});

describe('an invitation', () => {
  it('opens until its last moment, and then says that it has expired', () => {
    const one = invited();
    const last = NOW_MS + INVITATION_LIFE_MS;
    expect(refusal(() => demandOpen(one, 'hash of a1', last - 1))).toBeNull();
    expect(refusal(() => demandOpen(one, 'hash of a1', last))).toBe('invitation_expired');
    expect([stageOf(one, last - 1), stageOf(one, last)]).toEqual(['invited', 'expired']);
  });

  it('opens nothing after the last day of what it is for', () => {
    const one = invited({ to: '2021-11-21' });
    expect(refusal(() => demandOpen(one, 'hash of a1', one.untilMs ?? 0))).toBe('invitation_expired');
  });

  it('is taken once', () => {
    expect(taken()).toMatchObject({ status: 'appointed', person: 'person of a1', takenAtMs: NOW_MS });
    expect(refusal(() => take(taken(), { hash: 'hash of a1', person: 'other' }, NOW_MS))).toBe('invitation_used');
  });

  it('no longer opens when another was made in its place, or when it was withdrawn', () => {
    const again = invite(invited(), { hash: 'second', channel: 'letter' }, NOW_MS + 1);
    expect(refusal(() => demandOpen(again, 'hash of a1', NOW_MS + 1))).toBe('invitation_revoked');
    expect(refusal(() => demandOpen(again, 'second', NOW_MS + 1))).toBeNull();
    const withdrawn = end(again, { by: BY, reason: 'ошибка' }, NOW_MS + 2);
    expect(withdrawn.ended.cause).toBe('withdrawn');
    expect(refusal(() => demandOpen(withdrawn, 'second', NOW_MS + 2))).toBe('invitation_revoked');
    expect(refusal(() => demandOpen(withdrawn, 'unknown', NOW_MS))).toBe('not_found');
  });

  it('is remembered until so many others were made', () => {
    let one = invited();
    for (let number = 1; number < INVITATIONS_KEPT_MAX; number += 1)
      one = invite(one, { hash: `${number}`, channel: 'card' }, NOW_MS);
    expect(refusal(() => demandOpen(one, 'hash of a1', NOW_MS))).toBe('invitation_revoked');
    one = invite(one, { hash: 'one more', channel: 'card' }, NOW_MS);
    expect(refusal(() => demandOpen(one, 'hash of a1', NOW_MS))).toBe('not_found');
  });

  it('has a code of signs that can’t be taken for others, as it is typed too', () => {
    const code = codeOf('f'.repeat(64));
    expect(code.replaceAll('-', '')).toHaveLength(CODE_SIGNS);
    expect(plainCode(code)).toBe(code);
    const own = codeOf('0123456789abcdef'.repeat(4));
    expect(plainCode(` ${own.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`)).toBe(own);
    expect(plainCode('—')).toBe('');
  });
});

describe('an expert', () => {
  it('[S1-17] [G-03] is invited only when the federal coordinator has agreed', () => {
    const one = proposed({ role: 'expert' });
    expect(one.status).toBe('proposed');
    expect(refusal(() => invite(one, { hash: 'h', channel: 'card' }, NOW_MS))).toBe('appointment_over');
    const agreed = agree(one, { name: 'Федоров' }, NOW_MS);
    expect(agreed).toMatchObject({ status: 'invited', agreed: { by: 'Федоров', atMs: NOW_MS } });
    expect(refusal(() => agree(agreed, BY, NOW_MS))).toBe('stale_write');
    expect(invite(agreed, { hash: 'h', channel: 'card' }, NOW_MS).agreed?.by).toBe('Федоров');
  });
});

describe('a post for one', () => {
  const contacts = { phone: '+7 000 000-00-00', email: 'a@example.org' };
  const regional = { role: 'regionalCoordinator', unit: 'r', ...contacts };
  const at = (id: string) => ({ id, unit: 'r', path: '/r/', zone: ZONE });
  const seat = (wanted: Appointment, others: readonly Appointment[], nowMs = NOW_MS) =>
    refusal(() => demandSeat(wanted, others, nowMs));

  it('[S1-01] [S0-11] is not given while somebody has it, unless he is named as the one who goes', () => {
    const present = taken(regional, at('old'));
    expect(seat(proposed(regional, at('new')), [present])).toBe('seat_taken');
    expect(seat(proposed({ ...regional, replaces: 'old' }, at('new')), [present])).toBeNull();
    expect(seat(proposed({ ...regional, replaces: 'another' }, at('new')), [present])).toBe('seat_taken');
  });

  it('is not promised twice, but again when the promise has expired', () => {
    const promised = invited(regional, at('first'));
    expect(seat(proposed(regional, at('second')), [promised])).toBe('seat_invited');
    expect(seat(proposed(regional, at('second')), [promised], NOW_MS + INVITATION_LIFE_MS)).toBeNull();
  });

  it('is free when the days do not meet', () => {
    const present = taken({ ...regional, to: '2021-11-30' }, at('old'));
    expect(seat(proposed({ ...regional, from: '2021-12-01' }, at('new')), [present])).toBeNull();
    expect(seat(proposed({ ...regional, from: '2021-11-30' }, at('new')), [present])).toBe('seat_taken');
  });

  it('is no matter of roles that many hold', () => {
    expect(seat(proposed(), [taken({}, { ...place, id: 'other' })])).toBeNull();
  });

  it('goes from the present holder to his successor, who keeps it in the history of the post', () => {
    const present = taken(regional, at('old'));
    const successor = taken({ ...regional, name: 'Новая Вера', replaces: 'old' }, at('new'));
    const gone = follow(present, successor, NOW_MS);
    expect(gone).toMatchObject({ status: 'ended', ended: { cause: 'replaced', by: BY.name, reason: 'Новая Вера' } });
    const names = { unitName: 'Область', procedureTitle: null };
    const rows = [gone, successor, invited(regional, at('never'))].map((one) => appointmentView(one, names));
    expect(new Set(historyOf(rows, successor).map(({ id }) => id))).toEqual(new Set(['new', 'old']));
  });

  it('passes by the clock when the successor begins later', () => {
    const present = taken(regional, at('old'));
    const successor = taken({ ...regional, from: '2021-12-01', replaces: 'old' }, at('new'));
    const going = follow(present, successor, NOW_MS);
    expect(going).toMatchObject({ status: 'appointed', to: '2021-11-30', untilMs: successor.fromMs });
    expect(seat(successor, [going])).toBeNull();
  });
});

describe('an observer', () => {
  it('[S1-18] [G-02] is never an employee of the institution that he observes, nor the other way round', () => {
    const school = { id: 's', unit: 'i1', path: '/r/m1/i1/', zone: ZONE };
    const observer = taken({ role: 'independentObserver', category: 'deputyHead' }, school);
    const teacher = taken({ role: 'roomOrganizer' }, school);
    const elsewhere = taken({ role: 'roomOrganizer' }, { ...school, unit: 'i2' });
    const strange = (one: Appointment, held: readonly Appointment[], nowMs = NOW_MS) =>
      refusal(() => demandStranger(one, held, nowMs));
    expect(strange(observer, [teacher])).toBe('observer_own');
    expect(strange(teacher, [observer])).toBe('observer_own');
    expect(strange(observer, [elsewhere])).toBeNull();
    expect(strange(observer, [end(teacher, { by: BY, reason: 'ушла' }, NOW_MS)])).toBeNull();
  });
});

describe('the page of a territory', () => {
  const view = (one: Appointment) => appointmentView(one, { unitName: 'Округ № 1', procedureTitle: null });

  it('shows nothing of the secret', () => {
    expect(JSON.stringify(view(invited()))).not.toContain('hash of a1');
  });

  it('takes the newer revision of an appointment, twice as well as once', () => {
    const fact = (one: Appointment) => ({ type: 'appointmentChanged' as const, body: { appointment: view(one) } });
    const before = applyAppointmentsFact(emptyAppointments('m1'), fact(invited()));
    const after = applyAppointmentsFact(before, fact(taken()));
    expect(after.rows.map(({ status }) => status)).toEqual(['appointed']);
    expect(applyAppointmentsFact(after, fact(taken()))).toBe(after);
    expect(applyAppointmentsFact(after, fact(invited()))).toBe(after);
  });

  it('is over when its time was the last day, though nobody ended it', () => {
    expect(stageOf(taken({ to: '2021-11-20' }), NOW_MS + DAY_MS)).toBe('ended');
  });
});
