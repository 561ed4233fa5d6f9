import { describe, expect, it } from 'vitest';
import { commonPath, DIFFERENCES_KEPT_MAX, differencesOf, entryOf, TEXT_KEPT_MAX, type Origin } from './deed.ts';

const ORIGIN: Origin = {
  person: { id: 'p1', name: 'Тестов Т. Т.' },
  address: '192.0.2.1',
  agent: 'Firefox',
  device: 'd1',
  session: 's1',
};
const note = { kind: 'unit.edited', path: '/48/48-m1/', subject: '48-m1', subjectName: 'Округ' } as const;

describe('an entry', () => {
  it('says who, from where, and within which units', () => {
    expect(entryOf({ id: 'c', actor: 'p1', atMs: 5, note }, ORIGIN)).toMatchObject({
      actor: 'p1',
      actorName: 'Тестов Т. Т.',
      address: '192.0.2.1',
      device: 'd1',
      session: 's1',
      within: ['48', '48-m1'],
    });
  });

  it('does not lend the name of one who asked to another who is told of', () => {
    expect(entryOf({ id: 'c', actor: 'public', atMs: 5, note }, ORIGIN).actorName).toBe('');
  });

  it('gives the hub no address: whose request woke it has not done it', () => {
    expect(entryOf({ id: 'c', actor: 'hub', atMs: 5, note }, ORIGIN)).toMatchObject({
      actorName: '',
      address: '',
      agent: '',
    });
  });

  it('keeps texts and lists up to their limits, not one sign more', () => {
    const at = 'x'.repeat(TEXT_KEPT_MAX);
    const long = { field: 'name', before: at, after: `${at}y` } as const;
    const { subjectName, differences } = entryOf(
      {
        id: 'c',
        actor: 'p1',
        atMs: 5,
        note: {
          ...note,
          subjectName: `${at}y`,
          differences: Array.from({ length: DIFFERENCES_KEPT_MAX + 1 }, () => long),
        },
      },
      null,
    );
    expect(subjectName).toBe(at);
    expect(differences).toHaveLength(DIFFERENCES_KEPT_MAX);
    expect(differences[0]).toEqual({ field: 'name', before: at, after: at });
  });
});

describe('differences', () => {
  it('are of the fields that changed, appeared or went', () => {
    expect(differencesOf({ name: 'a', zone: 'z', kind: 'k' }, { name: 'b', zone: 'z', status: 's' })).toEqual([
      { field: 'kind', before: 'k', after: null },
      { field: 'name', before: 'a', after: 'b' },
      { field: 'status', before: null, after: 's' },
    ]);
  });
});

describe('the territory of a person', () => {
  it('is the smallest that holds all of his roles', () => {
    expect(commonPath(['/48/48-m1/i1/'])).toBe('/48/48-m1/i1/');
    expect(commonPath(['/48/48-m1/', '/48/48-m2/'])).toBe('/48/');
    expect(commonPath(['/48/', '/48/48-m2/'])).toBe('/48/');
    expect(commonPath(['/48/', '/50/'])).toBe('/');
    expect(commonPath(['/48/a/x/', '/48/b/x/'])).toBe('/48/');
    expect(commonPath([])).toBe('/');
  });
});
