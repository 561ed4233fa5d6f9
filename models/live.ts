/** Who may hear a stream, and its state from the beginning: the one place the live layer asks. What is true of a kind stands in `streams.ts`. */
import type { Context } from './context.ts';
import { HubError } from './error.ts';
import type { JournalEvent, Snapshot } from './journal/journal.ts';
import { parseStream, type StreamId, type StreamKind } from './journal/stream.ts';
import { createPathCache } from './org/path-cache.ts';
import { isWithin } from './org/unit.ts';
import type { Person } from './people/person.ts';
import { heldIn, isAllowed, RIGHTS, type Assignment, type Capability, type Role } from './people/rights.ts';
import type { StreamSource, StreamSources } from './streams.ts';

/** Whoever is at the other end: a person who signed in, the holder of a ticket, or both. */
export interface Listener {
  person: Person | null;
  ticket: string | null;
  /** Somebody else looks through the person’s eyes. */
  isViewing?: boolean;
}

export interface LiveStreams {
  /** Resolves when the listener may hear the stream; otherwise HubError `not_signed_in`, `not_allowed`, `not_found` or `stream_unknown`. */
  authorize(listener: Listener, stream: string): Promise<void>;
  /** The state with its position, authorized anew. */
  snapshot(listener: Listener, stream: string): Promise<Snapshot<unknown>>;
  /** As what a person is seen at a stream, and whether he is told names there. Errors: those of `authorize`; a ticket is nobody's name. */
  presence(person: Person | null, stream: string): Promise<{ role: Role; knowsNames: boolean }>;
  /** How often the rights of each subject have changed (`access.store.ts`); one query for all. */
  versions(subjects: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Which of the tickets are still good; one query of each kind for all. */
  heldTickets(tickets: readonly string[]): Promise<ReadonlySet<string>>;
  /** The tree has changed: paths are read anew. */
  forgetPaths(): void;
}

/** The live layer has no past; the pages do. */
export interface PastStreams {
  /**
   * The state as it was at a sequence or a moment, by replay of the journal; who may see it is asked of now. A moment is after the
   * last event recorded by then. HubError `past_gone` when it lies before what is kept.
   */
  asAt(listener: Listener, stream: string, at: Past): Promise<Snapshot<unknown>>;
  /** The state at a sequence that is kept, for the hub itself: nobody is asked. */
  replay(stream: StreamId, seq: number): Promise<unknown>;
}

export type Past = { seq: number } | { atMs: number };

/** Events read at once for a replay. */
const REPLAY_EVENTS = 1_000;

export function createLiveStreams(
  { journal, units, procedures, participations, accountRequests, accessVersions, sha256 }: Context,
  sources: StreamSources,
): LiveStreams & PastStreams {
  const unitPaths = createPathCache(units);
  const procedurePaths = createPathCache(procedures);

  async function demand(
    person: Person | null,
    capability: Capability,
    unitId: string,
    procedureId: string | null,
  ): Promise<{ person: Person; path: string }> {
    if (!person) throw new HubError('not_signed_in');
    const [unit, procedure] = await Promise.all([
      unitPaths.find(unitId),
      procedureId === null ? null : procedurePaths.find(procedureId),
    ]);
    const isThere = procedureId === null || (unit !== null && procedure !== null && isWithin(unit, procedure));
    // What is not there and what is not yours look alike from outside.
    if (unit === null || !isThere || !isAllowed(person, capability, unit, procedureId ?? undefined))
      throw new HubError('not_allowed');
    return { person, path: unit };
  }

  async function demandOrganizer(
    person: Person | null,
    capability: Capability,
    procedureId: string,
  ): Promise<{ person: Person; held: Assignment }> {
    if (!person) throw new HubError('not_signed_in');
    const path = await procedurePaths.find(procedureId);
    const held = path === null ? null : heldIn(person, capability, { id: procedureId, path });
    if (!held) throw new HubError('not_allowed');
    return { person, held };
  }

  /** The table gives each kind the source of its own parts; a union of kinds can't say so. */
  function sourceOf(stream: string): { source: StreamSource<StreamKind>; parts: never } {
    const parsed = parseStream(stream);
    if (!parsed) throw new HubError('stream_unknown');
    return { source: sources[parsed.kind], parts: parsed.parts as never };
  }

  /** Authorizes; what is returned reads the state for this listener. */
  async function open(
    { person, ticket, isViewing = false }: Listener,
    stream: string,
  ): Promise<() => Promise<Snapshot<unknown>>> {
    const { source, parts } = sourceOf(stream);
    if (source.heardBy === 'right') {
      const { capability, unit, procedure } = source;
      const allowed = await demand(person, capability, unit(parts), procedure?.(parts) ?? null);
      return () => source.snapshot(allowed.person, parts);
    }
    if (source.heardBy === 'organizers') {
      const allowed = await demandOrganizer(person, source.capability, source.procedure(parts));
      return () => source.snapshot(allowed.person, parts);
    }
    if (source.heardBy === 'person') {
      if (!person) throw new HubError('not_signed_in');
      if (isViewing && source.isHisAlone) throw new HubError('viewing_only');
      const snapshot = await source.snapshot(person, parts);
      return () => Promise.resolve(snapshot);
    }
    if (ticket === null) throw new HubError('not_allowed');
    const snapshot = await source.snapshot(ticket, parts);
    return () => Promise.resolve(snapshot);
  }

  async function gone(stream: StreamId): Promise<HubError> {
    return new HubError('past_gone', { sinceMs: (await journal.keptSince([stream])) ?? 0 });
  }

  /** Events that must be there; what is deleted in this very moment is refused like what was deleted before. */
  async function readKept(stream: StreamId, after: number, limit: number): Promise<JournalEvent[]> {
    const events = await journal.read(stream, after, limit).catch(async (error: unknown) => {
      throw error instanceof HubError && error.code === 'resnapshot' ? await gone(stream) : error;
    });
    if (events.length === 0) throw await gone(stream);
    return events;
  }

  async function replay(stream: StreamId, seq: number): Promise<unknown> {
    const { source, parts } = sourceOf(stream);
    const [head] = await journal.heads([stream]);
    if (!head || seq < head.floor) throw await gone(stream);
    const base = head.floor > 0 ? await journal.base(stream) : { seq: 0, state: source.genesis(parts) };
    if (!base || base.seq > seq) throw await gone(stream);
    let { state } = base;
    for (let last = base.seq; last < seq;) {
      const events = await readKept(stream, last, Math.min(REPLAY_EVENTS, seq - last));
      for (const event of events) state = source.apply(state, event);
      last += events.length;
    }
    return state;
  }

  return {
    async authorize(listener, stream) {
      await open(listener, stream);
    },
    async snapshot(listener, stream) {
      return (await open(listener, stream))();
    },
    async asAt(listener, name, at) {
      await open(listener, name);
      const stream = name as StreamId;
      const [head] = await journal.heads([stream]);
      if (!head) throw new Error(`no head of ${stream}`);
      const wanted = 'seq' in at ? at.seq : await journal.seqAt(stream, at.atMs);
      const seq = Math.min(wanted, head.seq);
      return { stream, position: { epoch: head.epoch, seq }, state: await replay(stream, seq) };
    },
    replay,
    async presence(person, stream) {
      const { source, parts } = sourceOf(stream);
      if (source.heardBy === 'organizers') {
        // Whoever reads the forum reads the names of those who write in it.
        const { held } = await demandOrganizer(person, source.capability, source.procedure(parts));
        return { role: held.role, knowsNames: true };
      }
      if (source.heardBy !== 'right') throw new HubError('not_allowed');
      const { capability, unit, procedure, namesFor } = source;
      const procedureId = procedure?.(parts) ?? null;
      const allowed = await demand(person, capability, unit(parts), procedureId);
      const held = allowed.person.assignments.find(
        ({ role, path, procedure: only }) =>
          RIGHTS[role].includes(capability) && isWithin(allowed.path, path) && (!only || only === procedureId),
      );
      if (!held) throw new HubError('not_allowed');
      return {
        role: held.role,
        knowsNames: isAllowed(allowed.person, namesFor, allowed.path, procedureId ?? undefined),
      };
    },
    versions: (subjects) => accessVersions.read(subjects),
    async heldTickets(tickets) {
      const byHash = new Map(tickets.map((ticket) => [sha256(ticket), ticket]));
      const held = { ticketHash: { $in: [...byHash.keys()] } };
      const [registrations, requests] = await Promise.all([participations.list(held), accountRequests.list(held)]);
      return new Set([...registrations, ...requests].flatMap(({ ticketHash }) => byHash.get(ticketHash) ?? []));
    },
    forgetPaths() {
      unitPaths.forget();
      procedurePaths.forget();
    },
  };
}
