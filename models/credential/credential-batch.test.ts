import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import {
  BATCH_INSTITUTIONS_MAX,
  BATCH_LEASE_MS,
  BATCH_PART,
  applyBatchFact,
  batchInputSchema,
  batchView,
  cancelBatch,
  claimBatch,
  codesOf,
  demandKnown,
  demandSize,
  partWritten,
  releaseBatch,
  startBatch,
  type BatchOf,
  type BatchView,
} from './credential-batch.ts';

const batch = (total: number): BatchOf<'writing'> =>
  startBatch({
    ...{ id: 'b', unit: '26', title: 'Опрос', route: 'survey', instructions: null, origin: 'region' },
    ...{ by: 'p', byName: 'Орлова Анна Петровна', startedAtMs: 1, total },
  });

describe('a sample', () => {
  it('[S1-32] is read from a pasted list: the first column, each code once, whatever stands beside it', () => {
    expect(codesOf('C48-1; Колледж № 1\r\n"c70-1"\tКолледж\n\n c48-1 \nc26-1,да')).toEqual(['c48-1', 'c70-1', 'c26-1']);
  });

  it('[S1-32] with a code of somebody else’s is refused whole, and the refusal names it', () => {
    expect(() => demandKnown(['c48-1', 'c99-9', '../x'], new Set(['c48-1']))).toThrow(
      new HubError('sample_unknown', { count: 2, codes: 'c99-9, ../x' }),
    );
  });

  it('has at least one institution and at most so many', () => {
    expect(() => demandSize(0)).toThrow(new HubError('sample_empty'));
    expect(() => demandSize(BATCH_INSTITUTIONS_MAX)).not.toThrow();
    expect(() => demandSize(BATCH_INSTITUTIONS_MAX + 1)).toThrow(HubError);
  });

  it('[S4-13] goes with instructions that are an address, or with none', () => {
    const input = { unit: '26', title: 'Опрос', route: 'survey', codes: null };
    expect(batchInputSchema.parse({ ...input, instructions: ' ' }).instructions).toBeNull();
    expect(batchInputSchema.safeParse({ ...input, instructions: 'javascript:alert(1)' }).success).toBe(false);
    expect(batchInputSchema.parse({ ...input, instructions: 'https://example.org/a.pdf' }).instructions).not.toBeNull();
  });
});

describe('a batch', () => {
  it('is done after its last part, and not before', () => {
    const one = partWritten(batch(BATCH_PART + 1), { made: BATCH_PART, skipped: 0 }, 5);
    expect(one).toMatchObject({ status: 'writing', parts: 1, made: BATCH_PART });
    if (one.status !== 'writing') throw new Error(one.status);
    expect(partWritten(one, { made: 0, skipped: 1 }, 6)).toMatchObject({ status: 'written', skipped: 1, atMs: 6 });
  });

  it('belongs to one node until its lease runs out, or until it lets go', () => {
    const first = claimBatch(batch(1), 'a', 10);
    if (!first) throw new Error('not claimed');
    expect(claimBatch(first, 'b', 10 + BATCH_LEASE_MS - 1)).toBeNull();
    expect(claimBatch(first, 'b', 10 + BATCH_LEASE_MS)?.node).toBe('b');
    expect(claimBatch(releaseBatch(first, 11), 'b', 11)?.node).toBe('b');
  });

  it('can be stopped while it is written, once, and not after', () => {
    const cancelled = cancelBatch(batch(1), 7);
    expect(cancelled).toMatchObject({ status: 'cancelled', atMs: 7 });
    expect(cancelled && cancelBatch(cancelled, 8)).toBeNull();
    expect(cancelled && claimBatch(cancelled, 'a', 8)).toBeNull();
    const written = partWritten(batch(1), { made: 1, skipped: 0 }, 5);
    expect(() => cancelBatch(written, 8)).toThrow(new HubError('batch_over'));
  });

  it('is followed by revision, without the node that works on it', () => {
    const later = partWritten(batch(BATCH_PART * 2), { made: 1, skipped: 0 }, 5);
    const fact = (one: Parameters<typeof batchView>[0]) => ({
      type: 'batchChanged' as const,
      body: { batch: batchView(one) },
    });
    const view = [fact(later), fact(batch(1))].reduce<BatchView | null>(applyBatchFact, null);
    expect(view).toEqual(batchView(later));
    expect(JSON.stringify(view)).not.toContain('lease');
  });
});
