/**
 * Keeps the rollups: reads the counters of streams from their heads and writes them into the rows above, over the revision that
 * was read. Any node may do it at any time: a row only ever moves forward in the sequence of its stream, so doing it twice, or by
 * two nodes at once, changes nothing.
 */
import type { Context } from '../context.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import type { Entity, EntityStore } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import type { CountedHead } from '../journal/journal.store.ts';
import { parseStream, rollupStream, type BoardStream, type RollupStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { countsDifference, readHeadCounts } from '../participation/board.ts';
import { rollupRow, type KeptRollupRow } from './rollup.store.ts';

/** Streams that have counters a rollup is made of. */
export type CountedStream = BoardStream | RollupStream;

export const isCounted = (stream: string): stream is CountedStream => {
  const kind = parseStream(stream)?.kind;
  return kind === 'board' || kind === 'rollup';
};

const isBehind = (row: KeptRollupRow | undefined, head: CountedHead): boolean =>
  row?.epoch !== head.epoch || row.seq < head.seq;

export function createRollupActions(context: Context) {
  const { journal, units, procedures, rollupRows, now } = context;

  /** Where the figures of a stream go. */
  interface Place {
    unit: Unit;
    procedure: string;
    above: Unit;
  }

  /** The places of streams; none for the top of a procedure's territory, and for what is gone. */
  async function placesOf(streams: readonly CountedStream[]): Promise<Map<CountedStream, Place>> {
    const parsed = streams.flatMap((stream) => {
      const name = parseStream(stream);
      if (name?.kind === 'board') return [{ stream, unit: name.parts.municipality, procedure: name.parts.procedure }];
      return name?.kind === 'rollup' ? [{ stream, unit: name.parts.unit, procedure: name.parts.procedure }] : [];
    });
    const [below, procedureById] = await Promise.all([
      byIdOf(
        units,
        parsed.map(({ unit }) => unit),
      ),
      byIdOf(
        procedures,
        parsed.map(({ procedure }) => procedure),
      ),
    ]);
    const above = await byIdOf(
      units,
      [...below.values()].flatMap(({ parent }) => (parent === null ? [] : [parent])),
    );
    const places = new Map<CountedStream, Place>();
    for (const { stream, unit: unitId, procedure: procedureId } of parsed) {
      const [unit, procedure] = [below.get(unitId), procedureById.get(procedureId)];
      if (!unit || !procedure) continue;
      // What stands directly under a region counts in the region's own rollup, beside its municipalities.
      const isOwn = stream.startsWith('board:') && unit.kind === 'region';
      const over = isOwn ? unit : above.get(unit.parent ?? '');
      if (over && isWithin(over.path, procedure.path))
        places.set(stream, { unit, procedure: procedure.id, above: over });
    }
    return places;
  }

  /** Writes one row; false when another node was faster. */
  async function writeRow(head: CountedHead, present: KeptRollupRow | undefined, place: Place): Promise<boolean> {
    const child = head.stream as CountedStream;
    const { unit, procedure, above } = place;
    const stream = rollupStream(procedure, above.id);
    const row: KeptRollupRow = {
      id: child,
      rev: (present?.rev ?? 0) + 1,
      stream,
      unit: unit.id,
      name: unit.name,
      order: unit.order,
      isRollup: child.startsWith('rollup:'),
      counts: readHeadCounts(head.counters),
      epoch: head.epoch,
      seq: head.seq,
    };
    const fact: Fact = {
      stream,
      type: 'rollupChanged',
      entity: child,
      rev: row.rev,
      body: { row: rollupRow(row) },
      counted: countsDifference(present?.counts ?? readHeadCounts({}), row.counts),
    };
    // The command is named after what it says: a second node that says the same is turned away whole.
    const commandId = `${child} ${head.epoch} ${head.seq}`;
    try {
      await journal.record({ actor: 'hub', atMs: now(), commandId }, [fact], (session) =>
        rollupRows.save(row, session),
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error) || (error instanceof HubError && error.code === 'stale_write')) return false;
      throw error;
    }
  }

  /** Brings the rows of these heads up to date; returns how many were written. Heads are read before rows: a row that is newer than its head is left alone. */
  async function rollUp(heads: readonly CountedHead[]): Promise<number> {
    const rows = await rollupRows.list({ _id: { $in: heads.map(({ stream }) => stream) } });
    const byId = new Map<string, KeptRollupRow>(rows.map((row) => [row.id, row]));
    const behind = heads.filter((head) => isBehind(byId.get(head.stream), head));
    const places = await placesOf(behind.map(({ stream }) => stream as CountedStream));
    const written = await Promise.all(
      behind.map(async (head) => {
        const place = places.get(head.stream as CountedStream);
        return place !== undefined && (await writeRow(head, byId.get(head.stream), place));
      }),
    );
    return written.filter(Boolean).length;
  }

  /** Boards first: what they change in the rollups above is seen by the second pass. */
  async function sweepWhere(isMine: (head: CountedHead) => boolean): Promise<number> {
    let found = 0;
    for (const kind of ['board', 'rollup'] as const) {
      const heads = await journal.countedOf(kind);
      found += await rollUp(heads.filter((head) => head.seq > 0 && isMine(head)));
    }
    return found;
  }

  return {
    /** Brings the rows of these streams up to date. */
    async rollUp(streams: readonly CountedStream[]): Promise<void> {
      await rollUp(await journal.counted(streams));
    },

    /** Brings every row up to date; returns how many were not. */
    sweep: (): Promise<number> => sweepWhere(() => true),

    /**
     * Finds what a node that died has left behind, from one call to the next. What changed since the call before is still for the
     * node that changed it: two nodes that write the same rows only hold each other up.
     */
    createSweeper(): () => Promise<number> {
      let before: ReadonlyMap<string, number> | null = null;
      return async () => {
        const known = before;
        const seen = new Map<string, number>();
        const found = await sweepWhere(({ stream, seq }) => {
          seen.set(stream, seq);
          return known === null || known.get(stream) === seq;
        });
        before = seen;
        return found;
      };
    },
  };
}

const byIdOf = async <T extends Entity>(store: EntityStore<T>, ids: readonly string[]): Promise<Map<string, T>> =>
  new Map((await store.list({ _id: { $in: [...new Set(ids)] } })).map((entity) => [entity.id, entity]));

export type RollupActions = ReturnType<typeof createRollupActions>;
