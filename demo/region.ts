/** The fictitious region: its tree, its monitoring, and the study that the federation runs in it. All names are invented, institutions are numbered. Pure. */
import type { InstitutionLine, TopInput } from '#models/org/unit.actions.ts';
import type { ProcedureInput } from '#models/procedure/procedure.ts';

export const FEDERATION = {
  ...{ id: 'fed', kind: 'federation', name: 'Федеральный координатор (пример)', zone: 'Europe/Moscow' },
} satisfies TopInput;
export const REGION = { id: '48', name: 'Липецкая область (пример)', zone: 'Europe/Moscow' };

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

/** Colleges of the region; the first `SAMPLED` are drawn into the study. */
export const COLLEGES: readonly { id: string; name: string }[] = Array.from({ length: 6 }, (_, index) => ({
  id: `c48-${index + 1}`,
  name: `ГБПОУ «Колледж № ${index + 1}» (пример)`,
}));
export const SAMPLED = COLLEGES.slice(0, 4).map(({ id }) => id);
/** The college whose head the visitor may be. */
export const VISITORS_COLLEGE = 'c48-1';
export const SCANNING_CENTRE = { id: 'sc48', name: 'РЦОИ, сканирование (пример)' };

/** Colleges that have written: their rooms as printed. */
export const ROOMS: Readonly<Record<string, readonly { name: string; participants: number }[]>> = {
  'c48-1': [
    { name: 'Каб. 12', participants: 4 },
    { name: 'Каб. 14', participants: 4 },
  ],
  'c48-2': [{ name: 'Актовый зал', participants: 12 }],
  'c48-3': [{ name: 'Каб. 3', participants: 6 }],
};
/** Those whose packages are here; that of the third waits for the visitor. */
export const SCANNED: readonly string[] = ['c48-1', 'c48-2'];

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

export function studyAt(nowMs: number): ProcedureInput {
  const { academicYear, deadline, centre } = monitoringAt(nowMs);
  const title = 'Исследование подготовки студентов СПО';
  return { kind: 'study', title, academicYear: academicYear + 1, deadline, centre, subjects: ['Физика', 'Химия'] };
}

export const localAt = (nowMs: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(REGION.zone);
