/** Words of what the Collector finds, of the ways out and of the causes that a whole batch has in common: found by their codes. */
import { spell } from '#collector/code.ts';
import {
  FINDINGS,
  type BatchCause,
  type CollectorFinding,
  type CollectorFindingCode,
  type LimitName,
  type MarkEvidence,
  type WayOut,
} from '#collector/finding.ts';
import type { FormField } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { ErrorStep } from '#models/scanning/scan-error.ts';
import { UNDECIDED_ANSWER, WRITTEN, type Answer } from '#models/scanning/scan-page.ts';
import { getLocale, type Locale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { formatBytes, formatNumber } from '#lib/ui/format.ts';

export interface ScanFindingWords {
  title: string;
  why: string;
  remedy: string;
}

type Params = Record<string, string | number>;

/** A field as people call it: «Задание 5». Keys of questions mean the same on every form. */
export function fieldWords(key: string, locale: Locale = getLocale()): string {
  const field = fieldWith(key);
  if (!field) return key;
  return field.kind === 'choice' ? say('scan_field_question', { label: field.label }, locale) : field.label;
}

const FIELDS: readonly FormField[] = FORMS.flatMap(({ pages }) => pages.flatMap(({ fields }) => fields));
const FIELD_KEYS = FIELDS.map(({ key }) => key);
/** The key of an additional sheet's field carries its page. */
const printedKey = (key: string): string => key.split('-')[0] ?? key;

const fieldWith = (key: string): FormField | undefined => FIELDS.find((field) => field.key === printedKey(key));

/** An option as it is printed: «Б». */
export function optionWords(field: string, option: string): string {
  const found = fieldWith(field);
  const options = found && 'options' in found ? found.options : [];
  return options.find(({ key }) => key === option)?.label ?? option;
}

/** Where a field stands on the forms, for columns in the order of the paper. */
export const fieldOrder = (key: string): number => {
  const at = FIELD_KEYS.indexOf(printedKey(key));
  return at < 0 ? FIELD_KEYS.length : at;
};

/** An answer as it is said in a table: «Б», that something is written, or nothing. */
export function answerWords(field: string, answer: Answer, locale: Locale = getLocale()): string | null {
  if (answer === null || answer === UNDECIDED_ANSWER) return answer;
  return answer === WRITTEN ? say('scan_desk_written', {}, locale) : optionWords(field, answer);
}

const fieldsWords = (fields: readonly string[], locale: Locale): string =>
  fields.length === 0 ? say('scan_fields_none', {}, locale) : fields.map((key) => fieldWords(key, locale)).join(', ');

/** Options that are darker than the paper, the darkest first. */
function marksWords(field: string, marks: readonly MarkEvidence[], locale: Locale): string {
  const dark = marks.filter(({ darkness }) => darkness >= 0.1).toSorted((a, b) => b.darkness - a.darkness);
  if (dark.length === 0) return say('scan_marks_none', {}, locale);
  return dark
    .map(({ option, darkness }) => `${optionWords(field, option)} ${formatNumber(Math.round(darkness * 100), locale)}%`)
    .join(', ');
}

function whereWords({ path, page }: { path: string | null; page?: number | null }, locale: Locale): string {
  return [
    ...(path === null ? [] : [say('scan_where_path', { path }, locale)]),
    ...(page == null ? [] : [say('scan_where_page', { page }, locale)]),
  ].join(' ');
}

function limitFigure(limit: LimitName, value: number, locale: Locale): string {
  return limit === 'fileBytes' || limit === 'expandedBytes' ? formatBytes(value, locale) : formatNumber(value, locale);
}

/** What a finding knows, as words are told it. */
function paramsOf(finding: CollectorFinding, college: string, locale: Locale): Params {
  const number = (value: number, digits = 0): string => formatNumber(value, locale, digits);
  switch (finding.code) {
    case 'FILE_CORRUPT':
      return {
        reason: say(`scan_fact_${finding.data.reason}`, {}, locale),
        where: whereWords(finding.data, locale),
      };
    case 'FILE_UNSUPPORTED':
      return {
        ...{ reason: say(`scan_fact_${finding.data.reason}`, {}, locale), looksLike: finding.data.looksLike },
        where: whereWords(finding.data, locale),
      };
    case 'FILE_OVER_LIMIT': {
      const { limit, value, max } = finding.data;
      return {
        limit: say(`scan_limit_${limit}`, {}, locale),
        ...{ value: limitFigure(limit, value, locale), max: limitFigure(limit, max, locale) },
        where: whereWords(finding.data, locale),
      };
    }
    case 'PAGE_SET_ASIDE': {
      const { reason, path, page } = finding.data;
      return { reason: say(`scan_fact_${reason}`, {}, locale), page, where: whereWords({ path }, locale) };
    }
    case 'PAGE_BLANK':
      return { ink: number(finding.data.inkShare * 100, 2) };
    case 'DPI_LOW':
      return { dpi: number(finding.data.dpi), dpiMin: number(finding.data.dpiMin) };
    case 'CONTRAST_LOW':
      return { contrast: number(finding.data.contrast), contrastMin: number(finding.data.contrastMin) };
    case 'SKEW_HIGH':
      return { degrees: number(finding.data.degrees, 1), degreesMax: number(finding.data.degreesMax, 1) };
    case 'UPSIDE_DOWN':
      return { degrees: finding.data.quarterTurns * 90 };
    case 'EDGE_CUT': {
      const { edges, fields } = finding.data;
      return {
        edges: edges.map((edge) => say(`scan_edge_${edge}`, {}, locale)).join(', '),
        fields: fieldsWords(fields, locale),
      };
    }
    case 'FIDUCIAL_MISSING':
      return { found: finding.data.found };
    case 'GEOMETRY_UNKNOWN':
      return { found: finding.data.found.length };
    case 'CODE_CONFLICT':
      return {
        codes: finding.data.candidates
          .map(({ text, from }) => `${spell(text)} (${say(`scan_source_${from}`, {}, locale)})`)
          .join('; '),
      };
    case 'FORM_UNKNOWN':
    case 'FORM_VERSION_OLD':
      return { ...finding.data };
    case 'MARK_AMBIGUOUS':
    case 'MARK_MULTIPLE': {
      const { field, marks } = finding.data;
      return { field: fieldWords(field, locale), marks: marksWords(field, marks, locale) };
    }
    case 'MARK_STAIN':
      return { fields: fieldsWords(finding.data.fields, locale) };
    case 'FOREIGN_PROCEDURE':
      return { procedure: finding.data.procedure };
    case 'FOREIGN_INSTITUTION':
      return { institution: finding.data.institution, college };
    case 'PARTICIPANT_UNKNOWN': {
      const { kind, number: of } = finding.data.holder;
      return { holder: say(`scan_holder_${kind}`, { number: of }, locale) };
    }
    case 'PAGE_DUPLICATE': {
      const { text, isSameImage } = finding.data;
      return { code: spell(text), same: say(isSameImage ? 'scan_same_image' : 'scan_other_image', {}, locale) };
    }
    case 'PAGE_MISSING':
      return { code: spell(finding.data.text), page: finding.data.page };
    case 'COUNT_MISMATCH':
      return { declared: number(finding.data.declared), counted: number(finding.data.counted) };
    case 'STREAKED':
      return { streaks: number(finding.data.streaks) };
    case 'ATTENDANCE_CONFLICT': {
      const { participant, said } = finding.data;
      return {
        participant,
        said: said
          .map(({ by, attendance }) =>
            say(`scan_said_${by}`, { attendance: say(`scan_attendance_${attendance}`, {}, locale) }, locale),
          )
          .join(', '),
      };
    }
    case 'BW_LOSSY':
    case 'CODE_UNREADABLE':
      return {};
    default:
      return finding satisfies never;
  }
}

/** What is wrong, why, and what to do. `college` is whose batch it lies in. */
export function scanFindingWords(
  finding: CollectorFinding,
  college = '',
  locale: Locale = getLocale(),
): ScanFindingWords {
  const params = paramsOf(finding, college, locale);
  const part = (name: string): string => say(`scan_finding_${finding.code}_${name}`, params, locale).trim();
  return { title: part('title'), why: part('why'), remedy: part('remedy') };
}

/** Titles are told without data: for filters and lists of counts. */
export const findingTitle = (code: CollectorFindingCode, locale: Locale = getLocale()): string =>
  say(`scan_finding_${code}_title`, {}, locale);

export const wayWords = (way: WayOut): string => say(`scan_way_${way}`);
export const wayHint = (way: WayOut): string => say(`scan_way_${way}_hint`);

export interface BatchCauseWords {
  cause: BatchCause;
  why: string;
  remedy: string;
}

/** The likely cause of a finding that a whole batch has in common; null for one that has no such cause. */
export function batchCauseWords(
  findings: readonly CollectorFinding[],
  locale: Locale = getLocale(),
): BatchCauseWords | null {
  const [first] = findings;
  const cause = first && FINDINGS[first.code].batchCause;
  if (!cause) return null;
  const figures = findings.flatMap((one) => (one.code === 'DPI_LOW' ? [one.data.dpi] : [])).toSorted((a, b) => a - b);
  // The middle one: a single sheet that was measured wrong says nothing of the scanner.
  const figure = formatNumber(figures[Math.floor(figures.length / 2)] ?? 0, locale);
  return {
    cause,
    why: say(`scan_cause_${cause}_why`, { figure }, locale),
    remedy: say(`scan_cause_${cause}_remedy`, {}, locale),
  };
}

/** How one step in the life of an error is told. */
export const stepWords = (did: ErrorStep['did']): string => say(`scan_step_${did}`);

/** By which way out, and what was said with it: marks by the names of their fields, a code in its groups. */
export function saidWords({ way, said }: Pick<ErrorStep, 'way' | 'said'>): string | null {
  if (way === null) return said;
  if (said === null) return wayWords(way);
  switch (way) {
    case 'decideMarks':
      return `${wayWords(way)}: ${said.split(' ').map(markWords).join(', ')}`;
    case 'typeCode':
      return `${wayWords(way)}: ${spell(said.replaceAll(/[^\p{L}\p{N}]/gu, '').toUpperCase())}`;
    case 'rotate':
      return `${wayWords(way)}: ${said}°`;
    default:
      return `${wayWords(way)}: ${said}`;
  }
}

function markWords(mark: string): string {
  const [field = '', option = ''] = mark.split('=');
  return `${fieldWords(field)} — ${option === '–' ? say('scan_step_nothing') : optionWords(field, option)}`;
}
