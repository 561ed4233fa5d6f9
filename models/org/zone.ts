/** The time zone of a place: its own, or that of the nearest unit above which has one (design: calendar days are the region's). */
import { pathIds, type Unit } from './unit.ts';
import type { UnitStore } from './unit.store.ts';

/** Where nothing says otherwise. */
const ZONE = 'Europe/Moscow';

export async function zoneOf(units: Pick<UnitStore, 'list'>, path: string): Promise<string> {
  return nearestZone(await units.list({ _id: { $in: pathIds(path) } }));
}

export function nearestZone(along: readonly Pick<Unit, 'path' | 'zone'>[]): string {
  const nearestFirst = along.toSorted((a, b) => b.path.length - a.path.length);
  return nearestFirst.find(({ zone }) => zone !== null)?.zone ?? ZONE;
}
