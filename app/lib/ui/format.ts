/**
 * How the hub writes numbers, dates and times. Pure: no clock, no ambient locale or zone.
 * Numbers carry narrow no-break spaces (U+202F), so that «1 234» never breaks over a line.
 */
export type Locale = 'ru' | 'en';

export type PluralForms = { one: string; few?: string | undefined; many?: string | undefined; other: string };

const THIN = '\u202f';
const NO_BREAK = '\u00a0';
const tag = (locale: Locale) => (locale === 'ru' ? 'ru-RU' : 'en-GB');

const cache = new Map<string, unknown>();
function once<T>(key: string, make: () => T): T {
  const found = cache.get(key);
  if (found !== undefined) return found as T;
  const made = make();
  cache.set(key, made);
  return made;
}

const numberFormat = (locale: Locale, digits: number, digitsMin: number) =>
  once(
    `n${locale}${digits}${digitsMin}`,
    () =>
      new Intl.NumberFormat(tag(locale), {
        minimumFractionDigits: digitsMin,
        maximumFractionDigits: digits,
        useGrouping: 'always',
      }),
  );

const formatted = (value: number, format: Intl.NumberFormat): string =>
  format
    .format(value)
    .replace(/[\u00a0\u202f]/g, THIN)
    .replace(/^-/, '\u2212');

/** `1234567` → «1 234 567»; in English `1,234,567`. */
export function formatNumber(value: number, locale: Locale, digits = 0): string {
  return formatted(value, numberFormat(locale, digits, 0));
}

/** Always as many decimals as asked for, so that the commas of a column stand under each other: «9,0», «11,5». */
export function formatFixed(value: number, locale: Locale, digits: number): string {
  return formatted(value, numberFormat(locale, digits, digits));
}

/** The form of a noun for a count: `plural(2, { one: 'школа', few: 'школы', many: 'школ', other: 'школы' }, 'ru')` → «школы». */
export function plural(count: number, forms: PluralForms, locale: Locale): string {
  const rules = once(`p${locale}`, () => new Intl.PluralRules(tag(locale)));
  switch (rules.select(count)) {
    case 'one':
      return forms.one;
    case 'few':
      return forms.few ?? forms.other;
    case 'many':
      return forms.many ?? forms.other;
    default:
      return forms.other;
  }
}

/** «5 школ»: number and noun, held together. */
export function formatCount(count: number, forms: PluralForms, locale: Locale): string {
  return `${formatNumber(count, locale)}${NO_BREAK}${plural(count, forms, locale)}`;
}

/** Share in whole percents of the total (S0-38), or null when there is no total. */
export function wholePercent(part: number, total: number): number | null {
  return total > 0 ? Math.round((part / total) * 100) : null;
}

/** «80%», or «—» when there is no total to take a share of. */
export function formatPercent(part: number, total: number): string {
  const percent = wholePercent(part, total);
  return percent === null ? '—' : `${percent}%`;
}

const byteUnits: Record<Locale, readonly string[]> = {
  ru: ['б', 'кб', 'Мб', 'Гб', 'Тб'],
  en: ['B', 'KB', 'MB', 'GB', 'TB'],
};

