/** Words of the analytical base: what a figure is called, and how it is written with what it is of. */
import type { FigureName, FigureUnit, Gathered, ResultKind } from '#models/result/result.ts';
import { academicYearName } from '#models/procedure/procedure.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { formatFixed, formatNumber } from '#lib/ui/format.ts';

/** What stands where nothing was told. */
export const NOTHING_TOLD = '—';

export const kindWord = (kind: ResultKind): string => say(`result_kind_${kind}`);
export const figureWord = (kind: ResultKind, { key, title }: FigureName): string =>
  title ?? say(`result_${kind}_${key}`);
/** The year first: a long title is cut at its end. */
export const procedureWord = ({ title, academicYear }: { title: string; academicYear: number }): string =>
  `${academicYearName(academicYear)}, ${title}`;

export function figureText(value: number | null, unit: FigureUnit): string {
  if (value === null) return NOTHING_TOLD;
  const locale = getLocale();
  if (unit === 'percent') return `${formatNumber(value, locale)}%`;
  if (unit === 'yesNo') return value === 1 ? m.answer_yes() : m.answer_no();
  return unit === 'lessonsPerLearner' ? formatFixed(value, locale, 1) : formatNumber(value, locale);
}

/** What the figures of several are of: «по 3 из 4», «от 1 240». */
export function gatheredOver({ by, unit, value, told, of, whole }: Gathered): string {
  if (value === null) return m.results_over({ told, of });
  if (by === 'share' && whole !== null) return m.results_share_of({ whole: formatNumber(whole, getLocale()) });
  const over = m.results_over({ told, of });
  if (by === 'portion') return m.results_portion({ over });
  return by === 'mean' ? m.results_mean({ over }) : unit === 'percent' ? over : m.results_sum({ over });
}
