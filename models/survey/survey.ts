/**
 * A survey of institutions (S4-01 … S4-06; domain 4.1 SurveyResponse up to `filled`): which institutions it covers, how far each one is,
 * and what a fact changes. What follows `filled` adds its states to `SurveyResponse`. Pure, browser-safe.
 */
import { HubError } from '../error.ts';
import type { Ownership, Unit } from '../org/unit.ts';
import { isActive } from '../org/unit.ts';
import {
  contradictionsIn,
  fillingOf,
  missingIn,
  readAll,
  shownAnswers,
  type Answers,
  type Filling,
  type Question,
  type Questionnaire,
  type Typed,
} from './questionnaire.ts';

/** Questions that a refusal names. */
export const NAMED_MAX = 5;

/* ---- a response ---- */

/** Who saved a section last, and how often it was saved: two people may fill different sections at once. */
export interface SavedSection {
  rev: number;
  atMs: number;
  byName: string;
}

interface ResponseBase {
  /** `procedure/institution`. */
  id: string;
  rev: number;
  procedure: string;
  institution: string;
  /** Of the institution. */
  path: string;
  municipality: string;
  answers: Answers;
  sections: Readonly<Record<string, SavedSection>>;
  startedAtMs: number;
  savedAtMs: number;
  savedBy: string;
}
/** `notStarted` is what an institution of the list is without one. */
export type SurveyResponse = ResponseBase &
  ({ status: 'filling' } | { status: 'filled'; filledAtMs: number; filledBy: string });
export type SurveyResponseOf<Status extends SurveyResponse['status']> = Extract<SurveyResponse, { status: Status }>;
export const RESPONSE_STATES = ['notStarted', 'filling', 'filled'] as const;
export type ResponseState = (typeof RESPONSE_STATES)[number];

export interface SurveyPlace {
  procedure: string;
  institution: string;
}
export const responseId = ({ procedure, institution }: SurveyPlace): string => `${procedure}/${institution}`;

export interface SectionGiven {
  section: string;
  /** The revision of the section that the writer saw; 0 when nobody had saved it. */
  rev: number;
  typed: Readonly<Record<string, Typed>>;
}

/**
 * Saves one section as it was typed, whole: what is blank is not answered, and nothing is missed yet. Errors: HubError `survey_filled`,
 * `survey_section_changed` when somebody else saved the section meanwhile, `survey_answer_wrong` for the first answer that can't be taken.
 */
export function saveSection(
  present: SurveyResponse | null,
  place: Pick<ResponseBase, 'procedure' | 'institution' | 'path' | 'municipality'>,
  { sections }: Questionnaire,
  { section: key, rev, typed }: SectionGiven,
  by: { name: string },
  nowMs: number,
): SurveyResponseOf<'filling'> {
  const section = sections.find((one) => one.key === key);
  if (!section) throw new HubError('not_found');
  if (present?.status === 'filled')
    throw new HubError('survey_filled', { by: present.filledBy, atMs: present.filledAtMs });
  const saved = present?.sections[key];
  if ((saved?.rev ?? 0) !== rev) throw new HubError('survey_section_changed', { by: saved?.byName ?? '' });
  const { answers, problems } = readAll(section.questions, typed);
  const [problem] = problems;
  if (problem) {
    const question = section.questions.find((one) => one.key === problem.question);
    throw new HubError('survey_answer_wrong', {
      ...{ question: question?.text ?? problem.question, problem: problem.reason, limit: problem.limit },
      count: problems.length,
    });
  }
  const own = new Set(section.questions.map((question) => question.key));
  const others = Object.entries(present?.answers ?? {}).filter(([question]) => !own.has(question));
  return {
    ...{ id: responseId(place), rev: (present?.rev ?? 0) + 1, ...place, status: 'filling' },
    answers: { ...Object.fromEntries(others), ...answers },
    sections: { ...present?.sections, [key]: { rev: rev + 1, atMs: nowMs, byName: by.name } },
    ...{ startedAtMs: present?.startedAtMs ?? nowMs, savedAtMs: nowMs, savedBy: by.name },
  };
}

