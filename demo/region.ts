/** The fictitious region: its tree and its monitoring. All names are invented, institutions are numbered. Pure. */
import type { InstitutionLine, RegionInput } from '#models/org/unit.actions.ts';
import type { ProcedureInput } from '#models/procedure/procedure.ts';

export const REGION = { id: '48', name: 'Липецкая область (пример)', zone: 'Europe/Moscow' } satisfies RegionInput;

const MUNICIPALITIES = 4;
const INSTITUTIONS_EACH = 30;
const FIRST_NUMBER = 101;

export const INSTITUTIONS: readonly InstitutionLine[] = Array.from(
  { length: MUNICIPALITIES * INSTITUTIONS_EACH },
  (_, index) => ({
    municipality: `Муниципальный округ № ${1 + Math.floor(index / INSTITUTIONS_EACH)}`,
    id: `i48-${index + 1}`,
    name: `МБОУ СОШ № ${FIRST_NUMBER + index}`,
    ownership: 'municipal',
  }),
);

/** The institution whose cabinet the visitor is given; nobody acts for it. */
export const VISITORS_INSTITUTION = 'i48-1';
export const VISITORS_MUNICIPALITY = 'Муниципальный округ № 1';

/** The number in an institution's name: what its people call themselves by. */
export const numberOf = (institution: string): number => FIRST_NUMBER - 1 + Number(institution.replace('i48-', ''));

const DAYS_LEFT = 5;

/** First calendar year of the last academic year that is over: they end with June. */
export function academicYearAt(nowMs: number): number {
  const { year, month } = localAt(nowMs);
  return month > 6 ? year - 1 : year - 2;
}

export const monitoringAt = (nowMs: number): ProcedureInput => ({
  kind: 'attendance',
  title: 'Областной мониторинг посещаемости',
  academicYear: academicYearAt(nowMs),
  deadline: localAt(nowMs).toPlainDate().add({ days: DAYS_LEFT }).toString(),
  centre: {
    name: 'ЦМОКО (пример)',
    phone: '+7 000 000-00-00',
    email: 'centre@example.org',
    siteUrl: 'https://centre.example.org/',
  },
});

export const localAt = (nowMs: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(REGION.zone);
