/**
 * A survey's questions as data (S4-04, S4-33): what is asked, when it is shown, what may be answered, what must agree, and which
 * answers are indicators (S4-02). Pure, browser-safe: the page asks before it sends, the hub before it records.
 */
import { z } from 'zod';
import type { Figure } from '../result/result.ts';

export const SECTIONS_MAX = 12;
export const QUESTIONS_MAX = 100;
export const OPTIONS_MAX = 30;
export const CHECKS_MAX = 30;
export const INDICATORS_MAX = 30;
/** The largest number that can be asked for. */
export const NUMBER_MAX = 1_000_000;
export const TEXT_CHARS_MAX = 2_000;

const keySchema = z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}$/);
const words = (charsMax: number) => z.string().trim().min(2).max(charsMax);
const countSchema = z.number().int().min(0).max(NUMBER_MAX);

/** Shown only while another question, which stands before it, is answered with one of these: `yes`, `no`, or options. */
const conditionSchema = z.strictObject({ question: keySchema, is: z.array(keySchema).min(1).max(OPTIONS_MAX) });
const optionsSchema = z
  .array(z.strictObject({ key: keySchema, text: words(300) }))
  .min(2)
  .max(OPTIONS_MAX);

const asked = {
  key: keySchema,
  text: words(500),
  hint: z.string().trim().max(500).default(''),
  isRequired: z.boolean(),
  shownWhen: conditionSchema.nullable().default(null),
};
const questionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...asked, kind: z.literal('number'), min: countSchema, max: countSchema }),
  /** So many out of so many: parts of different institutions can be put together, shares can't. */
  z.strictObject({ ...asked, kind: z.literal('share'), max: countSchema.min(1) }),
  z.strictObject({ ...asked, kind: z.literal('yesNo') }),
  z.strictObject({ ...asked, kind: z.literal('one'), options: optionsSchema }),
  z.strictObject({ ...asked, kind: z.literal('many'), options: optionsSchema }),
  z.strictObject({ ...asked, kind: z.literal('text'), charsMax: z.number().int().min(1).max(TEXT_CHARS_MAX) }),
  z.strictObject({ ...asked, kind: z.literal('date'), from: z.iso.date(), to: z.iso.date() }),
]);
export type Question = z.output<typeof questionSchema>;
export type QuestionKind = Question['kind'];
export type QuestionOf<Kind extends QuestionKind> = Extract<Question, { kind: Kind }>;
export const QUESTION_KINDS = [
  'number',
  'share',
  'yesNo',
  'one',
  'many',
  'text',
  'date',
] as const satisfies readonly QuestionKind[];

/** What answers must agree in. */
const checkSchema = z.discriminatedUnion('kind', [
  /** A number or a date is not greater than another. */
  z.strictObject({ kind: z.literal('notMore'), question: keySchema, than: keySchema }),
  /** Numbers make a whole. */
  z.strictObject({ kind: z.literal('sum'), parts: z.array(keySchema).min(2).max(10), whole: keySchema }),
]);
export type Check = z.output<typeof checkSchema>;

/** An answer that assesses something: a number, a share, a «yes», or one option of a question. */
const indicatorSchema = z.strictObject({
  key: keySchema,
  title: words(200),
  question: keySchema,
  option: keySchema.nullable().default(null),
});

export const questionnaireSchema = z
  .strictObject({
    sections: z
      .array(
        z.strictObject({
          key: keySchema,
          title: words(200),
          questions: z.array(questionSchema).min(1).max(QUESTIONS_MAX),
        }),
      )
      .min(1)
      .max(SECTIONS_MAX),
    checks: z.array(checkSchema).max(CHECKS_MAX).default([]),
    indicators: z.array(indicatorSchema).min(1).max(INDICATORS_MAX),
  })
  .superRefine((questionnaire, context) => {
    for (const path of faultsOf(questionnaire)) context.addIssue({ code: 'custom', path });
  });
