import { describe, expect, it } from 'vitest';
import type { Frame } from '../contract.ts';
import { createAudiences } from './audience.ts';

const frame = (s: string): Frame => ({ s, e: 'one', f: 1, q: 1, d: [] });

describe('audiences', () => {
  it('are one for all sockets that hear the same folded streams, in whatever order they asked', () => {
    const audiences = createAudiences();
    const one = audiences.enter(['board:p:a', 'board:p:b']);
    expect(audiences.enter(['board:p:b', 'board:p:a'])).toBe(one);
    expect(audiences.enter(['board:p:a'])).not.toBe(one);
    expect(audiences.enter([])).toBeNull();
  });

  it('get of many frames those they hear, and each of them once', () => {
    const audiences = createAudiences();
    const both = audiences.enter(['a', 'b']);
    const alone = audiences.enter(['a']);
    const other = audiences.enter(['c']);
    const shares = audiences.share(['a', 'b', 'd'].map(frame));
    if (!both || !alone || !other) throw new Error('an audience of something is never null');
    expect(shares.get(both)?.map(({ s }) => s)).toEqual(['a', 'b']);
    expect(shares.get(alone)?.map(({ s }) => s)).toEqual(['a']);
    expect(shares.has(other)).toBe(false);
  });

  it('end with their last socket', () => {
    const audiences = createAudiences();
    const first = audiences.enter(['a']);
    const second = audiences.enter(['a']);
    if (!first || !second) throw new Error('an audience of something is never null');
    audiences.leave(first);
    expect([...audiences.all()]).toHaveLength(1);
    audiences.leave(second);
    expect([...audiences.all()]).toHaveLength(0);
    expect(audiences.share([frame('a')]).size).toBe(0);
  });
});
