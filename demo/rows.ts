/** Plausible attendance of an institution, and what people do to it on the way into a file. Pure. */
import type { AttendanceRow, HalfYear } from '#models/attendance/attendance.form.ts';
import type { FileKind } from './cast.ts';
import type { Chance } from '#chance/chance.ts';
import { createChance } from './chance.ts';

export type CellValue = string | number | null;

const LETTERS = ['А', 'Б', 'В', 'Г'] as const;
const GRADES = 11;

/** The truth of an institution by its journals; a later attempt knows a few figures better. */
export function attendanceOf(seed: number, institution: string, attempt: number): AttendanceRow[] {
  const chance = createChance(seed, `rows ${institution}`);
  const parallels = chance.oneOf([1, 1, 2, 2, 3, 4] as const);
  const isRural = parallels === 1;
  const rows: AttendanceRow[] = [];
  for (let grade = 1; grade <= GRADES; grade++) {
    const classes = grade > 9 ? Math.max(1, parallels - 2) : parallels;
    for (const letter of LETTERS.slice(0, classes)) {
      const className = classes === 1 && isRural ? String(grade) : `${grade}${letter}`;
      const learners = isRural ? chance.whole(6, 19) : chance.whole(21, 32);
      rows.push(halfYearOf(chance, className, grade, 'I', learners));
      rows.push(halfYearOf(chance, className, grade, 'II', Math.max(1, learners + chance.whole(-1, 1))));
    }
  }
  const later = createChance(seed, `rows ${institution} ${attempt}`);
  return attempt === 0 ? rows : rows.map((row) => (later.happens(0.1) ? recounted(row, later) : row));
}

function halfYearOf(
  chance: Chance,
  className: string,
  grade: number,
  halfYear: HalfYear,
  learners: number,
): AttendanceRow {
  const schoolDays =
    halfYear === 'I' ? chance.whole(76, 80) : grade === 1 ? chance.whole(82, 86) : chance.whole(88, 93);
  // Winter and spring are the months of illness; the older ones miss more without an excuse.
  const missed = Math.round(learners * (chance.whole(9, 26) + (halfYear === 'II' ? chance.whole(3, 14) : 0)));
  const illness = Math.round((missed * chance.whole(58, 82)) / 100);
  const unexcused = Math.round((missed * chance.whole(0, 2 + Math.round(grade / 1.5))) / 100);
  return { className, halfYear, learners, schoolDays, missed, illness, unexcused };
}

const recounted = (row: AttendanceRow, chance: Chance): AttendanceRow => ({
  ...row,
  missed: row.missed + chance.whole(1, 9),
});

/** Cells in the order of the form's columns. */
export const cellsOf = (row: AttendanceRow): CellValue[] => [
  row.className,
  row.halfYear,
  row.learners,
  row.schoolDays,
  row.missed,
  row.illness,
  row.unexcused,
];

/** The rows of one attempt as they are typed into the file. */
export function typedRows(seed: number, institution: string, kind: FileKind, attempt: number): CellValue[][] {
  const rows = attendanceOf(seed, institution, attempt).map(cellsOf);
  const chance = createChance(seed, `typing ${institution} ${attempt}`);
  switch (kind) {
    case 'messy':
      return typedLoosely(rows, chance);
    case 'slips':
      return typedWrongly(rows, chance);
    case 'halfYearLost':
      return rows.filter((row, index) => row[1] === 'I' || index > 8);
    case 'good':
    case 'foreign':
    case 'csv':
    case 'again':
      return rows;
    default:
      throw kind satisfies never;
  }
}

/** As people write: understood all the same. */
function typedLoosely(rows: CellValue[][], chance: Chance): CellValue[][] {
  const typed = rows.map(([className = null, halfYear = null, ...figures]) => [
    chance.happens(0.4) ? String(className).replace(/(\d+)(\D+)/, '$1 «$2»') : className,
    chance.happens(0.3) ? (halfYear === 'I' ? '1 полугодие' : '2 полугодие') : halfYear,
    ...figures.map((figure) => (chance.happens(0.1) ? ` ${String(figure)} ` : figure)),
  ]);
  const totals = [2, 4, 5, 6].reduce<CellValue[]>(
    (line, column) =>
      line.with(
        column,
        rows.reduce((sum, row) => sum + Number(row[column]), 0),
      ),
    ['Итого', null, null, null, null, null, null],
  );
  return [...typed, totals];
}

type Slip = (row: CellValue[], chance: Chance) => CellValue[];
const SLIPS: readonly [Slip, ...Slip[]] = [
  (row) => row.with(2, `${String(row[2])} чел.`),
  (row) => row.with(3, null),
  (row) => row.with(6, 'нет'),
  (row) => row.with(5, Number(row[4]) + 15), // by illness more than altogether
  (row) => row.with(2, Number(row[2]) * 10), // a finger slipped
  (row) => row.with(4, `${String(row[4])},5`),
  (row) => row.with(0, 'класс коррекции'),
  (row) => row.with(1, 'год'),
];

/** A few cells wrong in ways the hub must name; sometimes a row is there twice. */
function typedWrongly(rows: CellValue[][], chance: Chance): CellValue[][] {
  const places = chance.shuffled(rows.map((_, index) => index)).slice(0, chance.whole(2, 6));
  const typed = rows.map((row, index) => (places.includes(index) ? chance.oneOf(SLIPS)(row, chance) : row));
  const [first] = typed;
  return first && chance.happens(0.3) ? [...typed, first] : typed;
}
