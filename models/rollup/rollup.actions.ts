/**
 * Keeps the rollups: reads the counters of streams from their heads and writes them into the rows above, over the revision that
 * was read. Any node may do it at any time: a row only ever moves forward in the sequence of its stream, so doing it twice, or by
 * two nodes at once, changes nothing.
 */
import type { Context } from '../context.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
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

  /** The unit a stream counts for, and the one whose rollup it belongs to; null at the top of the procedure's territory. */
  async function placeOf(stream: CountedStream): Promise<{ unit: Unit; procedure: string; above: Unit } | null> {
    const parsed = parseStream(stream);
    if (parsed?.kind !== 'board' && parsed?.kind !== 'rollup') return null;
    const unitId = parsed.kind === 'board' ? parsed.parts.municipality : parsed.parts.unit;
    const [unit, procedure] = await Promise.all([units.find(unitId), procedures.find(parsed.parts.procedure)]);
    if (!unit || !procedure) return null;
    // What stands directly under a region counts in the region's own rollup, beside its municipalities.
    const aboveId = parsed.kind === 'board' && unit.kind === 'region' ? unit.id : unit.parent;
    const above = aboveId === null ? null : await units.find(aboveId);
    if (!above || !isWithin(above.path, procedure.path)) return null;
    return { unit, procedure: procedure.id, above };
  }

  /** Writes one row; false when it was up to date, or another node was faster. */
  async function rollUp(head: CountedHead, present: KeptRollupRow | undefined): Promise<boolean> {
    const child = head.stream as CountedStream;
    const place = await placeOf(child);
    if (!place || !isBehind(present, head)) return false;
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

  return {
    /** Brings the rows of these streams up to date. */
    async rollUp(streams: readonly CountedStream[]): Promise<void> {
      // Heads before rows: a row that is read later may be newer than the head, and is then left alone.
      const heads = await journal.counted(streams);
      const rows = await rollupRows.list({ _id: { $in: [...streams] } });
      const byId = new Map<string, KeptRollupRow>(rows.map((row) => [row.id, row]));
      await Promise.all(heads.map((head) => rollUp(head, byId.get(head.stream))));
    },

    /** Finds what a node that died has left behind; returns how many rows it brought up to date. */
    async sweep(): Promise<number> {
      let found = 0;
      // Boards first: what they change in the rollups above is seen by the second pass.
      for (const kind of ['board', 'rollup'] as const) {
        const heads = await journal.countedOf(kind);
        const rows = await rollupRows.list({ _id: { $in: heads.map(({ stream }) => stream) } });
        const byId = new Map<string, KeptRollupRow>(rows.map((row) => [row.id, row]));
        const behind = heads.filter((head) => head.seq > 0 && isBehind(byId.get(head.stream), head));
        const written = await Promise.all(behind.map((head) => rollUp(head, byId.get(head.stream))));
        found += written.filter(Boolean).length;
      }
      return found;
    },
  };
}

export type RollupActions = ReturnType<typeof createRollupActions>;
