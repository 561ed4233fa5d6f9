/** Filters of the institutions of a survey: they stand in the address and in the exported file alike. */
import type { ResponseState, SurveyPart, SurveyRow } from '#models/survey/survey.ts';

export const SURVEY_FILTERS = ['notStarted', 'filling', 'filled'] as const satisfies readonly ResponseState[];
export type SurveyFilter = (typeof SURVEY_FILTERS)[number];

/** A row with its municipality. */
export interface SurveyLine extends SurveyRow {
  municipality: string;
  municipalityName: string;
}
export const linesOf = (parts: readonly SurveyPart[]): SurveyLine[] =>
  parts.flatMap(({ municipality, name, rows }) =>
    rows.map((row) => ({ ...row, municipality, municipalityName: name })),
  );
