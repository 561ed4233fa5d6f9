/** What is wrong with a field, in words: its name, the cause, the remedy. */
import {
  FIELD_CHARS_MAX,
  PHONE_DIGITS_MAX,
  PHONE_DIGITS_MIN,
  type ContextualField,
  type FieldProblem,
} from '#models/contextual-data/contextual-data.ts';
import { say } from '#lib/say.ts';

/** The words of each field that has a problem. */
export function problemWords(problems: readonly FieldProblem[]): Partial<Record<ContextualField, string>> {
  return Object.fromEntries(
    problems.map(({ field, reason }) => [
      field,
      say(`contextual_problem_${reason}`, {
        field: say(`field_${field}`),
        charsMax: FIELD_CHARS_MAX[field],
        digitsMin: PHONE_DIGITS_MIN,
        digitsMax: PHONE_DIGITS_MAX,
      }),
    ]),
  );
}

/** The same as a list that leads to the fields. */
export const problemList = (problems: readonly FieldProblem[]): { id: string; text: string }[] =>
  Object.entries(problemWords(problems)).map(([id, text]) => ({ id, text }));
