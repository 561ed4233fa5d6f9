/** Who sees the scanning centres of regions, by the roles that a page knows of its reader. */
import { RIGHTS, type Role } from '#models/people/rights.ts';

export const seesScanningCentres = (roles: readonly string[]): boolean =>
  roles.some((role) => Object.hasOwn(RIGHTS, role) && RIGHTS[role as Role].includes('scanning.view'));
