/** Use cases of a survey: an institution fills it section by section and finishes it (S4-04, S4-14). */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { surveyResponseStream, surveyStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { isOpen } from '../procedure/procedure.ts';
import { resultId, resultOf } from '../result/result.ts';
import { fillingOf, figuresOf, filledPercent, typedSchema } from './questionnaire.ts';
import { createSurveyAccess, type Standing } from './survey.access.ts';
import {
  finishResponse,
  responseId,
  responseView,
  saveSection,
  surveyRow,
  type SurveyPlace,
  type SurveyResponse,
} from './survey.ts';

const sectionSchema = z.strictObject({
  section: z.string().max(40),
  rev: z.coerce.number().int().min(0),
  typed: typedSchema,
});

/** What an institution, and whoever reads its answers, must hear. */
export const responseFact = (response: SurveyResponse): Fact => ({
  stream: surveyResponseStream(response.procedure, response.institution),
  type: 'surveyResponseChanged',
  entity: response.id,
  rev: response.rev,
  body: { response: responseView(response) },
});

export function createSurveyActions(context: Context) {
  const { journal, surveyResponses, results, now, newId } = context;
  const { demand } = createSurveyAccess(context);

  /** An institution that may fill now. Errors: those of `demand`, `survey_closed` from the deadline on. */
  async function demandOpen(person: Person, place: SurveyPlace): Promise<Standing> {
    const standing = await demand(person, 'survey.fill', place);
    const { deadlineMs, zone } = standing.survey;
    if (!isOpen(standing.survey, now())) throw new HubError('survey_closed', { deadlineMs, zone });
    return standing;
  }

  function factsOf({ survey, listed, municipality }: Standing, response: SurveyResponse): Fact[] {
    return [
      {
        ...{ stream: surveyStream(survey.id, municipality), type: 'surveyRowChanged' },
        ...{ entity: response.id, rev: response.rev },
        body: { row: surveyRow(listed, response, survey.questionnaire) },
      },
      responseFact(response),
    ];
  }

  function deedOf(
    person: Person,
    kind: DeedKind,
    { survey, unit }: Standing,
    told: Parameters<typeof differencesOf>[1],
    before: Parameters<typeof differencesOf>[0],
  ): Deed {
    const note = {
      ...{ kind, path: unit.path, subject: unit.id, subjectName: unit.name },
      differences: differencesOf(before, { ...told, procedure: survey.title }),
    };
    return { actor: person.id, atMs: now(), commandId: newId(), note };
  }

  return {
    /**
     * Saves a section as it was typed; what is blank may follow later. `rev` is the section's that the writer saw. Errors: HubError
     * `not_allowed`, `survey_not_covered`, `survey_unlisted`, `survey_closed`, `survey_filled`, `survey_answer_wrong`,
     * `survey_section_changed`.
     */
    async save(person: Person, place: SurveyPlace, given: unknown): Promise<void> {
      const input = sectionSchema.parse(given);
      // Another section may be saved in the same moment: only a change of this one is a conflict.
      await retryStale(async () => {
        const standing = await demandOpen(person, place);
        const { survey, unit, municipality } = standing;
        const present = await surveyResponses.find(responseId(place));
        const at = { procedure: survey.id, institution: unit.id, path: unit.path, municipality };
        const saved = saveSection(present, at, survey.questionnaire, input, person, now());
        const filled = (one: SurveyResponse | null) =>
          `${filledPercent(fillingOf(survey.questionnaire, one?.answers ?? {}))}%`;
        const title = survey.questionnaire.sections.find(({ key }) => key === input.section)?.title ?? input.section;
        const told = { section: title, filled: filled(saved) };
        const deed = deedOf(person, 'survey.saved', standing, told, { section: title, filled: filled(present) });
        await journal.record(deed, factsOf(standing, saved), (session) => surveyResponses.save(saved, session));
      });
    },

    /**
     * Finishes the response: it is read from now on, and its indicators stand in the analytical base. Errors: HubError `not_allowed`,
     * `survey_not_covered`, `survey_unlisted`, `survey_closed`, `survey_incomplete`, `survey_contradiction`.
     */
    finish: (person: Person, place: SurveyPlace): Promise<void> =>
      retryStale(async () => {
        const standing = await demandOpen(person, place);
        const { survey, unit } = standing;
        const present = await surveyResponses.find(responseId(place));
        const filled = finishResponse(present, survey.questionnaire, person, now());
        if (!filled) return;
        const told = await results.find(resultId(survey.id, unit.id));
        const figures = figuresOf(survey.questionnaire, filled.answers);
        const result = resultOf(survey, unit, figures, told, filled.filledAtMs);
        const deed = deedOf(person, 'survey.filled', standing, { status: 'filled' }, { status: 'filling' });
        await journal.record(deed, factsOf(standing, filled), async (session) => {
          await surveyResponses.save(filled, session);
          await results.save(result, session);
        });
      }),
  };
}
export type SurveyActions = ReturnType<typeof createSurveyActions>;
