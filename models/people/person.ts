/** Who a person is to the hub: assignments, and the one table of what a role may do (domain 2.2). Pure, browser-safe. */
import { defineAbility, type MongoAbility } from '@casl/ability';
import { z } from 'zod';

export const ROLES = [
  'administrator',
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionCoordinator',
] as const;
export type Role = (typeof ROLES)[number];

/** A role, bound to one org unit; it reaches that unit and everything below. */
export interface Assignment {
  role: Role;
  unit: string;
  /** Materialised path of the unit. */
  path: string;
}

export interface Person {
  id: string;
  name: string;
  username: string;
  assignments: Assignment[];
}

export const CAPABILITIES = [
  'units.manage',
  'procedures.manage',
  'people.manage',
  'board.view',
  'access.grant', // let a registered institution into its cabinet (S2-08)
  'submission.view', // files sent, their errors (domain 2.2: the municipality sees states and reports, not files)
  'submission.send', // only the institution coordinator submits for the institution (G-14)
  'report.view',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Domain 2.2, the rows that exist so far. */
export const RIGHTS: Record<Role, readonly Capability[]> = {
  administrator: ['units.manage', 'procedures.manage', 'people.manage'],
  regionalCoordinator: ['procedures.manage', 'board.view', 'access.grant', 'submission.view', 'report.view'],
  municipalCoordinator: ['board.view', 'report.view'],
  institutionCoordinator: ['submission.view', 'submission.send', 'report.view'],
};

/** The abilities of a person as CASL rules over paths. */
export function abilityOf(person: Pick<Person, 'assignments'>): MongoAbility {
  return defineAbility((allow) => {
    for (const { role, path } of person.assignments)
      for (const capability of RIGHTS[role])
        allow(capability, 'Unit', { path: { $regex: `^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}` } });
  });
}

/** Whether a person holds a capability over the unit at `path`. */
export function isAllowed(person: Pick<Person, 'assignments'>, capability: Capability, path: string): boolean {
  return abilityOf(person).can(capability, { __caslSubjectType__: 'Unit', path } as never);
}

/** The paths of the territories over which a person holds a capability: what queries filter by. */
export function territories(person: Pick<Person, 'assignments'>, capability: Capability): string[] {
  const paths = person.assignments.filter(({ role }) => RIGHTS[role].includes(capability)).map(({ path }) => path);
  return paths.filter((path) => !paths.some((other) => other !== path && path.startsWith(other)));
}

export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 128;
export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,39}$/);
export const passwordSchema = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);
export const personNameSchema = z.string().trim().min(2).max(120);
