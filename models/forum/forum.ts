/**
 * «Форум поддержки» (S1-40 … S1-42): questions and answers of a procedure, for all of its organizers. What a question may become, who
 * may do what to it. Pure, browser-safe.
 */
import { z } from 'zod';
import { FINDING_CODES } from '../attendance/workbook.ts';
import { HubError, REFUSAL_CODES } from '../error.ts';
import { MENTIONS_KEPT_MAX, MENTIONS_MAX, mentionSchema, type Mention, type Mentioned } from './attention/mention.ts';
import { heldIn, isAllowed, type Assignment, type Holder, type Role } from '../people/rights.ts';

/* ---- limits ---- */

/** A question shorter than this asks nothing (characters). */
export const QUESTION_CHARS_MIN = 10;
/** Longest message (characters). */
export const MESSAGE_CHARS_MAX = 4_000;
/** Messages of one question; a longer thread is closed, and what is still unclear is asked anew. */
export const MESSAGES_PER_QUESTION_MAX = 500;
/** Characters of a question that the list shows. */
export const EXCERPT_CHARS_MAX = 160;
/** Questions in the list: open ones first, the longest waiting before the others. */
export const QUESTIONS_SHOWN_MAX = 500;
/** How long a question is an answerer's who says nothing more (ms). */
export const ANSWER_LEASE_MS = 3 * 60_000;

/** Of why a message was hidden (characters). */
export const REASON_CHARS_MIN = 3;
export const REASON_CHARS_MAX = 300;

/* ---- what a question is about ---- */

/** Steps of the monitoring where a question may come from. */
export const ABOUT_STAGES = ['access', 'template', 'send'] as const;
/** Codes of refusals and of findings in a file: what everybody who meets the same may be told the same about. */
export const ABOUT_CODES = [...new Set<string>([...REFUSAL_CODES, ...FINDING_CODES])];

/** What a question was born from: a step and a code of the hub's own. Never what stood in a file, nor whose it was. */
export const aboutSchema = z.strictObject({
  stage: z.enum(ABOUT_STAGES),
  code: z.string().refine((code) => ABOUT_CODES.includes(code)),
});
export type About = z.output<typeof aboutSchema>;

/* ---- what is written ---- */

/** Plain text: as it was typed, but without what a page or a reader could be deceived with. */
const clean = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    // Controls, and marks that turn the direction of what follows.
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
      sign === '\n' || sign === '\t' ? sign : '',
    )
    .replaceAll(/\n{4,}/g, '\n\n\n')
    .trim();
/** What somebody writes, cleaned (characters). */
export const textSchema = (min: number) => z.string().transform(clean).pipe(z.string().min(min).max(MESSAGE_CHARS_MAX));

/** Made by whoever sends, once for each message: sent twice it arrives once. */
const commandSchema = z.string().regex(/^[\w-]{16,64}$/);
const idSchema = z.string().max(100);
const mentionsSchema = z.array(mentionSchema).max(MENTIONS_MAX).default([]);

export const postSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('question'),
    command: commandSchema,
    text: textSchema(QUESTION_CHARS_MIN),
    about: aboutSchema.nullable().default(null),
    mentions: mentionsSchema,
  }),
  z.strictObject({
    kind: z.literal('answer'),
    command: commandSchema,
    question: idSchema,
    text: textSchema(1),
    /** The token of the claim that it is written under. */
    token: z.number().int().min(1),
    /** The last message that the writer has seen. */
    seen: z.number().int().min(1),
    mentions: mentionsSchema,
  }),
  z.strictObject({
    ...{ kind: z.literal('followUp'), command: commandSchema, question: idSchema, text: textSchema(1) },
    mentions: mentionsSchema,
  }),
  z.strictObject({
    kind: z.literal('correction'),
    command: commandSchema,
    question: idSchema,
    /** The message that it corrects. */
    corrects: idSchema,
    text: textSchema(1),
    mentions: mentionsSchema,
  }),
]);
export type Post = z.output<typeof postSchema>;
export type PostKind = Post['kind'];

/** Why a message is hidden, or a question pinned. */
export const reasonSchema = z.strictObject({
  reason: z.string().trim().min(REASON_CHARS_MIN).max(REASON_CHARS_MAX),
});

