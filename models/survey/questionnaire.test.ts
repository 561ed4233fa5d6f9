import { describe, expect, it } from 'vitest';
import { gather, indicatorsOf, resultOf } from '../result/result.ts';
import {
  contradictionsIn,
  filledPercent,
  fillingOf,
  figuresOf,
  missingIn,
  NUMBER_MAX,
  OPTIONS_MAX,
  questionnaireSchema,
  QUESTIONS_MAX,
  questionsOf,
  readAll,
  readTyped,
  SECTIONS_MAX,
  shownAnswers,
  shownQuestions,
  TEXT_CHARS_MAX,
  typedOf,
  type Answers,
  type Question,
  type Questionnaire,
  type Typed,
} from './questionnaire.ts';
import { STANDARD_PLAN, STANDARD_QUESTIONNAIRE } from './standard.ts';
import { planSchema, PLAN_ROWS_MAX } from './plan.ts';

const asked = { hint: '', isRequired: true, shownWhen: null };
const text = (key: string): Question => ({ ...asked, key, kind: 'text', text: `Вопрос ${key}`, charsMax: 10 });
const yesNo = (key: string): Question => ({ ...asked, key, kind: 'yesNo', text: `Вопрос ${key}` });
const one = (questions: Question[], more: Partial<Questionnaire> = {}): unknown => ({
  sections: [{ key: 'only', title: 'Раздел', questions: [yesNo('first'), ...questions] }],
  indicators: [{ key: 'first', title: 'Показатель', question: 'first' }],
  ...more,
});
const isGood = (questionnaire: unknown): boolean => questionnaireSchema.safeParse(questionnaire).success;
const when = (question: string, ...is: string[]) => ({ ...text('second'), shownWhen: { question, is } });
const shownKeys = (answers: Answers) => shownQuestions(STANDARD_QUESTIONNAIRE, answers).map(({ key }) => key);

describe('the questions of a survey', () => {
  it('[S4-04] are data; what a survey begins with holds together', () => {
    expect(questionnaireSchema.parse(STANDARD_QUESTIONNAIRE)).toEqual(STANDARD_QUESTIONNAIRE);
    expect(new Set(questionsOf(STANDARD_QUESTIONNAIRE).map(({ kind }) => kind)).size).toBe(7);
  });

  it('[S4-04] have each its own key, and as many sections, questions and options as there may be', () => {
    const keyed = (count: number) => Array.from({ length: count }, (_, index) => text(`q${index}`));
    const options = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ key: `o${index}`, text: 'ответ' }));
    const sections = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        ...{ key: `s${index}`, title: 'Раздел' },
        questions: [index === 0 ? yesNo('first') : text(`q${index}`)],
      }));
    expect(isGood(one([]))).toBe(true);
    expect(isGood(one([text('first')]))).toBe(false);
    expect(isGood(one(keyed(QUESTIONS_MAX - 1)))).toBe(true);
    expect(isGood(one(keyed(QUESTIONS_MAX)))).toBe(false);
    expect(isGood(one([], { sections: sections(SECTIONS_MAX) }))).toBe(true);
    expect(isGood(one([], { sections: sections(SECTIONS_MAX + 1) }))).toBe(false);
    for (const [count, good] of [
      [1, false],
      [2, true],
      [OPTIONS_MAX, true],
      [OPTIONS_MAX + 1, false],
    ] as const)
      expect(isGood(one([{ ...asked, key: 'choice', kind: 'one', text: 'Выбор', options: options(count) }]))).toBe(
        good,
      );
  });

  it('[S4-04] wait only for what stands before them and can be answered so; limits are no contradiction', () => {
    expect(isGood(one([when('first', 'yes')]))).toBe(true);
    for (const wrong of [when('first', 'maybe'), when('second', 'yes'), when('third', 'yes')])
      expect(isGood(one([wrong]))).toBe(false);
    const number = (min: number, max: number): Question => ({
      ...asked,
      key: 'n',
      kind: 'number',
      text: 'Число',
      min,
      max,
    });
    expect([isGood(one([number(5, 5)])), isGood(one([number(6, 5)]))]).toEqual([true, false]);
    expect([isGood(one([number(0, NUMBER_MAX)])), isGood(one([number(0, NUMBER_MAX + 1)]))]).toEqual([true, false]);
  });

  it('[S4-02] have indicators of what can be counted; checks are of numbers, or of dates', () => {
    const of = (question: string, option: string | null = null) => ({
      indicators: [{ key: 'i', title: 'Показатель', question, option }],
    });
    const questions = [
      text('words'),
      { ...asked, key: 'n', kind: 'number', text: 'Число', min: 0, max: 9 } as Question,
    ];
    expect([isGood(one(questions, of('n'))), isGood(one(questions, of('words')))]).toEqual([true, false]);
    expect(isGood(one(questions, of('first', 'yes')))).toBe(false);
    expect(isGood(one(questions, { indicators: [] }))).toBe(false);
    const check = (than: string) => ({ checks: [{ kind: 'notMore' as const, question: 'n', than }] });
    expect([isGood(one(questions, check('n'))), isGood(one(questions, check('first')))]).toEqual([true, false]);
  });
});

