import { describe, expect, it } from 'vitest';
import { questionnaireSchema, questionsOf } from '#models/survey/questionnaire.ts';
import { STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import {
  addQuestion,
  addSection,
  changeQuestion,
  removeQuestion,
  unfinished,
  withOptions,
} from './questionnaire-edit.ts';

const question = (key: string) => questionsOf(STANDARD_QUESTIONNAIRE).find((one) => one.key === key);

describe('a questionnaire before its survey is opened', () => {
  it('[S4-02] loses with a question whatever waits for it, is checked against it, or counts it', () => {
    const without = removeQuestion(removeQuestion(STANDARD_QUESTIONNAIRE, 'scheduleMade'), 'federal');
    expect(questionsOf(without).filter(({ shownWhen }) => shownWhen)).toEqual([]);
    expect(without.checks.map(({ kind }) => kind)).toEqual(['notMore']);
    expect(without.indicators.map(({ key }) => key)).not.toContain('made');
    expect(questionnaireSchema.safeParse(without).success).toBe(true);
    const balance = STANDARD_QUESTIONNAIRE.sections[2]?.questions.map(({ key }) => key) ?? [];
    expect(balance.reduce(removeQuestion, STANDARD_QUESTIONNAIRE).sections).toHaveLength(2);
  });

  it('[S4-04] gains questions of every kind under keys of their own, and names what is not whole yet', () => {
    const more = addQuestion(addQuestion(addSection(STANDARD_QUESTIONNAIRE), 's1', 'yesNo'), 's1', 'one');
    expect(more.sections[3]?.questions.map(({ key, kind }) => [key, kind])).toEqual([
      ['q1', 'yesNo'],
      ['q2', 'one'],
    ]);
    expect(unfinished(more)).toEqual({ key: 's1', text: '' });
    expect(unfinished(STANDARD_QUESTIONNAIRE)).toBeNull();
    expect(unfinished({ ...STANDARD_QUESTIONNAIRE, indicators: [] })).toBe('indicators');
  });

  it('[S4-04] keeps the key of an option that stays, and forgets a condition on one that goes', () => {
    const doubled = question('doubled');
    if (doubled?.kind !== 'one') throw new Error('no choice');
    const changed = withOptions(doubled, 'нет, дублирование исключено\nизредка\n\nизредка');
    expect(changed.options).toEqual([
      { key: 'never', text: 'нет, дублирование исключено' },
      { key: 'o1', text: 'изредка' },
    ]);
    expect(changeQuestion(STANDARD_QUESTIONNAIRE, changed).indicators.map(({ key }) => key)).toContain('undoubled');
    const without = changeQuestion(STANDARD_QUESTIONNAIRE, withOptions(doubled, 'да\nизредка'));
    expect(without.indicators.map(({ key }) => key)).not.toContain('undoubled');
  });
});
