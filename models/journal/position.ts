/** Where a reader begins: the position is read before the state, so that whatever comes between the two comes again as a fact. */
import type { Journal } from './journal.store.ts';
import type { Position } from './journal.ts';
import type { StreamId } from './stream.ts';

/** The positions of streams, by their names. */
export async function positionsOf(
  { heads }: Pick<Journal, 'heads'>,
  streams: readonly StreamId[],
): Promise<(stream: StreamId) => Position> {
  const found = new Map((await heads(streams)).map(({ stream, epoch, seq }) => [stream, { epoch, seq }]));
  return (stream) => {
    const position = found.get(stream);
    if (!position) throw new Error(`no head of ${stream}`);
    return position;
  };
}

export const positionOf = async (journal: Pick<Journal, 'heads'>, stream: StreamId): Promise<Position> =>
  (await positionsOf(journal, [stream]))(stream);
