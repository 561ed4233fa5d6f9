/** What is told of many colleges and of many pages at once. */
import { describe, expect, it } from 'vitest';
import type { CollectorFindingCode } from '#collector/finding.ts';
import { countCollector, collegeRow, coverOf, flowOf, repeatedCauses, type PageRow } from './scan-views.ts';
import { pagesPrinted } from './print-run.ts';
import { PRINTED_PAGES } from './printed-forms.ts';
import { collegeWith } from './scanning.testing.ts';

const pageOf = (n: number, healed: CollectorFindingCode[]): PageRow => ({
  ...{ id: `f.${n}`, rev: 1, file: 'f', n, status: 'standing', droppedFor: null, hasImage: true, code: null, healed },
});

describe('the cover of a batch', () => {
  const side = (n: number, participant: number, sheet: number): PageRow => ({
    ...pageOf(n, []),
    code: { holder: { kind: 'participant', number: participant }, form: 1, page: n, sheet },
  });
  const cover = (n: number, batch: number, sheets: number | null): PageRow => ({
    ...{ ...pageOf(n, []), status: 'dropped', droppedFor: 'cover', cover: { sheets } },
    code: { holder: { kind: 'batch', number: batch }, form: 4, page: 1, sheet: 1 },
  });

  it('[S1-24] is held against the sheets that came: two sides are one sheet, what cannot be read is a sheet, what was put aside is none', () => {
    const pages = [
      side(1, 7, 1),
      side(2, 7, 1),
      side(3, 8, 1),
      pageOf(4, []),
      { ...side(5, 9, 1), status: 'dropped' as const },
    ];
    expect(coverOf(pages, 1)).toBe(null);
    expect(coverOf([cover(6, 1, 3), ...pages], 1)).toEqual({ declared: 3, counted: 3 });
    expect(coverOf([cover(6, 1, null), ...pages], 1)).toEqual({ declared: null, counted: 3 });
  });

  it('[S1-24] of another batch says nothing of this one; of two the later holds', () => {
    expect(coverOf([cover(1, 2, 5), pageOf(2, [])], 1)).toBe(null);
    expect(coverOf([cover(1, 1, 5), cover(2, 1, 1), pageOf(3, [])], 1)).toEqual({ declared: 1, counted: 1 });
  });
});

describe('figures of a centre', () => {
  it('[S1-13] are the sums of its colleges', () => {
    const rows = [
      collegeRow(collegeWith('c48-1', 1)),
      collegeRow({ ...collegeWith('c48-2', 2), package: null, pagesUploaded: 7 }),
    ];
    expect(countCollector(rows)).toMatchObject({
      ...{ colleges: 2, packagesAwaited: 1, pagesUploaded: 7, pagesExpected: 32, worksExpected: 12, errorsOpen: 0 },
    });
  });

  it('[S1-04] a job of printing is counted before it is asked for: rooms with their sheets, and spares', () => {
    const rooms = [{ participants: 25 }, { participants: 1 }];
    expect(pagesPrinted(rooms, 3, { participant: 2, room: 2, spare: 1 })).toBe(59);
    expect(pagesPrinted([], 1, PRINTED_PAGES)).toBe(PRINTED_PAGES.spare);
  });
});

describe('what many pages of a batch have in common', () => {
  it('[S1-25] is told once with its cause, from five pages and a third of the batch on', () => {
    const fine = Array.from({ length: 10 }, (_, at) => pageOf(at, []));
    const low = (count: number) => Array.from({ length: count }, (_, at) => pageOf(100 + at, ['DPI_LOW']));
    expect(repeatedCauses([...fine, ...low(4)])).toEqual([]);
    expect(repeatedCauses([...fine, ...low(5)])).toEqual([{ cause: 'scannerResolution', code: 'DPI_LOW', pages: 5 }]);
    expect(repeatedCauses([...fine, ...fine, ...low(5)])).toEqual([]);
  });

  it('[S1-25] counts a page once, and tells the most frequent first', () => {
    const pages = [
      ...Array.from({ length: 6 }, (_, at) => pageOf(at, ['SKEW_HIGH', 'SKEW_HIGH', 'DPI_LOW'])),
      pageOf(9, ['DPI_LOW']),
    ];
    expect(repeatedCauses(pages).map(({ code, pages: count }) => [code, count])).toEqual([
      ['DPI_LOW', 7],
      ['SKEW_HIGH', 6],
    ]);
  });
});

describe('the flow of a centre', () => {
  const seen = [
    { atMs: 0, pages: 0 },
    { atMs: 60_000, pages: 120 },
  ];
  it('[S1-13] is pages a minute over the last minutes, with the end at that pace', () => {
    expect(flowOf(seen, 240, 60_000)).toEqual({ pagesPerMinute: 120, endsAtMs: 180_000 });
    expect(flowOf(seen, 0, 60_000)).toEqual({ pagesPerMinute: 120, endsAtMs: null });
  });
  it('[S1-13] is none while nothing flows', () => {
    expect(flowOf(seen.slice(0, 1), 240, 60_000)).toBeNull();
    expect(flowOf(seen, 240, 10 * 60_000)).toBeNull();
  });
});
