import { describe, expect, it } from 'vitest';
import {
  ATTENDANCE_COLUMNS,
  type AttendanceRow,
  checkAttendance,
  compareClassNames,
  LESSONS_PER_DAY_MAX,
  readClassName,
  readHalfYear,
} from './attendance.form.ts';

const ROW: AttendanceRow = {
  className: '5А',
  halfYear: 'I',
  learners: 25,
  schoolDays: 78,
  missed: 400,
  illness: 300,
  unexcused: 100,
};
const SECOND: AttendanceRow = { ...ROW, halfYear: 'II' };

describe('columns', () => {
  it('[S2-12] the form has the seven columns of the catalogue in their order', () => {
    expect(ATTENDANCE_COLUMNS.map(({ heading }) => heading)).toEqual([
      'Класс',
      'Полугодие (I, II)',
      'Число обучающихся',
      'Учебных дней',
      'Пропущено уроков всего',
      'в т.ч. по болезни',
      'в т.ч. без уважительной причины',
    ]);
  });

  it('every example can be read by its own column', () => {
    for (const { type, example } of ATTENDANCE_COLUMNS)
      if (type.kind === 'term') expect(type.read(example)).toBe(example);
      else expect(Number(example)).toBeLessThanOrEqual(type.max);
  });
});

describe('class names', () => {
  it.each([
    ['5А', '5А'],
    ['5 «А»', '5А'],
    ['10 б', '10Б'],
    ['5-а', '5А'],
    ['5.а', '5А'],
    ['7 "В"', '7В'],
    ['7A', '7А'], // latin
    ['9 c', '9С'], // latin
    ['11 ФМ', '11ФМ'],
    ['5', '5'],
    ['05А', '5А'],
    ['5А класс', '5А'],
    ['5 класс', '5'],
    ['5а кл.', '5А'],
    ['7-2', '7/2'],
    ['7/2', '7/2'],
    [' 5\u00A0А\u200B ', '5А'],
    ['1ё', '1Ё'],
    ['12А', '12А'],
  ])('%j is %s', (written, read) => {
    expect(readClassName(written)).toBe(read);
  });

  it.each(['', 'А', '0А', '13А', '5Z', '5АБВГ', 'старшая группа', '5А и 5Б', '7/0', '__proto__', 'Итого', '5А 2013'])(
    '%j is no class',
    (written) => {
      expect(readClassName(written)).toBeNull();
    },
  );

  it('stand by grade, then by letter', () => {
    expect(['10А', '5Б', '5А', '11', '9В'].sort(compareClassNames)).toEqual(['5А', '5Б', '9В', '10А', '11']);
  });
});

describe('half-years', () => {
  it.each([
    'I',
    '1',
    'i',
    'І',
    'l',
    '|',
    '1 полугодие',
    'I полугодие',
    'I п/г',
    '1-е',
    '1-ое полугодие',
    'первое полугодие',
    ' I. ',
  ])('[S2-12] %j is the first', (written) => {
    expect(readHalfYear(written)).toBe('I');
  });

  it.each(['II', '2', 'ii', 'ІІ', 'll', '||', '2 полугодие', 'II полугод.', '2-е полугодие', 'Второе', 'Ⅱ'])(
    '[S2-12] %j is the second',
    (written) => {
      expect(readHalfYear(written)).toBe('II');
    },
  );

  it.each(['', 'III', '3', '12', 'I и II', 'год', '0', 'полугодие'])('%j is neither', (written) => {
    expect(readHalfYear(written)).toBeNull();
  });
});

describe('rules', () => {
  const codes = (rows: Parameters<typeof checkAttendance>[0]): string[] =>
    checkAttendance(rows).map(({ code, row }) => `${code} ${row}`);

  it('a class with both half-years breaks nothing', () => {
    expect(checkAttendance([ROW, SECOND])).toEqual([]);
  });

  it('[S2-12] a class with one half-year is missing the other', () => {
    expect(checkAttendance([SECOND])).toEqual([
      { code: 'half_year_missing', row: 0, key: 'halfYear', params: { className: '5А', halfYear: 'I' } },
    ]);
  });

  it('nothing is missing where a cell that cannot be read may be it', () => {
    const { halfYear: _, ...unread } = SECOND;
    const { className: __, ...nameless } = SECOND;
    expect(codes([ROW, unread])).toEqual([]);
    expect(codes([ROW, nameless])).toEqual([]);
  });

  it('a class and half-year stands once; the breach names the first', () => {
    expect(checkAttendance([ROW, SECOND, ROW])).toEqual([
      { code: 'row_doubled', row: 2, otherRow: 0, key: 'className', params: { className: '5А', halfYear: 'I' } },
    ]);
  });

  it('the parts may equal the total and not exceed it', () => {
    expect(codes([{ ...ROW, missed: 400 }, SECOND])).toEqual([]);
    expect(codes([{ ...ROW, missed: 399 }, SECOND])).toEqual(['parts_exceed_total 0']);
  });

  it('no more can be missed than learners times days times lessons of a day', () => {
    const missed = 25 * 78 * LESSONS_PER_DAY_MAX;
    expect(codes([{ ...ROW, missed }, SECOND])).toEqual([]);
    expect(codes([{ ...ROW, missed: missed + 1 }, SECOND])).toEqual(['missed_too_many 0']);
  });

  it('a class without learners has missed nothing', () => {
    const empty = { ...ROW, learners: 0, missed: 0, illness: 0, unexcused: 0 };
    expect(codes([empty, SECOND])).toEqual([]);
    expect(codes([{ ...empty, missed: 1 }, SECOND])).toEqual(['missed_too_many 0']);
  });

  it('a row with unread figures is checked by those that could be read', () => {
    expect(codes([{ className: '5А', halfYear: 'I', missed: 1, illness: 1, unexcused: 1 }, SECOND])).toEqual([
      'parts_exceed_total 0',
    ]);
  });
});