export type Questionnaire = z.output<typeof questionnaireSchema>;
export type Section = Questionnaire['sections'][number];

export const questionsOf = ({ sections }: Pick<Questionnaire, 'sections'>): Question[] =>
  sections.flatMap(({ questions }) => questions);

/** Where a questionnaire contradicts itself. */
function faultsOf({ sections, checks, indicators }: Questionnaire): (string | number)[][] {
  const faults: (string | number)[][] = [];
  const before = new Map<string, Question>();
  const doubled = (keys: readonly string[]): boolean => new Set(keys).size !== keys.length;
  if (doubled(sections.map(({ key }) => key))) faults.push(['sections']);
  for (const [at, { questions }] of sections.entries())
    for (const [index, question] of questions.entries()) {
      const { shownWhen } = question;
      const path = ['sections', at, 'questions', index];
      const asks = shownWhen && before.get(shownWhen.question);
      if (before.has(question.key)) faults.push([...path, 'key']);
      if (shownWhen && !(asks && shownWhen.is.every((one) => choicesOf(asks).includes(one))))
        faults.push([...path, 'shownWhen']);
      if ('options' in question && doubled(question.options.map(({ key }) => key))) faults.push([...path, 'options']);
      if (question.kind === 'number' && question.min > question.max) faults.push([...path, 'min']);
      if (question.kind === 'date' && question.from > question.to) faults.push([...path, 'from']);
      before.set(question.key, question);
    }
  if (before.size > QUESTIONS_MAX) faults.push(['sections']);
  const kindOf = (key: string): QuestionKind | undefined => before.get(key)?.kind;
  for (const [index, check] of checks.entries()) {
    const isFit =
      check.kind === 'sum'
        ? [...check.parts, check.whole].every((key) => kindOf(key) === 'number')
        : (kindOf(check.question) === 'number' || kindOf(check.question) === 'date') &&
          kindOf(check.question) === kindOf(check.than);
    if (!isFit) faults.push(['checks', index]);
  }
  if (doubled(indicators.map(({ key }) => key))) faults.push(['indicators']);
  for (const [index, { question: key, option }] of indicators.entries()) {
    const question = before.get(key);
    const isFit =
      question?.kind === 'one' || question?.kind === 'many'
        ? option !== null && choicesOf(question).includes(option)
        : option === null && ['number', 'share', 'yesNo'].includes(question?.kind ?? '');
    if (!isFit) faults.push(['indicators', index]);
  }
  return faults;
}

/** What a question can be answered with that another may wait for. */
export function choicesOf(question: Question): string[] {
  if (question.kind === 'yesNo') return ['yes', 'no'];
  return 'options' in question ? question.options.map(({ key }) => key) : [];
}

/* ---- answers ---- */

export interface Share {
  part: number;
  whole: number;
}
export type Answer = number | boolean | string | string[] | Share;
/** By question; what is not answered is not there. */
export type Answers = Readonly<Record<string, Answer>>;

/** What somebody gave to a question, as he typed and ticked it. */
export type Typed = string | string[] | { part: string; whole: string };
export const typedSchema = z.record(
  keySchema,
  z.union([
    z.string().max(TEXT_CHARS_MAX * 2),
    z.array(keySchema).max(OPTIONS_MAX),
    z.strictObject({ part: z.string().max(40), whole: z.string().max(40) }),
  ]),
);

/** Why an answer can't be taken. Words `survey_problem_<reason>` stand in the message files. */
export const PROBLEMS = [
  'number',
  'min',
  'max',
  'share',
  'shareMax',
  'choice',
  'long',
  'date',
  'early',
  'late',
] as const;
export interface Problem {
  question: string;
  reason: (typeof PROBLEMS)[number];
  /** The limit that was passed. */
  limit: string | number;
}

