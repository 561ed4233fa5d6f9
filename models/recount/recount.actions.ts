/**
 * Compares the counters of the heads with a recount of what they count, both read in one snapshot. Counters that disagree mean a
 * defect: it is shown to whoever operates the hub, and set right by a deed of a person, never silently.
 */
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { DeedNote } from '../deeds/deed.ts';
import { parseStream } from '../journal/stream.ts';
import { listedRows } from '../participation/board-list.actions.ts';
import { headCounts, readHeadCounts, type HeadCounts } from '../participation/board.ts';
import { zoneOf } from '../org/zone.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { isCounted, type CountedStream } from '../rollup/rollup.actions.ts';
import { sumCounts } from '../rollup/rollup.ts';
import { judged, type Recount } from './recount.ts';
import type { ClientSession } from 'mongoose';

/** A drifting stream, as the page shows it. */
export interface Drift extends Recount {
  procedureTitle: string;
  unitName: string;
}

export function createRecountActions(context: Context) {
  const { journal, boardLists, participations, rollupRows, recounts, units, procedures, now, newId } = context;

  /** What the counters of a stream should be, within the session's transaction. */
  async function countAnew(stream: CountedStream, session: ClientSession): Promise<HeadCounts> {
    const parsed = parseStream(stream);
    if (parsed?.kind === 'rollup') return sumCounts(await rollupRows.list({ stream }, { session }));
    if (parsed?.kind !== 'board') throw new HubError('stream_unknown');
    const [list] = await boardLists.list({ _id: stream }, { session });
    if (!list) return readHeadCounts({});
    const { procedure, municipality } = parsed.parts;
    return headCounts(listedRows(list, await participations.list({ procedure, municipality }, { session })));
  }

  async function compare(stream: CountedStream): Promise<Recount> {
    // The revision before the snapshot: a repair in between makes this recount stale, and it is dropped.
    const before = await recounts.find(stream);
    const seen = await journal.atOneMoment(async (session) => {
      const [head] = await journal.counted([stream], session);
      if (!head) throw new HubError('not_found');
      return { seq: head.seq, kept: readHeadCounts(head.counters), counted: await countAnew(stream, session) };
    });
    return judged(before, stream, now(), seen);
  }

  async function recount(stream: CountedStream): Promise<void> {
    const result = await compare(stream);
    try {
      await recounts.save(result);
    } catch (error) {
      if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
    }
  }

  /** The unit and the procedure of a stream, when the person may mend its counters. */
  async function placeFor(person: Person, stream: string) {
    const parsed = parseStream(stream);
    if (parsed?.kind !== 'board' && parsed?.kind !== 'rollup') throw new HubError('stream_unknown');
    const unitId = parsed.kind === 'board' ? parsed.parts.municipality : parsed.parts.unit;
    const [unit, procedure] = await Promise.all([units.find(unitId), procedures.find(parsed.parts.procedure)]);
    if (!unit || !procedure || !isAllowed(person, 'counters.mend', unit.path, procedure.id))
      throw new HubError('not_allowed');
    return { unit, procedure };
  }

  return {
    /** Recounts every stream that has counters; returns how many disagree. */
    async recountAll(): Promise<number> {
      for (const kind of ['board', 'rollup'] as const)
        for (const { stream } of await journal.countedOf(kind)) if (isCounted(stream)) await recount(stream);
      return recounts.count({ isDrifting: true });
    },

    /** How many streams disagreed when they were last recounted. */
    drifting: (): Promise<number> => recounts.count({ isDrifting: true }),

    /** What an administrator sees: the streams that disagree, and when they were looked at last. */
    async drifts(
      person: Person,
    ): Promise<{ drifts: Drift[]; recountedAtMs: number | null; streams: number; zone: string }> {
      const all = await recounts.list({}, { sort: { atMs: -1 } });
      const drifts: Drift[] = [];
      for (const found of all.filter(({ isDrifting }) => isDrifting)) {
        const place = await placeFor(person, found.id).catch(() => null);
        if (place) drifts.push({ ...found, procedureTitle: place.procedure.title, unitName: place.unit.name });
      }
      const zone = await zoneOf(units, territories(person, 'counters.mend')[0] ?? '');
      return { drifts, recountedAtMs: all[0]?.atMs ?? null, streams: all.length, zone };
    },

    /** Sets the counters of a stream to what is counted now, as a deed that the stream tells. */
    async mend(person: Person, stream: string): Promise<void> {
      const { unit } = await placeFor(person, stream);
      if (!isCounted(stream)) throw new HubError('stream_unknown');
      // A recount in between is newer than what was seen: then both begin anew.
      await retryStale(async () => {
        const seen = await compare(stream);
        const body = { counters: seen.counted };
        const fact = { stream, type: 'countersMended', entity: unit.id, rev: seen.rev, body };
        const note: DeedNote = {
          kind: 'counters.mended',
          path: unit.path,
          subject: unit.id,
          subjectName: unit.name,
          differences: [{ field: 'counters', before: JSON.stringify(seen.kept), after: JSON.stringify(seen.counted) }],
        };
        await journal.recordAlone(
          { actor: person.id, atMs: now(), commandId: newId(), note },
          [fact],
          async (session) => {
            // Counted while the head is held, so that no deed falls between the counting and the setting.
            const counted = await countAnew(stream, session);
            await journal.setCounters(stream, counted, session);
            await recounts.save({ ...seen, kept: counted, counted, isDrifting: false }, session);
          },
        );
      });
    },
  };
}

export type RecountActions = ReturnType<typeof createRecountActions>;
