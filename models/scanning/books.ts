/** Reads what the ledger needs to know of pages that are about to change. */
import type { Context } from '../context.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { Books } from './ledger.ts';
import { numberOf } from './scan-number.ts';
import { codeOf, placeOf, workId, type ScanPage } from './scan-page.ts';

export const PROCEDURES_SERIES = 'procedures';

type Stores = Pick<
  Context,
  'scanPages' | 'works' | 'checks' | 'scanErrors' | 'scanBatches' | 'scanColleges' | 'scanFiles' | 'scanNumbers'
>;

/** Where pages come in; what of it is in the books whatever the pages say. */
export interface BooksPlace {
  procedure: string;
  college: string;
  batch: string;
  file: string;
}

/**
 * The books around pages as they are to be: `coming` are new, read again, or about to be decided upon. `also` are other pages that
 * the deed touches.
 */
export async function readBooks(
  stores: Stores,
  { procedure, college, batch, file }: BooksPlace,
  coming: readonly ScanPage[],
  also: readonly string[],
  nowMs: number,
): Promise<Books> {
  const { scanPages, works, checks, scanErrors, scanBatches, scanColleges, scanFiles, scanNumbers } = stores;
  const codes = coming.map((page) => ({ page, code: codeOf(page) }));
  const places = codes.flatMap(({ page, code }) => (code ? [placeOf(page, code)] : []));
  const [known, inPlace] = await Promise.all([
    scanPages.list({ _id: { $in: [...coming.map(({ id }) => id), ...also] } }),
    places.length === 0 ? [] : scanPages.list({ place: { $in: places } }),
  ]);
  const touched = new Map([...known, ...inPlace].map((page) => [page.id, page]));
  const workIds = new Set([
    ...[...touched.values()].flatMap(({ work }) => work ?? []),
    ...codes.flatMap(({ page, code }) =>
      code?.holder.kind === 'participant' ? [workId(page.procedure, page.college, code.holder.number)] : [],
    ),
  ]);
  const siblings = workIds.size === 0 ? [] : await scanPages.list({ work: { $in: [...workIds] } });
  for (const page of siblings) touched.set(page.id, page);
  const all = [...touched.values(), ...coming];
  const distinct = (values: readonly string[]): string[] => [...new Set(values)];
  const batchIds = distinct([batch, ...all.map((page) => page.batch)]);
  const [foundWorks, foundChecks, errors, batches, colleges, files, procedureNumber] = await Promise.all([
    works.list({ _id: { $in: [...workIds] } }),
    workIds.size === 0 ? [] : checks.list({ work: { $in: [...workIds] } }),
    scanErrors.list({
      $or: [
        { page: { $in: distinct(all.map(({ id }) => id)) } },
        { file, page: null },
        // What is wrong with a work beside its pages keeps it from the experts as well.
        { work: { $in: [...workIds] }, status: { $ne: 'resolved' } },
      ],
    }),
    scanBatches.list({ _id: { $in: batchIds } }),
    scanColleges.list({ procedure, college: { $in: distinct([college, ...all.map((page) => page.college)]) } }),
    scanFiles.list({ _id: { $in: distinct([file, ...all.map((page) => page.file)]) } }),
    numberOf(scanNumbers, PROCEDURES_SERIES, procedure),
  ]);
  // A work that began in another batch is counted there.
  const others = distinct(foundWorks.map(({ batch }) => batch)).filter((id) => !batchIds.includes(id));
  return {
    ...{ procedureNumber, forms: FORMS, colleges, works: foundWorks, checks: foundChecks, errors, nowMs },
    batches: others.length === 0 ? batches : [...batches, ...(await scanBatches.list({ _id: { $in: others } }))],
    pages: [...touched.values()],
    fileNames: new Map(files.map(({ id, name }) => [id, name])),
  };
}
