/** Who watches surveys or opens them, by the roles that a page knows of its reader. */
import { RIGHTS, type Role } from '#models/people/rights.ts';

export const seesSurveys = (roles: readonly string[]): boolean =>
  roles.some(
    (role) =>
      Object.hasOwn(RIGHTS, role) &&
      (RIGHTS[role as Role].includes('board.view') || RIGHTS[role as Role].includes('procedures.manage')),
  );
