/** Who stands before a survey: the one place that finds an institution in it and says why it is not. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { surveyStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, type Capability } from '../people/rights.ts';
import type { SurveyProcedure } from '../procedure/procedure.ts';
import { isCovered, type Listed, type SurveyPlace } from './survey.ts';

export interface Standing {
  survey: SurveyProcedure;
  unit: Unit;
  /** As the list of its municipality names it. */
  listed: Listed;
  municipality: string;
}

export function createSurveyAccess({ procedures, units, surveyLists }: Context) {
  /** The list that an institution stands on, or null. */
  async function listedIn(
    survey: SurveyProcedure,
    unit: Unit,
  ): Promise<Pick<Standing, 'listed' | 'municipality'> | null> {
    if (unit.parent === null) return null;
    const list = await surveyLists.find(surveyStream(survey.id, unit.parent));
    const listed = list?.institutions.find(({ institution }) => institution === unit.id);
    return listed ? { listed, municipality: unit.parent } : null;
  }

  return {
    listedIn,

    /**
     * An institution of a survey over which the person holds the capability. Errors: HubError `not_allowed`; `survey_not_covered` for
     * one of another ownership, or of none that was named; `survey_unlisted` for one that is to be on its list and is not yet.
     */
    demand: async (
      person: Person,
      capability: Capability,
      { procedure, institution }: SurveyPlace,
    ): Promise<Standing> => {
      const [survey, unit] = await Promise.all([procedures.getOf('survey', procedure), units.find(institution)]);
      if (!unit || !isWithin(unit.path, survey.path) || !isAllowed(person, capability, unit.path, survey.id))
        throw new HubError('not_allowed');
      const found = await listedIn(survey, unit);
      if (found) return { survey, unit, ...found };
      if (isCovered(unit, survey.covers)) throw new HubError('survey_unlisted', { name: unit.name });
      throw new HubError('survey_not_covered', { name: unit.name, ownership: unit.ownership ?? 'unsaid' });
    },
  };
}