export type Reading = { state: 'blank' } | { state: 'read'; answer: Answer } | { state: 'wrong'; problem: Problem };

/** Numbers as people write them: with spaces between thousands. Null for what is no whole number. */
function readWhole(text: string): number | null {
  const digits = text.replaceAll(/[\s\u00A0\u2009\u202F]/g, '');
  return /^-?\d{1,15}$/.test(digits) ? Number(digits) : null;
}

/** From what was typed to an answer; blank is none. */
export function readTyped(question: Question, typed: Typed | undefined): Reading {
  const { key } = question;
  const wrong = (reason: Problem['reason'], limit: Problem['limit'] = ''): Reading => ({
    state: 'wrong',
    problem: { question: key, reason, limit },
  });
  const read = (answer: Answer): Reading => ({ state: 'read', answer });
  if (question.kind === 'share') {
    if (typeof typed !== 'object' || Array.isArray(typed)) return typed ? wrong('share') : { state: 'blank' };
    if (typed.part.trim() === '' && typed.whole.trim() === '') return { state: 'blank' };
    const [part, whole] = [readWhole(typed.part), readWhole(typed.whole)];
    if (part === null || whole === null || part < 0 || part > whole) return wrong('share');
    return whole > question.max ? wrong('shareMax', question.max) : read({ part, whole });
  }
  if (question.kind === 'many') {
    const chosen = Array.isArray(typed) ? typed : typed ? [typed] : [];
    const keys = choicesOf(question);
    if (!chosen.every((one) => typeof one === 'string' && keys.includes(one))) return wrong('choice');
    // In the order of the question, each once.
    const own = keys.filter((one) => chosen.includes(one));
    return own.length === 0 ? { state: 'blank' } : read(own);
  }
  if (typed !== undefined && typeof typed !== 'string') return wrong('choice');
  const text = (typed ?? '').trim();
  if (text === '') return { state: 'blank' };
  switch (question.kind) {
    case 'number': {
      const value = readWhole(text);
      if (value === null) return wrong('number');
      if (value < question.min) return wrong('min', question.min);
      return value > question.max ? wrong('max', question.max) : read(value);
    }
    case 'yesNo':
      return text === 'yes' || text === 'no' ? read(text === 'yes') : wrong('choice');
    case 'one':
      return choicesOf(question).includes(text) ? read(text) : wrong('choice');
    case 'text':
      return text.length > question.charsMax ? wrong('long', question.charsMax) : read(text);
    case 'date':
      if (!z.iso.date().safeParse(text).success) return wrong('date');
      if (text < question.from) return wrong('early', question.from);
      return text > question.to ? wrong('late', question.to) : read(text);
    default:
      throw question satisfies never;
  }
}

/** An answer as somebody would type it again. */
export function typedOf(answer: Answer | undefined): Typed | undefined {
  if (answer === undefined) return undefined;
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no';
  if (typeof answer === 'number') return String(answer);
  if (typeof answer === 'string' || Array.isArray(answer)) return answer;
  return { part: String(answer.part), whole: String(answer.whole) };
}

/** Everything that was typed into some questions: the answers, and what can't be taken. */
export function readAll(
  questions: readonly Question[],
  typed: Readonly<Record<string, Typed>>,
): { answers: Record<string, Answer>; problems: Problem[] } {
  const answers: Record<string, Answer> = {};
  const problems: Problem[] = [];
  for (const question of questions) {
    const reading = readTyped(question, typed[question.key]);
    if (reading.state === 'read') answers[question.key] = reading.answer;
    if (reading.state === 'wrong') problems.push(reading.problem);
  }
  return { answers, problems };
}

/** The questions that are to be answered as things stand: what waits for a hidden one is hidden too. */
export function shownQuestions(questionnaire: Pick<Questionnaire, 'sections'>, answers: Answers): Question[] {
  const shown = new Map<string, Question>();
  for (const question of questionsOf(questionnaire)) {
    const { shownWhen } = question;
    const isShown =
      shownWhen === null ||
      (shown.has(shownWhen.question) &&
        chosenIn(answers[shownWhen.question]).some((one) => shownWhen.is.includes(one)));
    if (isShown) shown.set(question.key, question);
  }
  return [...shown.values()];
}

