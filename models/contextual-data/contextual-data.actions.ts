/** Use cases of an institution's own information: its coordinator comes, goes, and fills it (S0-11 … S0-16). */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.store.ts';
import { cabinetsStream, institutionStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import { fullName, type Organizer } from '../participation/participation.ts';
import { zoneAt } from '../org/unit.zone.ts';
import type { AppointmentFacts } from '../people/appointment.facts.ts';
import { appointed, end, type Appointment, type AppointmentOf } from '../people/appointment.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import {
  cabinetRow,
  contextualFieldsSchema,
  contextualView,
  coordinatorAppointed,
  coordinatorRecalled,
  fieldProblems,
  fieldsEdited,
  noData,
  organizerOf,
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

export function createContextualDataActions(context: Context, factsOf: AppointmentFacts) {
  const { journal, units, contextualData, contextualChanges, assignments, now, newId } = context;

  const load = async (institution: string): Promise<ContextualData> =>
    (await contextualData.find(institution)) ?? noData(institution);

  /** The deed on the data with the appointments that begin or end by it. */
  async function partOf(move: ContextualMove, unit: Unit, people: readonly Appointment[] = []): Promise<DeedPart> {
    return {
      facts: [...contextualFacts(move, unit), ...(await factsOf(people))],
      async save(session) {
        await contextualData.save(move.data, session);
        if (move.change) await contextualChanges.save({ ...move.change, rev: 1 }, session);
        for (const appointment of people) await assignments.save(appointment, session);
      },
    };
  }

  /** Read after the data: whoever appoints in between changes the data too, and ours are then stale. */
  const coordinatorsOf = async (unit: Unit): Promise<AppointmentOf<'appointed'>[]> =>
    (await assignments.list({
      ...{ unit: unit.id, role: 'institutionCoordinator', status: 'appointed' },
    })) as AppointmentOf<'appointed'>[];

  /** Whoever coordinates the institution goes as another comes. */
  const goingFor = async (unit: Unit, by: { name: string }, reason: string, nowMs: number): Promise<Appointment[]> =>
    (await coordinatorsOf(unit)).map((one) => end(one, { by, reason, cause: 'replaced' }, nowMs));

  return {
    load,

    /** A request came in, or was declined. */
    requestMoved: (data: ContextualData, unit: Unit, request: RequestUnderWay | null): Promise<DeedPart> =>
      partOf(requestMoved(data, request), unit),

    /** The centre issued a cabinet: whoever coordinated the institution does so no longer (S0-11). */
    async requestIssued(unit: Unit, issued: { id: string; for: string }, by: Person, nowMs: number): Promise<DeedPart> {
      const move = requestIssued(await load(unit.id), issued.id, by, nowMs);
      return partOf(move, unit, await goingFor(unit, by, issued.for, nowMs));
    },

    /** The one who was let in is the coordinator from now on, and the only one (S0-11). */
    async appointed(unit: Unit, who: { person: string; details: Organizer }, nowMs: number): Promise<DeedPart> {
      const move = coordinatorAppointed(await load(unit.id), who, nowMs);
      const name = fullName(who.details);
      const gone = await goingFor(unit, { name }, name, nowMs);
      const { position, phone, email } = who.details;
      const fresh = appointed(
        { id: newId(), unit: unit.id, path: unit.path, zone: await zoneAt(units, unit.path) },
        { role: 'institutionCoordinator', person: who.person, name, contacts: { position, phone, email } },
        { name },
        nowMs,
      );
      return partOf(move, unit, [...gone, fresh]);
    },

    /** The one whom the head appointed took it: the same by another way (S0-11). */
    async taken(unit: Unit, fresh: AppointmentOf<'appointed'>, nowMs: number): Promise<DeedPart> {
      const who = { person: fresh.person, details: organizerOf(fresh) };
      const move = coordinatorAppointed(await load(unit.id), who, nowMs);
      const gone = await goingFor(unit, { name: fresh.madeBy }, fresh.name, nowMs);
      return partOf(move, unit, [...gone, fresh]);
    },

    /** The coordinator was recalled and nobody follows yet. */
    async recalled(unit: Unit, ended: Appointment, by: Person, nowMs: number): Promise<DeedPart> {
      return partOf(coordinatorRecalled(await load(unit.id), by, nowMs), unit, [ended]);
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
      const atMs = now();
      const move = fieldsEdited(data, fields, person, atMs);
      if (!move) return;
      const deed: Deed = {
        actor: person.id,
        atMs,
        commandId: newId(),
        note: {
          kind: 'contextual.edited',
          path: unit.path,
          subject: unit.id,
          subjectName: unit.name,
          // Which, not what: telephones and addresses of people stand in the institution's own history, for those who may see them.
          differences: [
            { field: 'fields', before: null, after: move.change?.fields.map(({ field }) => field).join(', ') ?? '' },
          ],
        },
      };
      const { facts, save } = await partOf(move, unit);
      await journal.record(deed, facts, save);
    },
  };
}

export type ContextualDataActions = ReturnType<typeof createContextualDataActions>;
