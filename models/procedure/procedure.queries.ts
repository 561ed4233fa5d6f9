import type { Context } from '../context.ts';
import { isActive, isWithin } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { KINDS, type ListedProcedure, type ProcedureKind } from './procedure.ts';

export function createProcedureQueries({ procedures, units }: Context) {
  return {
    /** Procedures that a person may know of, latest deadline first: monitorings are public, the others are for those who watch them. */
    async of(person: Person): Promise<ListedProcedure[]> {
      const found = await procedures.list({}, { sort: { deadlineMs: -1 } });
      return found
        .filter(({ id, kind, path }) => {
          const { seenBy } = KINDS[kind];
          return (
            seenBy === null || territories(person, seenBy, id).some((own) => isWithin(own, path) || isWithin(path, own))
          );
        })
        .map(({ id, kind, title }) => ({ id, kind, title }));
    },

    /** Units for which the person may open procedures of a kind. */
    async openedAt(person: Person, kind: ProcedureKind): Promise<{ id: string; name: string }[]> {
      const found = await units.list({ kind: KINDS[kind].runBy }, { sort: { path: 1 } });
      return found
        .filter((unit) => isActive(unit) && isAllowed(person, 'procedures.manage', unit.path))
        .map(({ id, name }) => ({ id, name }));
    },
  };
}
