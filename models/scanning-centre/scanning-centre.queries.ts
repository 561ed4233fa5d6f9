/** What pages read of scanning centres: all regions of the reader, and one with the points that it may name. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { scanningCentreStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import type { ScanningCentre } from './scanning-centre.ts';

/** Regions that one page follows: more than the country has. */
const REGIONS_MAX = 150;
/** Points that a region chooses among. */
const POINTS_MAX = 200;

export interface RegionCentre {
  id: string;
  name: string;
  centre: Snapshot<ScanningCentre | null>;
}

export interface ScanningCentresOverview {
  territory: string;
  zone: string | null;
  /** The region that is all that the reader looks over; null for who watches several. */
  only: string | null;
  regions: RegionCentre[];
}

export interface ScanningCentrePage {
  region: { id: string; name: string; zone: string };
  centre: Snapshot<ScanningCentre | null>;
  /** Units of the region that may be named; empty for who only looks. */
  points: { id: string; name: string }[];
  maySet: boolean;
  /** Whether the reader sees who is appointed at the centre. */
  seesPeople: boolean;
}

export function createScanningCentreQueries({ journal, units, scanningCentres }: Context) {
  /** The position first, then the state. */
  async function snapshot(region: string): Promise<Snapshot<ScanningCentre | null>> {
    const stream = scanningCentreStream(region);
    const position = await positionOf(journal, stream);
    return { stream, position, state: await scanningCentres.find(region) };
  }

  async function viewed(person: Person, region: string): Promise<Unit> {
    const unit = await units.find(region);
    if (unit?.kind !== 'region' || !isAllowed(person, 'scanning.view', unit.path)) throw new HubError('not_allowed');
    return unit;
  }

  return {
    /** One region, for a reader that needs it anew. */
    async part(person: Person, region: string): Promise<Snapshot<ScanningCentre | null>> {
      return snapshot((await viewed(person, region)).id);
    },

    /** Every region that the reader looks over. */
    async overview(person: Person): Promise<ScanningCentresOverview> {
      const mine = territories(person, 'scanning.view');
      if (mine.length === 0) throw new HubError('not_allowed');
      const [tops, found] = await Promise.all([
        units.list({ path: { $in: mine } }, { sort: { path: 1 } }),
        units.list(
          { kind: 'region', $or: mine.map((path) => ({ path: startingWith(path) })) },
          { sort: { order: 1 }, limit: REGIONS_MAX },
        ),
      ]);
      const positionIn = await positionsOf(
        journal,
        found.map(({ id }) => scanningCentreStream(id)),
      );
      const centres = await scanningCentres.list({ _id: { $in: found.map(({ id }) => id) } });
      return {
        territory: tops.map(({ name }) => name).join(', '),
        zone: tops[0]?.zone ?? null,
        only: tops.length === 1 && tops[0]?.kind === 'region' ? tops[0].id : null,
        regions: found.map(({ id, name }) => {
          const stream = scanningCentreStream(id);
          const state = centres.find((one) => one.id === id) ?? null;
          return { id, name, centre: { stream, position: positionIn(stream), state } };
        }),
      };
    },

    /** One region with the points that it chooses among. */
    async region(person: Person, regionId: string): Promise<ScanningCentrePage> {
      const { id, name, path, zone } = await viewed(person, regionId);
      const maySet = isAllowed(person, 'scanning.set', path);
      const points = maySet
        ? await units.list(
            { kind: 'scanningCentre', path: startingWith(path), 'status.status': 'active' },
            { sort: { path: 1 }, limit: POINTS_MAX },
          )
        : [];
      return {
        region: { id, name, zone: zone ?? 'Europe/Moscow' },
        centre: await snapshot(id),
        points: points.map((unit) => ({ id: unit.id, name: unit.name })),
        maySet,
        seesPeople: isAllowed(person, 'people.view', path),
      };
    },
  };
}

export type ScanningCentreQueries = ReturnType<typeof createScanningCentreQueries>;
