/** Answers, problems and contradictions of a survey in words. */
import {
  questionsOf,
  type Answer,
  type Answers,
  type Check,
  type Problem,
  type Question,
  type Questionnaire,
} from '#models/survey/questionnaire.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { formatDate, formatNumber, formatPercent } from '#lib/ui/format.ts';

/** A day of the calendar is the same in every zone. */
export const dayWord = (day: string): string => formatDate(Date.parse(day), { locale: getLocale(), zone: 'UTC' });

export function answerWord(question: Question, answer: Answer | undefined): string {
  if (answer === undefined) return '—';
  if (typeof answer === 'boolean') return answer ? m.answer_yes() : m.answer_no();
  if (typeof answer === 'number') return formatNumber(answer, getLocale());
  if (typeof answer === 'object' && !Array.isArray(answer)) {
    const { part, whole } = answer;
    const words = { part: formatNumber(part, getLocale()), whole: formatNumber(whole, getLocale()) };
    const given = m.survey_share_of(words);
    return whole === 0 ? given : `${given} · ${formatPercent(part, whole)}`;
  }
  if (question.kind === 'date' && typeof answer === 'string') return dayWord(answer);
  if (!('options' in question)) return String(answer);
  const chosen = Array.isArray(answer) ? answer : [answer];
  return question.options
    .filter(({ key }) => chosen.includes(key))
    .map(({ text }) => text)
    .join('; ');
}

export const problemWord = ({ reason, limit }: Problem): string =>
  say(`survey_problem_${reason}`, {
    limit:
      typeof limit === 'number' ? formatNumber(limit, getLocale()) : /^\d{4}-/.test(limit) ? dayWord(limit) : limit,
  });

/** Where a contradiction is shown: at the last of its questions. */
export const checkedAt = (check: Check): string => (check.kind === 'notMore' ? check.question : check.whole);

export function contradictionWord(questionnaire: Questionnaire, check: Check, answers: Answers): string {
  const asked = questionsOf(questionnaire);
  const said = (key: string): { text: string; value: string } => {
    const question = asked.find((one) => one.key === key);
    return { text: question?.text ?? key, value: question ? answerWord(question, answers[key]) : '' };
  };
  if (check.kind === 'notMore') {
    const [one, than] = [said(check.question), said(check.than)];
    return m.survey_not_more({ one: one.text, value: one.value, than: than.text, limit: than.value });
  }
  const counts = check.parts.map((key) => answers[key]).filter((count) => typeof count === 'number');
  const sum = counts.reduce((all, count) => all + count, 0);
  const whole = said(check.whole);
  return m.survey_sum_differs({
    ...{ whole: whole.text, value: whole.value, sum: formatNumber(sum, getLocale()) },
    parts: check.parts.map((key) => `«${said(key).text}»`).join(', '),
  });
}
