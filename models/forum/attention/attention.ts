/**
 * What of a forum concerns somebody, and how he wants to be told: his own questions by themselves, what he follows, and what mentions him.
 * A letter gathers what is unread; in his quiet hours nothing is said. Pure, browser-safe.
 */
import { z } from 'zod';
import type { Assignment } from '../../people/rights.ts';
import type { Author, Question } from '../forum.ts';
import { isMeant } from './mention.ts';

export const DIGESTS = ['none', 'hourly', 'daily'] as const;
export type Digest = (typeof DIGESTS)[number];

/** Questions that one person follows, or no longer wants to hear of. */
export const FOLLOWED_MAX = 200;
/** Territories that one person follows. */
export const PARTS_MAX = 100;
/** The hour of the daily letter, in the reader's zone. */
const DAILY_AT = '09:00';
const HOUR_MS = 60 * 60_000;
const DAY_MIN = 24 * 60;

const minuteSchema = z
  .number()
  .int()
  .min(0)
  .max(DAY_MIN - 1);
export const zoneSchema = z
  .string()
  .max(60)
  .refine((zone) => isZone(zone));

export const attentionSchema = z.strictObject({
  isAll: z.boolean(),
  /** Units whose questions are followed. */
  parts: z.array(z.string().min(1).max(100)).max(PARTS_MAX),
  digest: z.enum(DIGESTS),
  /** Minutes of the local day; begin and end alike: none. */
  quiet: z.strictObject({ fromMin: minuteSchema, toMin: minuteSchema }).nullable(),
  zone: zoneSchema,
  language: z.enum(['ru', 'en']),
  /** Whether the browser tells while a tab is open. */
  notifies: z.boolean(),
  /** Whether his devices are told while none is. */
  pushes: z.boolean(),
});
export type AttentionInput = z.input<typeof attentionSchema>;

export interface Quiet {
  fromMin: number;
  toMin: number;
}

/** What the reader himself has chosen, as all of his pages see it. */
export interface AttentionView {
  /** Rises with each of his choices. */
  version: number;
  isAll: boolean;
  parts: readonly { unit: string; path: string }[];
  followed: readonly string[];
  /** What would concern him by itself, and shall not. */
  left: readonly string[];
  digest: Digest;
  quiet: Quiet | null;
  zone: string;
  notifies: boolean;
  pushes: boolean;
}

/** How far one way of telling somebody is. */
export interface Telling {
  /** When it was last thought of: what changed long before it was told, or needed no telling. */
  sentUpToMs: number;
  /** Up to which message it told of a question, the latest last: a clock that is a little off tells nothing twice. */
  told: readonly { question: string; n: number }[];
  /** When it is thought of next; null while there is nothing to wait for. */
  nextAtMs: number | null;
}

/** With how far the letters are. */
export interface Attention extends AttentionView, Telling {
  /** `person/procedure`. */
  id: string;
  rev: number;
  person: string;
  procedure: string;
  language: 'ru' | 'en';
  /** How far his devices are told; absent until he chose that. */
  push?: Telling;
}

/** How far a forum's messages were looked at for those whose devices are told: one for all of them. */
export interface PushCursor {
  /** The procedure. */
  id: string;
  rev: number;
  epoch: string;
  seq: number;
}

export const attentionId = (person: string, procedure: string): string => `${person}/${procedure}`;

/** Of somebody who has chosen nothing. */
export const NO_CHOICE: AttentionView = {
  ...{ version: 0, isAll: false, parts: [], followed: [], left: [], digest: 'none', quiet: null },
  ...{ zone: 'Europe/Moscow', notifies: false, pushes: false },
};

export function attentionView(attention: Attention): AttentionView {
  const { version, isAll, parts, followed, left, digest, quiet, zone, notifies }: AttentionView = attention;
  // Who chose before there was web push has no word of it.
  const pushes = (attention as Partial<AttentionView>).pushes === true;
  return { version, isAll, parts, followed, left, digest, quiet, zone, notifies, pushes };
}

/* ---- what concerns whom ---- */

export interface Reader {
  id: string;
  holds: readonly Assignment[];
}
/** Words `forum_concern_<name>`. */
export const CONCERNS = ['mention', 'mine', 'followed', 'part', 'all'] as const;
export type Concern = (typeof CONCERNS)[number];

/** As much of a question as is needed to know whom it concerns. */
export type Asking = Pick<Question, 'id' | 'messages' | 'mentioned' | 'procedure'> & {
  author: Pick<Author, 'id' | 'path'>;
};

