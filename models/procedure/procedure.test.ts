import { describe, expect, it } from 'vitest';
import { academicYearName, dayEndMs, isOpen } from './procedure.ts';

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