/** A text as it is shown: words, and links that a browser may follow. */
export type TextPart = { kind: 'text' | 'link'; text: string };

/** Only http(s) to a host without a name and a password in front of it becomes a link; everything else stays text. */
export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"«»]+/gi)) {
    const link = found.replace(/[.,;:!?)\]}'…]+$/u, '');
    if (!isSafe(link)) continue;
    if (index > from) parts.push({ kind: 'text', text: text.slice(from, index) });
    parts.push({ kind: 'link', text: link });
    from = index + link.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

function isSafe(link: string): boolean {
  if (!URL.canParse(link)) return false;
  const { protocol, username, password, hostname } = new URL(link);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hostname.includes('.');
}

export function excerptOf(text: string): string {
  const [line = ''] = text.split('\n');
  const whole = line.length < 20 ? text.replaceAll(/\s+/g, ' ') : line;
  return whole.length <= EXCERPT_CHARS_MAX ? whole : `${whole.slice(0, EXCERPT_CHARS_MAX - 1).trimEnd()}…`;
}

/* ---- questions and messages ---- */

/** Who wrote, as what, and from where: as it was at that moment. */
export interface Author {
  id: string;
  name: string;
  role: Role;
  unit: string;
  unitName: string;
  /** Materialised path of the unit, by which a list is narrowed to a territory; messages of before it was kept have none. */
  path?: string;
}

/**
 * A message is never changed: a correction is a message of its own, and what it corrects stays readable. What should not stand there at
 * all is hidden: that it was there, by whom, and why it is not to be read, stays.
 */
export interface Message {
  id: string;
  rev: number;
  procedure: string;
  question: string;
  /** Its place in the thread, from 1. */
  n: number;
  kind: 'question' | 'followUp' | 'answer';
  text: string;
  author: Author;
  atMs: number;
  /** The message that this one corrects. */
  corrects: string | null;
  /** Whom it mentions. */
  mentions?: readonly Mention[];
  /** Then its text is empty. */
  hidden: { by: string; reason: string; atMs: number } | null;
}

interface Asked {
  /** That of its first message. */
  id: string;
  rev: number;
  procedure: string;
  excerpt: string;
  /** The step and the code that it was born from; null for one that somebody came with by himself. */
  about: About | null;
  author: Author;
  askedAtMs: number;
  /** Place of the last message. */
  messages: number;
  answers: number;
  /** The answer that counts as the official one. */
  official: string | null;
  changedAtMs: number;
  /** When the first answer came. */
  firstAnsweredAtMs?: number;
  /** What it repeats, when somebody who answers has seen that (`duplicate.ts`). */
  duplicateOf?: DuplicateOf;
  /** How many repeat it. */
  duplicates?: number;
  /** Why it stands among the frequent ones (`faq.ts`). */
  pinned?: Pinned;
  /** Whom its messages mention, the latest last (`attention/mention.ts`). */
  mentioned?: readonly Mentioned[];
}

export interface DuplicateOf {
  question: string;
  by: string;
  atMs: number;
  /** Since when it waited for an answer; null when it did not. */
  waitingSinceMs: number | null;
}

export interface Pinned {
  by: string;
  reason: string;
  atMs: number;
}

export type Question = Asked &
  (
    | { status: 'open'; waitingSinceMs: number }
    | { status: 'answered'; answeredAtMs: number }
    | { status: 'closed'; closed: { by: string; atMs: number } }
  );
export type QuestionStatus = Question['status'];
export type QuestionOf<Status extends QuestionStatus> = Extract<Question, { status: Status }>;
export const QUESTION_STATUSES = ['open', 'answered', 'closed'] as const satisfies readonly QuestionStatus[];

/** What a question is in every state, a revision later. */
export function askedAgain(question: Question, nowMs: number): Asked {
  const {
    status: _status,
    waitingSinceMs: _waiting,
    answeredAtMs: _answered,
    closed: _closed,
    ...asked
  }: AnyState = question;
  return { ...asked, rev: question.rev + 1, changedAtMs: nowMs };
}
type AnyState = Asked &
  Partial<Pick<QuestionOf<'open'>, 'waitingSinceMs'>> &
  Partial<Pick<QuestionOf<'answered'>, 'answeredAtMs'>> &
  Partial<Pick<QuestionOf<'closed'>, 'closed'>> & { status: QuestionStatus };