/**
 * Finishes a response: everything that is asked is answered, and the answers agree. Null when it is finished already. Errors: HubError
 * `survey_incomplete` with the questions that are missing, `survey_contradiction`.
 */
export function finishResponse(
  present: SurveyResponse | null,
  questionnaire: Questionnaire,
  by: { name: string },
  nowMs: number,
): SurveyResponseOf<'filled'> | null {
  if (present?.status === 'filled') return null;
  const missing = missingIn(questionnaire, present?.answers ?? {});
  if (!present || missing.length > 0)
    throw new HubError('survey_incomplete', { count: missing.length, names: named(missing) });
  const contradictions = contradictionsIn(questionnaire, present.answers);
  if (contradictions.length > 0) throw new HubError('survey_contradiction', { count: contradictions.length });
  return {
    ...{ ...present, rev: present.rev + 1, status: 'filled', answers: shownAnswers(questionnaire, present.answers) },
    ...{ filledAtMs: nowMs, filledBy: by.name },
  };
}

const named = (questions: readonly Question[]): string =>
  questions
    .slice(0, NAMED_MAX)
    .map(({ text }) => `«${text}»`)
    .join(', ');

/* ---- whom it covers ---- */

/** An institution that is under the survey's territory and not in it: of another ownership, or of one that nobody named. */
export interface LeftOut {
  institution: string;
  name: string;
  ownership: Ownership | null;
}
export interface Listed {
  institution: string;
  name: string;
  order: number;
}

/** The institutions of one municipality: those that the survey covers, and those that are not in it (S4-03). */
export interface SurveyList {
  /** The stream's name. */
  id: string;
  rev: number;
  procedure: string;
  municipality: string;
  /** Of the municipality. */
  path: string;
  name: string;
  order: number;
  institutions: Listed[];
  leftOut: LeftOut[];
}

export const isCovered = (unit: Pick<Unit, 'kind' | 'ownership'>, covers: readonly Ownership[]): boolean =>
  unit.kind === 'institution' && unit.ownership !== undefined && covers.includes(unit.ownership);

/** Who stands on a list. Whoever answered stays on it, whatever became of him. */
export function listOf(
  units: readonly Unit[],
  covers: readonly Ownership[],
  responded: ReadonlySet<string>,
): Pick<SurveyList, 'institutions' | 'leftOut'> {
  const inOrder = units.toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  const isIn = (unit: Unit): boolean => responded.has(unit.id) || (isActive(unit) && isCovered(unit, covers));
  return {
    institutions: inOrder.filter(isIn).map(({ id, name, order }) => ({ institution: id, name, order })),
    leftOut: inOrder
      .filter((unit) => isActive(unit) && !isIn(unit))
      .map(({ id, name, ownership = null }) => ({ institution: id, name, ownership })),
  };
}

/* ---- as coordinators see it ---- */

export interface SurveyRow extends Filling {
  institution: string;
  name: string;
  order: number;
  /** Of the response; 0 before the first. */
  rev: number;
  status: ResponseState;
  savedAtMs: number | null;
  filledAtMs: number | null;
  byName: string | null;
}

/** One municipality in one survey. */
export interface SurveyPart {
  municipality: string;
  name: string;
  order: number;
  /** Revision of the list; 0 before the first. */
  listRev: number;
  rows: SurveyRow[];
  leftOut: LeftOut[];
}
export type SurveyFact =
  | {
      type: 'surveyListed';
      body: {
        list: Pick<SurveyList, 'rev' | 'name' | 'order' | 'institutions' | 'leftOut'>;
        /** Questions that must be answered before anything is. */
        asked: number;
      };
    }
  | { type: 'surveyRowChanged'; body: { row: SurveyRow } };

export const emptySurveyPart = (municipality: string): SurveyPart => ({
  ...{ municipality, name: '', order: 0, listRev: 0, rows: [], leftOut: [] },
});

export const rowNotStarted = (listed: Listed, asked: number): SurveyRow => ({
  ...{ ...listed, rev: 0, status: 'notStarted', answered: 0, asked },
  ...{ savedAtMs: null, filledAtMs: null, byName: null },
});

