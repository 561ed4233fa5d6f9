import { describe, expect, it } from 'vitest';
import type { Unit } from '../org/unit.ts';
import {
  academicYearName,
  dayEndMs,
  demandKind,
  isOpen,
  openProcedure,
  procedureInputSchema,
  SUBJECTS_MAX,
} from './procedure.ts';

describe('a deadline', () => {
  const procedure = { deadlineMs: dayEndMs('2013-11-29', 'Europe/Moscow') };

  it('[S2-20] holds the whole day in the zone of the region, which was UTC+4 then (domain 5.11)', () => {
    expect(new Date(procedure.deadlineMs).toISOString()).toBe('2013-11-29T20:00:00.000Z');
    expect(isOpen(procedure, Date.UTC(2013, 10, 29, 19, 59, 59, 999))).toBe(true);
  });

  it('[S2-21] is over with the first moment of the next day', () => {
    expect(isOpen(procedure, Date.UTC(2013, 10, 29, 20, 0, 0, 0))).toBe(false);
  });

  it('follows the zone as it was on that day, not a fixed offset (domain 4.3)', () => {
    expect(new Date(dayEndMs('2021-10-15', 'Europe/Moscow')).toISOString()).toBe('2021-10-15T21:00:00.000Z');
    expect(new Date(dayEndMs('2019-10-15', 'Asia/Tomsk')).toISOString()).toBe('2019-10-15T17:00:00.000Z');
  });

  it('[S2-12] names the academic year by both its calendar years', () => {
    expect(academicYearName(2012)).toBe('2012-2013');
  });
});

describe('a procedure of a kind', () => {
  const centre = {
    ...{ name: 'Центр', phone: '+7 000 000-00-01', email: 'centre@example.org' },
    siteUrl: 'https://centre.example.org',
  };
  const given = { title: 'Исследование СПО', academicYear: 2019, deadline: '2019-10-15', centre };
  const study = { ...given, kind: 'study', subjects: ['Физика', 'Химия'] } as const;
  const unit = {
    ...{ id: 'fed', rev: 1, kind: 'federation', name: 'Федеральный организатор', shortName: null, parent: null },
    ...{ path: '/fed/', order: 1, zone: 'Europe/Moscow', status: { status: 'active' } },
  } as const satisfies Unit;

  it('[S1-29] a study is of the federation, with its subjects, and its deadline holds the whole day there', () => {
    expect(openProcedure(procedureInputSchema.parse(study), unit)).toMatchObject({
      ...{ id: 'study-fed-2019', kind: 'study', path: '/fed/', federation: 'fed', subjects: ['Физика', 'Химия'] },
      deadlineMs: dayEndMs('2019-10-15', 'Europe/Moscow'),
    });
  });

  it('a unit that runs none of the kind is refused', () => {
    const region = { ...unit, id: '48', kind: 'region' } as const;
    expect(() => openProcedure(procedureInputSchema.parse(study), region)).toThrow('bad_input');
    const attendance = procedureInputSchema.parse({ ...given, kind: 'attendance' });
    expect(() => openProcedure(attendance, unit)).toThrow('bad_input');
    expect(openProcedure(attendance, region)).toMatchObject({ id: 'attendance-48-2019', region: '48' });
  });

  it('a procedure of another kind is not there for the pages of a kind', () => {
    const opened = openProcedure(procedureInputSchema.parse(study), unit);
    expect(demandKind(opened, 'study')).toBe(opened);
    expect(() => demandKind(opened, 'attendance')).toThrow('not_found');
  });

  it('fields of another kind, no subjects, the same twice, or one more than the limit are refused', () => {
    const isGood = (input: unknown): boolean => procedureInputSchema.safeParse(input).success;
    const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `Предмет ${index}`);
    expect(isGood({ ...given, kind: 'attendance', subjects: [] })).toBe(false);
    expect(isGood({ ...study, subjects: [] })).toBe(false);
    expect(isGood({ ...study, subjects: ['Физика', 'физика'] })).toBe(false);
    expect(isGood({ ...study, subjects: many(SUBJECTS_MAX) })).toBe(true);
    expect(isGood({ ...study, subjects: many(SUBJECTS_MAX + 1) })).toBe(false);
    expect(isGood(given)).toBe(false);
  });
});
