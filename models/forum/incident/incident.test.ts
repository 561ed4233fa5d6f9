import { describe, expect, it } from 'vitest';
import { HubError } from '../../error.ts';
import {
  acknowledge,
  applyIncidentFact,
  closeIfOver,
  incidentView,
  institutionsOf,
  join,
  QUESTIONS_MAX,
  QUIET_MS,
  raise,
  SURGE_INSTITUTIONS_MIN,
  SURGE_WINDOW_MS,
  tellAll,
  type Asking,
  type Incident,
  type IncidentFact,
  type IncidentOf,
} from './incident.ts';

const NOW = Date.UTC(2019, 10, 12, 9);
const asking = (n: number, askedAtMs = NOW, unit = `c26-${n}`): Asking => ({
  ...{ question: `q${String(n).padStart(4, '0')}`, unit, unitName: `Колледж ${unit}`, askedAtMs },
});
const askings = (count: number, askedAtMs = NOW): Asking[] =>
  Array.from({ length: count }, (_, n) => asking(n, askedAtMs));
const meant = { id: 'i1', procedure: 'spo-2019', cause: { kind: 'code', code: 'file_damaged' } } as const;

function raised(count = SURGE_INSTITUTIONS_MIN): IncidentOf<'open'> {
  const incident = raise(meant, askings(count), NOW);
  if (!incident) throw new Error('not raised');
  return incident;
}
const answer = { text: 'Сервер восстановлен, отправьте файл ещё раз.', byName: 'Вера Ильина', atMs: NOW + 1 };

describe('an incident is raised', () => {
  it('by the fifth institution, not by the fourth', () => {
    expect(raise(meant, askings(SURGE_INSTITUTIONS_MIN - 1), NOW)).toBeNull();
    expect(raised()).toMatchObject({ status: 'open', rev: 1, lastAskedAtMs: NOW, more: 0 });
  });

  it('by institutions, however often one of them asks', () => {
    const often = Array.from({ length: 20 }, (_, n) => asking(n, NOW, 'c26-1'));
    expect(raise(meant, often, NOW)).toBeNull();
  });

  it('by what was asked within the window: its first moment is out, the one after in', () => {
    expect(raise(meant, askings(5, NOW - SURGE_WINDOW_MS), NOW)).toBeNull();
    expect(raise(meant, askings(5, NOW - SURGE_WINDOW_MS + 1), NOW)).not.toBeNull();
  });

  it('with as many questions as it holds, the rest counted', () => {
    expect(raised(QUESTIONS_MAX + 3)).toMatchObject({ more: 3 });
    expect(raised(QUESTIONS_MAX + 3).askings).toHaveLength(QUESTIONS_MAX);
  });
});

describe('an incident goes on', () => {
  it('with everybody who asks the same, each question once', () => {
    const joined = join(raised(), [asking(0), asking(9, NOW + 5_000)]);
    expect(joined).toMatchObject({ rev: 2, lastAskedAtMs: NOW + 5_000 });
    expect(institutionsOf(joined ?? raised())).toBe(6);
    expect(join(raised(), [asking(0)])).toBeNull();
  });

  it('counts on when it is full', () => {
    expect(join(raised(QUESTIONS_MAX), [asking(9_999)])).toMatchObject({ more: 1 });
  });

  it('is seen by all with its figures and the first who asked', () => {
    const view = incidentView(raised(9));
    expect(view).toMatchObject({ status: 'open', questions: 9, broadcast: null, acknowledgedBy: [] });
    expect(view.units).toHaveLength(9);
    expect(view.named).toHaveLength(5);
  });

  it('is in the list while it goes on, in the state of its last fact', () => {
    const open = incidentView(raised());
    const fact = (incident: Incident): IncidentFact => {
      const view = incidentView(incident);
      return { type: 'incidentChanged', entity: view.id, rev: view.rev, body: { incident: view } };
    };
    const answered = tellAll(raised(), answer);
    expect(applyIncidentFact([], fact(raised()))).toEqual([open]);
    expect(applyIncidentFact([incidentView(answered)], fact(raised()))).toEqual([incidentView(answered)]);
    const closed = closeIfOver(answered, NOW + QUIET_MS) ?? answered;
    expect(applyIncidentFact([incidentView(answered)], fact(closed))).toEqual([]);
  });
});

describe('an incident ends', () => {
  it('is answered once for all', () => {
    const answered = tellAll(raised(), answer);
    expect(answered).toMatchObject({ status: 'answered', broadcast: answer, acknowledgedBy: [] });
    expect(() => tellAll(answered, answer)).toThrow(HubError);
  });

  it('counts who says that the answer helped: those who asked, once', () => {
    const answered = tellAll(raised(), answer);
    const first = acknowledge(answered, 'c26-0');
    expect(first).toMatchObject({ acknowledgedBy: ['c26-0'] });
    expect(acknowledge(first ?? answered, 'c26-0')).toBeNull();
    expect(acknowledge(answered, 'c48-1')).toBeNull();
    expect(acknowledge(raised(), 'c26-0')).toBeNull();
  });

  it('closes by itself when all have said so, or when nobody has asked for an hour', () => {
    const answered = tellAll(raised(), answer);
    expect(closeIfOver(answered, NOW + QUIET_MS - 1)).toBeNull();
    expect(closeIfOver(answered, NOW + QUIET_MS)).toMatchObject({ status: 'closed', broadcast: answer });
    const settled = { ...answered, acknowledgedBy: answered.askings.map(({ unit }) => unit) };
    expect(closeIfOver(settled, NOW + 2)).toMatchObject({ status: 'closed', closedAtMs: NOW + 2 });
  });

  it('is not settled while somebody who asked is only counted', () => {
    const answered = { ...tellAll(raised(), answer), more: 1 };
    expect(closeIfOver({ ...answered, acknowledgedBy: answered.askings.map(({ unit }) => unit) }, NOW)).toBeNull();
  });

  it('takes nobody in any more', () => {
    const closed = closeIfOver(raised(), NOW + QUIET_MS);
    expect(closed).toMatchObject({ status: 'closed', broadcast: null });
    expect(join(closed ?? raised(), [asking(9)])).toBeNull();
    expect(closeIfOver(closed ?? raised(), NOW + 2 * QUIET_MS)).toBeNull();
  });
});
