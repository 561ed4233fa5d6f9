/** Use cases of a forum: asking, answering under a claim, asking on, correcting, closing, and reading (S1-40 … S1-42). */
import { z } from 'zod';
import type { ClaimActions, ClaimOptions } from '../claim/claim.actions.ts';
import type { ClaimView } from '../claim/claim.ts';
import { claimView } from '../claim/claim.ts';
import type { Context } from '../context.ts';
import type { DeedKind, Difference } from '../deeds/deed.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { forumReaderStream, forumStream } from '../journal/stream.ts';
import type { PastStreams } from '../live.ts';
import type { Person } from '../people/person.ts';
import type { Procedure } from '../procedure/procedure.ts';
import type { Mention, MentionInput } from './attention/mention.ts';
import { demandFilled } from './canned/canned-answer.ts';
import { link, unlink, type Linked } from './duplicate.ts';
import { pin, PINNED_MAX, unpin } from './faq.ts';
import { createTurns } from './turns.ts';
import { questionFact } from './forum.facts.ts';
import { authorOf, openForum } from './forum.reader.ts';
import { claimSubject, readingId, readTo, type Reading } from './forum-state.ts';
import {
  ANSWER_LEASE_MS,
  answer,
  ask,
  close,
  correct,
  demandSeen,
  followUp,
  forumRights,
  hide,
  makeOfficial,
  mayClose,
  postSchema,
  QUESTIONS_SHOWN_MAX,
  reasonSchema,
  reopen,
  speaksAs,
  type Cleansing,
  type Draft,
  type Post,
  type Posted,
  type Question,
} from './forum.ts';

/** Nodes that write to one question at once begin anew when another was faster: generous. */
const ATTEMPTS_MAX = 20;

export const readSchema = z.strictObject({ n: z.number().int().min(1) });
export const claimSchema = z.discriminatedUnion('deed', [
  z.strictObject({ deed: z.literal('take') }),
  z.strictObject({ deed: z.enum(['renew', 'release']), token: z.number().int().min(1) }),
]);

const DEED_OF = {
  question: 'forum.asked',
  answer: 'forum.answered',
  followUp: 'forum.followedUp',
  correction: 'forum.corrected',
} as const satisfies Record<Post['kind'], DeedKind>;

