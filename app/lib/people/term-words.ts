import type { AppointmentView, Term } from '#models/people/appointment.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { formatDate } from '#lib/ui/format.ts';

/** A day of the calendar is the same in every zone. */
export const dayWord = (day: string): string => formatDate(Date.parse(day), { locale: getLocale(), zone: 'UTC' });

export const termWords = ({ from, to }: Pick<Term, 'from' | 'to'>): string =>
  to === null ? m.term_from({ from: dayWord(from) }) : m.term_days({ from: dayWord(from), to: dayWord(to) });

/** Where an appointment is held: the unit, and the room that it is for. */
export const placeWord = ({ unitName, room }: Pick<AppointmentView, 'unitName' | 'room'>): string =>
  room ? m.rooms_where({ unit: unitName, room: room.name }) : unitName;
