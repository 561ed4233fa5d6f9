/**
 * The attendance form (S2-12): its columns, how people write what stands in them, and the rules a filled file must keep.
 * The template, the reader and the words of its findings all come from here. Pure and browser-safe.
 */

export const FORM_ID = 'attendance';
/** Version 1 was never published; it exists so that an old file has something to be refused as. */
export const FORM_VERSION = 2;

/** Name of the sheet with the data; the template makes it, the reader asks for it. */
export const DATA_SHEET = 'Посещаемость';
/** The template is «MS Excel 2003»: what the link prints beside its size (S2-10). */
export const TEMPLATE_PROGRAM = 'MS Excel 2003';

export const FILE_BYTES_MAX = 5 * 1024 * 1024;
export const ROWS_MAX = 2_000;
/** More findings than this are counted, not listed: nobody reads on, and the file goes back annotated anyway. */
export const FINDINGS_LISTED_MAX = 500;
/** What a packed file may grow to, and how steeply once it has grown past the free part. */
export const EXPANDED_BYTES_MAX = 64 * 1024 * 1024;
export const EXPANSION_RATIO_MAX = 150;
export const EXPANSION_FREE_BYTES = 12 * 1024 * 1024;
export const READ_SECONDS_MAX = 10;

export const GRADE_MIN = 1;
export const GRADE_MAX = 12;
export const LEARNERS_MAX = 99;
/** A half-year has at most 26 weeks of six school days. */
export const SCHOOL_DAYS_MAX = 156;
export const LESSONS_PER_DAY_MAX = 8;
export const MISSED_MAX = LEARNERS_MAX * SCHOOL_DAYS_MAX * LESSONS_PER_DAY_MAX;

export const HALF_YEARS = ['I', 'II'] as const;
export type HalfYear = (typeof HALF_YEARS)[number];

/** Attendance of one class in one half-year, as in the class journal. */
export interface AttendanceRow {
  /** Normalised: `5А`, `10Б`, `7/2`. */
  className: string;
  halfYear: HalfYear;
  learners: number;
  schoolDays: number;
  /** Lessons missed by all learners of the class together. */
  missed: number;
  /** Of them by illness. */
  illness: number;
  /** Of them without a valid excuse. */
  unexcused: number;
}

export type AttendanceKey = keyof AttendanceRow;

/** What a cell of a column holds. `term` is a text that people write in several ways and `read` brings to one. */
export type ColumnType =
  | { kind: 'whole'; min: number; max: number }
  | { kind: 'term'; read: (text: string) => string | null; unreadable: 'class_unreadable' | 'half_year_unreadable' };

export interface AttendanceColumn {
  key: AttendanceKey;
  /** The heading exactly as printed in the form (domain.md 5.3). */
  heading: string;
  type: ColumnType;
  /** A filled cell as an example for the template and the findings. */
  example: string;
}

export const ATTENDANCE_COLUMNS: readonly AttendanceColumn[] = [
  {
    key: 'className',
    heading: 'Класс',
    type: { kind: 'term', read: readClassName, unreadable: 'class_unreadable' },
    example: '5А',
  },
  {
    key: 'halfYear',
    heading: 'Полугодие (I, II)',
    type: { kind: 'term', read: readHalfYear, unreadable: 'half_year_unreadable' },
    example: 'I',
  },
  { key: 'learners', heading: 'Число обучающихся', type: whole(LEARNERS_MAX), example: '25' },
  { key: 'schoolDays', heading: 'Учебных дней', type: whole(SCHOOL_DAYS_MAX), example: '80' },
  { key: 'missed', heading: 'Пропущено уроков всего', type: whole(MISSED_MAX), example: '412' },
  { key: 'illness', heading: 'в т.ч. по болезни', type: whole(MISSED_MAX), example: '300' },
  { key: 'unexcused', heading: 'в т.ч. без уважительной причины', type: whole(MISSED_MAX), example: '12' },
];

function whole(max: number): ColumnType {
  return { kind: 'whole', min: 0, max };
}