const question = (key: string): Question => {
  const found = questionsOf(STANDARD_QUESTIONNAIRE).find((each) => each.key === key);
  if (!found) throw new Error(key);
  return found;
};
const read = (key: string, typed: Typed) => {
  const reading = readTyped(question(key), typed);
  return reading.state === 'wrong' ? reading.problem.reason : reading.state === 'read' ? reading.answer : 'blank';
};

describe('an answer', () => {
  it.each([
    ['parallels', '1', 1],
    ['parallels', '0', 'min'],
    ['parallels', '11', 11],
    ['parallels', '12', 'max'],
    ['planned', ' 1 200 ', 1200],
    ['planned', 'двенадцать', 'number'],
    ['planned', '1,5', 'number'],
    ['planned', '-1', 'min'],
    ['planned', ' ', 'blank'],
    ['scheduleMade', 'yes', true],
    ['scheduleMade', 'no', false],
    ['scheduleMade', 'maybe', 'choice'],
    ['scheduleDate', '2021-09-01', '2021-09-01'],
    ['scheduleDate', '2019-12-31', 'early'],
    ['scheduleDate', '2100-01-01', 'late'],
    ['scheduleDate', '01.09.2021', 'date'],
    ['doubled', 'partly', 'partly'],
    ['doubled', 'often', 'choice'],
    ['hindrance', 'я'.repeat(TEXT_CHARS_MAX), 'я'.repeat(TEXT_CHARS_MAX)],
    ['hindrance', 'я'.repeat(TEXT_CHARS_MAX + 1), 'long'],
  ])('[S4-04] to «%s» typed as «%s» is read or refused by its own limit', (key, typed, expected) => {
    expect(read(key, typed)).toEqual(expected);
  });

  it('[S4-04] of many is in the order of the question, each once; a share is a part of its whole', () => {
    expect(read('scheduleBy', ['parents', 'head', 'head'])).toEqual(['head', 'parents']);
    expect(read('scheduleBy', [])).toBe('blank');
    expect(read('scheduleBy', ['nobody'])).toBe('choice');
    expect(read('often', { part: '12', whole: '12' })).toEqual({ part: 12, whole: 12 });
    expect(read('often', { part: '13', whole: '12' })).toBe('share');
    expect(read('often', { part: '', whole: '12' })).toBe('share');
    expect(read('often', { part: '1', whole: '1001' })).toBe('shareMax');
    expect(read('often', { part: '', whole: ' ' })).toBe('blank');
  });

  it('[S4-04] is typed again as it was read', () => {
    const typed = { parallels: '11', scheduleMade: 'no', scheduleBy: ['head'], often: { part: '3', whole: '4' } };
    const { answers, problems } = readAll(questionsOf(STANDARD_QUESTIONNAIRE), typed);
    expect(problems).toEqual([]);
    expect(Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, typedOf(answer)]))).toEqual(typed);
  });
});

