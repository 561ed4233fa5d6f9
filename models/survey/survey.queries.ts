/** What pages read of a survey: how far institutions are, what one answered, and what an institution is asked. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { surveyResponseStream, surveyStream } from '../journal/stream.ts';
import { isWithin, pathIds, type Unit } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { isOpen, type SurveyProcedure } from '../procedure/procedure.ts';
import { createSurveyAccess } from './survey.access.ts';
import {
  emptySurveyPart,
  partOf,
  responseId,
  responseView,
  type ResponseView,
  type SurveyPart,
  type SurveyPlace,
} from './survey.ts';

/** A survey as its pages name it; the questions come with `SurveyForm`. */
export type SurveyHead = Pick<SurveyProcedure, 'id' | 'title' | 'academicYear' | 'monitoring' | 'direction'> &
  Pick<SurveyProcedure, 'basis' | 'covers' | 'plan' | 'deadline' | 'deadlineMs' | 'zone' | 'centre'>;
/** What the indicators are called: anybody of the survey may know. */
export interface SurveyOverview {
  survey: SurveyHead;
  indicators: string[];
  /** What is watched, as it is called. */
  territory: string;
  parts: Snapshot<SurveyPart>[];
  /** Whether the reader may read answers there. */
  mayRead: boolean;
}

/** One institution before the questions: its own people, or whoever reads its answers. */
export interface SurveyForm {
  survey: SurveyHead & Pick<SurveyProcedure, 'questionnaire'>;
  institution: { id: string; name: string; municipality: string };
  response: Snapshot<ResponseView | null>;
  mayFill: boolean;
}

/** A survey in an institution's cabinet. */
export interface CabinetSurvey {
  survey: SurveyHead & Pick<SurveyProcedure, 'questionnaire'>;
  response: Snapshot<ResponseView | null>;
}

const headOf = ({
  questionnaire: _,
  rev: _rev,
  path: _path,
  kind: _kind,
  region: _region,
  ...head
}: SurveyProcedure): SurveyHead => head;

