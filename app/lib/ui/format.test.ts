import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDateTime,
  formatDay,
  formatDuration,
  formatNumber,
  formatPercent,
  formatTime,
  formatZone,
  plural,
  wholePercent,
} from './format.ts';

const school = { one: 'школа', few: 'школы', many: 'школ', other: 'школы' };
const moscow = { locale: 'ru', zone: 'Europe/Moscow' } as const;
const sixPm = Date.UTC(2021, 9, 15, 15, 0, 5);
const HOUR_MS = 3_600_000;

describe('numbers', () => {
  it('are grouped by narrow no-break spaces from the fourth digit on', () => {
    expect(formatNumber(1234, 'ru')).toBe('1\u202f234');
    expect(formatNumber(1234567, 'ru')).toBe('1\u202f234\u202f567');
    expect(formatNumber(999, 'ru')).toBe('999');
  });
  it('carry a true minus and the decimal sign of the language', () => {
    expect(formatNumber(-4.25, 'ru', 1)).toBe('\u22124,3');
    expect(formatNumber(1234.5, 'en', 1)).toBe('1,234.5');
  });
  it.each([
    [1, '1\u00a0школа'],
    [2, '2\u00a0школы'],
    [5, '5\u00a0школ'],
    [11, '11\u00a0школ'],
    [21, '21\u00a0школа'],
    [0, '0\u00a0школ'],
    [1002, '1\u202f002\u00a0школы'],
  ])('%i takes its noun in the right form', (count, text) => {
    expect(formatCount(count, school, 'ru')).toBe(text);
  });
  it('an English noun needs two forms only', () => {
    expect(plural(1, { one: 'school', other: 'schools' }, 'en')).toBe('school');
    expect(plural(2, { one: 'school', other: 'schools' }, 'en')).toBe('schools');
  });
});

describe('percents', () => {
  it('[S0-38] are whole numbers of the total: 271 of 340 is 80%, 69 of 340 is 20%', () => {
    expect(wholePercent(271, 340)).toBe(80);
    expect(wholePercent(69, 340)).toBe(20);
    expect(formatPercent(271, 340)).toBe('80%');
  });
  it('have no value where there is no total', () => {
    expect(wholePercent(0, 0)).toBeNull();
    expect(formatPercent(0, 0)).toBe('—');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0\u00a0б'],
    [512, '512\u00a0б'],
    [38 * 1024, '38\u00a0кб'],
    [1024 * 1024 - 1, '1\u00a0Мб'],
    [4.25 * 1024 * 1024, '4,3\u00a0Мб'],
    [200 * 1024 * 1024, '200\u00a0Мб'],
  ])('%d reads as the sources print sizes', (bytes, text) => {
    expect(formatBytes(bytes, 'ru')).toBe(text);
  });
  it('has English units', () => {
    expect(formatBytes(38 * 1024, 'en')).toBe('38\u00a0KB');
  });
});

describe('durations', () => {
  it.each([
    [76 * HOUR_MS, '3\u00a0дня 4\u00a0ч'],
    [24 * HOUR_MS, '1\u00a0день'],
    [5 * 24 * HOUR_MS, '5\u00a0дней'],
    [4.2 * HOUR_MS, '4\u00a0ч 12\u00a0мин'],
    [12 * 60_000, '12\u00a0мин'],
    [30_000, 'меньше минуты'],
    [-5, 'меньше минуты'],
  ])('%d ms', (durationMs, text) => {
    expect(formatDuration(durationMs, 'ru')).toBe(text);
  });
  it('counts seconds in the last hour when asked', () => {
    expect(formatDuration(12 * 60_000 + 5000, 'ru', { seconds: true })).toBe('12\u00a0мин 5\u00a0с');
    expect(formatDuration(0, 'ru', { seconds: true })).toBe('0\u00a0с');
  });
  it('is a full second language', () => {
    expect(formatDuration(76 * HOUR_MS, 'en')).toBe('3\u00a0days 4\u00a0h');
  });
});

describe('dates and times', () => {
  it('are 15.10.2021 and 18:00 in the zone asked for', () => {
    expect(formatDate(sixPm, moscow)).toBe('15.10.2021');
    expect(formatTime(sixPm, moscow)).toBe('18:00');
    expect(formatTime(sixPm, moscow, { seconds: true })).toBe('18:00:05');
    expect(formatDateTime(sixPm, moscow)).toBe('15.10.2021\u00a018:00');
    expect(formatDay(sixPm, moscow)).toBe('15\u00a0октября');
  });
  it('midnight is 00:00, not 24:00', () => {
    expect(formatTime(Date.UTC(2021, 9, 14, 21), moscow)).toBe('00:00');
  });
  it('the zone is named only when it is not the viewer’s', () => {
    const ural = { locale: 'ru', zone: 'Asia/Yekaterinburg' } as const;
    expect(formatTime(sixPm, ural, { viewerZone: 'Europe/Moscow' })).toBe('20:00\u00a0МСК+2');
    expect(formatTime(sixPm, ural, { viewerZone: 'Asia/Yekaterinburg' })).toBe('20:00');
    expect(formatZone(sixPm, { locale: 'ru', zone: 'Europe/Kaliningrad' })).toBe('МСК\u22121');
    expect(formatZone(sixPm, { locale: 'en', zone: 'Asia/Kolkata' })).toBe('UTC+5:30');
  });
  it('English writes the month by name, so that 10/11 is never misread', () => {
    expect(formatDate(sixPm, { locale: 'en', zone: 'Europe/Moscow' })).toBe('15 Oct 2021');
  });
});
