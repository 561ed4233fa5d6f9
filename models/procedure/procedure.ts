/** A procedure: for now the regional attendance monitoring (S2). Pure, browser-safe but for Temporal, which the server has. */
import { z } from 'zod';

export interface Procedure {
  id: string;
  rev: number;
  kind: 'attendance';
  /** Title as in the centre's link, e.g. «Областной мониторинг посещаемости» (S2-01). */
  title: string;
  /** The region that runs it. */
  region: string;
  /** Path of the region: the territory of the procedure. */
  path: string;
  /** IANA zone of the region: every deadline is read in it (domain 4.3). */
  zone: string;
  /** First calendar year of the academic year the data are of: 2012 for 2012-2013 (S2-12). */
  academicYear: number;
  /** Last local day on which files are accepted, inclusive (S2-20; domain 6.1 row 2). */
  deadline: string;
  /** The moment the deadline's day ends, in milliseconds: from it on uploads are refused (S2-21). */
  deadlineMs: number;
  centre: Centre;
}

/** The regional centre: whom an organizer writes to and calls (S2-04), and its own site (S2-23). */
export interface Centre {
  name: string;
  phone: string;
  email: string;
  siteUrl: string;
}

export const procedureInputSchema = z.strictObject({
  title: z.string().trim().min(5).max(200),
  academicYear: z.coerce.number().int().min(2000).max(2100),
  deadline: z.iso.date(),
  centre: z.strictObject({
    name: z.string().trim().min(2).max(200),
    phone: z.string().trim().min(3).max(60),
    email: z.email().max(120),
    siteUrl: z.url({ protocol: /^https?$/ }).max(300),
  }),
});
export type ProcedureInput = z.infer<typeof procedureInputSchema>;

/**
 * The first moment after a local day, in milliseconds: «до ДАТА» holds the whole day (domain 4.3).
 * Zones are IANA names, because offsets change: Europe/Moscow was UTC+4 in 2013 and is UTC+3 now.
 */
export function dayEndMs(day: string, zone: string): number {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
}

/** Whether files are still accepted. The day is inclusive, the next midnight is not (domain 5.11). */
export const isOpen = (procedure: Pick<Procedure, 'deadlineMs'>, nowMs: number): boolean =>
  nowMs < procedure.deadlineMs;

/** `2012-2013` for 2012. */
export const academicYearName = (firstYear: number): string => `${firstYear}-${firstYear + 1}`;

/** What anyone may know of a procedure. */
export type PublicProcedure = Omit<Procedure, 'rev' | 'path'>;
