import { describe, expect, it } from 'vitest';
import { forgottenBeforeMs, procedureOf } from './retention.ts';
import { boardStream, cabinetStream, registrationStream, rollupStream, STREAM_KINDS } from './stream.ts';

const KEPT_MS = STREAM_KINDS.board.daysKept * 86_400_000;
const DEADLINE_MS = 1_000_000;
const stream = boardStream('p', 'm');

describe('what may be forgotten', () => {
  it('is nothing until the procedure has been over for the days of its kind', () => {
    expect(forgottenBeforeMs(stream, DEADLINE_MS, DEADLINE_MS + KEPT_MS - 1)).toBeNull();
    expect(forgottenBeforeMs(stream, DEADLINE_MS, DEADLINE_MS + KEPT_MS)).toBe(DEADLINE_MS);
  });

  it('then grows with every day, so that what came late is kept as long as the rest', () => {
    expect(forgottenBeforeMs(stream, DEADLINE_MS, DEADLINE_MS + KEPT_MS + 5)).toBe(DEADLINE_MS + 5);
  });

  it('goes by the procedure of a stream, whatever its kind', () => {
    expect(
      [stream, rollupStream('p', 'r'), cabinetStream('p', 'i'), registrationStream('p/i'), 'unknown:p:m'].map(
        procedureOf,
      ),
    ).toEqual(['p', 'p', 'p', 'p', null]);
  });
});
