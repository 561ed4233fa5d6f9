/** Pages as the reader would give them, made of what a test wants to say. */
import { encode, type PageCode } from '#collector/code.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { FieldReading, PageReading } from '#collector/reading.ts';
import { openBatch, type ScanBatch } from './scan-batch.ts';
import { acceptPackage, extendRoster, newScanCollege, type ScanCollege } from './scan-college.ts';
import type { Books, openLedger } from './ledger.ts';
import { pageId, UNDECIDED, type ScanPage } from './scan-page.ts';

export const STUDY = 'study-fed-2019';
export const CENTRE = 'sc48';
export const PROCEDURE_NUMBER = 7;
export const NOW_MS = Date.UTC(2019, 10, 12, 6);

/** A college with two rooms of three participants, whose package of eight sheets was accepted. */
export function collegeWith(college: string, number: number, sheets = 8): ScanCollege {
  const fresh = newScanCollege({
    ...{ procedure: STUDY, centre: CENTRE, college, name: `Колледж ${number}`, order: number, number },
  });
  const input = {
    rooms: [
      { name: 'Каб. 1', participants: 3 },
      { name: 'Каб. 2', participants: 3 },
    ],
    spares: 2,
  };
  const printed = extendRoster(fresh, input, { participant: 2, room: 2 });
  return acceptPackage(printed, { sheets }, { name: 'Приёмщик' }, NOW_MS);
}

export const batchIn = (id: string, college: ScanCollege, number = 1): ScanBatch =>
  openBatch(
    id,
    { procedure: STUDY, centre: CENTRE, college: college.college, collegeName: college.name, number },
    { name: 'Специалист' },
    NOW_MS,
  );

export const codeWith = (given: Partial<PageCode> = {}): PageCode => ({
  ...{ procedure: PROCEDURE_NUMBER, institution: 1, holder: { kind: 'participant', number: 1 } },
  ...{ form: 1, version: 1, page: 1, ...given },
});

export function readingOf(
  code: PageCode | null,
  findings: readonly CollectorFinding[] = [],
  fields: readonly FieldReading[] = [],
): PageReading {
  return {
    ...{ readerVersion: 1, width: 1_654, height: 2_339, dpi: 200, geometry: null },
    identity: code && { code, text: encode(code), sources: ['datamatrix'], isRepaired: false },
    ...{ fields: [...fields], findings: [...findings], stageMs: {} },
  };
}

const CROP = { x: 0, y: 0, width: 10, height: 10 };
export const choice = (key: string, option: string | null): FieldReading => ({
  ...{ kind: 'choice', key, crop: CROP, marks: [] },
  decision: { ...(option === null ? { kind: 'none' } : { kind: 'one', option }), isCorrected: false },
});
export const doubtful = (key: string): FieldReading => ({
  ...{ kind: 'choice', key, crop: CROP, marks: [] },
  decision: { kind: 'doubtful', options: ['a'], isCorrected: false },
});
export const freeAnswer = (key: string, isBlank: boolean): FieldReading => ({
  ...{ kind: 'freeAnswer', key, crop: CROP, isBlank, inkShare: isBlank ? 0 : 0.1 },
});
export const ambiguous = (field: string): CollectorFinding => ({
  code: 'MARK_AMBIGUOUS',
  data: { field, crop: CROP, marks: [] },
});

let images = 0;
/** A page of a file, in the first batch of a college; every image is another unless one is named. */
export function pageWith(
  reading: PageReading | null,
  given: Partial<ScanPage> & { n: number },
  college: ScanCollege,
): ScanPage {
  const file = given.file ?? 'f1';
  return {
    ...{ id: pageId(file, given.n), rev: 0, procedure: STUDY, centre: CENTRE, college: college.college },
    ...{ batch: `b-${college.college}`, file, path: null, reading, told: [], hints: {}, decisions: UNDECIDED },
    image: { sha256: `image-${(images += 1)}`, type: 'image/jpeg', bytes: 1 },
    ...{ status: 'waiting', droppedFor: null, place: null, work: null, readAtMs: NOW_MS, former: null },
    ...given,
  };
}

export const booksOf = (colleges: readonly ScanCollege[], batches: readonly ScanBatch[]): Books => ({
  ...{
    procedureNumber: PROCEDURE_NUMBER,
    forms: FORMS,
    colleges,
    batches,
    pages: [],
    works: [],
    checks: [],
    errors: [],
  },
  ...{ fileNames: new Map([['f1', 'скан.pdf']]), nowMs: NOW_MS },
});

/** The books after a change: what the next deed would read. */
export function after(books: Books, change: ReturnType<ReturnType<typeof openLedger>['close']>): Books {
  const merge = <T extends { id: string }>(old: readonly T[], changed: readonly T[]): T[] => [
    ...old.filter(({ id }) => !changed.some((one) => one.id === id)),
    ...changed,
  ];
  return {
    ...books,
    ...{ pages: merge(books.pages, change.pages), works: merge(books.works, change.works) },
    checks: merge(books.checks, change.checks),
    ...{ errors: merge(books.errors, change.errors), batches: merge(books.batches, change.batches) },
    colleges: merge(books.colleges, change.colleges),
  };
}
