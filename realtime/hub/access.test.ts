import { describe, expect, it } from 'vitest';
import { TREE } from '#models/people/access.store.ts';
import type { Person } from '#models/people/person.ts';
import { ACCESS_STALE_MS, createAccess, type Connection } from './access.ts';

/** Rights in memory; `gate` holds the answers back until the test lets them through. */
function setUp() {
  const world = {
    nowMs: 0,
    clockMs: 0,
    changesAtMs: null as number | null,
    versions: new Map<string, number>(),
    gone: new Set<string>(),
    asked: 0,
    loaded: [] as string[],
    forgotten: 0,
    gate: Promise.resolve(),
  };
  const person = (id: string): Person => ({
    ...{ id, name: id, username: id, assignments: [] },
    changesAtMs: world.changesAtMs,
  });
  const access = createAccess({
    async versions(subjects) {
      world.asked += 1;
      const read = new Map(subjects.map((subject) => [subject, world.versions.get(subject) ?? 0]));
      await world.gate;
      return read;
    },
    liveSessions: (sessions) => Promise.resolve(new Set(sessions.filter((session) => !world.gone.has(session)))),
    heldTickets: (tickets) => Promise.resolve(new Set(tickets.filter((ticket) => !world.gone.has(ticket)))),
    load(id) {
      world.loaded.push(id);
      return Promise.resolve(world.gone.has(id) ? null : person(id));
    },
    forgetPaths: () => void (world.forgotten += 1),
    now: () => world.clockMs,
    monotonicMs: () => world.nowMs,
  });
  const connect = async (id: string, more: Partial<Connection> = {}) => {
    await access.knowVersion(id);
    const happened: string[] = [];
    const connection: Connection = {
      isViewing: false,
      session: `session of ${id}`,
      person: person(id),
      ticket: null,
      rights: 0,
      reauthorize: () => Promise.resolve(void happened.push('reauthorized')),
      end: () => void happened.push('ended'),
      ...more,
    };
    access.add(connection);
    return { connection, happened };
  };
  return { world, access, connect };
}

describe('looking who may still hear', () => {
  it('asks one question for all, and does nothing while nothing has changed', async () => {
    const { world, access, connect } = setUp();
    const all = await Promise.all(['a', 'b', 'c'].map((id) => connect(id)));
    world.asked = 0;
    await access.look();
    expect(world.asked).toBe(1);
    expect(all.flatMap(({ happened }) => happened)).toEqual([]);
    expect(world.loaded).toEqual([]);
  });

  it('loads a person whose rights changed once, and authorizes each of his pages anew', async () => {
    const { world, access, connect } = setUp();
    const [one, two, other] = [await connect('a'), await connect('a'), await connect('b')];
    await access.look();
    world.versions.set('a', 1);
    await access.look();
    await access.look();
    expect(world.loaded).toEqual(['a']);
    expect([one.happened, two.happened, other.happened]).toEqual([['reauthorized'], ['reauthorized'], []]);
  });

  it('finds a change that fell between the reading of the person and his first look', async () => {
    const { world, access, connect } = setUp();
    await access.knowVersion('a');
    world.versions.set('a', 1);
    const { happened } = await connect('a');
    await access.look();
    expect(happened).toEqual(['reauthorized']);
  });

  it('ends pages of sessions and people that are gone, and takes away a void ticket', async () => {
    const { world, access, connect } = setUp();
    const [ended, closed, ticket] = [
      await connect('a'),
      await connect('b'),
      await connect('c', { person: null, session: null, ticket: 't' }),
    ];
    await access.look();
    for (const gone of ['session of a', 'b', 't']) world.gone.add(gone);
    world.versions.set('b', 1);
    await access.look();
    expect([ended.happened, closed.happened, ticket.happened]).toEqual([['ended'], ['ended'], ['reauthorized']]);
    expect(ticket.connection.ticket).toBeNull();
  });

  it('says nothing about a ticket that is shown while it looks', async () => {
    const { world, access, connect } = setUp();
    const { connection, happened } = await connect('a', { person: null, session: null });
    let open = (): void => undefined;
    world.gate = new Promise((resolve) => (open = resolve));
    const look = access.look();
    connection.ticket = 't';
    open();
    await look;
    expect([connection.ticket, happened]).toEqual(['t', []]);
  });

  it('authorizes everybody anew and forgets paths when the tree has changed', async () => {
    const { world, access, connect } = setUp();
    const { happened } = await connect('a');
    await access.look();
    expect(world.forgotten).toBe(0);
    world.versions.set(TREE, 1);
    await access.look();
    expect([world.forgotten, happened]).toEqual([1, ['reauthorized']]);
  });

  it('[A-2] loads whose appointment begins or ends by the clock, and nobody else, with no word of it', async () => {
    const { world, access, connect } = setUp();
    world.changesAtMs = 1_000;
    const { happened } = await connect('a');
    world.changesAtMs = null;
    const other = await connect('b');
    await access.look();
    world.clockMs = 999;
    await access.look();
    expect(happened).toEqual([]);
    world.clockMs = 1_000;
    await access.look();
    await access.look();
    expect([happened, other.happened, world.loaded]).toEqual([['reauthorized'], [], ['a']]);
  });

  it('looks once more for a word that came while it looked, and once for many', async () => {
    const { world, access, connect } = setUp();
    const { happened } = await connect('a');
    await access.look();
    world.asked = 0;
    let open = (): void => undefined;
    world.gate = new Promise((resolve) => (open = resolve));
    const first = access.look();
    world.versions.set('a', 1); // after the look under way has read
    const later = [access.look(), access.look(), access.look()];
    open();
    await Promise.all([first, ...later]);
    expect([world.asked, happened]).toEqual([2, ['reauthorized']]);
  });

  it('[A-3] proves nothing when it is old: nothing may leave before the next one succeeds', async () => {
    const { world, access } = setUp();
    expect(access.isStale()).toBe(true);
    await access.fresh();
    expect(access.isStale()).toBe(false);
    world.nowMs += ACCESS_STALE_MS;
    expect(access.isStale()).toBe(false);
    world.nowMs += 1;
    expect(access.isStale()).toBe(true);
    world.gate = Promise.reject(new Error('the database is down'));
    await expect(access.fresh()).rejects.toThrow('down');
    expect(access.isStale()).toBe(true);
  });
});
