/** Use cases of incidents: noticing that many ask the same, answering all of them at once, and ending what is over. */
import { z } from 'zod';
import type { Context } from '../../context.ts';
import { differencesOf } from '../../deeds/deed.ts';
import { retryStale } from '../../entity.store.ts';
import { HubError } from '../../error.ts';
import type { Deed, Fact } from '../../journal/journal.ts';
import { forumStream } from '../../journal/stream.ts';
import type { Person } from '../../people/person.ts';
import { demandFilled } from '../canned/canned-answer.ts';
import { questionFact } from '../forum.facts.ts';
import { authorOf, openForum } from '../forum.reader.ts';
import { answer, MESSAGES_PER_QUESTION_MAX, speaksAs, textSchema, type Posted, type Question } from '../forum.ts';
import type { ForumIndexes } from '../search/forum-index.ts';
import {
  acknowledge,
  closeIfOver,
  incidentView,
  join,
  QUIET_MS,
  raise,
  SAME_MATTER_SHARE,
  SURGE_WINDOW_MS,
  tellAll,
  type Asking,
  type Cause,
  type Incident,
} from './incident.ts';

/** Questions of the last minutes that one is compared with; a surge has no more than this within its window. */
const RECENT_MAX = 2_000;
/** Many ask on while all are answered, and each change is looked at anew. */
const ATTEMPTS_MAX = 20;
/** Incidents that one round of the clock ends. */
const ENDED_AT_ONCE_MAX = 100;

export const broadcastSchema = z.strictObject({ text: textSchema(1) });

