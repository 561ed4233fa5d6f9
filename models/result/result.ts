/**
 * The analytical base (S0-08): what came of a procedure for an institution, as figures. Procedures of every kind stand in it
 * side by side. It holds no names and no documents of anybody, and nothing in it leads to them (S0-01; domain 6.1 row 22).
 * Pure, browser-safe.
 */
import type { AttendanceReport } from '../attendance/attendance.report.ts';
import type { Procedure, ProcedureKind } from '../procedure/procedure.ts';

/** What a figure is counted in. */
export type FigureUnit =
  | 'classes'
  | 'learners'
  | 'lessons'
  | 'lessonsPerLearner'
  | 'percent'
  | 'count'
  /** 1 is «yes», 0 is «no». */
  | 'yesNo';

/** How the figures of several institutions make one. A share of all is no average of shares: the small would weigh as the large. */
export type Together =
  | { by: 'sum' }
  | { by: 'mean' }
  | { by: 'share'; part: string; whole: string }
  /** Of figures that carry their part and whole themselves. */
  | { by: 'ownShare' }
  /** Of the institutions that told it, those that said «yes». */
  | { by: 'portion' };

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
  /** Indicators of a survey are data of that procedure, and their titles with them (S4-02). */
  survey: readonly Figure[];
}
export type ResultKind = keyof Reports & ProcedureKind;
type FixedKind = Exclude<ResultKind, 'survey'>;

/** Kinds that have the same indicators in every procedure, in the order of their columns. The next kind is an entry here, and words for its keys. */
const INDICATORS: { readonly [Kind in FixedKind]: readonly Indicator<Reports[Kind]>[] } = {
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

const FIGURES: { readonly [Kind in ResultKind]: (report: Reports[Kind]) => Figure[] } = {
  attendance: (report) => INDICATORS.attendance.map(({ key, unit, of }) => ({ key, unit, value: of(report) })),
  survey: (figures) => [...figures],
};
export const RESULT_KINDS = Object.keys(FIGURES) as ResultKind[];

export interface Figure {
  key: string;
  /** Where the key alone does not say what it is. */
  title?: string;
  unit: FigureUnit;
  value: number | null;
  /** What a share is made of, where no other figures tell it. */
  share?: { part: number; whole: number };
}
/** What tells figures apart: two surveys may call different things by one key. */
export type FigureName = Pick<Figure, 'key' | 'title'>;
const isSameFigure = (one: FigureName, other: FigureName): boolean =>
  one.key === other.key && one.title === other.title;

/** An indicator as pages know it. */
export type KnownIndicator = FigureName & Omit<Indicator<never>, 'of'>;

/** How figures that bring their own titles are put together. */
const BY_UNIT: Partial<Record<FigureUnit, Together>> = { percent: { by: 'ownShare' }, yesNo: { by: 'portion' } };

/** The indicators that results of a kind tell, in the order of their columns. */
export function indicatorsOf(kind: ResultKind, results: readonly Pick<Result, 'figures'>[]): KnownIndicator[] {
  if (kind !== 'survey') return INDICATORS[kind].map(({ key, unit, together }) => ({ key, unit, together }));
  const known: KnownIndicator[] = [];
  for (const figure of results.flatMap(({ figures }) => figures)) {
    const { key, title, unit } = figure;
    if (known.some((one) => isSameFigure(one, figure))) continue;
    known.push({ key, ...(title === undefined ? {} : { title }), unit, together: BY_UNIT[unit] ?? { by: 'sum' } });
  }
  return known;
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
  return {
    id: resultId(id, institution.id),
    rev: (before?.rev ?? 0) + 1,
    ...{ kind, procedure: id, title, academicYear, institution: institution.id, path: institution.path },
    figures: FIGURES[kind](report),
    atMs,
  };
}

/** Whether a result is of a kind: while there are few kinds, too. */
export const isOfKind = (result: { kind: string }, kind: string): boolean => result.kind === kind;

export const figureOf = ({ figures }: Pick<Result, 'figures'>, name: FigureName): number | null =>
  figures.find((figure) => isSameFigure(figure, name))?.value ?? null;

/** Figures of several institutions as one, with what it is of: never a sum that looks like everybody's and is not. */
export interface Gathered extends FigureName {
  unit: FigureUnit;
  by: Exclude<Together['by'], 'ownShare'>;
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
  return indicators.map(({ key, title, unit, together }) => {
    const name = { key, ...(title === undefined ? {} : { title }) };
    const { by } = together;
    return {
      ...{ ...name, by: by === 'ownShare' ? 'share' : by, unit: by === 'portion' ? 'percent' : unit },
      ...gatherOne(name, together, results),
      of: results.length,
    };
  });
}

function gatherOne(
  name: FigureName,
  together: Together,
  results: readonly Pick<Result, 'figures'>[],
): Pick<Gathered, 'value' | 'told' | 'whole'> {
  switch (together.by) {
    case 'sum': {
      const values = toldOf(results, name);
      return { value: values.length > 0 ? sum(values) : null, told: values.length, whole: null };
    }
    case 'mean': {
      const values = toldOf(results, name);
      return {
        value: values.length > 0 ? toTenths(sum(values) / values.length) : null,
        told: values.length,
        whole: null,
      };
    }
    case 'portion': {
      const values = toldOf(results, name);
      return { ...shareOf(values.map((value) => ({ part: value, whole: 1 }))), whole: null };
    }
    case 'ownShare':
      return shareOf(results.flatMap(({ figures }) => figures.find((one) => isSameFigure(one, name))?.share ?? []));
    case 'share': {
      const pairs = results.flatMap((result) => {
        const [part, whole] = [figureOf(result, { key: together.part }), figureOf(result, { key: together.whole })];
        return part === null || whole === null ? [] : [{ part, whole }];
      });
      return shareOf(pairs);
    }
    default:
      throw together satisfies never;
  }
}

function shareOf(pairs: readonly { part: number; whole: number }[]): Pick<Gathered, 'value' | 'told' | 'whole'> {
  const whole = sum(pairs.map((pair) => pair.whole));
  const part = sum(pairs.map((pair) => pair.part));
  return { value: whole > 0 ? Math.round((part * 100) / whole) : null, told: pairs.length, whole };
}

const toldOf = (results: readonly Pick<Result, 'figures'>[], name: FigureName): number[] =>
  results.map((result) => figureOf(result, name)).filter((value) => value !== null);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const toTenths = (value: number): number => Math.round(value * 10) / 10;
