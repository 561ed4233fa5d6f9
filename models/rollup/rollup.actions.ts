/**
 * Keeps the rollups: reads the counters of streams from their heads and writes them into the rows above, over the revision that
 * was read. Any node may do it at any time: a row only ever moves forward in the sequence of its stream, so doing it twice, or by
 * two nodes at once, changes nothing.
 */
import type { Context } from '../context.ts';
import { retryStale, type Entity, type EntityStore } from '../entity.store.ts';
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

/** Rows written by one deed. */
const ROWS_PER_DEED = 200;
/** Several nodes write rows of one region in a surge; whoever loses finds less to do. */
const ATTEMPTS_MAX = 20;

export function createRollupActions(context: Context) {
  const { journal, units, procedures, rollupRows, now, newId } = context;

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

  function rowOf(head: CountedHead, present: KeptRollupRow | undefined, place: Place): KeptRollupRow {
    const id = head.stream as CountedStream;
    const { unit, procedure, above } = place;
    return {
      id,
      rev: (present?.rev ?? 0) + 1,
      stream: rollupStream(procedure, above.id),
      unit: unit.id,
      name: unit.name,
      order: unit.order,
      isRollup: id.startsWith('rollup:'),
      counts: readHeadCounts(head.counters),
      epoch: head.epoch,
      seq: head.seq,
    };
  }

  /** Brings the rows of these heads up to date; returns how many were written. Heads are read before rows: a row that is newer than its head is left alone. */
  async function rollUp(heads: readonly CountedHead[]): Promise<number> {
    const kept = await rollupRows.list({ _id: { $in: heads.map(({ stream }) => stream) } });
    const present = new Map<string, KeptRollupRow>(kept.map((row) => [row.id, row]));
    const behind = heads.filter((head) => isBehind(present.get(head.stream), head));
    const places = await placesOf(behind.map(({ stream }) => stream as CountedStream));
    const rows = new Map<RollupStream, KeptRollupRow[]>();
    for (const head of behind) {
      const place = places.get(head.stream as CountedStream);
      if (!place) continue;
      const row = rowOf(head, present.get(head.stream), place);
      rows.set(row.stream, [...(rows.get(row.stream) ?? []), row]);
    }
    let written = 0;
    for (const [stream, all] of rows)
      for (let at = 0; at < all.length; at += ROWS_PER_DEED) {
        const some = all.slice(at, at + ROWS_PER_DEED);
        const facts = some.map((row): Fact => ({
          stream,
          type: 'rollupChanged',
          entity: row.id,
          rev: row.rev,
          body: { row: rollupRow(row) },
          counted: countsDifference(present.get(row.id)?.counts ?? readHeadCounts({}), row.counts),
        }));
        await journal.record({ actor: 'hub', atMs: now(), commandId: newId(), note: null }, facts, (session) =>
          rollupRows.saveMany(some, session),
        );
        written += some.length;
      }
    return written;
  }

  return {
    /** Brings the rows of these streams up to date. */
    async rollUp(streams: readonly CountedStream[]): Promise<void> {
      await insist(async () => rollUp(await journal.counted(streams)));
    },

    /**
     * Finds what a node that died has left behind, from one call to the next; the first call brings every row up to date. What changed
     * since the call before is still for the node that changed it: two nodes that write the same rows only hold each other up. Each
     * call returns how many rows it wrote.
     */
    createSweeper(): () => Promise<number> {
      let before: ReadonlyMap<string, number> | null = null;
      return async () => {
        const known = before;
        const seen = new Map<string, number>();
        let written = 0;
        // Boards first: what they change in the rollups above is seen by the second pass.
        for (const kind of ['board', 'rollup'] as const) {
          const heads = await journal.countedOf(kind);
          for (const { stream, seq } of heads) seen.set(stream, seq);
          const left = heads.filter(({ stream, seq }) => seq > 0 && (known === null || known.get(stream) === seq));
          written += await insist(() => rollUp(left));
        }
        before = seen;
        return written;
      };
    },
  };
}

/** Another node wrote some of the rows in the same moment: the rest is still to be written. */
const insist = (attempt: () => Promise<number>): Promise<number> => retryStale(attempt, ATTEMPTS_MAX);

const byIdOf = async <T extends Entity>(store: EntityStore<T>, ids: readonly string[]): Promise<Map<string, T>> =>
  new Map((await store.list({ _id: { $in: [...new Set(ids)] } })).map((entity) => [entity.id, entity]));

export type RollupActions = ReturnType<typeof createRollupActions>;
