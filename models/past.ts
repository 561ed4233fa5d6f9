/** The board as it was: every part replayed to a moment. Who may see it is asked of now. */
import type { Context } from './context.ts';
import type { PastStreams } from './live.ts';
import type { Snapshot } from './journal/journal.ts';
import type { BoardPart } from './participation/board.ts';
import type { Board, ParticipationQueries } from './participation/participation.queries.ts';
import type { Person } from './people/person.ts';

export interface PastBoard extends Board {
  /** The moment shown; null: now. */
  atMs: number | null;
  /** Since when the past is kept; null while nothing has happened. */
  keptSinceMs: number | null;
}

export function createPastQueries(
  { journal, now }: Context,
  { asAt }: Pick<PastStreams, 'asAt'>,
  participation: ParticipationQueries,
) {
  return {
    /** Errors: HubError `past_gone` for a moment before what is kept. */
    async boardAt(
      person: Person,
      procedureId: string,
      within: string | null,
      wantedMs: number | null,
    ): Promise<PastBoard> {
      const board = await participation.board(person, procedureId, within);
      const keptSinceMs = await journal.keptSince(board.parts.map(({ stream }) => stream));
      const atMs = wantedMs === null || wantedMs >= now() ? null : wantedMs;
      if (atMs === null) return { ...board, atMs, keptSinceMs };
      const listener = { person, ticket: null };
      const parts = await Promise.all(board.parts.map(({ stream }) => asAt(listener, stream, { atMs })));
      // A part that had no list yet did not exist.
      const past = (parts as Snapshot<BoardPart>[]).filter(({ state }) => state.listRev > 0);
      return { ...board, parts: past, atMs, keptSinceMs };
    },
  };
}
