import { describe, expect, it } from 'vitest';
import { createGroupQueue, nextGroup, type Waiting } from './group-queue.ts';

interface Named extends Waiting {
  name: string;
}
const deed = (name: string, streams: string[], events = 1): Named => ({ name, streams, events });
const LIMITS = { deedsPerGroupMax: 3, eventsPerGroupMax: 5, groupsAtOnceMax: 2, deedsWaitingMax: 100 };
const names = (group: readonly Named[]): string => group.map(({ name }) => name).join('');

describe('the next group', () => {
  const next = (pending: Named[], busy: string[] = []): string => names(nextGroup(pending, new Set(busy), LIMITS));

  it('gathers deeds that share a stream, whatever else each of them writes to', () => {
    expect(next([deed('a', ['board', 'x']), deed('b', ['board', 'y']), deed('c', ['y'])])).toBe('abc');
  });

  it('leaves what shares nothing to another group', () => {
    expect(next([deed('a', ['one']), deed('b', ['two']), deed('c', ['one'])])).toBe('ac');
  });

  it('passes over what waits for a busy stream, and over everything behind it', () => {
    expect(next([deed('a', ['one', 'two']), deed('b', ['two']), deed('c', ['three'])], ['one'])).toBe('c');
  });

  it('lets nobody overtake a deed that stayed behind', () => {
    // c shares `two` with b, which is not of this group: committed before b it would come out of order.
    expect(next([deed('a', ['one']), deed('b', ['two']), deed('c', ['one', 'two']), deed('d', ['one'])])).toBe('a');
  });

  it('ends at its limit of deeds, and of events', () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => deed(name, ['one']));
    expect(next(many)).toBe('abc');
    expect(next([deed('a', ['one'], 3), deed('b', ['one'], 2), deed('c', ['one'], 1)])).toBe('ab');
    expect(next([deed('a', ['one'], 3), deed('b', ['one'], 3), deed('c', ['one'], 1)])).toBe('a');
  });

  it('takes a deed alone that is larger than a group may be', () => {
    expect(next([deed('a', ['one'], 9), deed('b', ['one'])])).toBe('a');
  });

  it('is empty when everything waits', () => {
    expect(next([deed('a', ['one'])], ['one'])).toBe('');
  });
});

describe('the queue', () => {
  /** A queue whose commits end when the test says. */
  function setUp(limits = LIMITS) {
    const committing: { names: string; end: () => void }[] = [];
    const queue = createGroupQueue<Named>(
      limits,
      (group) =>
        new Promise((resolve) => {
          committing.push({ names: names(group), end: resolve });
        }),
    );
    const begun = (): string[] => committing.map((group) => group.names);
    const end = async (index: number): Promise<void> => {
      committing[index]?.end();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { queue, begun, end };
  }

  it('commits at once what nothing stands before, and together what gathered meanwhile', async () => {
    const { queue, begun, end } = setUp();
    for (const name of ['a', 'b', 'c']) queue.push(deed(name, ['one']));
    expect(begun()).toEqual(['a']);
    await end(0);
    expect(begun()).toEqual(['a', 'bc']);
  });

  it('works on disjoint streams side by side, at most so many at once', async () => {
    const { queue, begun, end } = setUp();
    for (const name of ['a', 'b', 'c']) queue.push(deed(name, [name]));
    expect(begun()).toEqual(['a', 'b']);
    await end(1);
    expect(begun()).toEqual(['a', 'b', 'c']);
  });

  it('refuses what is beyond its limit, and takes in again when there is room', async () => {
    const { queue, end } = setUp({ ...LIMITS, deedsWaitingMax: 2 });
    expect([queue.push(deed('a', ['one'])), queue.push(deed('b', ['one'])), queue.push(deed('c', ['one']))]).toEqual([
      true,
      true,
      false,
    ]);
    await end(0);
    expect(queue.push(deed('c', ['one']))).toBe(true);
  });

  it('keeps the order of every stream over any mixture (seeded)', async () => {
    const seed = 20_131_120;
    let state = seed;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
    const committed: Named[] = [];
    const underWay = new Set<string>();
    const queue = createGroupQueue<Named>({ ...LIMITS, groupsAtOnceMax: 3 }, async (group) => {
      const streams = new Set(group.flatMap((one) => one.streams));
      for (const stream of streams) expect(underWay.has(stream), `seed ${seed}`).toBe(false);
      for (const stream of streams) underWay.add(stream);
      for (let turns = random(4); turns > 0; turns -= 1) await Promise.resolve();
      for (const stream of streams) underWay.delete(stream);
      committed.push(...group);
    });
    const pushed: Named[] = [];
    for (let index = 0; index < 500; index += 1) {
      const one = deed(String(index), [...new Set([`s${random(5)}`, `s${random(5)}`])], 1 + random(3));
      pushed.push(one);
      expect(queue.push(one)).toBe(true);
      if (random(3) === 0) await Promise.resolve();
      if (pushed.length - committed.length > 80) await new Promise((resolve) => setImmediate(resolve));
    }
    while (committed.length < pushed.length) await new Promise((resolve) => setImmediate(resolve));
    for (const stream of ['s0', 's1', 's2', 's3', 's4']) {
      const of = (list: Named[]): string[] =>
        list.filter(({ streams }) => streams.includes(stream)).map(({ name }) => name);
      expect(of(committed), `seed ${seed}`).toEqual(of(pushed));
    }
  });
});
