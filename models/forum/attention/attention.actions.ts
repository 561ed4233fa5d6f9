/** Use cases of attention: choosing what one wants to hear of, and the letters that gather what is unread. */
import type { Context } from '../../context.ts';
import { retryStale } from '../../entity.store.ts';
import { HubError } from '../../error.ts';
import { forumReaderStream } from '../../journal/stream.ts';
import type { LetterActions } from '../../letter/letter.actions.ts';
import type { Person } from '../../people/person.ts';
import { startingWith } from '../../org/unit.store.ts';
import { letterAddress } from '../../safeguard/safeguard.ts';
import { openForum } from '../forum.reader.ts';
import {
  attentionId,
  attentionSchema,
  attentionView,
  concernOf,
  isQuiet,
  afterQuiet,
  nextDigestMs,
  NO_CHOICE,
  withFollowed,
  type Attention,
} from './attention.ts';

/** Letters that one look writes. */
const DUE_MAX = 50;
/** Changed questions that one letter looks through, and names. */
const CHANGED_MAX = 500;
const NAMED_MAX = 20;
/** Nodes whose clocks differ by less lose nothing between two letters (ms); what lies in it twice is told once. */
const OVERLAP_MS = 10 * 60_000;

export function createAttentionActions(
  context: Context,
  people: { load(id: string): Promise<Person | null> },
  letters: Pick<LetterActions, 'write'>,
) {
  const { journal, units, forumAttention, forumQuestions, forumReadings, safeguards, ownUrl, now, newId } = context;

  const noChoice = (person: string, procedure: string): Attention => ({
    ...NO_CHOICE,
    ...{ id: attentionId(person, procedure), rev: 0, person, procedure, language: 'ru' },
    ...{ sentUpToMs: now(), told: [], nextAtMs: null },
  });

  /** What somebody wants to hear is no deed. */
  function choose(
    person: Person,
    procedureId: string,
    change: (known: Attention) => Promise<Attention> | Attention,
  ): Promise<void> {
    return retryStale(async () => {
      const id = attentionId(person.id, procedureId);
      const known = (await forumAttention.find(id)) ?? noChoice(person.id, procedureId);
      const changed = await change(known);
      const chosen: Attention = { ...changed, rev: known.rev + 1, version: known.version + 1 };
      const fact = {
        stream: forumReaderStream(procedureId, person.id),
        ...{ type: 'attentionChanged', entity: 'attention', rev: chosen.version },
        body: { attention: attentionView(chosen) },
      };
      await journal.record({ actor: person.id, atMs: now(), commandId: newId(), note: null }, [fact], (session) =>
        forumAttention.save(chosen, session),
      );
    });
  }

  /** The questions that changed since the last letter, are unread beyond what it told, and concern the reader. */
  async function concerning(attention: Attention, person: Person) {
    const { procedure, sentUpToMs, told } = attention;
    const [changed, readings] = await Promise.all([
      forumQuestions.list(
        { procedure, changedAtMs: { $gte: sentUpToMs - OVERLAP_MS } },
        { sort: { changedAtMs: 1 }, limit: CHANGED_MAX },
      ),
      forumReadings.list({ person: person.id, procedure }),
    ]);
    const read = new Map(readings.map(({ question, n }) => [question, n]));
    const reader = { id: person.id, holds: person.assignments };
    const toldTo = new Map(told.map(({ question, n }) => [question, n]));
    return changed.filter(({ id, ...question }) => {
      const known = Math.max(read.get(id) ?? 0, toldTo.get(id) ?? 0);
      return concernOf({ id, ...question }, reader, attention, known) !== null;
    });
  }

  /** One letter, or none: what was looked at is marked in the transaction of the letter, so that no other node writes it too. */
  async function tell(attention: Attention): Promise<void> {
    const nowMs = now();
    const later = (nextAtMs: number | null, sentUpToMs = attention.sentUpToMs): Attention => ({
      ...{ ...attention, rev: attention.rev + 1, nextAtMs, sentUpToMs },
    });
    if (isQuiet(attention.quiet, attention.zone, nowMs)) {
      await forumAttention.save(later(afterQuiet(attention.quiet, attention.zone, nowMs)));
      return;
    }
    const person = await people.load(attention.person);
    const opened = person && (await openForum(context, person, attention.procedure).catch(() => null));
    if (!person || !opened) {
      // Whoever may not read the forum is told nothing of it.
      await forumAttention.save(later(null));
      return;
    }
    const [questions, guard] = await Promise.all([concerning(attention, person), safeguards.find(person.id)]);
    const to = guard && letterAddress(guard);
    const next = later(nextDigestMs(attention, nowMs), nowMs);
    if (!to || questions.length === 0) {
      await forumAttention.save(next);
      return;
    }
    const link = (id: string): string => ownUrl(`/monitoring/${attention.procedure}/forum?q=${encodeURIComponent(id)}`);
    const named = questions.filter(({ excerpt }) => excerpt !== '').slice(-NAMED_MAX);
    const params = {
      title: opened.procedure.title,
      count: questions.length,
      list: named.map(({ id, excerpt }) => `${excerpt}\n${link(id)}`).join('\n\n'),
      settings: ownUrl(`/monitoring/${attention.procedure}/forum/attention`),
    };
    const fresh = new Set(questions.map(({ id }) => id));
    const told = [
      ...attention.told.filter(({ question }) => !fresh.has(question)),
      ...questions.map(({ id, messages }) => ({ question: id, n: messages })),
    ].slice(-CHANGED_MAX);
    await context.together(async (session) => {
      await forumAttention.save({ ...next, told }, session);
      await letters.write(
        { kind: 'forum_digest', person: person.id, to, params, language: attention.language },
        session,
      );
    });
  }

  return {
    /** Chooses what one hears of and how. Errors: HubError `not_allowed`; of a territory that is not the procedure's, `bad_input`. */
    async attend(person: Person, procedureId: string, input: unknown): Promise<void> {
      const { procedure } = await openForum(context, person, procedureId);
      const { parts, ...chosen } = attentionSchema.parse(input);
      const found = await units.list({ _id: { $in: parts }, path: startingWith(procedure.path) });
      if (found.length !== new Set(parts).size) throw new HubError('bad_input', { field: 'parts', reason: 'unknown' });
      await choose(person, procedureId, (known) => ({
        ...known,
        ...chosen,
        parts: found.map(({ id: unit, path }) => ({ unit, path })),
        // What was there before somebody asks for letters is no news.
        sentUpToMs: known.digest === 'none' ? now() + OVERLAP_MS : known.sentUpToMs,
        nextAtMs: nextDigestMs(chosen, now()),
      }));
    },

    /** Follows one question, or leaves it. */
    async follow(person: Person, procedureId: string, questionId: string, isFollowed: boolean): Promise<void> {
      await openForum(context, person, procedureId);
      const question = await forumQuestions.find(questionId);
      if (question?.procedure !== procedureId) throw new HubError('not_found');
      await choose(person, procedureId, (known) => withFollowed(known, questionId, isFollowed));
    },

    /** Writes the letters that are due. */
    async writeDue(): Promise<void> {
      const due = await forumAttention.list({ nextAtMs: { $lte: now() } }, { sort: { nextAtMs: 1 }, limit: DUE_MAX });
      for (const attention of due)
        await tell(attention).catch((error: unknown) => {
          // Another node wrote it, or its reader chose anew: the next look sees what is so.
          if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
        });
    },
  };
}

export type AttentionActions = ReturnType<typeof createAttentionActions>;
