/** Changing a questionnaire before its survey is opened: what hangs on a question goes with it. Pure. */
import {
  choicesOf,
  NUMBER_MAX,
  questionnaireSchema,
  questionsOf,
  TEXT_CHARS_MAX,
  type Question,
  type QuestionKind,
  type Questionnaire,
} from '#models/survey/questionnaire.ts';

/** A key that no question, section or option of the questionnaire has. */
function freshKey(questionnaire: Questionnaire, prefix: string): string {
  const taken = new Set([
    ...questionnaire.sections.map(({ key }) => key),
    ...questionsOf(questionnaire).map(({ key }) => key),
  ]);
  for (let number = 1; ; number += 1) if (!taken.has(`${prefix}${number}`)) return `${prefix}${number}`;
}

function newQuestion(key: string, kind: QuestionKind): Question {
  const asked = { key, text: '', hint: '', isRequired: true, shownWhen: null };
  switch (kind) {
    case 'number':
      return { ...asked, kind, min: 0, max: NUMBER_MAX };
    case 'share':
      return { ...asked, kind, max: NUMBER_MAX };
    case 'yesNo':
      return { ...asked, kind };
    case 'one':
    case 'many':
      return { ...asked, kind, options: [] };
    case 'text':
      return { ...asked, kind, charsMax: TEXT_CHARS_MAX };
    case 'date':
      return { ...asked, kind, from: '2020-01-01', to: '2099-12-31' };
    default:
      throw kind satisfies never;
  }
}

const withSection = (
  questionnaire: Questionnaire,
  section: string,
  change: (questions: Question[]) => Question[],
): Questionnaire => ({
  ...questionnaire,
  sections: questionnaire.sections.map((one) =>
    one.key === section ? { ...one, questions: change(one.questions) } : one,
  ),
});

export const addQuestion = (questionnaire: Questionnaire, section: string, kind: QuestionKind): Questionnaire =>
  withSection(questionnaire, section, (questions) => [...questions, newQuestion(freshKey(questionnaire, 'q'), kind)]);

export const addSection = (questionnaire: Questionnaire): Questionnaire => ({
  ...questionnaire,
  sections: [...questionnaire.sections, { key: freshKey(questionnaire, 's'), title: '', questions: [] }],
});

export const changeQuestion = (questionnaire: Questionnaire, changed: Question): Questionnaire =>
  settled({
    ...questionnaire,
    sections: questionnaire.sections.map((section) => ({
      ...section,
      questions: section.questions.map((one) => (one.key === changed.key ? changed : one)),
    })),
  });

export const removeQuestion = (questionnaire: Questionnaire, key: string): Questionnaire =>
  settled({
    ...questionnaire,
    sections: questionnaire.sections
      .map((section) => ({ ...section, questions: section.questions.filter((one) => one.key !== key) }))
      // What was emptied is not asked; what was only just added waits for its first question.
      .filter((section, at) => section.questions.length > 0 || questionnaire.sections[at]?.questions.length === 0),
  });

/** The options of a question as lines of a text: a line that stays keeps its key. */
export function withOptions<Of extends Question & { options: { key: string; text: string }[] }>(
  question: Of,
  text: string,
): Of {
  const lines = [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter((line) => line !== '');
  const known = new Map(question.options.map((option) => [option.text, option.key]));
  const taken = new Set(lines.flatMap((line) => known.get(line) ?? []));
  let number = 0;
  const fresh = (): string => {
    do number += 1;
    while (taken.has(`o${number}`));
    return `o${number}`;
  };
  return { ...question, options: lines.map((line) => ({ key: known.get(line) ?? fresh(), text: line })) };
}

/** Without conditions, checks and indicators of what is no longer asked. */
function settled(questionnaire: Questionnaire): Questionnaire {
  const asked = new Map(questionsOf(questionnaire).map((question) => [question.key, question]));
  const choices = (key: string): string[] => {
    const question = asked.get(key);
    return question ? choicesOf(question) : [];
  };
  return {
    sections: questionnaire.sections.map((section) => ({
      ...section,
      questions: section.questions.map((question) =>
        question.shownWhen &&
        !question.shownWhen.is.every((one) => choices(question.shownWhen?.question ?? '').includes(one))
          ? { ...question, shownWhen: null }
          : question,
      ),
    })),
    checks: questionnaire.checks.filter((check) =>
      (check.kind === 'sum' ? [...check.parts, check.whole] : [check.question, check.than]).every((key) =>
        asked.has(key),
      ),
    ),
    indicators: questionnaire.indicators.filter(
      ({ question, option }) => asked.has(question) && (option === null || choices(question).includes(option)),
    ),
  };
}

/** The question or the section that is not whole yet, by its key; null when all is. */
export function unfinished(questionnaire: Questionnaire): { key: string; text: string } | 'indicators' | null {
  const { error } = questionnaireSchema.safeParse(questionnaire);
  if (!error) return null;
  const [, at, , index] = error.issues.map(({ path }) => path).find(([first]) => first === 'sections') ?? [];
  const section = typeof at === 'number' ? questionnaire.sections[at] : undefined;
  const question = typeof index === 'number' ? section?.questions[index] : undefined;
  if (question) return { key: question.key, text: question.text };
  return section ? { key: section.key, text: section.title } : 'indicators';
}