export function createIncidentActions(context: Context, indexes: ForumIndexes) {
  const { journal, forumIncidents, forumQuestions, now, newId, sha256 } = context;
  const { forumMessages } = context;

  const incidentFact = (incident: Incident): Fact => ({
    stream: forumStream(incident.procedure),
    type: 'incidentChanged',
    entity: incident.id,
    rev: incident.rev,
    body: { incident: incidentView(incident) },
  });
  /** What the hub notices by itself is no deed. */
  const noticed = (): Deed => ({ actor: 'hub', atMs: now(), commandId: newId(), note: null });

  const askingOf = ({ id, author, askedAtMs }: Question): Asking => ({
    ...{ question: id, unit: author.unit, unitName: author.unitName, askedAtMs },
  });

  /** The recent questions that are the same matter, this one among them, and what makes them one. */
  async function sameMatter(question: Question): Promise<{ cause: Cause; askings: Asking[] }> {
    const recent = await forumQuestions.list(
      { procedure: question.procedure, askedAtMs: { $gt: now() - SURGE_WINDOW_MS } },
      { sort: { askedAtMs: -1 }, limit: RECENT_MAX },
    );
    const { about } = question;
    if (about) {
      const same = recent.filter((one) => one.about?.code === about.code);
      return { cause: { kind: 'code', code: about.code }, askings: same.map(askingOf) };
    }
    const [first] = await forumMessages.list({ question: question.id, n: 1 });
    const text = first?.text ?? '';
    const byId = new Map(recent.map((one) => [one.id, one]));
    const { messages } = await indexes.of(question.procedure);
    const { hits } = messages.find(text, { limit: RECENT_MAX, withAnswers: false, accepts: (id) => byId.has(id) });
    const same = hits
      .filter(({ share }) => share >= SAME_MATTER_SHARE)
      .flatMap(({ question: id }) => byId.get(id) ?? []);
    return { cause: { kind: 'words', text: question.excerpt }, askings: same.map(askingOf) };
  }

  async function incidentOf(procedure: string, id: string): Promise<Incident> {
    const incident = await forumIncidents.find(id);
    if (incident?.procedure !== procedure) throw new HubError('bad_input', { field: 'incident', reason: 'unknown' });
    return incident;
  }

  async function save(deed: Deed, incident: Incident): Promise<void> {
    await journal.record(deed, [incidentFact(incident)], (session) => forumIncidents.save(incident, session));
  }

  return {
    /** A question has come: it joins an incident that goes on, or makes one. */
    notice: (questionId: string): Promise<void> =>
      retryStale(async () => {
        const question = await forumQuestions.find(questionId);
        if (!question) return;
        const [open, over] = await Promise.all([
          forumIncidents.list({ procedure: question.procedure, status: { $ne: 'closed' } }),
          forumIncidents.list({
            ...{ procedure: question.procedure, status: 'closed' },
            lastAskedAtMs: { $gt: now() - SURGE_WINDOW_MS },
          }),
        ]);
        const matter = await sameMatter(question);
        // What an incident has settled is not the beginning of the next one.
        const settled = new Set(over.flatMap((one) => one.askings.map((asked) => asked.question)));
        const cause = matter.cause;
        const askings = matter.askings.filter((asking) => !settled.has(asking.question));
        const known = open.find(
          (one) =>
            (one.cause.kind === 'code' && cause.kind === 'code' && one.cause.code === cause.code) ||
            one.askings.some((asked) => askings.some((asking) => asking.question === asked.question)),
        );
        if (known) {
          // Also those before it whose node had no time to look at them.
          const joined = join(known, askings);
          if (joined) await save(noticed(), joined);
          return;
        }
        const first = askings.toSorted((a, b) => a.askedAtMs - b.askedAtMs)[0];
        // By its first question: of two nodes that notice in the same moment one is stale, and finds the other's.
        const id = sha256(`incident ${first?.question ?? question.id}`).slice(0, 32);
        const raised = raise({ id, procedure: question.procedure, cause }, askings, now());
        if (raised) await save(noticed(), raised);
      }),

    /**
     * One answer to all who asked, as an answer in each of their questions. Errors: HubError `not_allowed`, `bad_input`, `stale_write`
     * when somebody was faster.
     */
    async tellAll(
      person: Person,
      procedureId: string,
      incidentId: string,
      input: unknown,
    ): Promise<{ answered: number }> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      const held = speaksAs(person, 'answer', procedure);
      if (!rights.answers || !held) throw new HubError('not_allowed');
      const { text } = broadcastSchema.parse(input);
      demandFilled(text);
      const author = await authorOf(context, person, held);
      // Somebody who asks on meanwhile does not lose the answer: what changed is read anew.
      return retryStale(async () => {
        const incident = await incidentOf(procedure.id, incidentId);
        const nowMs = now();
        const told = tellAll(incident, { text, byName: person.name, atMs: nowMs });
        const questions = await forumQuestions.list({ _id: { $in: incident.askings.map(({ question }) => question) } });
        const posted = questions
          .filter(({ status, messages }) => status !== 'closed' && messages < MESSAGES_PER_QUESTION_MAX)
          .map((question): Posted => {
            const id = sha256(`incident ${incident.id} ${question.id}`).slice(0, 32);
            return answer(question, { id, text, author }, nowMs);
          });
        const note = {
          ...{ kind: 'forum.toldAll' as const, path: held.path, subject: incident.id, subjectName: procedure.title },
          differences: differencesOf(null, { count: posted.length }),
        };
        const facts = [...posted.map(({ question, message }) => questionFact(question, message)), incidentFact(told)];
        await journal.record({ actor: person.id, atMs: nowMs, commandId: newId(), note }, facts, async (session) => {
          await forumIncidents.save(told, session);
          await forumQuestions.saveMany(
            posted.map(({ question }) => question),
            session,
          );
          await forumMessages.saveMany(
            posted.map(({ message }) => message),
            session,
          );
        });
        return { answered: posted.length };
      }, ATTEMPTS_MAX);
    },

    /** A unit that asked says that the answer helped; when all have, the incident is over. */
    async acknowledge(person: Person, procedureId: string, incidentId: string): Promise<void> {
      const { procedure, rights } = await openForum(context, person, procedureId);
      const held = speaksAs(person, 'question', procedure);
      if (!rights.asks || !held) throw new HubError('not_allowed');
      await retryStale(async () => {
        const after = acknowledge(await incidentOf(procedure.id, incidentId), held.unit);
        if (!after) return;
        // Who was helped is no deed.
        const over = closeIfOver(after, now());
        await save(noticed(), over ? { ...over, rev: after.rev } : after);
      }, ATTEMPTS_MAX);
    },

    /** Ends the incidents that nobody has joined for long. */
    async endOver(): Promise<void> {
      const quiet = await forumIncidents.list(
        { status: { $ne: 'closed' }, lastAskedAtMs: { $lte: now() - QUIET_MS } },
        { limit: ENDED_AT_ONCE_MAX },
      );
      for (const incident of quiet) {
        const over = closeIfOver(incident, now());
        if (over)
          await save(noticed(), over).catch((error: unknown) => {
            // Another node ended it.
            if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
          });
      }
    },
  };
}

export type IncidentActions = ReturnType<typeof createIncidentActions>;
