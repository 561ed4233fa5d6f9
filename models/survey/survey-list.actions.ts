/**
 * The lists of surveys follow the tree of units, as those of boards do (`board-list.actions.ts`): whoever changes the tree asks for new
 * lists by the path of what changed, and a survey lists everybody as it is opened.
 */
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import type { Fact } from '../journal/journal.ts';
import { surveyStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import type { SurveyProcedure } from '../procedure/procedure.ts';
import { fillingOf } from './questionnaire.ts';
import { listOf, surveyRow, type SurveyList } from './survey.ts';

export function createSurveyListActions(context: Context) {
  const { journal, units, procedures, surveyLists, surveyResponses, now, newId } = context;

  /** Brings one list up to date; nothing happens when it is. */
  const relistOne = (survey: SurveyProcedure, unit: Unit): Promise<void> =>
    retryStale(async () => {
      const stream = surveyStream(survey.id, unit.id);
      const [present, children, responses] = await Promise.all([
        surveyLists.find(stream),
        units.list({ parent: unit.id, kind: 'institution' }),
        surveyResponses.list({ procedure: survey.id, municipality: unit.id }),
      ]);
      const responded = new Set(responses.map(({ institution }) => institution));
      const missing = [...responded].filter((institution) => !children.some(({ id }) => id === institution));
      const others = missing.length === 0 ? [] : await units.list({ _id: { $in: missing } });
      const { institutions, leftOut } = listOf([...children, ...others], survey.covers, responded);
      const { path, name, order } = unit;
      const list: SurveyList = {
        ...{ id: stream, rev: (present?.rev ?? 0) + 1, procedure: survey.id, municipality: unit.id, path, name, order },
        ...{ institutions, leftOut },
      };
      if (present && JSON.stringify({ ...present, rev: 0 }) === JSON.stringify({ ...list, rev: 0 })) return;
      const known = new Set(present?.institutions.map(({ institution }) => institution));
      // Whoever comes from elsewhere brings what he filled there.
      const newcomers = responses.filter(({ institution }) => !known.has(institution));
      const facts: Fact[] = [
        {
          ...{ stream, type: 'surveyListed', entity: unit.id, rev: list.rev },
          body: {
            list: { rev: list.rev, name, order, institutions, leftOut },
            asked: fillingOf(survey.questionnaire, {}).asked,
          },
        },
        ...newcomers.flatMap((response): Fact[] => {
          const listed = institutions.find(({ institution }) => institution === response.institution);
          if (!listed) return [];
          const row = surveyRow(listed, response, survey.questionnaire);
          return [{ stream, type: 'surveyRowChanged', entity: response.id, rev: response.rev, body: { row } }];
        }),
      ];
      await journal.record({ actor: 'hub', atMs: now(), commandId: newId(), note: null }, facts, (session) =>
        surveyLists.save(list, session),
      );
    });

  const municipalities = (path: string): Promise<Unit[]> =>
    units.list({ kind: 'municipality', path: startingWith(path) }, { sort: { order: 1 } });

  return {
    /** Everybody whom a survey covers: as it is opened. */
    async listAll(survey: SurveyProcedure): Promise<void> {
      for (const unit of await municipalities(survey.path)) await relistOne(survey, unit);
    },

    /** Brings the lists up to date that lie under a path, or around it: after a change of the tree there. */
    async relist(path: string): Promise<void> {
      for (const survey of await procedures.listOf('survey', {})) {
        if (!isWithin(path, survey.path) && !isWithin(survey.path, path)) continue;
        const within = isWithin(path, survey.path) ? path : survey.path;
        for (const unit of await municipalities(survey.path))
          if (isWithin(unit.path, within) || isWithin(within, unit.path)) await relistOne(survey, unit);
      }
    },
  };
}

export type SurveyListActions = ReturnType<typeof createSurveyListActions>;
