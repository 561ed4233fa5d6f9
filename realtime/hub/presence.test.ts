import { describe, expect, it } from 'vitest';
import { PRESENCE_TTL_MS, PRESENT_PEOPLE_MAX } from '../contract.ts';
import { PresenceBook, TOLD_PER_TURN, type PresentSocket } from './presence.ts';

const stream = 'board:p:m';
const at = (id: string, more: Partial<PresentSocket> = {}): PresentSocket => ({
  person: { id, name: `Имя ${id}` },
  role: 'regionalCoordinator',
  where: null,
  doing: 'looking',
  knowsNames: true,
  ...more,
});
/** Who each socket is told of, at this turn. */
const told = (book: PresenceBook, nowMs = 0) =>
  Object.fromEntries(
    [...book.turn(nowMs).sockets].map(([socket, said]) => [
      socket,
      said.flatMap(({ people }) => people.map(({ id }) => id)),
    ]),
  );

describe('presence', () => {
  it('is told to each of those present without himself, and only when it changes', () => {
    const book = new PresenceBook();
    book.say('s1', stream, at('a'), 0);
    book.say('s2', stream, at('b'), 0);
    expect(told(book)).toEqual({ s1: ['b'], s2: ['a'] });
    book.say('s1', stream, at('a'), 5_000);
    expect(told(book)).toEqual({});
    book.say('s3', stream, at('c'), 5_000);
    expect(told(book)).toEqual({ s1: ['b', 'c'], s2: ['a', 'c'], s3: ['a', 'b'] });
  });

  it('counts a person once, however many pages he has, and shows the page where he writes', () => {
    const book = new PresenceBook();
    book.say('s1', stream, at('a', { doing: 'writing', where: 'i48-1' }), 0);
    book.say('s2', stream, at('a'), 0);
    book.say('s3', stream, at('b'), 0);
    const [presence] = book.turn(0).sockets.get('s3') ?? [];
    expect(presence?.people).toMatchObject([{ id: 'a', doing: 'writing', where: 'i48-1' }]);
  });

  it('[P-1] ends when a page goes, and when it is not said again', () => {
    const book = new PresenceBook();
    for (const one of ['a', 'b', 'c']) book.say(`of ${one}`, stream, at(one), 0);
    book.turn(0);
    book.leave('of b', stream);
    expect(told(book, 1)).toMatchObject({ 'of a': ['c'] });
    book.say('of a', stream, at('a'), 10_000);
    expect(told(book, PRESENCE_TTL_MS)).toEqual({ 'of a': [] });
  });

  it('[P-1] gives roles without names to whoever may not know them', () => {
    const book = new PresenceBook();
    book.say('specialist', stream, at('a'), 0);
    book.say('school', stream, at('b', { role: 'institutionCoordinator', knowsNames: false }), 0);
    const { sockets } = book.turn(0);
    expect(sockets.get('school')?.[0]?.people).toMatchObject([{ name: null, role: 'regionalCoordinator' }]);
    expect(sockets.get('specialist')?.[0]?.people).toMatchObject([{ name: 'Имя b', role: 'institutionCoordinator' }]);
  });

  it('joins what other nodes say, and forgets a node that falls silent', () => {
    const here = new PresenceBook();
    const there = new PresenceBook();
    there.say('s9', stream, at('far'), 0);
    here.say('s1', stream, at('near'), 0);
    here.hear('there', there.turn(0).word, 0);
    expect(told(here)).toEqual({ s1: ['far'] });
    here.say('s1', stream, at('near'), 10_000);
    here.hear('there', there.repeat(), 10_000);
    expect(told(here, PRESENCE_TTL_MS)).toEqual({});
    here.say('s1', stream, at('near'), 20_000);
    expect(told(here, 10_000 + PRESENCE_TTL_MS)).toEqual({ s1: [] });
    there.leave('s9', stream);
    expect(there.turn(1).word).toEqual([{ s: stream, people: [] }]);
  });

  it('names no more people than help, and tells a crowd less often', () => {
    const book = new PresenceBook();
    for (let index = 0; index <= TOLD_PER_TURN; index += 1) book.say(`s${index}`, stream, at(`p${index}`), 0);
    const turns = [book.turn(0), book.turn(0)].map(({ sockets }) => sockets.size);
    expect(turns.sort()).toEqual([0, TOLD_PER_TURN + 1]);
    book.say('late', stream, at('late'), 0);
    book.turn(0);
    const lengths = [...book.turn(0).sockets.values()].flatMap((said) => said.map(({ people }) => people.length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(PRESENT_PEOPLE_MAX);
  });
});