/** Why a question concerns a reader beyond what he has read of it; null when it does not. */
export function concernOf(
  question: Asking,
  { id, holds }: Reader,
  { isAll, parts, followed, left }: Pick<AttentionView, 'isAll' | 'parts' | 'followed' | 'left'>,
  read: number,
): Concern | null {
  if (question.messages <= read) return null;
  const isMentioned = (question.mentioned ?? []).some(
    ({ n, mention }) => n > read && isMeant(mention, holds, question.procedure),
  );
  if (isMentioned) return 'mention';
  if (left.includes(question.id)) return null;
  if (question.author.id === id) return 'mine';
  if (followed.includes(question.id)) return 'followed';
  if (parts.some(({ path }) => question.author.path?.startsWith(path))) return 'part';
  return isAll ? 'all' : null;
}

/** Which of a question's messages are new, with whoever wrote them. */
export interface News {
  question: Question;
  /** The place of the first new one. */
  from: number;
  authors: readonly string[];
}

/** Whether new messages concern somebody, however far he has read before them. What he wrote himself is no news to him. */
export const isNewsFor = (
  { question, from, authors }: News,
  reader: Reader,
  attention: Pick<AttentionView, 'isAll' | 'parts' | 'followed' | 'left'>,
): boolean =>
  authors.some((author) => author !== reader.id) && concernOf(question, reader, attention, from - 1) !== null;

/** Whether a question is followed, by itself or by choice. */
export const isFollowing = (
  { id, author }: Pick<Question, 'id' | 'author'>,
  person: string,
  { followed, left }: Pick<AttentionView, 'followed' | 'left'>,
): boolean => !left.includes(id) && (author.id === person || followed.includes(id));

/** The same with one question followed or left; the oldest go when there are too many. */
export function withFollowed<T extends Pick<AttentionView, 'followed' | 'left'>>(
  attention: T,
  question: string,
  isFollowed: boolean,
): T {
  const without = (ids: readonly string[]): string[] => ids.filter((id) => id !== question);
  const added = (ids: readonly string[]): string[] => [...without(ids), question].slice(-FOLLOWED_MAX);
  return {
    ...attention,
    followed: isFollowed ? added(attention.followed) : without(attention.followed),
    left: isFollowed ? without(attention.left) : added(attention.left),
  };
}

/* ---- when it is said ---- */

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Minutes since local midnight as a clock on the wall shows them. */
export function localMinute(atMs: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
    .formatToParts(atMs)
    .map(({ value }) => Number(value));
  return ((parts[0] ?? 0) % 24) * 60 + (parts[2] ?? 0);
}

/** Begin is quiet, end is not. Hours that end before they begin last over midnight. */
export function isQuiet(quiet: Quiet | null, zone: string, atMs: number): boolean {
  if (quiet === null || quiet.fromMin === quiet.toMin) return false;
  const minute = localMinute(atMs, zone);
  return quiet.fromMin < quiet.toMin
    ? minute >= quiet.fromMin && minute < quiet.toMin
    : minute >= quiet.fromMin || minute < quiet.toMin;
}

const localDay = (atMs: number, zone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).toPlainDate();
const momentOf = (day: Temporal.PlainDate, time: Temporal.PlainTime, zone: string): number =>
  day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;

/** The first moment at or after one at which something may be said. An hour that the clocks leave out is the one after it. */
export function afterQuiet(quiet: Quiet | null, zone: string, atMs: number): number {
  if (quiet === null || !isQuiet(quiet, zone, atMs)) return atMs;
  const end = new Temporal.PlainTime(Math.floor(quiet.toMin / 60), quiet.toMin % 60);
  const day = localDay(atMs, zone);
  const today = momentOf(day, end, zone);
  return today > atMs ? today : momentOf(day.add({ days: 1 }), end, zone);
}

/** When the next letter is due after a moment; null for somebody who wants none. */
export function nextDigestMs(
  { digest, quiet, zone }: Pick<AttentionView, 'digest' | 'quiet' | 'zone'>,
  nowMs: number,
): number | null {
  if (digest === 'none') return null;
  if (digest === 'hourly') return afterQuiet(quiet, zone, nowMs - (nowMs % HOUR_MS) + HOUR_MS);
  const day = localDay(nowMs, zone);
  const at = Temporal.PlainTime.from(DAILY_AT);
  const today = momentOf(day, at, zone);
  return afterQuiet(quiet, zone, today > nowMs ? today : momentOf(day.add({ days: 1 }), at, zone));
}
