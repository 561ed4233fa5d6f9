/** The table of rights for those who explain it to others. */
import { HubError } from '../error.ts';
import type { Person } from './person.ts';
import { RIGHTS, ROLES, TABLE, territories, type Right, type Role, type RowName } from './rights.ts';

export interface RightsRow {
  name: RowName;
  /** Requirement ids and guards that the row rests on. */
  basis: string;
  rights: Partial<Record<Role, Right>>;
}

export interface RightsTable {
  /** Roles that hold anything; the others are named apart. */
  roles: Role[];
  without: Role[];
  rows: RightsRow[];
  /** What the reader himself holds, with the units it reaches. */
  own: { role: Role; unit: string }[];
}

export function createRightsQueries() {
  return {
    /** Errors: HubError `not_allowed`. */
    table(person: Person): RightsTable {
      if (territories(person, 'rights.view').length === 0) throw new HubError('not_allowed');
      const holds = (role: Role): boolean => RIGHTS[role].length > 0;
      return {
        roles: ROLES.filter(holds),
        without: ROLES.filter((role) => !holds(role)),
        rows: Object.entries(TABLE).map(([name, { basis, cells }]) => ({
          name: name as RowName,
          basis,
          rights: cells,
        })),
        own: person.assignments.map(({ role, unit }) => ({ role, unit })),
      };
    },
  };
}

export type RightsQueries = ReturnType<typeof createRightsQueries>;
