/** What pages read of a forum: its list, one thread, and how far the reader has read. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { forumReaderStream, forumStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { heldIn, type Assignment } from '../people/rights.ts';
import { KINDS, type Procedure } from '../procedure/procedure.ts';
import { claimSubject, forumOf, type ForumState, type ReaderState } from './forum-state.ts';
import { forumRights, QUESTIONS_SHOWN_MAX, speaksAs, type ForumRights, type Message, type Question } from './forum.ts';
import { attentionId, attentionView, NO_CHOICE } from './attention/attention.ts';
import { PINNED_MAX } from './faq.ts';
import { incidentView } from './incident/incident.ts';
import { openForum } from './forum.reader.ts';
import { claimView } from '../claim/claim.ts';

export interface Thread {
  question: Question;
  messages: Message[];
}

/** What was answered officially about a code: for everybody who meets it. */
export interface KnownAnswer {
  code: string;
  question: string;
  text: string;
  by: string;
  atMs: number;
}

/** Codes that are asked about at once. */
export const CODES_ASKED_MAX = 50;

/** A forum as its pages are headed: whose it is, and as whom it is read. */
export interface ForumPlace {
  procedure: Pick<Procedure, 'id' | 'kind' | 'title' | 'zone' | 'deadlineMs'>;
  rights: ForumRights;
  /** As whom the reader is here. */
  role: string;
  territory: string;
  /** For which unit the reader asks; null when he does not. */
  unit: string | null;
  /** What he holds: by it he is mentioned. */
  holds: readonly Assignment[];
  /** Whether he has a board of the procedure. */
  hasBoard: boolean;
}

export interface ForumPage {
  forum: Snapshot<ForumState>;
  reader: Snapshot<ReaderState>;
}

export function createForumQueries(context: Context) {
  const { journal, procedures, units, claims, forumQuestions, forumMessages, forumReadings, forumIncidents } = context;

  /** The position first, then the state. */
  async function snapshot(person: Person, procedureId: string): Promise<Snapshot<ForumState>> {
    await openForum(context, person, procedureId);
    const stream = forumStream(procedureId);
    const position = await positionOf(journal, stream);
    const limit = QUESTIONS_SHOWN_MAX;
    const [open, others, incidents, pinned] = await Promise.all([
      forumQuestions.list({ procedure: procedureId, status: 'open' }, { sort: { waitingSinceMs: 1 }, limit }),
      forumQuestions.list(
        { procedure: procedureId, status: { $in: ['answered', 'closed'] } },
        { sort: { changedAtMs: -1 }, limit },
      ),
      forumIncidents.list({ procedure: procedureId, status: { $ne: 'closed' } }),
      forumQuestions.list({ procedure: procedureId, 'pinned.atMs': { $gt: 0 } }, { limit: PINNED_MAX }),
    ]);
    // One that was answered between the two readings stands in both: the later state counts.
    const found = new Map<string, Question>();
    for (const question of [...open, ...others, ...pinned])
      if ((found.get(question.id)?.rev ?? 0) < question.rev) found.set(question.id, question);
    const frequent = [...found.values()].filter((question) => question.pinned);
    const taken = await claims.list({ _id: { $in: [...found.keys()].map(claimSubject) } });
    return {
      stream,
      position,
      state: forumOf(
        procedureId,
        [...found.values()],
        taken.map((claim) => ({ ...claimView(claim), rev: claim.rev })),
        { incidents: incidents.map(incidentView), pinned: frequent },
      ),
    };
  }

  async function reader(person: Person, parts: { procedure: string; person: string }): Promise<Snapshot<ReaderState>> {
    if (parts.person !== person.id) throw new HubError('not_allowed');
    await openForum(context, person, parts.procedure);
    const stream = forumReaderStream(parts.procedure, person.id);
    const position = await positionOf(journal, stream);
    const [readings, attention] = await Promise.all([
      forumReadings.list({ person: person.id, procedure: parts.procedure }),
      context.forumAttention.find(attentionId(person.id, parts.procedure)),
    ]);
    return {
      stream,
      position,
      state: {
        read: Object.fromEntries(readings.map(({ question, n }) => [question, n])),
        attention: attention ? attentionView(attention) : NO_CHOICE,
      },
    };
  }

  return {
    snapshot,
    reader,

    /** Errors: HubError `not_allowed`. */
    async place(person: Person, procedureId: string): Promise<ForumPlace> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      const held = heldIn(person, 'forum.read', procedure);
      const unit = held && (await units.find(held.unit));
      const { id, kind, title, zone, deadlineMs } = procedure;
      return {
        procedure: { id, kind, title, zone, deadlineMs },
        rights,
        role: held?.role ?? '',
        territory: unit?.name ?? '',
        unit: speaksAs(person, 'question', procedure)?.unit ?? null,
        holds: person.assignments,
        hasBoard: heldIn(person, KINDS[procedure.kind].seenBy ?? 'board.view', procedure) !== null,
      };
    },

    async page(person: Person, procedureId: string): Promise<ForumPage> {
      const [forum, read] = await Promise.all([
        snapshot(person, procedureId),
        reader(person, { procedure: procedureId, person: person.id }),
      ]);
      return { forum, reader: read };
    },

    /** One question with everything that was written to it. */
    async thread(person: Person, procedureId: string, questionId: string): Promise<Thread> {
      await openForum(context, person, procedureId);
      const messages = await forumMessages.list({ question: questionId }, { sort: { n: 1 } });
      // After the messages: a question that is a little ahead of its thread is brought together by the next fact.
      const question = await forumQuestions.find(questionId);
      if (question?.procedure !== procedureId) throw new HubError('not_found');
      return { question, messages };
    },

    /** Official answers about codes, the latest of each. A reader of the forum is told; to anybody else there are none. */
    async known(person: Person, procedureId: string, codes: readonly string[]): Promise<KnownAnswer[]> {
      const procedure = await procedures.find(procedureId);
      if (!procedure || !forumRights(person, procedure).reads) return [];
      const wanted = [...new Set(codes)].slice(0, CODES_ASKED_MAX);
      const found = await forumQuestions.list(
        { procedure: procedureId, 'about.code': { $in: wanted }, official: { $ne: null } },
        { sort: { changedAtMs: -1 } },
      );
      const latest = wanted.flatMap((code) => found.find(({ about }) => about?.code === code) ?? []);
      const answers = await forumMessages.list({ _id: { $in: latest.flatMap(({ official }) => official ?? []) } });
      return latest.flatMap(({ id, about, official }) => {
        const answer = answers.find((message) => message.id === official);
        if (!answer || !about) return [];
        return [{ code: about.code, question: id, text: answer.text, by: answer.author.name, atMs: answer.atMs }];
      });
    },

    /** Procedures whose forum a person reads, the latest first. */
    async forums(person: Person): Promise<{ procedure: string; title: string }[]> {
      const all = await procedures.list({}, { sort: { deadlineMs: -1 } });
      return all
        .filter((procedure) => forumRights(person, procedure).reads)
        .map(({ id, title }) => ({ procedure: id, title }));
    },
  };
}

export type ForumQueries = ReturnType<typeof createForumQueries>;