function chosenIn(answer: Answer | undefined): string[] {
  const typed = typedOf(answer);
  return typeof typed === 'string' ? [typed] : Array.isArray(typed) ? typed : [];
}

/** Required questions that are shown and not answered, in their order. */
export const missingIn = (questionnaire: Questionnaire, answers: Answers): Question[] =>
  shownQuestions(questionnaire, answers).filter(({ key, isRequired }) => isRequired && answers[key] === undefined);

/** Answers that don't agree; what is hidden or not answered contradicts nothing. */
export function contradictionsIn(questionnaire: Questionnaire, answers: Answers): Check[] {
  const shown = new Set(shownQuestions(questionnaire, answers).map(({ key }) => key));
  const value = (key: string): Answer | undefined => (shown.has(key) ? answers[key] : undefined);
  const count = (key: string): number | null => {
    const one = value(key);
    return typeof one === 'number' ? one : null;
  };
  return questionnaire.checks.filter((check) => {
    if (check.kind === 'notMore') {
      const [one, than] = [value(check.question), value(check.than)];
      if (typeof one === 'number' && typeof than === 'number') return one > than;
      return typeof one === 'string' && typeof than === 'string' && one > than;
    }
    const [parts, whole] = [check.parts.map(count), count(check.whole)];
    if (whole === null || parts.includes(null)) return false;
    return parts.reduce<number>((sum, part) => sum + (part ?? 0), 0) !== whole;
  });
}

/** How far a response is: questions that must be answered now, and those of them that are. */
export interface Filling {
  answered: number;
  asked: number;
}
export function fillingOf(questionnaire: Questionnaire, answers: Answers): Filling {
  const required = shownQuestions(questionnaire, answers).filter(({ isRequired }) => isRequired);
  return { asked: required.length, answered: required.filter(({ key }) => answers[key] !== undefined).length };
}
/** Whole percent; never 100 while anything is missing. Nothing asked is all answered. */
export const filledPercent = ({ answered, asked }: Filling): number =>
  asked === 0 ? 100 : Math.floor((answered * 100) / asked);

/** What is kept of answers once they are finished: those of questions that are shown. */
export const shownAnswers = (questionnaire: Questionnaire, answers: Answers): Answers =>
  Object.fromEntries(
    shownQuestions(questionnaire, answers).flatMap(({ key }) => {
      const answer = answers[key];
      return answer === undefined ? [] : [[key, answer]];
    }),
  );

/** The indicators of an institution's answers, for the analytical base (S4-02). */
export function figuresOf(questionnaire: Questionnaire, answers: Answers): Figure[] {
  const given = shownAnswers(questionnaire, answers);
  return questionnaire.indicators.map(({ key, title, question, option }): Figure => {
    const answer = given[question];
    if (option !== null)
      return {
        key,
        title,
        unit: 'yesNo',
        value: answer === undefined ? null : Number(chosenIn(answer).includes(option)),
      };
    if (typeof answer === 'boolean') return { key, title, unit: 'yesNo', value: Number(answer) };
    if (typeof answer === 'object' && !Array.isArray(answer)) {
      const { part, whole } = answer;
      return {
        key,
        title,
        unit: 'percent',
        value: whole === 0 ? null : Math.round((part * 100) / whole),
        share: answer,
      };
    }
    const kind = questionsOf(questionnaire).find((one) => one.key === question)?.kind;
    const unit = kind === 'yesNo' ? 'yesNo' : kind === 'share' ? 'percent' : 'count';
    return { key, title, unit, value: typeof answer === 'number' ? answer : null };
  });
}
