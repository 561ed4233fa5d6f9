/** Who sees the tree and who changes it, by the roles that a page knows of its reader. */
import { RIGHTS, type Role } from '#models/people/rights.ts';

const holds = (roles: readonly string[], capability: (typeof RIGHTS)[Role][number]): boolean =>
  roles.some((role) => Object.hasOwn(RIGHTS, role) && RIGHTS[role as Role].includes(capability));

export const seesDeeds = (roles: readonly string[]): boolean => holds(roles, 'deeds.view');
export const seesRights = (roles: readonly string[]): boolean => holds(roles, 'rights.view');
export const seesResults = (roles: readonly string[]): boolean => holds(roles, 'results.view');
export const seesUnits = (roles: readonly string[]): boolean => holds(roles, 'units.view');
export const seesPeople = (roles: readonly string[]): boolean => holds(roles, 'people.view');
export const managesUnits = (roles: readonly string[]): boolean => holds(roles, 'units.manage');
