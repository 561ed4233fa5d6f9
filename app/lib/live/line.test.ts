import { describe, expect, it } from 'vitest';
import { SILENCE_MAX_MS, STALE_MS } from '#realtime/contract.ts';
import { isLaterBuild, isPresent, lineStatus, onWaking, QUIET_MAX_MS, returnsAfterMs, type LineFacts } from './line.ts';

const well: LineFacts = { follower: 'live', isTried: true, cut: null, journalAgeMs: 0, silentMs: 0 };

describe('the state of the line', () => {
  it('is live only while the node has lately seen the journal and lately spoken', () => {
    expect(lineStatus(well)).toBe('live');
    expect(lineStatus({ ...well, journalAgeMs: STALE_MS })).toBe('live');
    expect(lineStatus({ ...well, journalAgeMs: STALE_MS + 1 })).toBe('stale');
    expect(lineStatus({ ...well, silentMs: QUIET_MAX_MS })).toBe('live');
    expect(lineStatus({ ...well, silentMs: QUIET_MAX_MS + 1 })).toBe('stale');
  });

  it('of a fresh page is catching up, not lost, until the line was tried', () => {
    expect(lineStatus({ ...well, follower: 'lost', isTried: false })).toBe('catchingUp');
    expect(lineStatus({ ...well, follower: 'lost' })).toBe('lost');
  });

  it('says an end or a cut before everything else', () => {
    expect(lineStatus({ ...well, follower: 'signedOut', silentMs: 1e9 })).toBe('ended');
    expect(lineStatus({ ...well, follower: 'outdated', journalAgeMs: 1e9 })).toBe('outdated');
    expect(lineStatus({ ...well, cut: 'sockets_too_many' })).toBe('cut');
  });

  it('allows what is shown to be taken for the present only when it is', () => {
    expect((['live', 'catchingUp'] as const).every(isPresent)).toBe(true);
    expect((['stale', 'lost', 'ended', 'outdated', 'cut'] as const).some(isPresent)).toBe(false);
  });
});

describe('a page that wakes', () => {
  it('[R-8] asks where the streams are, and opens the line anew when it was silent for longer than a line may be', () => {
    expect(onWaking(SILENCE_MAX_MS)).toBe('compare');
    expect(onWaking(SILENCE_MAX_MS + 1)).toBe('reconnect');
  });
});

describe('a page that was cut', () => {
  it('comes back at once, later, or not by itself, by the reason', () => {
    expect(returnsAfterMs('slow_reader')).toBe(0);
    expect(returnsAfterMs('sockets_too_many')).toBe(60_000);
    expect(returnsAfterMs('message_too_large')).toBeNull();
  });
});

describe('a later build', () => {
  it('[L-3] is one with a higher number, never an unknown one and never an older node beside a newer', () => {
    expect(isLaterBuild('1764057600001', '1764057600000')).toBe(true);
    expect(isLaterBuild('1764057600000', '1764057600000')).toBe(false);
    expect(isLaterBuild('1764057599999', '1764057600000')).toBe(false);
    expect(isLaterBuild('', '1')).toBe(false);
    expect(isLaterBuild('2', 'development')).toBe(false);
  });
});
