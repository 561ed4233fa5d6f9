/** Use cases of canned answers: keeping, throwing away, and what somebody who answers may choose from. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../../context.ts';
import { HubError } from '../../error.ts';
import type { Person } from '../../people/person.ts';
import type { Assignment } from '../../people/rights.ts';
import type { Procedure } from '../../procedure/procedure.ts';
import { openForum } from '../forum.reader.ts';
import { speaksAs } from '../forum.ts';
import { CANNED_MAX, cannedSchema, demandKnown, type CannedAnswer } from './canned-answer.ts';

/** A canned answer as whoever answers sees it. */
export interface CannedView extends Pick<CannedAnswer, 'id' | 'rev' | 'title' | 'text' | 'unitName' | 'by' | 'atMs'> {
  /** Whether it is of the reader's own territory: only there he changes it. */
  isOwn: boolean;
}

export function createCannedAnswerActions(context: Context) {
  const { journal, units, forumCannedAnswers, now, newId } = context;

  /** As whom somebody answers here, and so keeps answers. Errors: HubError `not_allowed`. */
  async function openAsAnswerer(
    person: Person,
    procedureId: string,
  ): Promise<{ procedure: Procedure; held: Assignment }> {
    const { procedure } = await openForum(context, person, procedureId);
    const held = speaksAs(person, 'answer', procedure);
    if (!held) throw new HubError('not_allowed');
    return { procedure, held };
  }

  async function record(
    person: Person,
    procedure: Procedure,
    { id, path, title }: Pick<CannedAnswer, 'id' | 'path' | 'title'>,
    kind: 'forum.cannedKept' | 'forum.cannedRemoved',
    save: (session: ClientSession) => Promise<void>,
  ): Promise<void> {
    const note = {
      ...{ kind, path, subject: id, subjectName: procedure.title },
      differences: [{ field: 'title', before: null, after: title } as const],
    };
    await journal.record({ actor: person.id, atMs: now(), commandId: newId(), note }, [], save);
  }

  async function ownOf(procedure: Procedure, held: Assignment, id: string): Promise<CannedAnswer> {
    const known = await forumCannedAnswers.find(id);
    if (known?.procedure !== procedure.id) throw new HubError('not_found');
    // Whoever only reads it, reads it: it is changed where it is kept.
    if (known.unit !== held.unit) throw new HubError('not_allowed');
    return known;
  }

  return {
    /** What somebody may choose from: of his own territory first, then of those above it. Errors: HubError `not_allowed`. */
    async list(person: Person, procedureId: string): Promise<CannedView[]> {
      const { procedure, held } = await openAsAnswerer(person, procedureId);
      const all = await forumCannedAnswers.list({ procedure: procedure.id });
      return all
        .filter(({ path }) => held.path.startsWith(path))
        .toSorted((a, b) => b.path.length - a.path.length || a.title.localeCompare(b.title, 'ru'))
        .map(({ id, rev, title, text, unit, unitName, by, atMs }) => ({
          ...{ id, rev, title, text, unitName, by, atMs, isOwn: unit === held.unit },
        }));
    },

    /**
     * Keeps a new one, or changes one of the same territory. Errors: HubError `not_allowed`, `placeholder_unknown`, `canned_full`,
     * `stale_write` when somebody else changed it since it was read.
     */
    async keep(person: Person, procedureId: string, input: unknown): Promise<void> {
      const { procedure, held } = await openAsAnswerer(person, procedureId);
      const { id, rev, title, text } = cannedSchema.parse(input);
      demandKnown(text);
      const told = { title, text, by: person.name, atMs: now() };
      if (id !== null) {
        const known = await ownOf(procedure, held, id);
        if (known.rev !== rev) throw new HubError('stale_write');
        const changed = { ...known, ...told, rev: rev + 1 };
        await record(person, procedure, changed, 'forum.cannedKept', (session) =>
          forumCannedAnswers.save(changed, session),
        );
        return;
      }
      const count = await forumCannedAnswers.count({ procedure: procedure.id, unit: held.unit });
      if (count >= CANNED_MAX) throw new HubError('canned_full', { max: CANNED_MAX });
      const { name: unitName } = await units.get(held.unit);
      const kept = {
        ...{ id: newId(), rev: 1, procedure: procedure.id, unit: held.unit, unitName, path: held.path, ...told },
      };
      await record(person, procedure, kept, 'forum.cannedKept', (session) => forumCannedAnswers.save(kept, session));
    },

    /** Throws one away; what was answered with it stays answered. One that is gone is gone. */
    async remove(person: Person, procedureId: string, id: string): Promise<void> {
      const { procedure, held } = await openAsAnswerer(person, procedureId);
      if ((await forumCannedAnswers.find(id)) === null) return;
      const known = await ownOf(procedure, held, id);
      await record(person, procedure, known, 'forum.cannedRemoved', (session) =>
        forumCannedAnswers.remove({ _id: id }, session),
      );
    },
  };
}

export type CannedAnswerActions = ReturnType<typeof createCannedAnswerActions>;
