/** Words of refusals and findings: found by their code in the message files, so that code and words can't drift apart. */
import type { Finding, FindingCode } from '#models/attendance/workbook.ts';
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import { getLocale, type Locale } from '#lib/paraglide/runtime.js';
import { isSaid, say } from '#lib/say.ts';
import { formatDate, formatDateTime, formatNumber } from '#lib/ui/format.ts';

export interface RefusalWords {
  /** What was not done. */
  title: string;
  why: string;
  remedy: string;
}

/** The three parts of a refusal that are words; moments are written in the zone of the region. */
export function refusalWords(
  refusal: { code: RefusalCode; params: RefusalParams },
  zone = 'Europe/Moscow',
): RefusalWords {
  const { code, params } = refusal;
  const place = { locale: getLocale(), zone };
  const shown: Record<string, string | number> = { ...params };
  if (typeof params['atMs'] === 'number') shown['at'] = formatDateTime(params['atMs'], place);
  if (typeof params['sinceMs'] === 'number') shown['since'] = formatDateTime(params['sinceMs'], place);
  if (typeof params['untilMs'] === 'number') shown['until'] = formatDateTime(params['untilMs'], place);
  // A deadline is the first moment too late; people know it by the last minute in time.
  if (typeof params['deadlineMs'] === 'number') shown['deadline'] = formatDateTime(params['deadlineMs'] - 1, place);
  // A day of the calendar is the same in every zone.
  if (typeof params['day'] === 'string')
    shown['day'] = formatDate(Date.parse(params['day']), { ...place, zone: 'UTC' });
  if (typeof params['outcome'] === 'string') shown['outcome'] = say(`submission_${params['outcome']}`);
  if (typeof params['problem'] === 'string') shown['problem'] = say(`survey_problem_${params['problem']}`, shown);
  if (typeof params['ownership'] === 'string') shown['ownership'] = say(`unit_ownership_${params['ownership']}`);
  if (typeof params['state'] === 'string') shown['state'] = say(`handover_state_${params['state']}`);
  if (typeof params['field'] === 'string') shown['field'] = fieldName(params['field']);
  sayKinds(shown);
  return {
    title: say(`refusal_${code}_title`, shown),
    why: say(`refusal_${code}_why`, shown),
    remedy: say(`refusal_${code}_remedy`, shown),
  };
}

/** Kinds of units, by their names. */
function sayKinds(shown: Record<string, string | number>, locale?: Locale): void {
  for (const key of ['kind', 'parentKind']) {
    const name = `unit_kind_${shown[key] ?? ''}`;
    if (isSaid(name)) shown[key] = say(name, {}, locale);
  }
}

/** A form field as its label calls it. */
function fieldName(field: string): string {
  const key = `field_${field.split('.').at(-1) ?? ''}`;
  return isSaid(key) ? say(key) : field;
}

export interface FindingWords {
  cause: string;
  remedy: string;
}

export function findingWords(
  { code, params }: { code: FindingCode; params: Finding['params'] },
  locale?: Locale,
): FindingWords {
  const in_ = locale ?? getLocale();
  const shown = Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typeof value === 'number' ? formatNumber(value, in_) : value]),
  );
  sayKinds(shown, in_);
  return { cause: say(`finding_${code}_cause`, shown, in_), remedy: say(`finding_${code}_remedy`, shown, in_) };
}
