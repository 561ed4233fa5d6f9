/** Writing letters and sending them on. Writing is part of the deed that causes it; sending never holds one up. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import {
  claimLetter,
  LETTER_KEPT_MS,
  letterRefused,
  letterSent,
  writeLetter,
  type Letter,
  type LetterKind,
} from './letter.ts';

/** The mail server behind a port. `id` is the same at every try, so that a mail program shows a repeated letter once. */
export interface Post {
  /** Rejects when the letter was not taken. */
  send(letter: { id: string; to: string; subject: string; text: string }): Promise<void>;
}

export type LetterParams = Readonly<Record<string, string | number>>;
export type Language = 'ru' | 'en';

/** Words of letters, from the message files. */
export type LetterWords = (
  kind: LetterKind,
  params: LetterParams,
  language: Language,
) => { subject: string; text: string };

/** How many letters the page shows. */
export const LETTERS_SHOWN_MAX = 200;
/** Among how many of the latest the reader's are looked for. */
const LETTERS_LOOKED_AT_MAX = 2_000;

export function createLetterActions(context: Context) {
  const { letters, assignments, post, letterWords, lettersFor, now, newId, observer, seal, open } = context;

  return {
    /**
     * Writes a letter, inside the transaction of the deed where there is one. A sealed one is read by nobody on its way: it is for a
     * mail server only.
     */
    async write(
      letter: {
        kind: LetterKind;
        person: string;
        to: string;
        params: LetterParams;
        language: Language;
        isSealed?: true;
      },
      session?: ClientSession,
    ): Promise<void> {
      const { kind, person, to, params, language, isSealed } = letter;
      if (isSealed && !post) throw new HubError('post_absent');
      const { subject, text } = letterWords(kind, params, language);
      const words = isSealed ? { subject, text: seal(text), isSealed } : { subject, text };
      await letters.save(writeLetter(newId(), { kind, person, to, ...words }, post !== null, now()), session);
    },

    /** Sends the next letter, or one whose node died while sending; false when there is none. */
    async sendNext(node: string): Promise<boolean> {
      if (!post) return false;
      const [next] = await letters.list(
        {
          $or: [
            { status: 'waiting', nextAtMs: { $lte: now() } },
            { status: 'sending', leaseUntilMs: { $lte: now() } },
          ],
        },
        { sort: { createdAtMs: 1 }, limit: 1 },
      );
      const claimed = next ? claimLetter(next, node, now()) : null;
      if (!claimed) return false;
      try {
        await letters.save(claimed);
        const { id, to, subject } = claimed;
        const text = claimed.isSealed ? open(claimed.text) : claimed.text;
        const outcome = await post.send({ id, to, subject, text }).then(
          () => letterSent(claimed, now()),
          (error: unknown) => {
            observer.fault(error, 'letter.send');
            return letterRefused(claimed, now());
          },
        );
        await letters.save(outcome);
      } catch (error) {
        // Another node was faster, or took it over after our lease.
        if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
      }
      return true;
    },

    /**
     * The latest letters: for an administrator those to whom he looks after, in a demonstration for everybody all of them. A
     * letter may hold a link that opens an account. Errors: HubError `not_allowed`.
     */
    async list(person: Person | null): Promise<Letter[]> {
      if (lettersFor === 'administrators' && !isReader(person)) throw new HubError('not_allowed');
      const latest = await letters.list({}, { sort: { createdAtMs: -1 }, limit: LETTERS_LOOKED_AT_MAX });
      if (lettersFor === 'everybody' || !person) return latest.slice(0, LETTERS_SHOWN_MAX);
      const owners = [...new Set(latest.map((letter) => letter.person))];
      // Whoever is only invited has no account yet: his letter belongs to his appointment.
      const [held, invited] = await Promise.all([
        assignments.held({ person: { $in: owners } }, now()),
        assignments.list({ _id: { $in: owners } }),
      ]);
      const owned = [
        ...held.map(({ person: owner, path }) => ({ owner, path })),
        ...invited.map(({ id: owner, path }) => ({ owner, path })),
      ];
      const charges = new Set(owned.map(({ owner }) => owner));
      for (const { owner, path } of owned) if (!isAllowed(person, 'people.manage', path)) charges.delete(owner);
      return latest.filter((letter) => charges.has(letter.person)).slice(0, LETTERS_SHOWN_MAX);
    },

    /** Whether there is no mail server and letters wait here to be read. */
    areKept: post === null,

    areShownTo: (person: Person | null): boolean => lettersFor === 'everybody' || isReader(person),

    forget: (): Promise<void> => letters.remove({ createdAtMs: { $lte: now() - LETTER_KEPT_MS } }),
  };
}

/** Whoever makes accounts may hand over what was written to those he looks after. */
function isReader(person: Person | null): boolean {
  return person?.assignments.some(({ path }) => isAllowed(person, 'people.manage', path)) ?? false;
}

export type LetterActions = ReturnType<typeof createLetterActions>;
