/** What pages read of rollups: a territory with its parts, and the way down into them. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { rollupStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { publicProcedure } from '../participation/participation.queries.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import type { PublicProcedure } from '../procedure/procedure.ts';
import { inOrder, type Rollup } from './rollup.ts';
import { rollupRow } from './rollup.store.ts';

export interface Overview {
  procedure: PublicProcedure;
  unit: { id: string; name: string; kind: Unit['kind'] };
  /** The units above that the person may look at too, from the top. */
  above: { id: string; name: string }[];
  rollup: Snapshot<Rollup>;
}

export function createRollupQueries(context: Context) {
  const { journal, units, procedures, rollupRows } = context;

  /** Position first, then the rows. */
  async function rollupOf(procedureId: string, unitId: string): Promise<Snapshot<Rollup>> {
    const stream = rollupStream(procedureId, unitId);
    const position = await positionOf(journal, stream);
    const rows = await rollupRows.list({ stream });
    return { stream, position, state: { unit: unitId, rows: inOrder(rows.map(rollupRow)) } };
  }

  return {
    rollup: rollupOf,

    /** The widest territory of the person in a procedure that has parts, or null: then his board is all there is. */
    async top(person: Person, procedureId: string): Promise<string | null> {
      const procedure = await procedures.getOf('attendance', procedureId);
      const paths = territories(person, 'board.view', procedure.id).map((path) =>
        isWithin(procedure.path, path) ? procedure.path : path,
      );
      const tops = await units.list({ path: { $in: paths.filter((path) => isWithin(path, procedure.path)) } });
      const wide = tops.filter(({ kind }) => kind === 'federation' || kind === 'region');
      return wide.sort((a, b) => a.path.length - b.path.length)[0]?.id ?? null;
    },

    /** A territory with its parts. Errors: HubError `not_allowed`, `not_found`. */
    async overview(person: Person, procedureId: string, unitId: string): Promise<Overview> {
      const [procedure, unit] = await Promise.all([procedures.getOf('attendance', procedureId), units.find(unitId)]);
      if (!unit || !isWithin(unit.path, procedure.path) || !isAllowed(person, 'board.view', unit.path, procedure.id))
        throw new HubError('not_allowed');
      if (unit.kind !== 'federation' && unit.kind !== 'region') throw new HubError('not_found');
      const above = (await units.list({ _id: { $in: unit.path.split('/').filter(Boolean) } }))
        .filter(({ id, path }) => id !== unit.id && isWithin(path, procedure.path))
        .filter(({ path }) => isAllowed(person, 'board.view', path, procedure.id))
        .sort((a, b) => a.path.length - b.path.length);
      return {
        procedure: publicProcedure(procedure),
        unit: { id: unit.id, name: unit.name, kind: unit.kind },
        above: above.map(({ id, name }) => ({ id, name })),
        rollup: await rollupOf(procedure.id, unit.id),
      };
    },
  };
}

export type RollupQueries = ReturnType<typeof createRollupQueries>;
