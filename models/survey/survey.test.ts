import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import type { Ownership, Unit } from '../org/unit.ts';
import type { Typed } from './questionnaire.ts';
import {
  applySurveyFact,
  countResponses,
  emptySurveyPart,
  finishResponse,
  isCovered,
  listOf,
  rowNotStarted,
  saveSection,
  surveyRow,
  type SurveyFact,
  type SurveyResponse,
} from './survey.ts';
import { STANDARD_QUESTIONNAIRE } from './standard.ts';

const PLACE = { procedure: 's', institution: 'i1', path: '/48/m1/i1/', municipality: 'm1' };
const HEAD = { name: 'Светлова' };
const save = (present: SurveyResponse | null, section: string, typed: Record<string, Typed>, rev = 0, by = HEAD) =>
  saveSection(present, PLACE, STANDARD_QUESTIONNAIRE, { section, rev, typed }, by, 5);
const refusalOf = (deed: () => unknown) => {
  try {
    deed();
  } catch (error) {
    if (error instanceof HubError) return [error.code, error.params];
  }
  return null;
};

const SCHEDULE = { scheduleMade: 'no', scheduleWhy: 'К ноябрю' };
const PROCEDURES = { parallels: '11', classes: '22', planned: '10', federal: '2', regional: '3', own: '5' };
const BALANCE = {
  ...{ often: { part: '10', whole: '12' }, tenth: { part: '12', whole: '12' } },
  ...{ lessons: 'yes', daily: 'no', doubled: 'never' },
};
const complete = (): SurveyResponse =>
  save(save(save(null, 'schedule', SCHEDULE), 'procedures', PROCEDURES), 'balance', BALANCE);

describe('filling a survey', () => {
  it('[S4-04] goes section by section, each saved whole; what is blank may follow, and what was saved elsewhere stays', () => {
    const first = save(null, 'schedule', { scheduleMade: 'yes' });
    expect(first).toMatchObject({ status: 'filling', rev: 1, answers: { scheduleMade: true }, startedAtMs: 5 });
    const second = save(first, 'procedures', { planned: '10' });
    expect(second.answers).toEqual({ scheduleMade: true, planned: 10 });
    expect(save(second, 'procedures', {}, 1).answers).toEqual({ scheduleMade: true });
  });

  it('[S4-04] two people may fill two sections at once; what somebody else saved meanwhile is not written over', () => {
    const first = save(null, 'schedule', SCHEDULE);
    expect(save(first, 'procedures', PROCEDURES, 0, { name: 'Громов' }).sections).toMatchObject({
      schedule: { rev: 1, byName: 'Светлова' },
      procedures: { rev: 1, byName: 'Громов' },
    });
    expect(refusalOf(() => save(first, 'schedule', {}, 0))).toEqual(['survey_section_changed', { by: 'Светлова' }]);
  });

  it('[S4-04] refuses an answer by its question and its limit, and nothing of the section is kept', () => {
    expect(refusalOf(() => save(null, 'procedures', { ...PROCEDURES, parallels: '12', classes: 'x' }))).toEqual([
      'survey_answer_wrong',
      { question: 'Параллелей классов', problem: 'max', limit: 11, count: 2 },
    ]);
  });

  it('[S4-04] is finished by whom and when once nothing is missing and nothing contradicts, and is not saved again', () => {
    expect(refusalOf(() => finishResponse(null, STANDARD_QUESTIONNAIRE, HEAD, 9))?.[0]).toBe('survey_incomplete');
    const some = save(save(null, 'schedule', SCHEDULE), 'procedures', PROCEDURES);
    expect(refusalOf(() => finishResponse(some, STANDARD_QUESTIONNAIRE, HEAD, 9))).toEqual([
      'survey_incomplete',
      { count: 5, names: expect.stringContaining('«Процедуры не ставятся на первый и последний урок»') as unknown },
    ]);
    const torn = save(complete(), 'procedures', { ...PROCEDURES, own: '6' }, 1);
    expect(refusalOf(() => finishResponse(torn, STANDARD_QUESTIONNAIRE, HEAD, 9))).toEqual([
      'survey_contradiction',
      { count: 1 },
    ]);
    const filled = finishResponse(complete(), STANDARD_QUESTIONNAIRE, HEAD, 9);
    expect(filled).toMatchObject({ status: 'filled', filledAtMs: 9, filledBy: 'Светлова' });
    expect(finishResponse(filled, STANDARD_QUESTIONNAIRE, HEAD, 10)).toBeNull();
    expect(refusalOf(() => save(filled, 'schedule', SCHEDULE, 1))).toEqual([
      'survey_filled',
      { by: 'Светлова', atMs: 9 },
    ]);
  });
});