/** Letters that look the same and are typed in the wrong layout. */
const LATIN_LOOKALIKES = new Map(
  Object.entries({ A: 'А', B: 'В', C: 'С', E: 'Е', H: 'Н', K: 'К', M: 'М', O: 'О', P: 'Р', T: 'Т', X: 'Х', Y: 'У' }),
);

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u00AD\u200B-\u200F\u2060\uFEFF]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `5А`, `5 «А»`, `10 б`, `7-2`, `5 класс`, with latin lookalikes → `5А`, `10Б`, `7/2`, `5`; null when it is no class. */
export function readClassName(text: string): string | null {
  const upper = plain(text)
    .toUpperCase()
    .replace(/["'`«»„“”‘’()]/g, ' ')
    .replace(/(?<=[\d\s.,-])(КЛАСС|КЛ\.?)\s*$/, '')
    .replace(/[\s.,_-]+$/, '');
  const match = /^(\d{1,2})(?:\s*[-/.\s]\s*(\d{1,2})|[\s./-]*([A-ZА-ЯЁ]{1,3}))?$/.exec(upper.trim());
  if (!match) return null;
  const grade = Number(match[1]);
  if (grade < GRADE_MIN || grade > GRADE_MAX) return null;
  if (match[2] !== undefined) return Number(match[2]) > 0 ? `${grade}/${Number(match[2])}` : null;
  let letters = '';
  for (const letter of match[3] ?? '') {
    const cyrillic = /[A-Z]/.test(letter) ? LATIN_LOOKALIKES.get(letter) : letter;
    if (cyrillic === undefined) return null;
    letters += cyrillic;
  }
  return `${grade}${letters}`;
}

/** I, II, 1, 2, «1 полугодие», «II п/г», «первое», with Cyrillic І and small L → I or II; null when it is neither. */
export function readHalfYear(text: string): HalfYear | null {
  const bare = plain(text)
    .toUpperCase()
    .replace(/(П\/Г|ПОЛУГОДИЕ|ПОЛУГОД\.?|ПОЛУГ\.?|П\.)$/, '')
    .replace(/[\s.,-]+$/, '');
  if (/^((1|[IІLӀ|])([\s-]*(ОЕ|Е))?|ПЕРВОЕ)$/.test(bare)) return 'I';
  if (/^((2|[IІLӀ|]{2})([\s-]*(ОЕ|Е))?|ВТОРОЕ)$/.test(bare)) return 'II';
  return null;
}

/** Order of classes as in a school's own lists: by grade, then by letter. */
export function compareClassNames(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10) || (one < other ? -1 : one > other ? 1 : 0);
}

/** What a row or a pair of rows breaks; `row` is an index into the rows given, `key` the column to show it in. */
export interface RuleBreach {
  code: 'row_doubled' | 'half_year_missing' | 'parts_exceed_total' | 'missed_too_many';
  row: number;
  key: AttendanceKey;
  /** Index of the other row, where the breach is between two. */
  otherRow?: number;
  params: Record<string, string | number>;
}

/** A row as far as its cells could be read: cells with errors of their own are absent. */
export type PartialAttendanceRow = Partial<AttendanceRow>;

/** Rules within one row. */
export function checkAttendanceRow(row: PartialAttendanceRow, index: number): RuleBreach[] {
  const { learners, schoolDays, missed, illness, unexcused } = row;
  const breaches: RuleBreach[] = [];
  if (missed !== undefined && illness !== undefined && unexcused !== undefined && illness + unexcused > missed)
    breaches.push({ code: 'parts_exceed_total', row: index, key: 'missed', params: { illness, unexcused, missed } });
  if (learners !== undefined && schoolDays !== undefined && missed !== undefined) {
    const missedMax = learners * schoolDays * LESSONS_PER_DAY_MAX;
    if (missed > missedMax)
      breaches.push({
        code: 'missed_too_many',
        row: index,
        key: 'missed',
        params: { missed, missedMax, learners, schoolDays, lessonsMax: LESSONS_PER_DAY_MAX },
      });
  }
  return breaches;
}

/** All rules of a filled form: within rows, no class and half-year twice, both half-years of every class (S2-12). */
export function checkAttendance(rows: readonly PartialAttendanceRow[]): RuleBreach[] {
  const breaches = rows.flatMap(checkAttendanceRow);
  const firstRows = new Map<string, number>();
  const classes = new Map<string, { row: number; halfYears: Set<HalfYear>; hasUnread: boolean }>();
  // A row whose class cannot be read may be the missing half of any class: nothing is said of those until it can.
  const isSomeClassUnread = rows.some((row) => row.className === undefined);
  rows.forEach(({ className, halfYear }, row) => {
    if (className === undefined) return;
    const found = classes.get(className) ?? { row, halfYears: new Set<HalfYear>(), hasUnread: false };
    classes.set(className, found);
    if (halfYear === undefined) {
      found.hasUnread = true;
      return;
    }
    found.halfYears.add(halfYear);
    const first = firstRows.get(`${className} ${halfYear}`);
    if (first === undefined) firstRows.set(`${className} ${halfYear}`, row);
    else
      breaches.push({ code: 'row_doubled', row, otherRow: first, key: 'className', params: { className, halfYear } });
  });
  if (!isSomeClassUnread)
    for (const [className, { row, halfYears, hasUnread }] of classes) {
      const missing = HALF_YEARS.find((halfYear) => !halfYears.has(halfYear));
      if (missing !== undefined && !hasUnread)
        breaches.push({ code: 'half_year_missing', row, key: 'halfYear', params: { className, halfYear: missing } });
    }
  return breaches.sort((one, other) => one.row - other.row);
}