export const surveyRow = (listed: Listed, response: SurveyResponse, questionnaire: Questionnaire): SurveyRow => ({
  ...{ ...listed, rev: response.rev, status: response.status, ...fillingOf(questionnaire, response.answers) },
  savedAtMs: response.savedAtMs,
  ...(response.status === 'filled'
    ? { filledAtMs: response.filledAtMs, byName: response.filledBy }
    : { filledAtMs: null, byName: response.savedBy }),
});

export function partOf(
  { municipality, name, order, rev, institutions, leftOut }: SurveyList,
  responses: readonly SurveyResponse[],
  questionnaire: Questionnaire,
): SurveyPart {
  const { asked } = fillingOf(questionnaire, {});
  const byInstitution = new Map(responses.map((response) => [response.institution, response]));
  return {
    ...{ municipality, name, order, listRev: rev, leftOut },
    rows: institutions.map((listed) => {
      const response = byInstitution.get(listed.institution);
      return response ? surveyRow(listed, response, questionnaire) : rowNotStarted(listed, asked);
    }),
  };
}

/** Applies a fact: the newer revision wins. What an institution is called and where it stands is the list's to say. */
export function applySurveyFact(part: SurveyPart, fact: SurveyFact): SurveyPart {
  switch (fact.type) {
    case 'surveyListed': {
      const { list, asked } = fact.body;
      if (part.listRev >= list.rev) return part;
      const present = new Map(part.rows.map((row) => [row.institution, row]));
      const { name, order, leftOut } = list;
      const rows = list.institutions.map((listed) => ({
        ...(present.get(listed.institution) ?? rowNotStarted(listed, asked)),
        ...listed,
      }));
      return { ...part, name, order, leftOut, listRev: list.rev, rows };
    }
    case 'surveyRowChanged': {
      const { row } = fact.body;
      const index = part.rows.findIndex(({ institution }) => institution === row.institution);
      const present = part.rows[index];
      // Where facts are folded, the list that brought a newcomer may come after his row.
      if (!present) return { ...part, rows: [...part.rows, row] };
      if (present.rev >= row.rev) return part;
      return { ...part, rows: part.rows.with(index, { ...row, name: present.name, order: present.order }) };
    }
    default:
      throw fact satisfies never;
  }
}

/** How far the institutions of a territory are (domain 4.5): so many in each state, and all answers that are given of all that are asked. */
export interface SurveyCounts extends Filling {
  all: number;
  notStarted: number;
  filling: number;
  filled: number;
}
export function countResponses(rows: readonly SurveyRow[]): SurveyCounts {
  const are = (state: ResponseState): number => rows.filter(({ status }) => status === state).length;
  return {
    ...{ all: rows.length, notStarted: are('notStarted'), filling: are('filling'), filled: are('filled') },
    asked: rows.reduce((sum, { asked }) => sum + asked, 0),
    answered: rows.reduce((sum, { answered }) => sum + answered, 0),
  };
}

/* ---- as the institution and whoever reads its answers see it ---- */

export interface ResponseView {
  procedure: string;
  institution: string;
  rev: number;
  status: SurveyResponse['status'];
  answers: Answers;
  sections: Readonly<Record<string, SavedSection>>;
  savedAtMs: number;
  filledAtMs: number | null;
  byName: string;
}
export type ResponseFact = { type: 'surveyResponseChanged'; body: { response: ResponseView } };

export const responseView = (response: SurveyResponse): ResponseView => ({
  ...{ procedure: response.procedure, institution: response.institution, rev: response.rev, status: response.status },
  ...{ answers: response.answers, sections: response.sections, savedAtMs: response.savedAtMs },
  ...(response.status === 'filled'
    ? { filledAtMs: response.filledAtMs, byName: response.filledBy }
    : { filledAtMs: null, byName: response.savedBy }),
});

/** Null before anything was saved. */
export const applyResponseFact = (present: ResponseView | null, { body: { response } }: ResponseFact): ResponseView =>
  present && present.rev >= response.rev ? present : response;
