/** What a change in the Collector's books is told as, and how it is saved: in one place, for pages that come and for decisions about them. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import type { Fact } from '../journal/journal.ts';
import {
  checkingStream,
  collectorStream,
  ownScansStream,
  scanBatchStream,
  scanErrorsStream,
} from '../journal/stream.ts';
import type { BooksChange } from './ledger.ts';
import type { PrintRun } from './print-run.ts';
import type { ScanBatch, ScanFile } from './scan-batch.ts';
import type { ScanCollege } from './scan-college.ts';
import { errorView, type ScanError } from './scan-error.ts';
import type { ScanPage } from './scan-page.ts';
import { batchRow, checkingPart, collegeRow, fileRow, ownErrorView, pageRow, printRunRow } from './scan-views.ts';

export function collegeFacts(college: ScanCollege): Fact[] {
  const { procedure, centre, id: entity, rev } = college;
  const fact = { type: 'scanCollegeChanged', entity, rev, body: { college: collegeRow(college) } };
  return [
    { stream: collectorStream(procedure, centre), ...fact },
    { stream: ownScansStream(procedure, college.college), ...fact },
    {
      ...{ stream: checkingStream(procedure, centre), type: 'checkingChanged', entity, rev },
      body: { part: checkingPart(college) },
    },
  ];
}

export const batchFact = (batch: ScanBatch): Fact => ({
  ...{ stream: collectorStream(batch.procedure, batch.centre), type: 'scanBatchChanged' },
  ...{ entity: batch.id, rev: batch.rev, body: { batch: batchRow(batch) } },
});

export const printFact = (run: PrintRun): Fact => ({
  ...{ stream: collectorStream(run.procedure, run.centre), type: 'printRunChanged' },
  ...{ entity: run.id, rev: run.rev, body: { print: printRunRow(run) } },
});

export const fileFact = (file: ScanFile): Fact => ({
  ...{ stream: scanBatchStream(file.procedure, file.centre, file.batch), type: 'scanFileChanged' },
  ...{ entity: file.id, rev: file.rev, body: { file: fileRow(file) } },
});

const pageFact = (page: ScanPage): Fact => ({
  ...{ stream: scanBatchStream(page.procedure, page.centre, page.batch), type: 'scanPageChanged' },
  ...{ entity: page.id, rev: page.rev, body: { page: pageRow(page) } },
});

/** A page that belongs to another batch now is gone from this one. */
const pageLeftFact = (former: ScanPage, rev: number): Fact => ({
  ...{ stream: scanBatchStream(former.procedure, former.centre, former.batch), type: 'scanPageLeft' },
  ...{ entity: former.id, rev, body: { page: former.id } },
});

export function errorFacts(error: ScanError): Fact[] {
  const { procedure, centre, college, id: entity, rev } = error;
  const view = errorView(error);
  const of = { type: 'scanErrorChanged', entity, rev };
  return [
    { stream: scanErrorsStream(procedure, centre), ...of, body: { error: view } },
    { stream: ownScansStream(procedure, college), ...of, body: { error: ownErrorView(view) } },
  ];
}

/** `former` is the page that was decided upon, as it was: it may have left its batch. */
export const changeFacts = ({ pages, errors, batches, colleges }: BooksChange, former?: ScanPage): Fact[] => [
  ...pages.map(pageFact),
  ...pages.flatMap((page) =>
    former && page.id === former.id && page.batch !== former.batch ? [pageLeftFact(former, page.rev)] : [],
  ),
  ...errors.flatMap(errorFacts),
  ...batches.map(batchFact),
  ...colleges.flatMap(collegeFacts),
];

type Stores = Pick<Context, 'scanPages' | 'works' | 'checks' | 'scanErrors' | 'scanBatches' | 'scanColleges'>;

/** In the deed's transaction. Errors: HubError `stale_write`: somebody else's pages came in between. */
export async function saveChange(
  { scanPages, works, checks, scanErrors, scanBatches, scanColleges }: Stores,
  change: BooksChange,
  session: ClientSession,
): Promise<void> {
  // The college first: whatever else changes its books at the same time meets here, before anything is written.
  if (change.colleges.length > 0) await scanColleges.saveMany(change.colleges, session);
  if (change.batches.length > 0) await scanBatches.saveMany(change.batches, session);
  if (change.pages.length > 0) await scanPages.saveMany(change.pages, session);
  if (change.works.length > 0) await works.saveMany(change.works, session);
  if (change.checks.length > 0) await checks.saveMany(change.checks, session);
  if (change.errors.length > 0) await scanErrors.saveMany(change.errors, session);
}
