/**
 * A letter to a person. Its own state is the queue (as the submission's is, ADR 4): whoever crashes while sending leaves a lease that
 * runs out. Pure.
 */
export const LETTER_KINDS = [
  'address_confirm',
  'password_link',
  'password_changed',
  'password_given',
  'second_factor_on',
  'second_factor_off',
  'recovery_used',
  'device_new',
  'viewing_begun',
  'credentials',
  'publication_reminder',
  'invitation',
  'forum_digest',
] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

interface Written {
  id: string;
  rev: number;
  kind: LetterKind;
  /** Whose letter it is: who looks after his account may hand it over, and nobody else reads it. */
  person: string;
  to: string;
  subject: string;
  createdAtMs: number;
  /** Times that sending was tried. */
  tries: number;
  /** The text is kept encrypted with the hub's secret: it holds a password (ADR 15). */
  isSealed?: true;
}

export type Letter =
  | (Written & { status: 'waiting'; text: string; nextAtMs: number })
  | (Written & { status: 'sending'; text: string; node: string; leaseUntilMs: number })
  /** Handed to the mail server. The text is gone: it may hold a link that opens something. */
  | (Written & { status: 'sent'; sentAtMs: number })
  | (Written & { status: 'failed'; failedAtMs: number })
  /** There is no mail server: an administrator reads it and tells the person. */
  | (Written & { status: 'kept'; text: string });
export type LetterOf<Status extends Letter['status']> = Extract<Letter, { status: Status }>;

/** A mail server that takes longer than this is taken for dead (ms). */
export const LETTER_LEASE_MS = 2 * 60_000;
export const LETTER_TRIES_MAX = 8;
const FIRST_WAIT_MS = 60_000;
const WAIT_MAX_MS = 6 * 60 * 60_000;
/** Letters are for reading now: later their texts and addresses are only a risk (ms). */
export const LETTER_KEPT_MS = 30 * 24 * 60 * 60_000;

export type Words = Pick<Written, 'kind' | 'person' | 'to' | 'subject' | 'isSealed'> & { text: string };

/** `isSent` is whether there is a mail server. */
export function writeLetter(
  id: string,
  { kind, person, to, subject, text, isSealed }: Words,
  isSent: boolean,
  nowMs: number,
): Letter {
  // A line break in a heading would begin another heading.
  const written = {
    id,
    rev: 1,
    kind,
    person,
    to,
    subject: subject.replaceAll(/\p{Cc}+/gu, ' '),
    createdAtMs: nowMs,
    tries: 0,
    ...(isSealed ? { isSealed } : {}),
  };
  return isSent ? { ...written, status: 'waiting', text, nextAtMs: nowMs } : { ...written, status: 'kept', text };
}

/** Takes a letter to send it; null when it is not this node's turn. */
export function claimLetter(letter: Letter, node: string, nowMs: number): LetterOf<'sending'> | null {
  const isFree =
    (letter.status === 'waiting' && letter.nextAtMs <= nowMs) ||
    (letter.status === 'sending' && letter.leaseUntilMs <= nowMs);
  if (!isFree) return null;
  const { id, rev, kind, person, to, subject, createdAtMs, tries, text, isSealed } = letter;
  const written = {
    ...{ id, rev: rev + 1, kind, person, to, subject, createdAtMs, tries: tries + 1 },
    ...(isSealed ? { isSealed } : {}),
  };
  return { ...written, status: 'sending', text, node, leaseUntilMs: nowMs + LETTER_LEASE_MS };
}

const written = ({
  id,
  rev,
  kind,
  person,
  to,
  subject,
  createdAtMs,
  tries,
  isSealed,
}: LetterOf<'sending'>): Written => ({
  id,
  rev: rev + 1,
  kind,
  person,
  to,
  subject,
  createdAtMs,
  tries,
  ...(isSealed ? { isSealed } : {}),
});

export const letterSent = (letter: LetterOf<'sending'>, nowMs: number): Letter => ({
  ...written(letter),
  status: 'sent',
  sentAtMs: nowMs,
});

/** The mail server said no, or nothing: later again, each time later, in the end never. */
export function letterRefused(letter: LetterOf<'sending'>, nowMs: number): Letter {
  if (letter.tries >= LETTER_TRIES_MAX) return { ...written(letter), status: 'failed', failedAtMs: nowMs };
  const waitMs = Math.min(FIRST_WAIT_MS * 4 ** (letter.tries - 1), WAIT_MAX_MS);
  return { ...written(letter), status: 'waiting', text: letter.text, nextAtMs: nowMs + waitMs };
}
