import type { Context } from '../context.ts';
import { differencesOf } from '../deeds/deed.ts';
import { HubError } from '../error.ts';
import type { BoardListActions } from '../participation/board-list.actions.ts';
import { type Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import type { SurveyListActions } from '../survey/survey-list.actions.ts';
import { openProcedure, procedureInputSchema, type Procedure } from './procedure.ts';

export function createProcedureActions(
  { procedures, units, journal, together, now }: Context,
  boards: BoardListActions,
  surveyLists: SurveyListActions,
) {
  return {
    /** Opens a procedure of the unit that runs it, for one academic year. Errors: HubError `not_allowed`, `bad_input`, `stale_write` for one that is open. */
    async create(person: Person, unitId: string, input: unknown): Promise<Procedure> {
      const unit = await units.get(unitId);
      if (!isAllowed(person, 'procedures.manage', unit.path)) throw new HubError('not_allowed');
      const procedure = openProcedure(procedureInputSchema.parse(input), unit);
      const { title, deadline } = procedure;
      await together(async (session) => {
        await procedures.save(procedure, session);
        await journal.note(
          {
            actor: person.id,
            atMs: now(),
            note: {
              kind: 'procedure.opened',
              path: unit.path,
              subject: procedure.id,
              subjectName: title,
              differences: differencesOf(null, { title, deadline }),
            },
          },
          session,
        );
      });
      if (procedure.kind === 'attendance') await boards.relist(procedure.path);
      if (procedure.kind === 'survey') await surveyLists.listAll(procedure);
      return procedure;
    },
  };
}
