/** What «Люди» shows, and the export that follows it. Pure. */
import { stageOf, type AppointmentView, type Stage } from '#models/people/appointment.ts';
import { ROLES, type Role } from '#models/people/rights.ts';

export interface PeopleFilter {
  stage: Stage | null;
  role: Role | null;
  /** The unit of a part. */
  unit: string | null;
  sought: string;
}

export function isShown(
  appointment: AppointmentView,
  part: string,
  { stage, role, unit, sought }: PeopleFilter,
  nowMs: number,
  roleWord: string,
): boolean {
  const { name, unitName, procedureTitle } = appointment;
  const text = `${name} ${roleWord} ${unitName} ${procedureTitle ?? ''}`.toLocaleLowerCase('ru');
  return (
    (stage === null || stageOf(appointment, nowMs) === stage) &&
    (role === null || appointment.role === role) &&
    (unit === null || part === unit) &&
    text.includes(sought.trim().toLocaleLowerCase('ru'))
  );
}

export const roleOf = (given: string | null): Role | null => ROLES.find((role) => role === given) ?? null;
