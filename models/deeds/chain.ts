/**
 * The chain that makes the journal of deeds tell on whoever alters it. Every sealed entry carries its number and a hash over
 * itself and the hash before; the head is signed with a secret that is not in the database. Pure.
 */
import type { DeedEntry } from './deed.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What stands before the first entry. */
export const GENESIS = '0'.repeat(64);

/** An entry with its place. */
export interface SealedEntry extends DeedEntry {
  /** From 1, without a hole. */
  n: number;
  /** The hash of the entry before. */
  prev: string;
  hash: string;
}

/** Where the chain ends, and where it begins since old entries were forgotten. */
export interface ChainHead {
  n: number;
  hash: string;
  /** From this moment every deed has an entry; events before it are older than the journal of deeds (ms). */
  sinceMs: number;
  /** Entries up to this one are kept no more; its hash is where the kept ones begin. */
  floor: number;
  floorHash: string;
}

/** One text for one value: keys in the order of their code units, no blanks, nothing left out. TypeError for what JSON can't say. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} is no JSON`);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}

type Sha256 = (text: string) => string;

/** The fields that are hashed, picked by name: what a database adds of its own changes nothing, what it changes shows. */
function contentOf(entry: DeedEntry): Json {
  const { id, kind, atMs, actor, actorName, address, agent, device, session, within, subject, subjectName } = entry;
  const differences = entry.differences.map(({ field, before, after }) => ({ field, before, after }));
  const origin = { address, agent, device, session };
  return { id, kind, atMs, actor, actorName, ...origin, within: [...within], subject, subjectName, differences };
}

/** The hash of an entry at its place. */
export function hashOf(entry: DeedEntry, n: number, prev: string, sha256: Sha256): string {
  return sha256(canonicalJson({ n, prev, entry: contentOf(entry) }));
}

/** Gives entries their places after a head. */
export function sealAll(
  head: Pick<ChainHead, 'n' | 'hash'>,
  entries: readonly DeedEntry[],
  sha256: Sha256,
): SealedEntry[] {
  let { n, hash } = head;
  return entries.map((entry) => {
    const prev = hash;
    n += 1;
    hash = hashOf(entry, n, prev, sha256);
    return { ...entry, n, prev, hash };
  });
}

/** What is signed of a head. */
export const headText = ({ n, hash, sinceMs, floor, floorHash }: ChainHead): string =>
  `deeds ${canonicalJson({ n, hash, sinceMs, floor, floorHash })}`;

export type BreakKind =
  /** An entry does not hash to its hash: it, or its place, was changed. */
  | 'entry_changed'
  /** A number is missing. */
  | 'entry_missing'
  /** An entry does not continue the one before: reordered, put in, or an end that was cut and grown again. */
  | 'order_changed'
  /** The head knows of entries after the last one. */
  | 'tail_missing'
  /** Entries after the head. */
  | 'tail_foreign'
  /** The head was not written by the hub. */
  | 'head_forged'
  /** What was noted outside of the database does not stand in it: an end was cut together with its head. */
  | 'anchor_lost'
  /** An event of the journal whose deed has no entry. */
  | 'deed_unwritten';

export interface Break {
  kind: BreakKind;
  /** The place: the number in the chain, or the event. */
  at: string;
}

/** What was noted of the chain elsewhere: in the log of a node, on paper. */
export interface Anchor {
  n: number;
  hash: string;
}

/** Walks a chain entry by entry, in the order of their numbers; `end` compares with the head as it stands after the last one was read. */
export function createChainCheck(
  floor: Pick<ChainHead, 'floor' | 'floorHash'>,
  anchors: readonly Anchor[],
  sha256: Sha256,
) {
  let n = floor.floor;
  let hash = floor.floorHash;
  const waiting = new Map(anchors.filter((anchor) => anchor.n > n).map((anchor) => [anchor.n, anchor]));

  return {
    /** The number of the last entry taken. */
    last: (): number => n,

    take(entry: SealedEntry): Break[] {
      const breaks: Break[] = [];
      const at = String(entry.n);
      if (entry.n !== n + 1) breaks.push({ kind: 'entry_missing', at: String(n + 1) });
      else if (entry.prev !== hash) breaks.push({ kind: 'order_changed', at });
      if (hashOf(entry, entry.n, entry.prev, sha256) !== entry.hash) breaks.push({ kind: 'entry_changed', at });
      if (waiting.get(entry.n)?.hash === entry.hash) waiting.delete(entry.n);
      // Goes on from what stands there: one change is one break, not one for every entry behind it.
      n = entry.n;
      hash = entry.hash;
      return breaks;
    },

    end(head: Pick<ChainHead, 'n' | 'hash'>): Break[] {
      const breaks: Break[] = [];
      if (n < head.n) breaks.push({ kind: 'tail_missing', at: String(n + 1) });
      else if (n > head.n) breaks.push({ kind: 'tail_foreign', at: String(head.n + 1) });
      else if (hash !== head.hash) breaks.push({ kind: 'order_changed', at: String(n) });
      for (const anchor of waiting.values()) breaks.push({ kind: 'anchor_lost', at: String(anchor.n) });
      return breaks;
    },
  };
}