const school = (id: string, ownership?: Ownership, status: Unit['status'] = { status: 'active' }): Unit => ({
  ...{ id, rev: 1, kind: 'institution', name: `Школа ${id}`, shortName: null, parent: 'm1', path: `/48/m1/${id}/` },
  ...{ order: Number(id.slice(1)), zone: null, status, ...(ownership ? { ownership } : {}) },
});

describe('whom a survey covers', () => {
  const covers = ['state', 'municipal'] as const;

  it('[S4-03] state and municipal institutions; a private one and one that nobody named are left out by name', () => {
    const units = [school('i3', 'private'), school('i1', 'municipal'), school('i4'), school('i2', 'state')];
    const { institutions, leftOut } = listOf(units, covers, new Set());
    expect(institutions.map(({ institution }) => institution)).toEqual(['i1', 'i2']);
    expect(leftOut).toEqual([
      { institution: 'i3', name: 'Школа i3', ownership: 'private' },
      { institution: 'i4', name: 'Школа i4', ownership: null },
    ]);
    expect(isCovered({ ...school('i1', 'state'), kind: 'college' }, covers)).toBe(false);
  });

  it('[S4-03] whoever answered stays on the list when he ends; who ended without is on none', () => {
    const closed = { status: 'closed', successor: null, atMs: 1 } as const;
    const units = [school('i1', 'municipal', closed), school('i2', 'municipal', closed)];
    expect(listOf(units, covers, new Set(['i1']))).toMatchObject({
      institutions: [{ institution: 'i1' }],
      leftOut: [],
    });
  });
});

describe('a municipality of a survey', () => {
  const listed = (institution: string) => ({ institution, name: `Школа ${institution}`, order: 1 });
  const list = (rev: number, ...institutions: string[]): SurveyFact => ({
    type: 'surveyListed',
    body: {
      list: { rev, name: 'Округ', order: 1, institutions: institutions.map(listed), leftOut: [] },
      asked: 12,
    },
  });

  it('[S4-04] begins with its list; rows come over it, older ones and older lists change nothing', () => {
    const row = surveyRow(listed('i1'), complete(), STANDARD_QUESTIONNAIRE);
    const changed: SurveyFact = { type: 'surveyRowChanged', body: { row } };
    const part = [list(1, 'i1', 'i2'), changed].reduce(applySurveyFact, emptySurveyPart('m1'));
    expect(part.rows.map(({ status, answered, asked }) => [status, answered, asked])).toEqual([
      ['filling', 13, 13],
      ['notStarted', 0, 12],
    ]);
    expect(applySurveyFact(part, list(1))).toBe(part);
    expect(applySurveyFact(part, { type: 'surveyRowChanged', body: { row: { ...row, rev: 1 } } })).toBe(part);
    expect(applySurveyFact(part, list(2, 'i1')).rows).toEqual([row]);
  });

  it('[S4-04] counts institutions by state, and answers given of all that are asked', () => {
    const rows = [surveyRow(listed('i1'), complete(), STANDARD_QUESTIONNAIRE), rowNotStarted(listed('i2'), 12)];
    expect(countResponses(rows)).toEqual({ all: 2, notStarted: 1, filling: 1, filled: 0, answered: 13, asked: 25 });
  });
});
