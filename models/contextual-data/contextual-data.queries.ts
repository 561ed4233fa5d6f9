/** What pages read of institutions' own information: one institution's page, and the overview «Кабинеты» of a territory. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { cabinetsStream, institutionStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { zoneOf } from '../org/zone.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import {
  CABINET_KINDS,
  cabinetRow,
  CHANGES_SHOWN_MAX,
  contextualView,
  coordinatorOf,
  noData,
  type CabinetsPart,
  type InstitutionState,
} from './contextual-data.ts';

/** A unit as a page names it. */
export interface NamedUnit {
  id: string;
  name: string;
  kind: Unit['kind'];
  /** IANA zone of its region. */
  zone: string;
}

export interface CabinetsOverview {
  /** The territory as it is called on the page. */
  territory: string;
  zone: string;
  /** The territories over which the person looks. */
  paths: string[];
  parts: Snapshot<CabinetsPart>[];
}

const isCabinetKind = ({ kind }: Unit): boolean => CABINET_KINDS.some((candidate) => candidate === kind);
const startingWith = (path: string) => ({ $gte: path, $lt: `${path}\uffff` });

export function createContextualDataQueries(context: Context) {
  const { journal, units, contextualData, contextualChanges } = context;

  /** Parts of the overview with their positions: all positions first, then the state. */
  async function parts(parents: readonly Unit[]): Promise<Snapshot<CabinetsPart>[]> {
    if (parents.length === 0) return [];
    const positionIn = await positionsOf(
      journal,
      parents.map(({ id }) => cabinetsStream(id)),
    );
    const institutions = await units.list(
      { parent: { $in: parents.map(({ id }) => id) }, kind: { $in: CABINET_KINDS }, 'status.status': 'active' },
      { sort: { order: 1 } },
    );
    const kept = await contextualData.list({ _id: { $in: institutions.map(({ id }) => id) } });
    const byInstitution = new Map(kept.map((data) => [data.id, data]));
    return parents.map(({ id, name, order }) => {
      const stream = cabinetsStream(id);
      const rows = institutions
        .filter(({ parent }) => parent === id)
        .map((unit) => cabinetRow(unit, byInstitution.get(unit.id) ?? null));
      return { stream, position: positionIn(stream), state: { parent: id, name, order, rows } };
    });
  }

  return {
    /** The page «Информация об организации» with its position: position first, then the state. */
    async page(
      person: Person,
      institution: string,
    ): Promise<{ unit: NamedUnit; path: string; snapshot: Snapshot<InstitutionState> }> {
      const unit = await units.find(institution);
      if (!unit || !isCabinetKind(unit) || !isAllowed(person, 'contextual.view', unit.path))
        throw new HubError('not_allowed');
      const stream = institutionStream(institution);
      const position = await positionOf(journal, stream);
      // The data before their changes: a change that is newer than the data comes again as a fact and is dropped by its revision.
      const data = (await contextualData.find(institution)) ?? noData(institution);
      const changes = await contextualChanges.list(
        { institution, dataRev: { $lte: data.rev } },
        { sort: { dataRev: -1 }, limit: CHANGES_SHOWN_MAX },
      );
      return {
        unit: { id: unit.id, name: unit.name, kind: unit.kind, zone: await zoneOf(units, unit.path) },
        path: unit.path,
        snapshot: {
          stream,
          position,
          state: { data: contextualView(data), changes: changes.map(({ rev: _, ...change }) => change) },
        },
      };
    },

    /** Who coordinates an institution now: whoever decides about its requests must know whom he replaces (S0-11). */
    async coordinator(person: Person, institution: string): Promise<string | null> {
      const unit = await units.find(institution);
      if (!unit || !isAllowed(person, 'contextual.view', unit.path)) throw new HubError('not_allowed');
      const data = await contextualData.find(institution);
      return (data && coordinatorOf(data)?.name) ?? null;
    },

    /** The overview of everything the person may look into; institutions themselves see their own page only. */
    async overview(person: Person): Promise<CabinetsOverview> {
      const mine = territories(person, 'contextual.view');
      if (mine.length === 0) throw new HubError('not_allowed');
      const under = { $or: mine.map((path) => ({ path: startingWith(path) })) };
      const parents = await units.list({ ...under, kind: { $in: ['region', 'municipality'] } }, { sort: { path: 1 } });
      // An institution looks into its own page, and over nobody.
      if (parents.length === 0) throw new HubError('not_allowed');
      const tops = parents.filter(({ path }) => mine.includes(path));
      const all = await parts(parents.toSorted((a, b) => a.order - b.order));
      return {
        territory: tops.map(({ name }) => name).join(', '),
        zone: await zoneOf(units, mine[0] ?? ''),
        paths: mine,
        parts: all.filter(({ state }) => state.rows.length > 0 || all.length === 1),
      };
    },

    /** One part, for a reader that needs it anew. */
    async part(person: Person, parentId: string): Promise<Snapshot<CabinetsPart>> {
      const parent = await units.get(parentId);
      if (!isAllowed(person, 'contextual.view', parent.path)) throw new HubError('not_allowed');
      const [part] = await parts([parent]);
      if (!part) throw new HubError('not_found');
      return part;
    },

    /** The institutions whose cabinet is the person's own. */
    async own(person: Person): Promise<{ id: string; name: string }[]> {
      const paths = territories(person, 'contextual.edit');
      if (paths.length === 0) return [];
      const found = await units.list({ path: { $in: paths }, kind: { $in: CABINET_KINDS } }, { sort: { order: 1 } });
      return found.filter(({ path }) => paths.some((own) => isWithin(path, own))).map(({ id, name }) => ({ id, name }));
    },
  };
}

export type ContextualDataQueries = ReturnType<typeof createContextualDataQueries>;
