/** Use cases of an institution's own information: its coordinator comes, goes, and fills it (S0-11 … S0-16). */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.store.ts';
import { cabinetsStream, institutionStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import type { Organizer } from '../participation/participation.ts';
import type { AssignmentRecord } from '../people/assignment.store.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import {
  cabinetRow,
  contextualFieldsSchema,
  contextualView,
  coordinatorAppointed,
  fieldProblems,
  fieldsEdited,
  noData,
  requestIssued,
  requestMoved,
  type ContextualData,
  type ContextualMove,
  type RequestUnderWay,
} from './contextual-data.ts';

type Save = Parameters<Journal['record']>[2];

/** What another deed takes along: facts, and what is saved with them in its transaction. */
export interface DeedPart {
  facts: Fact[];
  save: Save;
}

/** The facts of changed data: the page of the institution, and its row in the overview. */
function contextualFacts({ data, change }: ContextualMove, unit: Unit): Fact[] {
  const { id: entity, rev } = data;
  return [
    {
      stream: institutionStream(entity),
      type: 'contextualDataChanged',
      entity,
      rev,
      body: { data: contextualView(data), change },
    },
    {
      stream: cabinetsStream(unit.parent ?? unit.id),
      type: 'cabinetChanged',
      entity,
      rev,
      body: { row: cabinetRow(unit, data) },
    },
  ];
}

export function createContextualDataActions(context: Context) {
  const { journal, units, contextualData, contextualChanges, assignments, now, newId } = context;

  const load = async (institution: string): Promise<ContextualData> =>
    (await contextualData.find(institution)) ?? noData(institution);

  function partOf(move: ContextualMove, unit: Unit, alsoSave: Save = () => Promise.resolve()): DeedPart {
    return {
      facts: contextualFacts(move, unit),
      async save(session) {
        await contextualData.save(move.data, session);
        if (move.change) await contextualChanges.save({ ...move.change, rev: 1 }, session);
        await alsoSave(session);
      },
    };
  }

  /** Read after the data: whoever appoints in between changes the data too, and ours are then stale. */
  const coordinatorsOf = (unit: Unit): Promise<AssignmentRecord[]> =>
    assignments.list({ unit: unit.id, role: 'institutionCoordinator' });

  return {
    load,

    /** A request came in, or was declined. */
    requestMoved: (data: ContextualData, unit: Unit, request: RequestUnderWay | null): DeedPart =>
      partOf(requestMoved(data, request), unit),

    /** The centre issued a cabinet: whoever coordinated the institution does so no longer (S0-11). */
    async requestIssued(unit: Unit, request: string, by: Person, nowMs: number): Promise<DeedPart> {
      const move = requestIssued(await load(unit.id), request, by, nowMs);
      const earlier = await coordinatorsOf(unit);
      return partOf(move, unit, (session) => assignments.end(earlier, session));
    },

    /** The one who was let in is the coordinator from now on, and the only one (S0-11). */
    async appointed(unit: Unit, who: { person: string; details: Organizer }, nowMs: number): Promise<DeedPart> {
      const move = coordinatorAppointed(await load(unit.id), who, nowMs);
      const earlier = await coordinatorsOf(unit);
      const assignment: AssignmentRecord = {
        id: `${who.person}.${unit.id}.institutionCoordinator`,
        rev: 1,
        person: who.person,
        role: 'institutionCoordinator',
        unit: unit.id,
        path: unit.path,
      };
      return partOf(move, unit, async (session) => {
        await assignments.end(earlier, session);
        await assignments.save(assignment, session);
      });
    },

    /**
     * The coordinator changes the information (S0-12, S0-16). What was changed by somebody else since the form was opened is
     * not written over: HubError `stale_write`, and the page shows both versions.
     */
    edit: async (person: Person, institution: string, edit: { rev: number; fields: unknown }): Promise<void> => {
      const unit = await units.find(institution);
      if (!unit || !isAllowed(person, 'contextual.edit', unit.path)) throw new HubError('not_allowed');
      const fields = contextualFieldsSchema.parse(edit.fields);
      const [problem] = fieldProblems(fields);
      if (problem) throw new HubError('bad_input', { ...problem });
      const data = await load(institution);
      if (data.rev !== edit.rev) throw new HubError('stale_write');
      const deed = { actor: person.id, atMs: now(), commandId: newId() };
      const move = fieldsEdited(data, fields, person, deed.atMs);
      if (!move) return;
      const { facts, save } = partOf(move, unit);
      await journal.record(deed, facts, save);
    },
  };
}

export type ContextualDataActions = ReturnType<typeof createContextualDataActions>;
