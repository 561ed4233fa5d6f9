import { HubError } from '#models/error.ts';

/** A day and time as a person writes it, in the zone of his region; null when he wrote nothing. Errors: HubError `bad_input`. */
export function momentIn(zone: string, written: string): number | null {
  if (written === '') return null;
  try {
    return Temporal.PlainDateTime.from(written).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    throw new HubError('bad_input', { field: 'releaseAt', reason: 'moment' });
  }
}
