/** Whom a unit may put on its list. */
import { HubError } from '../error.ts';
import { startingWith, type UnitStore } from '../org/unit.store.ts';
import { pathIds, type Unit } from '../org/unit.ts';
import { ADDRESSEES_MAX, kindsIn, type Scope } from './publication.ts';

/** Everybody in the scope, by path; one more than a list may have tells that there are too many. Errors: HubError `not_allowed`. */
export async function candidatesOf(units: UnitStore, unit: Unit, scope: Scope): Promise<Unit[]> {
  const kinds = kindsIn(unit.kind, scope);
  if (kinds.length === 0) throw new HubError('not_allowed');
  const where =
    scope === 'centre'
      ? { _id: { $in: pathIds(unit.path) } }
      : scope === 'institutions'
        ? { path: startingWith(unit.path) }
        : { parent: unit.id };
  const filter = { ...where, kind: { $in: kinds }, 'status.status': 'active' };
  return units.list(filter, { sort: { path: 1 }, limit: ADDRESSEES_MAX + 1 });
}
