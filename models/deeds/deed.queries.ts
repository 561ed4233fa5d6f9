/** What pages read of the journal of deeds: only within the reader's own territories. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Snapshot } from '../journal/journal.ts';
import { deedsStream } from '../journal/stream.ts';
import { pathIds, unitIdSchema, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { DEED_KINDS, type DeedEntry } from './deed.ts';
import type { DeedsState } from './deed.live.ts';
import type { DeedFilter } from './deed.store.ts';

/** Entries on one page. */
export const DEEDS_PER_PAGE = 50;
/** Entries in one exported file; the filter narrows what is more. */
export const DEEDS_EXPORTED_MAX = 20_000;

/** What stands in the address of the page. Days are of the territory's zone. */
export const deedSearchSchema = z.strictObject({
  unit: unitIdSchema.optional(),
  kind: z.enum(DEED_KINDS).optional(),
  who: z.string().trim().min(1).max(120).optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  /** The last entry of the page before: `<moment>.<id>`. */
  after: z
    .string()
    .regex(/^\d{1,16}\.[\w-]{1,100}$/)
    .optional(),
});
export type DeedSearch = z.infer<typeof deedSearchSchema>;

/** A unit by which the reader may narrow. */
export interface DeedUnit {
  id: string;
  name: string;
}

export interface DeedPage {
  entries: DeedEntry[];
  /** `after` of the next page; null on the last one. */
  next: string | null;
  /** The territory that is shown, whose stream tells of new ones. */
  unit: DeedUnit;
  zone: string;
  /** Units by which the reader may narrow: his territories and what lies below, but for institutions. */
  units: DeedUnit[];
  /** Names of the units that the entries are of, by id. */
  names: Record<string, string>;
}

/** Units offered to narrow by; any other is reached by its own page of entries. */
export const UNITS_OFFERED_MAX = 500;

const DEFAULT_ZONE = 'Europe/Moscow';

