import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson, createChainCheck, GENESIS, headText, sealAll, type Break, type SealedEntry } from './chain.ts';
import { entryOf, type DeedEntry } from './deed.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const FLOOR = { floor: 0, floorHash: GENESIS };

const entry = (id: string): DeedEntry =>
  entryOf(
    {
      id,
      actor: 'p1',
      atMs: 1,
      note: {
        kind: 'unit.edited',
        path: '/48/48-m1/',
        subject: '48-m1',
        subjectName: 'Округ № 1',
        differences: [{ field: 'name', before: 'Округ', after: 'Округ № 1' }],
      },
    },
    null,
  );

const chain = (): SealedEntry[] => sealAll({ n: 0, hash: GENESIS }, ['a', 'b', 'c', 'd'].map(entry), sha256);

/** The kinds of breaks of a chain against the head of the whole one. */
function breaksOf(entries: readonly SealedEntry[], head: { n: number; hash: string } = headOf(chain())): string[] {
  const check = createChainCheck(FLOOR, [], sha256);
  const breaks: Break[] = entries.flatMap((one) => check.take(one));
  return [...breaks, ...check.end(head)].map(({ kind, at }) => `${kind} ${at}`);
}
const headOf = (entries: readonly SealedEntry[]) => ({ n: entries.length, hash: entries.at(-1)?.hash ?? GENESIS });

describe('canonical JSON', () => {
  it('is the same whatever order the keys came in, at every depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'я' })).toBe('{"a":"я","b":[{"c":null,"d":1}]}');
    expect(canonicalJson({ a: 'я', b: [{ c: null, d: 1 }] })).toBe('{"a":"я","b":[{"c":null,"d":1}]}');
  });

  it('tells apart what looks alike', () => {
    const texts = [canonicalJson('1'), canonicalJson(1), canonicalJson([1]), canonicalJson({ '1': 1 })];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('refuses what JSON can’t say', () => {
    expect(() => canonicalJson(NaN)).toThrow(TypeError);
    expect(() => canonicalJson(undefined as never)).toThrow(TypeError);
  });
});

describe('the chain', () => {
  it('is whole as it was sealed, also when it grew in batches', () => {
    expect(breaksOf(chain())).toEqual([]);
    const first = sealAll({ n: 0, hash: GENESIS }, [entry('a'), entry('b')], sha256);
    expect([...first, ...sealAll(headOf(first), [entry('c'), entry('d')], sha256)]).toEqual(chain());
  });

  it('shows a change of any field', () => {
    const changed: Partial<SealedEntry>[] = [
      { actor: 'p2' },
      { actorName: 'Другой' },
      { kind: 'unit.closed' },
      { atMs: 2 },
      { address: '10.0.0.1' },
      { agent: 'x' },
      { device: 'x' },
      { session: 'x' },
      { within: ['48'] },
      { subject: 'x' },
      { subjectName: 'x' },
      { differences: [] },
      { id: 'x' },
    ];
    for (const change of changed)
      expect(
        breaksOf(chain().map((one, index) => (index === 1 ? { ...one, ...change } : one))),
        JSON.stringify(change),
      ).toEqual(['entry_changed 2']);
  });

  it('shows a change whose hash was made anew: the next entry does not go on from it', () => {
    const [a, b, ...rest] = chain();
    if (!a || !b) throw new Error('no chain');
    const [forged] = sealAll({ n: 1, hash: a.hash }, [{ ...entry('b'), actor: 'p2' }], sha256);
    if (!forged) throw new Error('no entry');
    expect(breaksOf([a, forged, ...rest])).toEqual(['order_changed 3']);
  });

  it('shows a deleted entry, and a last one', () => {
    expect(breaksOf(chain().toSpliced(1, 1))).toEqual(['entry_missing 2']);
    expect(breaksOf(chain().slice(0, 3))).toEqual(['tail_missing 4']);
    expect(breaksOf([])).toEqual(['tail_missing 1']);
  });

  it('shows entries that changed places', () => {
    const [a, b, c, d] = chain();
    if (!a || !b || !c || !d) throw new Error('no chain');
    const broken = breaksOf([a, { ...c, n: 2 }, { ...b, n: 3 }, d]);
    expect(broken[0]).toBe('order_changed 2');
    expect(broken).toContain('entry_changed 2');
  });

  it('shows an end made anew, and entries behind the head', () => {
    const other = sealAll({ n: 0, hash: GENESIS }, ['a', 'b', 'c', 'x'].map(entry), sha256);
    expect(breaksOf(other)).toEqual(['order_changed 4']);
    expect(breaksOf(chain(), headOf(chain().slice(0, 3)))).toEqual(['tail_foreign 4']);
  });

  it('can’t see an end that was cut together with its head, but by what was noted elsewhere', () => {
    const cut = chain().slice(0, 2);
    expect(breaksOf(cut, headOf(cut))).toEqual([]);
    const noted = chain().map(({ n, hash }) => ({ n, hash }));
    const check = createChainCheck(FLOOR, noted, sha256);
    for (const one of cut) check.take(one);
    expect(check.end(headOf(cut))).toEqual([
      { kind: 'anchor_lost', at: '3' },
      { kind: 'anchor_lost', at: '4' },
    ]);
  });

  it('goes on from its floor when old entries were forgotten', () => {
    const [a, b, ...kept] = chain();
    if (!a || !b) throw new Error('no chain');
    const check = createChainCheck({ floor: 2, floorHash: b.hash }, [{ n: 1, hash: a.hash }], sha256);
    expect(kept.flatMap((one) => check.take(one))).toEqual([]);
    expect(check.end(headOf(chain()))).toEqual([]);
  });

  it('signs everything of its head', () => {
    const head = { n: 1, hash: 'h', sinceMs: 2, floor: 0, floorHash: 'f' };
    const texts = [
      head,
      { ...head, n: 2 },
      { ...head, sinceMs: 3 },
      { ...head, floor: 1 },
      { ...head, floorHash: 'g' },
    ];
    expect(new Set(texts.map(headText)).size).toBe(texts.length);
  });
});
