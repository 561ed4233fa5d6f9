import { describe, expect, it } from 'vitest';
import { BUFFERED_BYTES_MAX, BUFFERED_BYTES_SLOW, SLOW_MAX_MS } from '../contract.ts';
import { DRAINED_BYTES, judge } from './pressure.ts';

describe('a socket', () => {
  it('keeps up until more waits for it than is allowed', () => {
    expect(judge(null, BUFFERED_BYTES_SLOW, 0)).toBe('keepsUp');
    expect(judge(null, BUFFERED_BYTES_SLOW + 1, 0)).toBe('slow');
  });

  it('that is slow stays so until what waited is gone, not until it is a little less', () => {
    expect(judge(0, BUFFERED_BYTES_SLOW - 1, 1)).toBe('slow');
    expect(judge(0, DRAINED_BYTES + 1, 1)).toBe('slow');
    expect(judge(0, DRAINED_BYTES, 1)).toBe('drained');
  });

  it('is cut when far too much waits, or when it has been slow for too long', () => {
    expect(judge(null, BUFFERED_BYTES_MAX, 0)).toBe('slow');
    expect(judge(null, BUFFERED_BYTES_MAX + 1, 0)).toBe('cut');
    expect(judge(0, BUFFERED_BYTES_SLOW, SLOW_MAX_MS)).toBe('slow');
    expect(judge(0, BUFFERED_BYTES_SLOW, SLOW_MAX_MS + 1)).toBe('cut');
  });
});