export function createDeedQueries({ deeds, units, journal }: Context) {
  const toDeedUnit = ({ id, name }: Unit): DeedUnit => ({ id, name });

  /** The reader's territories, the widest ones. */
  async function ownUnits(person: Person): Promise<Unit[]> {
    const ids = territories(person, 'deeds.view').flatMap((path) => pathIds(path).at(-1) ?? []);
    if (ids.length === 0) throw new HubError('not_allowed');
    return units.list({ _id: { $in: ids } });
  }

  async function zoneOf(unit: Unit): Promise<string> {
    const above = await units.list({ _id: { $in: pathIds(unit.path) } });
    return (
      above.find(({ kind }) => kind === 'region')?.zone ?? above.find(({ zone }) => zone !== null)?.zone ?? DEFAULT_ZONE
    );
  }

  const startMs = (day: string, zone: string, days = 0): number =>
    Temporal.PlainDate.from(day).add({ days }).toZonedDateTime(zone).epochMilliseconds;

  async function place(person: Person, search: DeedSearch) {
    const own = await ownUnits(person);
    const [first] = own;
    const unit = search.unit === undefined ? first : await units.find(search.unit);
    // What is not there and what is not yours look alike.
    if (!unit || !isAllowed(person, 'deeds.view', unit.path)) throw new HubError('not_allowed');
    const zone = await zoneOf(unit);
    const filter: DeedFilter = {
      within: [unit.id],
      kind: search.kind,
      name: search.who,
      fromMs: search.from === undefined ? undefined : startMs(search.from, zone),
      // The last day is meant whole.
      beforeMs: search.to === undefined ? undefined : startMs(search.to, zone, 1),
    };
    return { own, unit, zone, filter };
  }

  async function offered(own: readonly Unit[], chosen: Unit): Promise<DeedUnit[]> {
    const below = await Promise.all(
      own.map(({ path }) =>
        units.list(
          { path: { $gte: path, $lt: `${path}\uffff` }, kind: { $ne: 'institution' } },
          { sort: { path: 1 }, limit: UNITS_OFFERED_MAX },
        ),
      ),
    );
    const all = [...below.flat(), chosen];
    return [...new Map(all.map((unit) => [unit.id, toDeedUnit(unit)])).values()];
  }

  async function namesOf(entries: readonly DeedEntry[]): Promise<Record<string, string>> {
    const ids = new Set(entries.flatMap(({ within }) => within.at(-1) ?? []));
    const found = ids.size === 0 ? [] : await units.list({ _id: { $in: [...ids] } });
    return Object.fromEntries(found.map(({ id, name }) => [id, name]));
  }

  const queries = {
    /** One page of entries, newest first. Errors: HubError `not_allowed`. */
    async page(person: Person, given: unknown): Promise<DeedPage> {
      const search = deedSearchSchema.parse(given);
      const { own, unit, zone, filter } = await place(person, search);
      const [atMs, ...id] = search.after?.split('.') ?? [];
      const after = atMs === undefined ? undefined : { atMs: Number(atMs), id: id.join('.') };
      const found = await deeds.list({ ...filter, after }, DEEDS_PER_PAGE + 1);
      const entries = found.slice(0, DEEDS_PER_PAGE);
      const last = entries.at(-1);
      return {
        entries,
        next: found.length > DEEDS_PER_PAGE && last ? `${last.atMs}.${last.id}` : null,
        unit: toDeedUnit(unit),
        zone,
        units: await offered(own, unit),
        names: await namesOf(entries),
      };
    },

    /** One entry, for whoever reads its territory. What is not there and what is not his look alike. */
    async entry(
      person: Person,
      id: string,
    ): Promise<{ entry: DeedEntry; names: Record<string, string>; zone: string }> {
      const entry = await deeds.find(id);
      const path = entry && entry.within.length > 0 ? `/${entry.within.join('/')}/` : null;
      if (!entry || path === null || !isAllowed(person, 'deeds.view', path)) throw new HubError('not_allowed');
      const [unit] = await units.list({ _id: { $in: entry.within } }, { limit: 1 });
      return { entry, names: await namesOf([entry]), zone: unit ? await zoneOf(unit) : DEFAULT_ZONE };
    },

    /** What the filter leaves, as many as a file may hold; that it was taken is a deed of its own. */
    async exported(
      person: Person,
      given: unknown,
    ): Promise<Omit<DeedPage, 'units' | 'next'> & { isCut: boolean; max: number }> {
      const search = deedSearchSchema.parse(given);
      const { unit, zone, filter } = await place(person, search);
      const found = await deeds.list(filter, DEEDS_EXPORTED_MAX + 1);
      const entries = found.slice(0, DEEDS_EXPORTED_MAX);
      return {
        entries,
        unit: toDeedUnit(unit),
        zone,
        names: await namesOf(entries),
        isCut: found.length > DEEDS_EXPORTED_MAX,
        max: DEEDS_EXPORTED_MAX,
      };
    },

    /**
     * Where a page of a territory begins to listen: to be read before its entries. `known` counts what waits for its place too:
     * the page shows it already.
     */
    async start(person: Person, given: unknown): Promise<{ snapshot: Snapshot<DeedsState>; known: number }> {
      const { unit } = await place(person, deedSearchSchema.parse(given));
      const snapshot = await queries.total(unit.id);
      return { snapshot, known: snapshot.state.total + (await deeds.unsealedCount(unit.id)) };
    },

    /** How many entries a territory has; the live layer has asked who may hear it. */
    async total(unit: string): Promise<Snapshot<DeedsState>> {
      const stream = deedsStream(unit);
      const [head] = await journal.heads([stream]);
      const [counted] = await journal.counted([stream]);
      const { epoch, seq } = counted ?? head ?? { epoch: '', seq: 0 };
      return { stream, position: { epoch, seq }, state: { total: counted?.counters['deeds'] ?? 0 } };
    },
  };
  return queries;
}

export type DeedQueries = ReturnType<typeof createDeedQueries>;