/** «38 кб» as the sources print it: whole bytes and kilobytes, one decimal from megabytes on. */
export function formatBytes(bytes: number, locale: Locale): string {
  const units = byteUnits[locale];
  let value = bytes;
  let unit = 0;
  while (unit < units.length - 1 && (unit < 2 ? Math.round(value) : Math.round(value * 10) / 10) >= 1024) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value, locale, unit < 2 ? 0 : 1)}${NO_BREAK}${units[unit] ?? ''}`;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const dayForms: Record<Locale, PluralForms> = {
  ru: { one: 'день', few: 'дня', many: 'дней', other: 'дня' },
  en: { one: 'day', other: 'days' },
};
const shortUnits: Record<Locale, { hour: string; minute: string; second: string; lessThanMinute: string }> = {
  ru: { hour: 'ч', minute: 'мин', second: 'с', lessThanMinute: 'меньше минуты' },
  en: { hour: 'h', minute: 'min', second: 's', lessThanMinute: 'less than a minute' },
};

/**
 * «3 дня 4 ч», «4 ч 12 мин», «12 мин», «меньше минуты»: at most two units, rounded down, never a zero unit.
 * With `seconds`, the last hour also counts seconds: «12 мин 5 с».
 */
export function formatDuration(durationMs: number, locale: Locale, { seconds = false } = {}): string {
  const total = Math.max(0, durationMs);
  const units = shortUnits[locale];
  const days = Math.floor(total / DAY_MS);
  const hours = Math.floor((total % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((total % HOUR_MS) / MINUTE_MS);
  const rest = Math.floor((total % MINUTE_MS) / SECOND_MS);
  const part = (value: number, unit: string) => (value > 0 ? `${formatNumber(value, locale)}${NO_BREAK}${unit}` : '');
  const join = (...parts: string[]) => parts.filter((text) => text !== '').join(' ');

  if (days > 0) return join(formatCount(days, dayForms[locale], locale), part(hours, units.hour));
  if (hours > 0) return join(part(hours, units.hour), part(minutes, units.minute));
  if (seconds) return join(part(minutes, units.minute), part(rest, units.second)) || `0${NO_BREAK}${units.second}`;
  return part(minutes, units.minute) || units.lessThanMinute;
}

/** An IANA zone, `'Europe/Moscow'`. */
export type Zone = string;
export type Place = { locale: Locale; zone: Zone };

/** «15.10.2021»; in English «15 Oct 2021». */
export function formatDate(atMs: number, { locale, zone }: Place): string {
  return once(
    `d${locale}${zone}`,
    () =>
      new Intl.DateTimeFormat(tag(locale), {
        timeZone: zone,
        day: locale === 'ru' ? '2-digit' : 'numeric',
        month: locale === 'ru' ? '2-digit' : 'short',
        year: 'numeric',
      }),
  ).format(atMs);
}

/** «15 октября», «15 October»: for sentences. */
export function formatDay(atMs: number, { locale, zone }: Place): string {
  return once(
    `m${locale}${zone}`,
    () => new Intl.DateTimeFormat(tag(locale), { timeZone: zone, day: 'numeric', month: 'long' }),
  )
    .format(atMs)
    .replace(' ', NO_BREAK);
}

export type TimeOptions = { seconds?: boolean | undefined; viewerZone?: Zone | undefined };

/** «18:00», «18:00:05»; with `viewerZone`, the zone is named when it is not the viewer's: «18:00 МСК+2». */
export function formatTime(atMs: number, { locale, zone }: Place, options: TimeOptions = {}): string {
  const seconds = options.seconds ?? false;
  const text = once(
    `t${locale}${zone}${seconds}`,
    () =>
      new Intl.DateTimeFormat(tag(locale), {
        timeZone: zone,
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        ...(seconds ? { second: '2-digit' as const } : {}),
      }),
  ).format(atMs);
  const foreign =
    options.viewerZone !== undefined && zoneOffsetMin(atMs, zone) !== zoneOffsetMin(atMs, options.viewerZone);
  return foreign ? `${text}${NO_BREAK}${formatZone(atMs, { locale, zone })}` : text;
}

/** «15.10.2021 18:00». */
export function formatDateTime(atMs: number, place: Place, options: TimeOptions = {}): string {
  return `${formatDate(atMs, place)}${NO_BREAK}${formatTime(atMs, place, options)}`;
}

/** Minutes the zone is ahead of UTC at that moment. */
export function zoneOffsetMin(atMs: number, zone: Zone): number {
  const parts = once(
    `o${zone}`,
    () => new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }),
  ).formatToParts(atMs);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** A zone as people here name it: «МСК», «МСК+2», «МСК−1»; in English «UTC+3». */
export function formatZone(atMs: number, { locale, zone }: Place): string {
  const minutes = zoneOffsetMin(atMs, zone) - (locale === 'ru' ? zoneOffsetMin(atMs, 'Europe/Moscow') : 0);
  const base = locale === 'ru' ? 'МСК' : 'UTC';
  if (minutes === 0) return base;
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  return `${base}${minutes < 0 ? '\u2212' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}
