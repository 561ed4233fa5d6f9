import type { Context } from '../context.ts';
import { differencesOf } from '../deeds/deed.ts';
import { HubError } from '../error.ts';
import type { BoardListActions } from '../participation/board-list.actions.ts';
import { type Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { dayEndMs, procedureInputSchema, type Procedure } from './procedure.ts';

export function createProcedureActions(
  { procedures, units, journal, together, now }: Context,
  boards: BoardListActions,
) {
  return {
    /** Opens the attendance monitoring of a region for one academic year. */
    async create(person: Person, regionId: string, input: unknown): Promise<Procedure> {
      const { title, academicYear, deadline, centre } = procedureInputSchema.parse(input);
      const region = await units.get(regionId);
      if (!isAllowed(person, 'procedures.manage', region.path)) throw new HubError('not_allowed');
      if (region.kind !== 'region' || region.zone === null) throw new HubError('not_found');
      const procedure: Procedure = {
        id: `attendance-${region.id}-${academicYear}`,
        rev: 1,
        kind: 'attendance',
        title,
        region: region.id,
        path: region.path,
        zone: region.zone,
        academicYear,
        deadline,
        deadlineMs: dayEndMs(deadline, region.zone),
        centre,
      };
      await together(async (session) => {
        await procedures.save(procedure, session);
        await journal.note(
          {
            actor: person.id,
            atMs: now(),
            note: {
              kind: 'procedure.opened',
              path: region.path,
              subject: procedure.id,
              subjectName: title,
              differences: differencesOf(null, { title, deadline }),
            },
          },
          session,
        );
      });
      await boards.relist(procedure.path);
      return procedure;
    },
  };
}
