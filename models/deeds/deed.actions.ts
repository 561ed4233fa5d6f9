/**
 * Gives the entries of the journal of deeds their places in the chain, after the fact: a deed takes no place of its own, so that no
 * head of the chain stands between deeds that have nothing in common (ADR 17). And forgets what was kept long enough.
 */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { ClientSession } from 'mongoose';
import type { Fact } from '../journal/journal.ts';
import { deedsStream } from '../journal/stream.ts';
import { headText, sealAll, type ChainHead } from './chain.ts';
import { pathIds } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { commonPath, type DeedEntry, type DeedKind, type Difference } from './deed.ts';

/** Entries sealed in one transaction. */
export const SEALED_AT_ONCE_MAX = 500;
/** How long entries are kept (days): three years, the general limit of claims. */
export const DEEDS_KEPT_DAYS = 1_100;
/** Entries forgotten in one round of upkeep. */
export const FORGOTTEN_AT_ONCE_MAX = 5_000;
const DAY_MS = 86_400_000;

/** A deed without facts, as `note…` takes it. */
interface Noted {
  /** Person id of who does it. */
  actor: string;
  kind: DeedKind;
  differences?: readonly Difference[];
}

export function createDeedActions(context: Context) {
  const { deeds, journal, units, accounts, assignments, now, newId, sha256, sign } = context;
  const signed = (head: ChainHead): string => sign(headText(head));

  /** Tells every territory of the batch how many entries it has now. Institutions read no deeds. */
  async function factsOf(entries: readonly DeedEntry[], n: number): Promise<Fact[]> {
    const added = new Map<string, number>();
    for (const { within } of entries) for (const unit of within) added.set(unit, (added.get(unit) ?? 0) + 1);
    if (added.size === 0) return [];
    const readers = await units.list({ _id: { $in: [...added.keys()] }, kind: { $ne: 'institution' } });
    const counted = await journal.counted(readers.map(({ id }) => deedsStream(id)));
    const before = new Map(counted.map(({ stream, counters }) => [stream as string, counters['deeds'] ?? 0]));
    return readers.map(({ id }) => {
      const stream = deedsStream(id);
      const by = added.get(id) ?? 0;
      const body = { total: (before.get(stream) ?? 0) + by };
      return { stream, type: 'deedsNoted', entity: id, rev: n, body, counted: { deeds: by } };
    });
  }

  return {
    /**
     * Notes a deed on a person that announces nothing: in the transaction that does it, or before it where another library does it.
     * Its territory is the smallest one that holds all of his roles.
     */
    async noteOnPerson(
      personId: string,
      { actor, kind, differences = [] }: Noted,
      session?: ClientSession,
    ): Promise<void> {
      const [account, held] = await Promise.all([accounts.find(personId), assignments.list({ person: personId })]);
      const subjectName = account?.name ?? '';
      const note = {
        kind,
        path: commonPath(held.map(({ path }) => path)),
        subject: personId,
        subjectName,
        differences,
        // Before he is signed in the request does not know him.
        ...(actor === personId ? { actorName: subjectName } : {}),
      };
      await journal.note({ actor, atMs: now(), note }, session);
    },

    /** The same of a unit: what was opened there, or taken out of it. */
    async noteOnUnit(
      { id, name, path }: { id: string; name: string; path: string },
      { actor, kind, differences = [] }: Noted,
      session?: ClientSession,
    ): Promise<void> {
      const note = { kind, path, subject: id, subjectName: name, differences };
      await journal.note({ actor, atMs: now(), note }, session);
    },

    /** What a person takes out of the hub as a file; `what` is a word of the page it is taken from. */
    async noteExport(person: Person, unitIds: readonly string[], what: string, rows: number | null): Promise<void> {
      const found = await units.list({ _id: { $in: [...unitIds] } });
      const path = commonPath(found.map((unit) => unit.path));
      const subject = pathIds(path).at(-1) ?? '';
      const unit = found.find(({ id }) => id === subject) ?? (subject === '' ? null : await units.find(subject));
      const note = {
        kind: 'export.taken',
        path,
        subject,
        subjectName: unit?.name ?? '',
        differences: [
          { field: 'export', before: null, after: what },
          // A territory goes out as it is read, without being counted.
          ...(rows === null ? [] : [{ field: 'rows', before: null, after: rows } as const]),
        ],
      } as const;
      await journal.note({ actor: person.id, atMs: now(), note });
    },

    /** Where the chain ends, for a log outside of the database. */
    head: () => deeds.head(now(), signed),

    /** Seals what waits; returns the head after it, or null when nothing did or another node is at it. */
    async sealNext(): Promise<ChainHead | null> {
      const waiting = await deeds.unsealed(SEALED_AT_ONCE_MAX);
      if (waiting.length === 0) return null;
      const before = await deeds.head(now(), signed);
      const entries = sealAll(before, waiting, sha256);
      const last = entries.at(-1);
      if (!last) return null;
      const { sinceMs, floor, floorHash } = before;
      const after: ChainHead = { n: last.n, hash: last.hash, sinceMs, floor, floorHash };
      try {
        await journal.record(
          { actor: 'hub', atMs: now(), commandId: newId(), note: null },
          await factsOf(waiting, after.n),
          (session) => deeds.seal(entries, { before, after, signature: signed(after) }, session),
        );
      } catch (error) {
        // Another node was faster.
        if (error instanceof HubError && (error.code === 'stale_write' || error.code === 'busy')) return null;
        throw error;
      }
      return after;
    },

    /** Forgets what is older than entries are kept; the chain then begins at the last one forgotten, and the head says so. */
    async forgetOld(): Promise<void> {
      const before = await deeds.head(now(), signed);
      const keptSinceMs = now() - DEEDS_KEPT_DAYS * DAY_MS;
      const last = await deeds.lastOlder(before.floor, keptSinceMs, FORGOTTEN_AT_ONCE_MAX);
      if (!last) return;
      const after: ChainHead = {
        n: before.n,
        hash: before.hash,
        // Moments and places differ by as much as nodes' clocks and a sealing do: what lies close to the floor may be on either side.
        sinceMs: Math.max(before.sinceMs, last.atMs + DAY_MS),
        floor: last.n,
        floorHash: last.hash,
      };
      try {
        await deeds.raiseFloor({ before, after, signature: signed(after) });
      } catch (error) {
        if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
      }
    },
  };
}

export type DeedActions = ReturnType<typeof createDeedActions>;
