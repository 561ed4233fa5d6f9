/** Forgets what was kept long enough: keeps the state at the new floor, raises the floor, and only then deletes. */
import type { Context } from '../context.ts';
import type { PastStreams } from '../live.ts';
import { forgottenBeforeMs, procedureOf } from './retention.ts';
import { STREAM_KINDS, type StreamKind } from './stream.ts';

export function createRetentionActions({ journal, procedures, now }: Context, { replay }: Pick<PastStreams, 'replay'>) {
  return {
    /** One round over all streams; returns how many floors it raised. Done by one node at a time, and harmless by two. */
    async forgetOld(): Promise<number> {
      const deadlines = new Map((await procedures.list({})).map(({ id, deadlineMs }) => [id, deadlineMs]));
      let raised = 0;
      for (const kind of Object.keys(STREAM_KINDS) as StreamKind[])
        for (const { stream, floor } of await journal.countedOf(kind)) {
          // Of no procedure, and of no use after a page has heard them: the entries themselves are kept elsewhere.
          const deadlineMs = kind === 'deeds' ? 0 : deadlines.get(procedureOf(stream) ?? '');
          const beforeMs = deadlineMs === undefined ? null : forgottenBeforeMs(stream, deadlineMs, now());
          const seq = beforeMs === null ? 0 : await journal.seqAt(stream, beforeMs - 1);
          if (seq > floor) {
            await journal.raiseFloor(stream, floor, { seq, state: await replay(stream, seq) });
            raised += 1;
          }
          // Also what an earlier round raised and did not come to delete.
          if (Math.max(seq, floor) > 0) await journal.deleteBelowFloor(stream);
        }
      return raised;
    },
  };
}

export type RetentionActions = ReturnType<typeof createRetentionActions>;
