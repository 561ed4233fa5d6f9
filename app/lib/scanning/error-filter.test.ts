import { describe, expect, it } from 'vitest';
import type { ScanErrorView } from '#models/scanning/scan-error.ts';
import { countErrors, filterOf, isListed, nextFree, paceOf } from './error-filter.ts';

const error = (id: string, given: Partial<ScanErrorView> = {}): ScanErrorView => ({
  ...{ id, rev: 1, college: 'c1', collegeName: 'Колледж', batch: 'b', fileName: null, page: null, n: null },
  ...{ participant: null, room: null, finding: { code: 'CODE_UNREADABLE', data: { crops: [] } } },
  ...{ raisedAtMs: 0, reopened: 0, status: 'open', note: null, byName: null, way: null },
  ...{ resolvedAtMs: null, answer: null, ...given },
});
const filter = (query: string) => filterOf(new URLSearchParams(query));

describe('the queue of errors', () => {
  it('[S1-12] is narrowed by institution, code, age and waiting, as the address says', () => {
    const open = error('a');
    const awaited = error('b', { status: 'awaitingRescan' });
    expect(filter('code=NOTHING&age=7')).toEqual({ college: null, code: null, olderThanMin: null, isAwaited: false });
    expect([open, awaited].map((one) => isListed(one, filter(''), 0))).toEqual([true, false]);
    expect([open, awaited].map((one) => isListed(one, filter('awaited'), 0))).toEqual([false, true]);
    expect(isListed(open, filter('college=c2'), 0)).toBe(false);
    expect(isListed(open, filter('code=PAGE_BLANK'), 0)).toBe(false);
    expect(isListed(open, filter('age=15'), 15 * 60_000 - 1)).toBe(false);
    expect(isListed(open, filter('age=15'), 15 * 60_000)).toBe(true);
  });

  it('[S1-12] the next one is the first free one after this, then from the beginning', () => {
    const errors = [error('a'), error('b'), error('c')];
    expect(nextFree(errors, 'a', ({ id }) => id !== 'b')?.id).toBe('c');
    expect(nextFree(errors, 'c', () => true)?.id).toBe('a');
    expect(nextFree(errors, null, () => true)?.id).toBe('a');
    expect(nextFree(errors, 'gone', ({ id }) => id === 'b')?.id).toBe('b');
    expect(nextFree([error('a')], 'a', () => true)).toBe(null);
  });

  it('[S1-12] the pace is told when there is one, and the rest of the time by it', () => {
    expect(paceOf({ settled: 2, firstAtMs: 0 }, 10, 60_000)).toBe(null);
    expect(paceOf({ settled: 0, firstAtMs: null }, 10, 60_000)).toBe(null);
    expect(paceOf({ settled: 30, firstAtMs: 0 }, 10, 30 * 60_000)).toEqual({ perHour: 60, leftMs: 10 * 60_000 });
  });

  it('[S1-12] is counted by the rows of institutions, whether its errors are known one by one or not', () => {
    const rows = [
      { college: 'c1', open: { CODE_UNREADABLE: 400, EDGE_CUT: 3 }, awaited: {} },
      { college: 'c2', open: { EDGE_CUT: 2 }, awaited: { EDGE_CUT: 1 } },
    ];
    expect(countErrors(rows, filter(''))).toBe(405);
    expect(countErrors(rows, filter('awaited='))).toBe(1);
    expect(countErrors(rows, filter('college=c2'))).toBe(2);
    expect(countErrors(rows, filter('college=c1&code=EDGE_CUT'))).toBe(3);
    expect(countErrors(rows, filter('college=c2&code=CODE_UNREADABLE'))).toBe(0);
  });
});
