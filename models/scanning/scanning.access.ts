/** Where a deed of the Collector is done, and whether the person may do it there. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { isWithin, pathIds, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, type Capability } from '../people/rights.ts';
import type { StudyProcedure } from '../procedure/procedure.ts';

/** A scanning centre in a study: its region's colleges are read there. */
export interface CentrePlace {
  study: StudyProcedure;
  centre: Unit;
  region: Unit;
}

type Stores = Pick<Context, 'units' | 'procedures'>;

/** A scanning centre of a study over which the person holds the capability; what is not his does not exist for him. */
export async function demandCentre(
  { units, procedures }: Stores,
  person: Person,
  capability: Capability,
  procedure: string,
  centreId: string,
): Promise<CentrePlace> {
  const [study, centre] = await Promise.all([procedures.find(procedure), units.find(centreId)]);
  if (
    study?.kind !== 'study' ||
    centre?.kind !== 'scanningCentre' ||
    !isWithin(centre.path, study.path) ||
    !isAllowed(person, capability, centre.path, study.id)
  )
    throw new HubError('not_allowed');
  const [region] = await units.list({ _id: { $in: pathIds(centre.path) }, kind: 'region' });
  if (!region) throw new HubError('not_allowed');
  return { study, centre, region };
}