describe('a response', () => {
  it('[S4-04] is asked what its other answers make a question of; what waits for a hidden one is hidden', () => {
    expect(shownKeys({})).not.toContain('scheduleDate');
    expect(shownKeys({ scheduleMade: true })).toEqual(expect.arrayContaining(['scheduleDate', 'schedulePublished']));
    expect(shownKeys({ scheduleMade: true })).not.toContain('scheduleWhy');
    expect(shownKeys({ scheduleMade: false })).toContain('scheduleWhy');
    const chain = questionnaireSchema.parse(
      one([
        { ...yesNo('second'), shownWhen: { question: 'first', is: ['yes'] } },
        { ...when('second', 'yes'), key: 'third' },
      ]),
    );
    expect(shownQuestions(chain, { first: false, second: true }).map(({ key }) => key)).toEqual(['first']);
    expect(shownAnswers(chain, { first: false, second: true, third: 'x' })).toEqual({ first: false });
  });

  it('[S4-04] is filled to a whole percent of what must be answered now, and never to 100 before all of it is', () => {
    expect(fillingOf(STANDARD_QUESTIONNAIRE, {})).toEqual({ asked: 12, answered: 0 });
    expect(fillingOf(STANDARD_QUESTIONNAIRE, { scheduleMade: true, hindrance: 'ничего' })).toEqual({
      asked: 14,
      answered: 1,
    });
    expect([0, 1, 199, 200].map((answered) => filledPercent({ answered, asked: 200 }))).toEqual([0, 0, 99, 100]);
    expect(filledPercent({ answered: 0, asked: 0 })).toBe(100);
    expect(missingIn(STANDARD_QUESTIONNAIRE, { scheduleMade: false }).map(({ key }) => key)[0]).toBe('scheduleWhy');
  });

  it('[S4-04] must agree with itself: the greater is named, a sum is exact, and what is missing contradicts nothing', () => {
    const kinds = (answers: Answers) => contradictionsIn(STANDARD_QUESTIONNAIRE, answers).map(({ kind }) => kind);
    expect(kinds({ parallels: 5, classes: 5 })).toEqual([]);
    expect(kinds({ parallels: 6, classes: 5 })).toEqual(['notMore']);
    expect(kinds({ planned: 10, federal: 2, regional: 3, own: 5 })).toEqual([]);
    expect(kinds({ planned: 10, federal: 2, regional: 3, own: 6 })).toEqual(['sum']);
    expect(kinds({ planned: 10, federal: 2, regional: 3 })).toEqual([]);
  });
});

describe('indicators in the analytical base', () => {
  const SURVEY = { id: 'survey-48-2021', kind: 'survey', title: 'Опрос', academicYear: 2021 } as const;
  const result = (answers: Answers, institution: string) =>
    resultOf(
      SURVEY,
      { id: institution, path: `/48/${institution}/` },
      figuresOf(STANDARD_QUESTIONNAIRE, answers),
      null,
      1,
    );

  it('[S4-02] are called what the survey calls them; a «yes» of all is a portion, a share is of all that was counted', () => {
    const results = [
      result({ scheduleMade: true, planned: 10, often: { part: 1, whole: 10 }, doubled: 'never' }, 'i1'),
      result({ scheduleMade: false, planned: 5, often: { part: 90, whole: 90 }, doubled: 'yes' }, 'i2'),
      result({ planned: 1 }, 'i3'),
    ];
    const gathered = gather(indicatorsOf('survey', results), results);
    const of = (key: string) => gathered.find((each) => each.key === key);
    expect(of('made')).toMatchObject({
      title: 'График составлен',
      by: 'portion',
      unit: 'percent',
      value: 50,
      told: 2,
      of: 3,
    });
    expect(of('planned')).toMatchObject({ by: 'sum', unit: 'count', value: 16, told: 3 });
    expect(of('often')).toMatchObject({ by: 'share', value: 91, whole: 100, told: 2 });
    expect(of('undoubled')).toMatchObject({ value: 50 });
  });

  it('[S4-02] of two surveys stand apart when one key is called differently', () => {
    const renamed = {
      ...result({ planned: 3 }, 'i1'),
      figures: [{ key: 'planned', title: 'Иначе', unit: 'count' as const, value: 3 }],
    };
    const titles = indicatorsOf('survey', [result({ planned: 10 }, 'i2'), renamed]).filter(
      ({ key }) => key === 'planned',
    );
    expect(titles.map(({ title }) => title)).toEqual(['Процедур запланировано', 'Иначе']);
  });
});

describe('the plan', () => {
  it('[S4-06] has number, activity, period, responsible and note in its order; numbers may lack and leave gaps', () => {
    expect(planSchema.parse(STANDARD_PLAN)).toEqual(STANDARD_PLAN);
    expect(STANDARD_PLAN.map(({ number }) => number)).toEqual([
      '1',
      '2',
      '',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '',
      '',
    ]);
  });

  it('[S4-06] has no row that says nothing at all, and as many as there may be', () => {
    const rows = (count: number) => Array.from({ length: count }, () => ({ activity: 'Сверка' }));
    expect(planSchema.safeParse([{ note: 'только примечание' }]).success).toBe(false);
    expect(planSchema.safeParse(rows(PLAN_ROWS_MAX)).success).toBe(true);
    expect(planSchema.safeParse(rows(PLAN_ROWS_MAX + 1)).success).toBe(false);
  });
});
