/** Use cases of attention: choosing what one wants to hear of, and the letters and notices that tell what is unread. */
import type { Context } from '../../context.ts';
import { retryStale } from '../../entity.store.ts';
import { HubError } from '../../error.ts';
import { forumReaderStream } from '../../journal/stream.ts';
import type { LetterActions } from '../../letter/letter.actions.ts';
import type { Person } from '../../people/person.ts';
import { startingWith } from '../../org/unit.store.ts';
import type { PushActions } from '../../push/push.actions.ts';
import { letterAddress } from '../../safeguard/safeguard.ts';
import { openForum } from '../forum.reader.ts';
import {
  attentionId,
  attentionSchema,
  attentionView,
  nextDigestMs,
  NO_CHOICE,
  withFollowed,
  type Attention,
} from './attention.ts';
import { createPushTelling } from './push-telling.ts';
import { beginning, createTelling, type Way } from './telling.ts';

/** Questions that one letter names. */
const NAMED_MAX = 20;

export function createAttentionActions(
  context: Context,
  people: { load(id: string): Promise<Person | null> },
  letters: Pick<LetterActions, 'write'>,
  devices: Pick<PushActions, 'add' | 'of' | 'write'>,
) {
  const { journal, units, forumAttention, forumQuestions, safeguards, ownUrl, now, newId } = context;
  const { tellDue } = createTelling(context, people);
  const pushing = createPushTelling(context, devices);

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

  /** The same, with his devices told from now on, or no longer. */
  const withPushes = ({ push: known, ...attention }: Attention, pushes: boolean): Attention => {
    if (!pushes) return { ...attention, pushes };
    if (!known || !attention.pushes) return { ...attention, pushes, push: beginning(now()) };
    // What he had no word of because it did not concern him is no news when he chooses more.
    const push = known.nextAtMs === null ? { ...known, sentUpToMs: now() } : known;
    return { ...attention, pushes, push };
  };

  /** One letter of all that is unread, to a confirmed address. */
  const byLetter: Way = {
    of: (attention) => attention,
    kept: (telling) => telling,
    field: 'nextAtMs',
    nextAtMs: nextDigestMs,
    async prepare({ attention: { procedure: id, language }, person, procedure, concerning }) {
      const guard = await safeguards.find(person.id);
      const to = guard && letterAddress(guard);
      if (!to) return null;
      const link = (question: string): string => ownUrl(`/monitoring/${id}/forum?q=${encodeURIComponent(question)}`);
      const named = concerning
        .map(({ question }) => question)
        .filter(({ excerpt }) => excerpt !== '')
        .slice(-NAMED_MAX);
      const params = {
        title: procedure.title,
        count: concerning.length,
        list: named.map((question) => `${question.excerpt}\n${link(question.id)}`).join('\n\n'),
        settings: ownUrl(`/monitoring/${id}/forum/attention`),
      };
      return (session) => letters.write({ kind: 'forum_digest', person: person.id, to, params, language }, session);
    },
  };

  return {
    /** Chooses what one hears of and how. Errors: HubError `not_allowed`; of a territory that is not the procedure's, `bad_input`. */
    async attend(person: Person, procedureId: string, input: unknown): Promise<void> {
      const { procedure } = await openForum(context, person, procedureId);
      const { parts, pushes, ...chosen } = attentionSchema.parse(input);
      const found = await units.list({ _id: { $in: parts }, path: startingWith(procedure.path) });
      if (found.length !== new Set(parts).size) throw new HubError('bad_input', { field: 'parts', reason: 'unknown' });
      if (pushes) await pushing.begin(procedureId);
      await choose(person, procedureId, (known) => ({
        ...withPushes(known, pushes),
        ...chosen,
        parts: found.map(({ id: unit, path }) => ({ unit, path })),
        // What was there before somebody asks for letters is no news.
        sentUpToMs: known.digest === 'none' ? beginning(now()).sentUpToMs : known.sentUpToMs,
        nextAtMs: nextDigestMs(chosen, now()),
      }));
    },

    /** Connects the device that he sits before, and tells his devices of this forum from now on. Errors: those of `pushes.add`. */
    async addDevice(
      person: Person,
      procedureId: string,
      ...device: Parameters<PushActions['add']> extends [unknown, ...infer Given] ? Given : never
    ): Promise<void> {
      await openForum(context, person, procedureId);
      await devices.add(person, ...device);
      await pushing.begin(procedureId);
      await choose(person, procedureId, (known) => withPushes(known, true));
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
      await tellDue(byLetter);
    },

    /** Looks at what was written since the last look, and writes the messages to devices that are due; returns whether there was anything. */
    async pushDue(): Promise<boolean> {
      const wasNews = await pushing.spread();
      return (await tellDue(pushing.byPush)) || wasNews;
    },
  };
}

export type AttentionActions = ReturnType<typeof createAttentionActions>;