export function createForumActions(
  context: Context,
  claimActions: ClaimActions,
  { replay }: Pick<PastStreams, 'replay'>,
) {
  const { journal, units, claims, forumQuestions, forumMessages, forumReadings, forumCleansings } = context;
  const { now, newId, sha256, observer } = context;

  const inTurn = createTurns();

  async function questionOf(procedure: Procedure, id: string): Promise<Question> {
    const question = await forumQuestions.find(id);
    if (question?.procedure !== procedure.id) throw new HubError('not_found');
    return question;
  }

  const deedOf = (
    person: Person,
    procedure: Procedure,
    question: string,
    {
      kind,
      path,
      commandId = newId(),
      differences = [],
    }: {
      kind: DeedKind;
      path: string;
      commandId?: string;
      differences?: Difference[];
    },
  ): Deed => ({
    actor: person.id,
    atMs: now(),
    commandId,
    // What was written stands in the forum: an entry can't be taken back, and people write more than they should.
    note: { kind, path, subject: question, subjectName: procedure.title, differences },
  });

  const readingFact = ({ person, procedure, question, n }: Reading): Fact => ({
    stream: forumReaderStream(procedure, person),
    type: 'readMoved',
    entity: question,
    rev: n,
    body: { n },
  });

  /** Whoever writes has read his own message, unless others wrote before it what he has not read. */
  async function ownReading(person: Person, { question, message }: Posted): Promise<Reading | null> {
    const reading = await forumReadings.find(readingId(person.id, question.id));
    if ((reading?.n ?? 0) < message.n - 1) return null;
    return readTo(reading, { person: person.id, question, n: message.n });
  }

  /** Mentions with the names and paths of their territories; one that is not the procedure's is none. */
  async function mentionsOf(procedure: Procedure, given: readonly MentionInput[]): Promise<Mention[]> {
    const ids = given.flatMap((mention) => (mention.kind === 'unit' ? [mention.unit] : []));
    const found = new Map((await units.list({ _id: { $in: ids } })).map((unit) => [unit.id, unit]));
    return given.flatMap((mention): Mention[] => {
      if (mention.kind === 'role') return [mention];
      const unit = found.get(mention.unit);
      return unit?.path.startsWith(procedure.path)
        ? [{ kind: 'unit', unit: unit.id, name: unit.name, path: unit.path }]
        : [];
    });
  }

  async function decide(person: Person, procedure: Procedure, post: Post, id: string, nowMs: number) {
    const corrected = post.kind === 'correction' ? await forumMessages.find(post.corrects) : null;
    if (post.kind === 'correction' && corrected === null) throw new HubError('not_found');
    const kind = post.kind === 'correction' ? (corrected?.kind ?? 'question') : post.kind;
    if (kind === 'answer') demandFilled(post.text);
    const held = speaksAs(person, kind, procedure);
    if (!held) throw new HubError('not_allowed');
    const draft: Draft = {
      ...{ id, text: post.text, author: await authorOf(context, person, held) },
      ...(post.mentions.length > 0 && { mentions: await mentionsOf(procedure, post.mentions) }),
    };
    const path = held.path;
    switch (post.kind) {
      case 'question':
        return { path, posted: ask(procedure.id, { ...draft, about: post.about }, nowMs) };
      case 'answer': {
        const question = await questionOf(procedure, post.question);
        const later = await forumMessages.list({ question: question.id, n: { $gt: post.seen } }, { sort: { n: 1 } });
        demandSeen(later, person.id, post.seen);
        return { path, posted: answer(question, draft, nowMs) };
      }
      case 'followUp':
        return { path, posted: followUp(await questionOf(procedure, post.question), draft, nowMs) };
      case 'correction': {
        if (!corrected) throw new HubError('not_found');
        const question = await questionOf(procedure, post.question);
        return { path, posted: correct(question, corrected, draft, nowMs) };
      }
      default:
        throw post satisfies never;
    }
  }

  async function record(
    person: Person,
    procedure: Procedure,
    post: Post,
    { posted, path, commandId }: { posted: Posted; path: string; commandId: string },
  ): Promise<void> {
    const { question, message } = posted;
    const reading = await ownReading(person, posted);
    const deed = deedOf(person, procedure, question.id, { kind: DEED_OF[post.kind], path, commandId });
    const facts = [questionFact(question, message), ...(reading ? [readingFact(reading)] : [])];
    try {
      await journal.record(deed, facts, async (session) => {
        await forumQuestions.save(question, session);
        await forumMessages.save(message, session);
        if (reading) await forumReadings.save(reading, session);
        // Last: whoever took the question meanwhile waits for this, or this one fails.
        if (post.kind === 'answer') await claims.guard(claimSubject(question.id), post.token, session);
      });
    } catch (error) {
      // The same command, recorded by another node in this moment: the next look finds its message.
      if (isDuplicateKey(error)) throw new HubError('stale_write');
      throw error;
    }
  }

  /** One change of a question without a message. */
  function change(
    person: Person,
    procedureId: string,
    questionId: string,
    decideOn: (
      question: Question,
      at: { rights: ReturnType<typeof forumRights>; procedure: Procedure; nowMs: number },
    ) => Promise<{ kind: DeedKind; after: Question; differences?: Difference[] }>,
  ): Promise<void> {
    return retryStale(async () => {
      const { procedure, rights } = await openForum(context, person, procedureId);
      const question = await questionOf(procedure, questionId);
      const { kind, after, differences = [] } = await decideOn(question, { rights, procedure, nowMs: now() });
      const unit = await units.find(question.author.unit);
      const deed = deedOf(person, procedure, questionId, { kind, path: unit?.path ?? procedure.path, differences });
      await journal.record(deed, [questionFact(after, null)], (session) => forumQuestions.save(after, session));
    }, ATTEMPTS_MAX);
  }

  /** A change of two questions that are linked with each other, in one transaction. */
  function changeLink(
    person: Person,
    procedureId: string,
    ids: { question: string; original: string },
    {
      kind,
      decideOn,
    }: { kind: DeedKind; decideOn: (duplicate: Question, original: Question, nowMs: number) => Linked },
  ): Promise<void> {
    return retryStale(async () => {
      const { procedure, rights } = await openForum(context, person, procedureId);
      if (!rights.answers && !rights.keeps) throw new HubError('not_allowed');
      const [question, known] = await Promise.all([
        questionOf(procedure, ids.question),
        questionOf(procedure, ids.original),
      ]);
      const { duplicate, original } = decideOn(question, known, now());
      const deed = deedOf(person, procedure, duplicate.id, {
        ...{ kind, path: procedure.path, differences: [{ field: 'question', before: null, after: original.id }] },
      });
      await journal.record(deed, [questionFact(original, null), questionFact(duplicate, null)], (session) =>
        forumQuestions.saveMany([original, duplicate], session),
      );
    }, ATTEMPTS_MAX);
  }

  const claimOptions = (person: Person, question: Question): ClaimOptions => ({
    subject: claimSubject(question.id),
    holder: { id: person.id, name: person.name },
    leaseMs: ANSWER_LEASE_MS,
    stream: forumStream(question.procedure),
  });

  /** The question is answered: whoever wants to say more takes it again. */
  async function letGo(person: Person, procedure: Procedure, post: Extract<Post, { kind: 'answer' }>): Promise<void> {
    const question = await questionOf(procedure, post.question);
    await claimActions.letGo(claimOptions(person, question), post.token);
  }

  /**
   * Takes what was hidden out of the journal: raises the floor of the stream to where it stands, deletes what lies below, and only then
   * forgets that there was something to do.
   */
  async function cleanse({ id, rev }: Cleansing): Promise<void> {
    const stream = forumStream(id);
    const [head] = await journal.heads([stream]);
    if (!head) return;
    const state = await replay(stream, head.seq).catch((error: unknown) => {
      // Another node is at it: what it deleted needs no second look.
      if (error instanceof HubError && error.code === 'past_gone') return null;
      throw error;
    });
    if (state === null) return;
    await journal.raiseFloor(stream, head.floor, { seq: head.seq, state });
    await journal.deleteBelowFloor(stream);
    const [after] = await journal.heads([stream]);
    // Another node raised it meanwhile to an earlier place, or something was hidden since: the next look goes on.
    if (after && after.floor >= head.seq) await forumCleansings.remove({ _id: id, rev });
  }

  /** All journals that still have the text of a hidden message. */
  async function cleanseAll(): Promise<void> {
    for (const cleansing of await forumCleansings.list({})) await cleanse(cleansing);
  }

  return {
    /**
     * Posts a message. The same command, sent again, is answered as it was the first time. Errors: HubError `not_allowed`, `not_found`,
     * `question_closed`, `thread_full`; of an answer also `claim_lost` and `answered_meanwhile`.
     */
    async post(person: Person, procedureId: string, input: unknown): Promise<{ question: string; n: number }> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      if (!rights.asks && !rights.answers) throw new HubError('not_allowed');
      const post = postSchema.parse(input);
      // Of this person only: nobody's command can meet another's.
      const id = sha256(`forum ${person.id} ${procedure.id} ${post.command}`).slice(0, 32);
      const posted = await inTurn(post.kind === 'question' ? id : post.question, () =>
        retryStale(async () => {
          const known = await forumMessages.find(id);
          if (known) return known;
          const decided = await decide(person, procedure, post, id, now());
          await record(person, procedure, post, { ...decided, commandId: id });
          return decided.posted.message;
        }, ATTEMPTS_MAX),
      );
      if (post.kind === 'answer') await letGo(person, procedure, post);
      return { question: posted.question, n: posted.n };
    },

    close: (person: Person, procedureId: string, questionId: string): Promise<void> =>
      change(person, procedureId, questionId, (question, { rights, nowMs }) => {
        if (!mayClose(person, question, rights)) throw new HubError('not_allowed');
        return Promise.resolve({ kind: 'forum.closed', after: close(question, person, nowMs) });
      }),

    reopen: (person: Person, procedureId: string, questionId: string): Promise<void> =>
      change(person, procedureId, questionId, (question, { rights, nowMs }) => {
        if (!mayClose(person, question, rights)) throw new HubError('not_allowed');
        return Promise.resolve({ kind: 'forum.reopened', after: reopen(question, nowMs) });
      }),

    /** Marks an answer as the official one; with null none is it any longer. */
    makeOfficial: (person: Person, procedureId: string, questionId: string, messageId: string | null): Promise<void> =>
      change(person, procedureId, questionId, async (question, { rights, nowMs }) => {
        if (!rights.keeps) throw new HubError('not_allowed');
        const message = messageId === null ? null : await forumMessages.get(messageId);
        return { kind: 'forum.official', after: makeOfficial(question, message, nowMs) };
      }),

    /** Says that a question repeats another: who asked it reads the other's answer. Errors: those of `link`. */
    link: (person: Person, procedureId: string, questionId: string, originalId: string): Promise<void> =>
      changeLink(
        person,
        procedureId,
        { question: questionId, original: originalId },
        {
          ...{ kind: 'forum.linked' },
          decideOn: (duplicate, original, nowMs) => link(duplicate, original, person, nowMs),
        },
      ),

    /** Takes that back. */
    async unlink(person: Person, procedureId: string, questionId: string): Promise<void> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      if (!rights.answers && !rights.keeps) throw new HubError('not_allowed');
      const original = (await questionOf(procedure, questionId)).duplicateOf?.question;
      if (original === undefined) throw new HubError('stale_write');
      await changeLink(
        person,
        procedureId,
        { question: questionId, original },
        { kind: 'forum.unlinked', decideOn: unlink },
      );
    },

    /** Pins a question with its answer on top of the forum, or takes it from there; either with its reason. */
    pin: (
      person: Person,
      procedureId: string,
      questionId: string,
      input: { isPinned: boolean; reason: unknown },
    ): Promise<void> =>
      change(person, procedureId, questionId, async (question, { rights, procedure, nowMs }) => {
        if (!rights.keeps) throw new HubError('not_allowed');
        const { reason } = reasonSchema.parse({ reason: input.reason });
        const isFull =
          (await forumQuestions.count({ procedure: procedure.id, 'pinned.atMs': { $gt: 0 } })) >= PINNED_MAX;
        if (input.isPinned && isFull) throw new HubError('faq_full', { max: PINNED_MAX });
        return {
          kind: input.isPinned ? 'forum.pinned' : 'forum.unpinned',
          after: input.isPinned ? pin(question, { by: person, reason }, nowMs) : unpin(question, nowMs),
          differences: [{ field: 'reason', before: null, after: reason }],
        };
      }),

    /**
     * Hides a message from everybody. Its text goes from the store at once and from the journal after it (`cleanse`): whoever catches up
     * takes a new snapshot, which has it no longer.
     */
    async hide(
      person: Person,
      procedureId: string,
      questionId: string,
      messageId: string,
      input: unknown,
    ): Promise<void> {
      const { reason } = reasonSchema.parse(input);
      await retryStale(async () => {
        const { procedure, rights } = await openForum(context, person, procedureId);
        if (!rights.keeps) throw new HubError('not_allowed');
        const [question, message] = await Promise.all([
          questionOf(procedure, questionId),
          forumMessages.get(messageId),
        ]);
        const hidden = hide(question, message, { by: person, reason }, now());
        const known = await forumCleansings.find(procedure.id);
        const cleansing: Cleansing = { id: procedure.id, rev: (known?.rev ?? 0) + 1 };
        const deed = deedOf(person, procedure, questionId, {
          ...{ kind: 'forum.hidden', path: procedure.path },
          differences: [{ field: 'reason', before: null, after: reason }],
        });
        await journal.record(deed, [questionFact(hidden.question, hidden.message)], async (session) => {
          await forumQuestions.save(hidden.question, session);
          await forumMessages.save(hidden.message, session);
          await forumCleansings.save(cleansing, session);
        });
      }, ATTEMPTS_MAX);
      // Hidden it is; what is left to do here, another look does too.
      await cleanseAll().catch((error: unknown) => observer.fault(error, 'forum.cleanse'));
    },

    /** Takes the texts of hidden messages out of the journals that still have them. */
    cleanse: cleanseAll,

    /** Takes a question to answer it, keeps it, or gives it back. Errors: HubError `claim_held`, `claim_lost`. */
    async claim(person: Person, procedureId: string, questionId: string, input: unknown): Promise<ClaimView> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      if (!rights.answers) throw new HubError('not_allowed');
      const wish = claimSchema.parse(input);
      const question = await questionOf(procedure, questionId);
      const options = claimOptions(person, question);
      if (wish.deed !== 'take') return claimView(await claimActions[wish.deed](options, wish.token));
      if (question.status === 'closed') throw new HubError('question_closed');
      return claimView(await claimActions.take(options));
    },

    /** Remembers that a person has read up to a message. It never moves back. */
    async read(person: Person, procedureId: string, questionId: string, input: unknown): Promise<void> {
      const { procedure } = await openForum(context, person, procedureId);
      const { n } = readSchema.parse(input);
      await retryStale(async () => {
        const question = await questionOf(procedure, questionId);
        const before = await forumReadings.find(readingId(person.id, question.id));
        const reading = readTo(before, { person: person.id, question, n });
        if (!reading) return;
        // Who has read what is no deed.
        await journal.record(
          { actor: person.id, atMs: now(), commandId: newId(), note: null },
          [readingFact(reading)],
          (session) => forumReadings.save(reading, session),
        );
      }, ATTEMPTS_MAX);
    },

    /** Everything that the list shows counts as read. */
    async readAll(person: Person, procedureId: string): Promise<void> {
      const { procedure } = await openForum(context, person, procedureId);
      await retryStale(async () => {
        const [questions, readings] = await Promise.all([
          forumQuestions.list({ procedure: procedure.id }, { sort: { changedAtMs: -1 }, limit: QUESTIONS_SHOWN_MAX }),
          forumReadings.list({ person: person.id, procedure: procedure.id }),
        ]);
        const byQuestion = new Map(readings.map((reading) => [reading.question, reading]));
        const moved = questions.flatMap(
          (question) =>
            readTo(byQuestion.get(question.id) ?? null, { person: person.id, question, n: question.messages }) ?? [],
        );
        if (moved.length === 0) return;
        const deed = { actor: person.id, atMs: now(), commandId: newId(), note: null };
        await journal.record(deed, moved.map(readingFact), (session) => forumReadings.saveMany(moved, session));
      }, ATTEMPTS_MAX);
    },
  };
}

export type ForumActions = ReturnType<typeof createForumActions>;
