/** The hub's clock in the demonstration: the real one, but for the opening, whose days lie behind. */
import { localAt, REGION } from './region.ts';

export interface Clock {
  now: () => number;
  /** Goes to a moment of the past; never back. */
  moveTo(momentMs: number): void;
  followReal(): void;
}

export function createClock(real: () => number = Date.now): Clock {
  let behindMs = 0;
  return {
    now: () => real() - behindMs,
    moveTo(momentMs) {
      behindMs = Math.max(0, behindMs === 0 ? real() - momentMs : Math.min(behindMs, real() - momentMs));
    },
    followReal() {
      behindMs = 0;
    },
  };
}

export const WORKING_DAYS = 5;
export const WORKING_MINUTES = 510;
const DAY_BEGINS = { hour: 8, minute: 30 };
const SATURDAY = 6;

/** The moment of a working minute, counted over the last five working days before today. */
export function workingMoment(minute: number, nowMs: number): number {
  const days: Temporal.PlainDate[] = [];
  for (let day = localAt(nowMs).toPlainDate(); days.length < WORKING_DAYS;) {
    day = day.subtract({ days: 1 });
    if (day.dayOfWeek < SATURDAY) days.unshift(day);
  }
  const index = Math.min(WORKING_DAYS - 1, Math.max(0, Math.floor(minute / WORKING_MINUTES)));
  const day = days[index];
  if (!day) throw new Error('a week has five working days');
  return day
    .toPlainDateTime(DAY_BEGINS)
    .add({ seconds: Math.round((minute - index * WORKING_MINUTES) * 60) })
    .toZonedDateTime(REGION.zone).epochMilliseconds;
}
