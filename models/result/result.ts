/**
 * The analytical base (S0-08): what came of a procedure for an institution, as figures. Procedures of every kind stand in it
 * side by side. It holds no names and no documents of anybody, and nothing in it leads to them (S0-01; domain 6.1 row 22).
 * Pure, browser-safe.
 */
import type { AttendanceReport } from '../attendance/attendance.report.ts';
import type { Procedure, ProcedureKind } from '../procedure/procedure.ts';

/** What a figure is counted in. */
export type FigureUnit = 'classes' | 'learners' | 'lessons' | 'lessonsPerLearner' | 'percent';

/** How the figures of several institutions make one. A share of all is no average of shares: the small would weigh as the large. */
export type Together = { by: 'sum' } | { by: 'mean' } | { by: 'share'; part: string; whole: string };

/** One thing that a kind of procedure tells of an institution. */
export interface Indicator<Report> {
  key: string;
  unit: FigureUnit;
  together: Together;
  /** Null where there is nothing to divide by, or nothing was told. */
  of: (report: Report) => number | null;
}

/** What each kind of procedure ends in for an institution; a kind that ends in nothing yet is not here. */
interface Reports {
  attendance: AttendanceReport;
}
export type ResultKind = keyof Reports & ProcedureKind;

/** Each kind of procedure with its indicators, in the order of their columns. The next kind is an entry here, and words for its keys. */
const INDICATORS: { readonly [Kind in ResultKind]: readonly Indicator<Reports[Kind]>[] } = {
  attendance: [
    { key: 'classes', unit: 'classes', together: { by: 'sum' }, of: ({ classCount }) => classCount },
    { key: 'learnersFirst', unit: 'learners', together: { by: 'sum' }, of: ({ halfYears }) => halfYears.I.learners },
    { key: 'learnersSecond', unit: 'learners', together: { by: 'sum' }, of: ({ halfYears }) => halfYears.II.learners },
    { key: 'missed', unit: 'lessons', together: { by: 'sum' }, of: ({ year }) => year.missed },
    { key: 'illness', unit: 'lessons', together: { by: 'sum' }, of: ({ year }) => year.illness },
    { key: 'unexcused', unit: 'lessons', together: { by: 'sum' }, of: ({ year }) => year.unexcused },
    {
      key: 'illnessPercent',
      unit: 'percent',
      together: { by: 'share', part: 'illness', whole: 'missed' },
      of: ({ year }) => year.illnessPercent,
    },
    {
      key: 'unexcusedPercent',
      unit: 'percent',
      together: { by: 'share', part: 'unexcused', whole: 'missed' },
      of: ({ year }) => year.unexcusedPercent,
    },
    {
      key: 'missedPerLearner',
      unit: 'lessonsPerLearner',
      together: { by: 'mean' },
      of: ({ year }) => year.missedPerLearner,
    },
  ],
};

export const RESULT_KINDS = Object.keys(INDICATORS) as ResultKind[];

/** An indicator as pages know it. */
export type KnownIndicator = Omit<Indicator<never>, 'of'>;
export const indicatorsOf = (kind: ResultKind): KnownIndicator[] =>
  INDICATORS[kind].map(({ key, unit, together }) => ({ key, unit, together }));

export interface Figure {
  key: string;
  unit: FigureUnit;
  value: number | null;
}

/** One procedure × institution; a correction takes its place. */
export interface Result {
  id: string;
  rev: number;
  kind: ResultKind;
  procedure: string;
  title: string;
  /** First calendar year. */
  academicYear: number;
  institution: string;
  /** Of the institution: whoever reads a territory reads what lies below it. */
  path: string;
  figures: Figure[];
  /** When it was counted. */
  atMs: number;
}

export const resultId = (procedure: string, institution: string): string => `${procedure} ${institution}`;

/** What a report says, over what was said before it. */
export function resultOf<Kind extends ResultKind>(
  procedure: Pick<Procedure, 'id' | 'title' | 'academicYear'> & { kind: Kind },
  institution: { id: string; path: string },
  report: Reports[Kind],
  before: Pick<Result, 'rev'> | null,
  atMs: number,
): Result {
  const { id, kind, title, academicYear } = procedure;
  const indicators: readonly Indicator<Reports[Kind]>[] = INDICATORS[kind];
  return {
    id: resultId(id, institution.id),
    rev: (before?.rev ?? 0) + 1,
    ...{ kind, procedure: id, title, academicYear, institution: institution.id, path: institution.path },
    figures: indicators.map(({ key, unit, of }) => ({ key, unit, value: of(report) })),
    atMs,
  };
}

/** Whether a result is of a kind: while there are few kinds, too. */
export const isOfKind = (result: { kind: string }, kind: string): boolean => result.kind === kind;

export const figureOf = ({ figures }: Pick<Result, 'figures'>, key: string): number | null =>
  figures.find((figure) => figure.key === key)?.value ?? null;

/** Figures of several institutions as one, with what it is of: never a sum that looks like everybody's and is not. */
export interface Gathered {
  key: string;
  unit: FigureUnit;
  by: Together['by'];
  /** Null when nobody told anything, or there is nothing to divide by. */
  value: number | null;
  /** How many results told it, out of how many. */
  told: number;
  of: number;
  /** What a share is of. */
  whole: number | null;
}

/** Results of one procedure, or at least of one kind: figures of different kinds have nothing to be added for. */
export function gather(indicators: readonly KnownIndicator[], results: readonly Pick<Result, 'figures'>[]): Gathered[] {
  return indicators.map(({ key, unit, together }) => {
    const { value, told, whole } = gatherOne(key, together, results);
    return { key, unit, by: together.by, value, told, of: results.length, whole };
  });
}

function gatherOne(
  key: string,
  together: Together,
  results: readonly Pick<Result, 'figures'>[],
): Pick<Gathered, 'value' | 'told' | 'whole'> {
  switch (together.by) {
    case 'sum': {
      const values = toldOf(results, key);
      return { value: values.length > 0 ? sum(values) : null, told: values.length, whole: null };
    }
    case 'mean': {
      const values = toldOf(results, key);
      return {
        value: values.length > 0 ? toTenths(sum(values) / values.length) : null,
        told: values.length,
        whole: null,
      };
    }
    case 'share': {
      const pairs = results.flatMap((result) => {
        const [part, whole] = [figureOf(result, together.part), figureOf(result, together.whole)];
        return part === null || whole === null ? [] : [{ part, whole }];
      });
      const whole = sum(pairs.map((pair) => pair.whole));
      const part = sum(pairs.map((pair) => pair.part));
      return { value: whole > 0 ? Math.round((part * 100) / whole) : null, told: pairs.length, whole };
    }
    default:
      throw together satisfies never;
  }
}

const toldOf = (results: readonly Pick<Result, 'figures'>[], key: string): number[] =>
  results.map((result) => figureOf(result, key)).filter((value) => value !== null);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const toTenths = (value: number): number => Math.round(value * 10) / 10;