export function createSurveyQueries(context: Context) {
  const { journal, units, procedures, surveyLists, surveyResponses, now } = context;
  const { demand, listedIn } = createSurveyAccess(context);

  /** Positions first, then the states. */
  async function partsOf(survey: SurveyProcedure, municipalities: readonly Unit[]): Promise<Snapshot<SurveyPart>[]> {
    const ids = municipalities.map(({ id }) => id);
    if (ids.length === 0) return [];
    const streams = ids.map((id) => surveyStream(survey.id, id));
    const positionIn = await positionsOf(journal, streams);
    const [lists, responses] = await Promise.all([
      surveyLists.list({ _id: { $in: streams } }),
      surveyResponses.list({ procedure: survey.id, municipality: { $in: ids } }),
    ]);
    return ids.map((id) => {
      const stream = surveyStream(survey.id, id);
      const list = lists.find(({ municipality }) => municipality === id);
      const state = list ? partOf(list, responses, survey.questionnaire) : emptySurveyPart(id);
      return { stream, position: positionIn(stream), state };
    });
  }

  async function responseSnapshot(place: SurveyPlace): Promise<Snapshot<ResponseView | null>> {
    const stream = surveyResponseStream(place.procedure, place.institution);
    const position = await positionOf(journal, stream);
    const found = await surveyResponses.find(responseId(place));
    return { stream, position, state: found && responseView(found) };
  }

  /** Territories of a survey that a person watches. */
  const watched = (person: Person, { id, path }: SurveyProcedure): string[] =>
    territories(person, 'board.view', id).filter((own) => isWithin(own, path) || isWithin(path, own));

  return {
    /** Surveys that a person watches or may open, latest deadline first. */
    async of(person: Person): Promise<SurveyHead[]> {
      const found = await procedures.listOf('survey', {}, { sort: { deadlineMs: -1 } });
      return found
        .filter((one) => watched(person, one).length > 0 || isAllowed(person, 'procedures.manage', one.path))
        .map(headOf);
    },

    /** Everything that a person watches of a survey. Errors: HubError `not_allowed`. */
    async overview(person: Person, procedure: string): Promise<SurveyOverview> {
      const survey = await procedures.getOf('survey', procedure);
      const mine = watched(person, survey);
      const opens = isAllowed(person, 'procedures.manage', survey.path);
      if (mine.length === 0 && !opens) throw new HubError('not_allowed');
      const found =
        mine.length === 0
          ? []
          : await units.list({ kind: 'municipality', path: startingWith(survey.path) }, { sort: { order: 1 } });
      const tops = await units.list({
        _id: { $in: (mine.length > 0 ? mine : [survey.path]).map((path) => pathIds(path).at(-1) ?? '') },
      });
      const municipalities = found.filter(({ path }) => mine.some((own) => isWithin(path, own)));
      return {
        survey: headOf(survey),
        indicators: survey.questionnaire.indicators.map(({ title }) => title),
        territory: tops.map(({ name }) => name).join(', '),
        parts: (await partsOf(survey, municipalities)).filter(({ state }) => state.listRev > 0),
        mayRead: mine.every((path) => isAllowed(person, 'survey.read', path, survey.id)),
      };
    },

    /** One municipality, for a reader that needs it anew. Errors: HubError `not_allowed`, `not_found`. */
    async part(person: Person, procedure: string, municipality: string): Promise<Snapshot<SurveyPart>> {
      const [survey, unit] = await Promise.all([procedures.getOf('survey', procedure), units.find(municipality)]);
      if (!unit || !isWithin(unit.path, survey.path) || !isAllowed(person, 'board.view', unit.path, survey.id))
        throw new HubError('not_allowed');
      const [part] = await partsOf(survey, [unit]);
      if (!part) throw new HubError('not_found');
      return part;
    },

    /** What an institution answered, for a reader that needs it anew. Errors: those of `SurveyAccess.demand`. */
    async response(person: Person, place: SurveyPlace): Promise<Snapshot<ResponseView | null>> {
      await demand(person, 'survey.read', place);
      return responseSnapshot(place);
    },

    /** The questions with the answers of an institution. Errors: those of `SurveyAccess.demand`. */
    async form(person: Person, place: SurveyPlace): Promise<SurveyForm> {
      const { survey, unit, municipality } = await demand(person, 'survey.read', place);
      return {
        survey: { ...headOf(survey), questionnaire: survey.questionnaire },
        institution: { id: unit.id, name: unit.name, municipality: (await units.get(municipality)).name },
        response: await responseSnapshot(place),
        mayFill: isAllowed(person, 'survey.fill', unit.path, survey.id),
      };
    },

    /** Surveys that an institution is in, by whether they are open; nothing for one that none covers. */
    async ofInstitution(
      person: Person,
      institution: string,
    ): Promise<{ current: CabinetSurvey[]; past: CabinetSurvey[] }> {
      const unit = await units.find(institution);
      if (!unit) return { current: [], past: [] };
      const found = (await procedures.listOf('survey', {}, { sort: { deadlineMs: -1 } })).filter(
        ({ id, path }) => isWithin(unit.path, path) && isAllowed(person, 'survey.read', unit.path, id),
      );
      const own: (CabinetSurvey & { isOpen: boolean })[] = [];
      for (const survey of found) {
        if (!(await listedIn(survey, unit))) continue;
        own.push({
          survey: { ...headOf(survey), questionnaire: survey.questionnaire },
          response: await responseSnapshot({ procedure: survey.id, institution: unit.id }),
          isOpen: isOpen(survey, now()),
        });
      }
      const pick = (open: boolean): CabinetSurvey[] =>
        own.filter((one) => one.isOpen === open).map(({ survey, response }) => ({ survey, response }));
      return { current: pick(true), past: pick(false) };
    },
  };
}

export type SurveyQueries = ReturnType<typeof createSurveyQueries>;
