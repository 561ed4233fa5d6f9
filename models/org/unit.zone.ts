import { pathIds } from './unit.ts';
import type { UnitStore } from './unit.store.ts';

/** Where nothing above a unit names a zone. */
const CAPITAL_ZONE = 'Europe/Moscow';

/** The IANA zone that days are read in at a path: of the nearest unit at or above it that has one. */
export async function zoneAt(units: Pick<UnitStore, 'list'>, path: string): Promise<string> {
  const above = await units.list({ _id: { $in: pathIds(path) } });
  const nearest = above.toSorted((a, b) => b.path.length - a.path.length).find(({ zone }) => zone !== null);
  return nearest?.zone ?? CAPITAL_ZONE;
}