/** A message before it has its place. */
export type Draft = Pick<Message, 'id' | 'text' | 'author' | 'mentions'>;
export interface Posted {
  question: Question;
  message: Message;
}

export function ask(
  procedure: string,
  { id, text, author, mentions, about = null }: Draft & { about?: About | null },
  nowMs: number,
): Posted {
  return {
    question: {
      ...mentionedIn([], { n: 1, mentions }),
      ...{ id, rev: 1, procedure, excerpt: excerptOf(text), about, author, askedAtMs: nowMs, messages: 1, answers: 0 },
      ...{ official: null, changedAtMs: nowMs, status: 'open', waitingSinceMs: nowMs },
    },
    message: {
      ...{ id, rev: 1, procedure, question: id, n: 1, kind: 'question', text, author, atMs: nowMs },
      ...{ corrects: null, hidden: null },
      ...(mentions && { mentions }),
    },
  };
}

/** The mentions of a question with those of one more message. */
function mentionedIn(
  known: readonly Mentioned[] | undefined,
  { n, mentions }: { n: number; mentions?: readonly Mention[] | undefined },
): Pick<Asked, 'mentioned'> {
  if (!mentions?.length) return {};
  return { mentioned: [...(known ?? []), ...mentions.map((mention) => ({ n, mention }))].slice(-MENTIONS_KEPT_MAX) };
}

/** The next message of a thread. Errors: HubError `thread_full`. */
function written(question: Question, draft: Draft, rest: Pick<Message, 'kind' | 'corrects'>, nowMs: number): Message {
  if (question.messages >= MESSAGES_PER_QUESTION_MAX)
    throw new HubError('thread_full', { max: MESSAGES_PER_QUESTION_MAX });
  const { id, procedure } = question;
  return { ...draft, rev: 1, procedure, question: id, n: question.messages + 1, atMs: nowMs, hidden: null, ...rest };
}

const wroteOn = (question: Question, message: Message, nowMs: number): Asked => ({
  ...askedAgain(question, nowMs),
  ...{ messages: message.n, ...mentionedIn(question.mentioned, message) },
});

/** Errors: HubError `question_closed`, `thread_full`. */
export function answer(question: Question, draft: Draft, nowMs: number): Posted {
  if (question.status === 'closed') throw new HubError('question_closed');
  const message = written(question, draft, { kind: 'answer', corrects: null }, nowMs);
  const firstAnsweredAtMs = question.firstAnsweredAtMs ?? (question.answers === 0 ? nowMs : undefined);
  const asked = {
    ...askedAgain(question, nowMs),
    ...{ messages: message.n, answers: question.answers + 1 },
    ...mentionedIn(question.mentioned, message),
    ...(firstAnsweredAtMs !== undefined && { firstAnsweredAtMs }),
  };
  return { question: { ...asked, status: 'answered', answeredAtMs: nowMs }, message };
}

/** Waits again, or still: whoever asked first is not put back by what is asked after him. */
const opened = (question: Question, asked: Asked, nowMs: number): Question => ({
  ...asked,
  status: 'open',
  waitingSinceMs: question.status === 'open' ? question.waitingSinceMs : nowMs,
});

/** Asks on: whatever was answered or closed is open again (domain 4.1), also what repeats another: it is no longer only that. Errors: HubError `thread_full`. */
export function followUp(question: Question, draft: Draft, nowMs: number): Posted {
  const message = written(question, draft, { kind: 'followUp', corrects: null }, nowMs);
  return { question: opened(question, wroteOn(question, message, nowMs), nowMs), message };
}

/**
 * Corrects one's own message by another one. What was asked and is asked differently now waits for an answer again; a corrected answer
 * leaves the question as it is, and is official only when it is marked anew. Errors: HubError `not_allowed`, `thread_full`.
 */
export function correct(question: Question, corrected: Message, draft: Draft, nowMs: number): Posted {
  if (corrected.question !== question.id || corrected.author.id !== draft.author.id) throw new HubError('not_allowed');
  const { kind } = corrected;
  const message = written(question, draft, { kind, corrects: corrected.id }, nowMs);
  const asked = wroteOn(question, message, nowMs);
  return {
    question: kind === 'answer' ? ({ ...question, ...asked } satisfies Question) : opened(question, asked, nowMs),
    message,
  };
}

