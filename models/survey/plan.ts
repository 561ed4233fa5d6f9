/** The plan of a survey (S4-06): who does what until when. Numbers are printed as they are given: they may lack, and may leave gaps. Pure. */
import { z } from 'zod';

export const PLAN_ROWS_MAX = 100;
export const NUMBER_CHARS_MAX = 6;

const text = (charsMax: number) => z.string().trim().max(charsMax).default('');

export const planRowSchema = z
  .strictObject({
    number: text(NUMBER_CHARS_MAX),
    activity: text(500),
    period: text(200),
    responsible: text(200),
    note: text(500),
  })
  // A number may stand alone: the source has an empty row 8 (S4-24).
  .refine(({ number, activity }) => number !== '' || activity !== '', { path: ['activity'] });
export type PlanRow = z.output<typeof planRowSchema>;
export const PLAN_COLUMNS = [
  'number',
  'activity',
  'period',
  'responsible',
  'note',
] as const satisfies readonly (keyof PlanRow)[];

/** Rows in the order in which they are shown and printed. */
export const planSchema = z.array(planRowSchema).max(PLAN_ROWS_MAX);
