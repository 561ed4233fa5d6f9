/**
 * Messages on their way to the hub, kept in the sender's own browser until the hub has them: over a lost line, a reload, a closed
 * lid. Each has a command of its own; however often it is sent, also by several tabs, it arrives once. Pure but for the storage.
 */
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import type { MentionInput } from '#models/forum/attention/mention.ts';
import type { About } from '#models/forum/forum.ts';

/** What is sent, but for the command. */
export type Outgoing = { mentions?: readonly MentionInput[] } & (
  | { kind: 'question'; text: string; about: About | null }
  | { kind: 'answer'; question: string; text: string; token: number; seen: number }
  | { kind: 'followUp'; question: string; text: string }
  | { kind: 'correction'; question: string; corrects: string; text: string }
);

export interface OutboxEntry {
  command: string;
  post: Outgoing;
  atMs: number;
  /** Why the hub did not take it: the sender decides what becomes of it. Null while it waits for the line. */
  refusal: { code: RefusalCode; params: RefusalParams } | null;
}

/** Entries that one person keeps for one procedure; more are refused before anything is lost. */
export const OUTBOX_MAX = 50;

const PREFIX = 'svod-outbox ';

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class OutboxBox {
  readonly #storage: Kept;
  readonly #prefix: string;

  constructor(storage: Kept, { person, procedure }: { person: string; procedure: string }) {
    this.#storage = storage;
    this.#prefix = `${PREFIX}${JSON.stringify([person, procedure])} `;
  }

  /** Whether a change of the storage, told by another tab, is of these entries. */
  holds = (key: string | null): boolean => key === null || key.startsWith(this.#prefix);

  /** In the order in which they were written. */
  read(): OutboxEntry[] {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? '');
    return keys
      .filter((key) => key.startsWith(this.#prefix))
      .flatMap((key) => parse(this.#storage.getItem(key)) ?? [])
      .sort((a, b) => a.atMs - b.atMs || (a.command < b.command ? -1 : 1));
  }

  /** False when the browser keeps nothing more: then the text must stay where it was typed. */
  put(entry: OutboxEntry): boolean {
    const key = this.#prefix + entry.command;
    if (this.#storage.getItem(key) === null && this.read().length >= OUTBOX_MAX) return false;
    try {
      this.#storage.setItem(key, JSON.stringify(entry));
      return true;
    } catch {
      return false;
    }
  }

  remove(command: string): void {
    this.#storage.removeItem(this.#prefix + command);
  }
}

/** What the hub's answer makes of an entry: gone because it arrived, kept for later, or back to its sender. */
export function settled(
  entry: OutboxEntry,
  answer: { ok: true } | { ok: false; refusal: OutboxEntry['refusal'] } | null,
): OutboxEntry | null {
  if (answer?.ok) return null;
  if (answer === null || answer.refusal === null || isPassing(answer.refusal.code)) return { ...entry, refusal: null };
  return { ...entry, refusal: answer.refusal };
}

/** What passes by itself: the line, a busy hub, a rate; and a session that ended, because its owner signs in again. */
const isPassing = (code: RefusalCode): boolean =>
  ['line_lost', 'busy', 'rate_limited', 'not_signed_in', 'stale_write'].includes(code);

function parse(kept: string | null): OutboxEntry | null {
  try {
    const entry = JSON.parse(kept ?? '') as Partial<OutboxEntry> | null;
    return typeof entry?.command === 'string' && typeof entry.atMs === 'number' && typeof entry.post?.text === 'string'
      ? { command: entry.command, atMs: entry.atMs, post: entry.post, refusal: entry.refusal ?? null }
      : null;
  } catch {
    return null;
  }
}