/** Errors: HubError `question_unanswered`, `question_closed`. */
export function close(question: Question, by: { name: string }, nowMs: number): Question {
  if (question.status === 'open') throw new HubError('question_unanswered');
  if (question.status === 'closed') throw new HubError('question_closed');
  return { ...askedAgain(question, nowMs), status: 'closed', closed: { by: by.name, atMs: nowMs } };
}

/** Waits for an answer again, from now on. A question that is open already is HubError `stale_write`. */
export function reopen(question: Question, nowMs: number): Question {
  if (question.status === 'open') throw new HubError('stale_write');
  return { ...askedAgain(question, nowMs), status: 'open', waitingSinceMs: nowMs };
}

/** Marks an answer as the official one, or with null none. Errors: HubError `bad_input`. */
export function makeOfficial(question: Question, message: Message | null, nowMs: number): Question {
  if (message && (message.kind !== 'answer' || message.question !== question.id || message.hidden !== null))
    throw new HubError('bad_input', { field: 'message', reason: 'kind' });
  return { ...question, ...askedAgain(question, nowMs), official: message?.id ?? null };
}

/** Hides a message with its text; an official answer that is hidden is official no longer. Errors: HubError `stale_write`. */
export function hide(
  question: Question,
  message: Message,
  { by, reason }: { by: { name: string }; reason: string },
  nowMs: number,
): Posted {
  if (message.hidden !== null || message.question !== question.id) throw new HubError('stale_write');
  const { pinned, ...asked } = askedAgain(question, nowMs);
  const { pinned: _pinned, ...before } = question;
  return {
    question: {
      ...before,
      ...asked,
      // A question that nobody may read is none of the frequent ones.
      ...(message.n === 1 ? { excerpt: '' } : pinned ? { pinned } : {}),
      ...(question.official === message.id ? { official: null } : {}),
    },
    message: { ...message, rev: message.rev + 1, text: '', hidden: { by: by.name, reason, atMs: nowMs } },
  };
}

/** An answer to what its writer has not seen. Errors: HubError `answered_meanwhile`. */
export function demandSeen(messages: readonly Message[], writer: string, seen: number): void {
  const missed = messages.find(({ n, kind, author }) => kind === 'answer' && n > seen && author.id !== writer);
  if (missed) throw new HubError('answered_meanwhile', { by: missed.author.name, atMs: missed.atMs });
}

/**
 * A forum whose journal still holds the text of what was hidden: made with the hiding, and gone when the text is. A node that dies
 * between the two leaves it for another.
 */
export interface Cleansing {
  /** The procedure. */
  id: string;
  rev: number;
}

/* ---- who may what ---- */

/** A procedure, as far as its forum is concerned. */
export interface Territory {
  id: string;
  path: string;
}

export interface ForumRights {
  reads: boolean;
  asks: boolean;
  answers: boolean;
  /**
   * Marks answers as official: whoever answers for the whole territory of the procedure. Of a study of the federation that is the
   * federal coordinator; of what a region conducts by itself, the region's coordinator and authority as well.
   */
  keeps: boolean;
}

export const forumRights = (person: Holder, procedure: Territory): ForumRights => ({
  reads: heldIn(person, 'forum.read', procedure) !== null,
  asks: heldIn(person, 'forum.ask', procedure) !== null,
  answers: heldIn(person, 'forum.answer', procedure) !== null,
  keeps: isAllowed(person, 'forum.keep', procedure.path, procedure.id),
});

/** As what a person asks or answers: by the widest territory that lets him. */
export const speaksAs = (person: Holder, kind: Message['kind'], procedure: Territory): Assignment | null =>
  heldIn(person, kind === 'answer' ? 'forum.answer' : 'forum.ask', procedure);

/** A question is closed and opened again by whoever asked it, and by those who answer or keep the forum. */
export const mayClose = (person: Holder & { id: string }, question: Question, rights: ForumRights): boolean =>
  rights.answers || rights.keeps || (rights.asks && question.author.id === person.id);
