/**
 * Whether those who are connected may still hear what they hear. Rights, sessions and tickets can end at any moment, on any
 * node, with Redis or without it: once a second this node asks for all of them at once, one query a kind however many sockets
 * there are, and a hint makes it ask at once. Knows no sockets: what a connection does about it is its own.
 */
import type { Person } from '#models/people/person.ts';
import { TREE } from '#models/people/access.store.ts';

/** How often everybody is looked at (ms). With what a query takes, a right that ended is gone within two seconds. */
export const ACCESS_LOOK_MS = 1_000;
/** A look older than this proves nothing: until the next one succeeds nothing leaves and nothing is answered (ms). */
export const ACCESS_STALE_MS = 2_000;

/** Who is at the other end, as the handshake's cookie says. */
export interface Identity {
  session: string;
  person: Person;
  /** Whether another looks through this person's eyes: he hears what the person hears, and says nothing. */
  isViewing: boolean;
}

export interface AccessPorts {
  /** Which of the sessions have not ended. */
  liveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  /** How often the rights of each subject have changed; absent is never. */
  versions(subjects: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Which of the tickets are still good. */
  heldTickets(tickets: readonly string[]): Promise<ReadonlySet<string>>;
  /** The person as he is now; null when the account is gone. */
  load(personId: string): Promise<Person | null>;
  /** The tree has changed: what is remembered of paths is void. */
  forgetPaths(): void;
  /** The hub's clock: days of appointments begin and end by it. */
  now(): number;
  /** Never goes backwards, and goes on while the process stands still (ms). */
  monotonicMs(): number;
}

/** One socket, as far as its rights go. */
export interface Connection {
  readonly session: string | null;
  readonly isViewing: boolean;
  person: Person | null;
  ticket: string | null;
  /** Rises whenever the rights were found changed. */
  rights: number;
  /** Leaves every stream that may not be heard any longer. */
  reauthorize(): Promise<void>;
  /** The session has ended. */
  end(): void;
}

export interface Access {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** Looks now: by the clock, or because a hint said so. Resolves when a look that began after this call is through; rejects when it failed. */
  look(): Promise<void>;
  /** Whether the last look is too old to let anything out. */
  isStale(): boolean;
  /** Resolves at once while the last look is fresh, else with the next one. */
  fresh(): Promise<void>;
  /** The version of a person's rights, read before the person is: reading it after could miss a change. */
  knowVersion(personId: string): Promise<void>;
}

export function createAccess(ports: AccessPorts): Access {
  const connections = new Set<Connection>();
  /** Versions as they were when the person was loaded. */
  const known = new Map<string, number>();
  let tree: number | null = null;
  let lookedAtMs = -Infinity;
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  async function lookOnce(): Promise<void> {
    const beganAtMs = ports.monotonicMs();
    const all = [...connections];
    const people = new Set(all.flatMap(({ person }) => person?.id ?? []));
    const sessions = new Set(all.flatMap(({ session }) => session ?? []));
    const tickets = new Set(all.flatMap(({ ticket }) => ticket ?? []));
    const [versions, alive, held] = await Promise.all([
      ports.versions([TREE, ...people]),
      sessions.size > 0 ? ports.liveSessions([...sessions]) : sessions,
      tickets.size > 0 ? ports.heldTickets([...tickets]) : tickets,
    ]);

    const doubtful = new Set<Connection>();
    const treeNow = versions.get(TREE) ?? 0;
    if (tree !== null && tree !== treeNow) {
      ports.forgetPaths();
      for (const connection of all) doubtful.add(connection);
    }
    tree = treeNow;

    // By the clock, too: whose last day passed has no right any longer, and nobody needs to have told of it.
    const nowMs = ports.now();
    const due = new Set(
      all.flatMap(({ person }) => (person?.changesAtMs != null && person.changesAtMs <= nowMs ? person.id : [])),
    );
    const changed = [...people].filter((id) => due.has(id) || (versions.get(id) ?? 0) !== known.get(id));
    const reloaded = new Map(await Promise.all(changed.map(async (id) => [id, await ports.load(id)] as const)));
    for (const person of changed) known.set(person, versions.get(person) ?? 0);

    for (const connection of all) {
      if (!connections.has(connection)) continue;
      const { session, person, ticket } = connection;
      if (session !== null && !alive.has(session)) {
        connection.end();
        continue;
      }
      if (person && reloaded.has(person.id)) {
        connection.person = reloaded.get(person.id) ?? null;
        if (!connection.person) {
          connection.end();
          continue;
        }
        doubtful.add(connection);
      }
      // One that came after the question was put has no answer yet.
      if (ticket !== null && tickets.has(ticket) && !held.has(ticket)) {
        connection.ticket = null;
        doubtful.add(connection);
      }
    }
    const connected = new Set([...connections].flatMap(({ person }) => person?.id ?? []));
    for (const id of known.keys()) if (!connected.has(id)) known.delete(id);
    await Promise.all([...doubtful].map((connection) => connection.reauthorize()));
    lookedAtMs = beganAtMs;
  }

  function start(): Promise<void> {
    const look = lookOnce().finally(() => {
      current = null;
    });
    current = look;
    return look;
  }

  const access: Access = {
    add: (connection) => void connections.add(connection),
    remove: (connection) => void connections.delete(connection),

    look() {
      if (!current) return start();
      // What is under way may have read before the change that somebody tells of: one more after it is enough for all.
      next ??= current
        .catch(() => undefined)
        .then(() => {
          next = null;
          return start();
        });
      return next;
    },

    isStale: () => ports.monotonicMs() - lookedAtMs > ACCESS_STALE_MS,
    fresh: () => (access.isStale() ? access.look() : Promise.resolve()),

    async knowVersion(personId) {
      if (known.has(personId)) return;
      const versions = await ports.versions([personId]);
      if (!known.has(personId)) known.set(personId, versions.get(personId) ?? 0);
    },
  };
  return access;
}
