/**
 * Use cases of reading (S1-04, S1-12): a file that was sent is taken into its batch and read page by page by whichever node has time. Pages are
 * booked a few at a time, each few as one deed with the place up to which the file is done: a node that dies costs a lease, and no page is
 * done twice or lost.
 */
import { FORMS } from '#collector/forms/index.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { FileOutcome, PageSetAside, ReadPage } from '#collector/reading.ts';
import type { Context } from '../context.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import type { Person } from '../people/person.ts';
import type { UploadOf, UploadOutcome } from '../upload/upload.ts';
import type { UploadPurpose } from '../upload/upload.purpose.ts';
import { PROCEDURES_SERIES, readBooks } from './books.ts';
import { collegeFindings, sheetsOf } from './college-check.ts';
import { openLedger } from './ledger.ts';
import {
  changeBatch,
  claimFile,
  FILE_NAME_CHARS_MAX,
  fileHeld,
  fileMoved,
  fileRead,
  fileRefused,
  READ_RENEWED_MS,
  READ_TRIES_MAX,
  SCAN_FILE_BYTES_MAX,
  SCAN_NAME_ENDINGS,
  type BatchFigures,
  type ScanBatch,
  type ScanFile,
  type ScanFileOf,
} from './scan-batch.ts';
import { demandPackage, scanCollegeId, type ScanCollege } from './scan-college.ts';
import { numberOf } from './scan-number.ts';
import { collegeKey, isUnsettled } from './scan-error.ts';
import { imageBlob, thumbnailBlob, withFile } from './scan-image.ts';
import { pageId, UNDECIDED, type ScanPage } from './scan-page.ts';
import { demandCentre } from './scanning.access.ts';
import { batchFact, changeFacts, collegeFacts, fileFact, saveChange } from './scanning.facts.ts';

/** Pages booked as one deed, and the longest that a page waits for its neighbours (ms). */
const PAGES_AT_ONCE = 8;
const WAIT_MS = 1_500;
/** What is wrong with a file as a whole, told to whoever sent it: the first causes say enough. */
const FINDINGS_TOLD_MAX = 10;
/** Tries against other nodes that read for the same college. */
const ATTEMPTS_MAX = 40;

/** Another node goes on with the file: this one has no more to say. */
class LeaseLost extends Error {}

/** The target of an upload is the batch. */
export function createScanReadingActions(context: Context) {
  const { journal, units, procedures, scanColleges, scanBatches, scanFiles, scanPages, scanErrors, works } = context;
  const { scanNumbers, collector, blobs, now, newId, sha256 } = context;

  const byHub = (): Deed => ({ actor: 'hub', atMs: now(), commandId: newId(), note: null });

  /* ---- taking a file in ---- */

  async function receive(upload: UploadOf<'stored'>): Promise<void> {
    await retryStale(async () => {
      if (await scanFiles.find(upload.id)) return;
      const batch = await scanBatches.get(upload.target);
      if (batch.endedAtMs !== null) throw new HubError('batch_ended');
      const [twin] = await scanFiles.list({ procedure: batch.procedure, sha256: upload.sha256 }, { limit: 1 });
      if (twin) throw new HubError('scan_file_repeated', { name: twin.name, by: twin.sentBy, atMs: twin.sentAtMs });
      const [study, unit] = await Promise.all([procedures.getOf('study', batch.procedure), units.get(batch.college)]);
      const file: ScanFile = {
        ...{ id: upload.id, rev: 1, procedure: batch.procedure, centre: batch.centre, college: batch.college },
        ...{ batch: batch.id, name: upload.name.slice(0, FILE_NAME_CHARS_MAX), bytes: upload.bytes },
        ...{ sha256: upload.sha256, blob: upload.blob, sentAtMs: now(), sentBy: upload.ownerName, status: 'waiting' },
      };
      const changed = changeBatch(batch, { files: 1 });
      const note = {
        ...{ kind: 'scans.sent' as const, path: unit.path, subject: unit.id, subjectName: unit.name },
        actorName: upload.ownerName,
        differences: [
          { field: 'file' as const, before: null, after: file.name },
          { field: 'code' as const, before: null, after: file.sha256 },
          { field: 'procedure' as const, before: null, after: study.title },
        ],
      };
      try {
        await journal.record(
          { actor: upload.owner, atMs: file.sentAtMs, commandId: newId(), note },
          [batchFact(changed), fileFact(file)],
          async (session) => {
            await scanBatches.save(changed, session);
            await scanFiles.save(file, session);
          },
        );
      } catch (error) {
        // The same bytes came at the same moment under another name.
        throw isDuplicateKey(error) ? new HubError('stale_write') : error;
      }
    }, ATTEMPTS_MAX);
  }

  async function demandSender(person: Person, target: string): Promise<ScanBatch> {
    const batch = await scanBatches.find(target);
    if (!batch) throw new HubError('not_allowed');
    await demandCentre(context, person, 'scans.upload', batch.procedure, batch.centre);
    return batch;
  }

  async function outcome({ id }: UploadOf<'stored'>): Promise<UploadOutcome> {
    const file = await scanFiles.get(id);
    switch (file.status) {
      case 'waiting':
      case 'reading':
        return { status: 'pending' };
      case 'read': {
        const errors = await scanErrors.count({ batch: file.batch, file: id, status: { $ne: 'resolved' } });
        return { status: 'read', pages: file.pages, errors };
      }
      case 'refused': {
        const told = await scanErrors.list({ batch: file.batch, file: id, page: null }, { limit: FINDINGS_TOLD_MAX });
        return { status: 'unreadable', findings: told.map(({ finding }) => finding) };
      }
      default:
        throw file satisfies never;
    }
  }

  const purpose: UploadPurpose = {
    async authorize(person, target) {
      const batch = await demandSender(person, target);
      if (batch.endedAtMs !== null) throw new HubError('batch_ended');
      demandPackage(await scanColleges.get(scanCollegeId(batch.procedure, batch.college)));
      return { path: (await units.get(batch.college)).path };
    },
    async authorizeSender(person, target) {
      await demandSender(person, target);
    },
    async authorizeView(person, target) {
      const batch = await scanBatches.find(target);
      if (!batch) throw new HubError('not_allowed');
      await demandCentre(context, person, 'scans.view', batch.procedure, batch.centre);
    },
    limits: { bytesMax: SCAN_FILE_BYTES_MAX },
    accepts(name) {
      if (!SCAN_NAME_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)))
        throw new HubError('scan_kind_refused', { name, kinds: SCAN_NAME_ENDINGS.join(', ') });
    },
    received: receive,
    outcome,
  };

  /* ---- reading it ---- */

  async function keepImage(file: string, page: ReadPage): Promise<ScanPage['image']> {
    const { bytes, type } = page.image;
    const put = async (id: string, content: Uint8Array, of: string): Promise<void> => {
      // Kept by a node that died before it booked the page, or is being kept by one whose lease ran out while it stood still: the same bytes.
      if (await blobs.find(id)) return;
      await blobs.put(id, only(content), { type: of }).catch(async (error: unknown) => {
        if (!(await blobs.find(id))) throw error;
      });
    };
    await put(imageBlob(file, page.number), bytes, type);
    await put(thumbnailBlob(file, page.number), page.thumbnail, 'image/jpeg');
    return { sha256: sha256(bytes), type, bytes: bytes.length };
  }

  const bareOf = (file: ScanFile, n: number): Omit<ScanPage, 'image' | 'reading' | 'told' | 'path'> => ({
    ...{ id: pageId(file.id, n), rev: 0, procedure: file.procedure, centre: file.centre, college: file.college },
    ...{ batch: file.batch, file: file.id, n, hints: {}, decisions: UNDECIDED, former: null },
    ...{ status: 'waiting', droppedFor: null, place: null, work: null, readAtMs: now() },
  });

  /**
   * Books pages of a file with the place up to which it is done; `over` ends it. Errors: `LeaseLost` when another node has the file.
   */
  function bookPages<Next extends ScanFile>(
    held: ScanFileOf<'reading'>,
    coming: readonly ScanPage[],
    move: (file: ScanFileOf<'reading'>) => Next,
    findings: readonly CollectorFinding[] = [],
  ): Promise<Next> {
    return retryStale(async () => {
      const file = await scanFiles.get(held.id);
      if (file.status !== 'reading' || file.node !== held.node || file.rev !== held.rev) throw new LeaseLost();
      const nowMs = now();
      const { procedure, college, batch } = file;
      const place = { procedure, college, batch, file: file.id };
      const ledger = openLedger(await readBooks(context, place, coming, [], nowMs));
      for (const page of coming) if (!ledger.page(page.id)) ledger.put(page);
      const moved = move(file);
      if (moved.status !== 'reading') ledger.putFile(moved, findings);
      const ended: Partial<BatchFigures> =
        moved.status === 'read' ? { filesRead: 1 } : moved.status === 'refused' ? { filesRefused: 1 } : {};
      const change = ledger.close({ [file.batch]: ended });
      await journal.record(byHub(), [...changeFacts(change), fileFact(moved)], async (session) => {
        await saveChange(context, change, session);
        await scanFiles.save(moved, session);
      });
      return moved;
    }, ATTEMPTS_MAX);
  }

  async function readFile(claimed: ScanFileOf<'reading'>, isStopping: () => boolean): Promise<void> {
    const ending = new AbortController();
    let held = claimed;
    let coming: ScanPage[] = [];
    let sinceMs = now();
    // Booking and renewing change the same revision: one after the other.
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(deed: () => Promise<T>): Promise<T> => {
      const done = turn.then(deed);
      turn = done.catch(() => undefined);
      return done;
    };
    const flush = (next: number): Promise<void> =>
      inTurn(async () => {
        if (coming.length === 0) return;
        const pages = coming;
        coming = [];
        held = await bookPages(held, pages, (file) => fileMoved(file, next, file.pages, now()));
        sinceMs = now();
      });
    const renew = async (): Promise<void> => {
      const renewed = fileHeld(held, now());
      await scanFiles.save(renewed);
      held = renewed;
    };
    // A page may take long, and the opening of a large file longer: whoever is at it is not taken for dead. What fails is told by the next booking.
    const renewing = setInterval(() => void inTurn(renew).catch(() => undefined), READ_RENEWED_MS);
    const take = (page: ScanPage): void => void coming.push(page);
    const request = {
      ...{ forms: FORMS, fromPage: claimed.next, signal: ending.signal },
      // Booked at once, with the place behind it: a node that dies now leaves nobody to break over it again, and nobody who does not know of it.
      setAside: async (finding: PageSetAside): Promise<void> => {
        const { page: n, path } = finding.data;
        take({ ...bareOf(claimed, n), image: null, reading: null, told: [finding], path });
        await flush(n + 1);
      },
    };
    try {
      const outcome = await withFile(blobs.read(claimed.blob), (path) =>
        collector.readFile({ path }, request, async (page) => {
          if (isStopping()) ending.abort();
          ending.signal.throwIfAborted();
          const image = await keepImage(claimed.id, page);
          take({ ...bareOf(claimed, page.number), image, reading: page.reading, told: [], path: page.path });
          if (coming.length >= PAGES_AT_ONCE || now() - sinceMs >= WAIT_MS) await flush(page.number + 1);
        }),
      );
      await inTurn(() => bookRest(held, coming, outcome));
    } finally {
      clearInterval(renewing);
      await turn;
    }
  }

  /** The end of a file: its last pages, and what is wrong with it as a whole. */
  async function bookRest(
    held: ScanFileOf<'reading'>,
    coming: readonly ScanPage[],
    { pages: counted, findings }: FileOutcome,
  ): Promise<void> {
    const pages = counted ?? held.next - 1 + coming.length;
    const others = findings.filter(({ code }) => code !== 'PAGE_SET_ASIDE');
    const isNothing = pages === 0 || (others.length > 0 && held.next === 1 && coming.length === 0);
    await bookPages(
      held,
      coming,
      (file) => (isNothing ? fileRefused(file, now()) : fileRead(file, pages, now())),
      others,
    );
  }

  /** A file over which the reader broke again and again: what was read of it stands, the rest is told. */
  async function giveUp(claimed: ScanFileOf<'reading'>): Promise<void> {
    const damaged: CollectorFinding = {
      code: 'FILE_CORRUPT',
      data: { reason: 'damaged', path: null, page: claimed.next },
    };
    const pages = claimed.next - 1;
    const end = (file: ScanFileOf<'reading'>): ScanFile =>
      pages === 0 ? fileRefused(file, now()) : fileRead(file, pages, now());
    await bookPages(claimed, [], end, [damaged]);
  }

  /** Reads the next file, or one whose node fell silent; false when there is none. */
  async function readNext(node: string, isStopping: () => boolean): Promise<boolean> {
    const [found] = await scanFiles.list(
      { $or: [{ status: 'waiting' }, { status: 'reading', leaseUntilMs: { $lte: now() } }] },
      { sort: { sentAtMs: 1 }, limit: 1 },
    );
    const claimed = found && claimFile(found, node, now());
    if (!claimed) return false;
    try {
      await journal.record(byHub(), [fileFact(claimed)], (session) => scanFiles.save(claimed, session));
    } catch (error) {
      if (error instanceof HubError && error.code === 'stale_write') return true;
      throw error;
    }
    try {
      if (claimed.tries > READ_TRIES_MAX) await giveUp(claimed);
      else await readFile(claimed, isStopping);
    } catch (error) {
      if (isStopping() || error instanceof LeaseLost) return !isStopping();
      throw error;
    }
    return true;
  }

  /* ---- looking a college over ---- */

  /**
   * Looks over the next college in whose books something changed, once everything of it was sent and read; before that nothing is missed.
   * False when there is none.
   */
  async function checkNext(): Promise<boolean> {
    const [college] = await scanColleges.list({ isDue: true }, { limit: 1 });
    if (!college) return false;
    await retryStale(async () => {
      const present = await scanColleges.get(college.id);
      if (present.isDue) await checkCollege(present);
    }, ATTEMPTS_MAX);
    return true;
  }

  async function checkCollege(college: ScanCollege): Promise<void> {
    const of = { procedure: college.procedure, college: college.college };
    const [batches, known] = await Promise.all([
      scanBatches.list({ ...of, centre: college.centre }),
      scanErrors.list({ ...of, $or: [{ status: { $ne: 'resolved' } }, { page: null, file: null }] }),
    ]);
    const isAllHere =
      batches.length > 0 &&
      batches.every(
        ({ endedAtMs, figures: { files, filesRead, filesRefused } }) =>
          endedAtMs !== null && filesRead + filesRefused === files,
      );
    // While pages come nothing more is missed; what was stays so until a page answers it.
    const missed = new Set(
      known.filter((one) => one.page === null && one.file === null && isUnsettled(one)).map(collegeKey),
    );
    const lookedOver = (one: ScanCollege): ScanCollege => ({ ...one, isDue: false });
    if (!isAllHere && missed.size === 0) {
      const same = lookedOver({ ...college, rev: college.rev + 1 });
      await journal.record(byHub(), collegeFacts(same), (session) => scanColleges.save(same, session));
      return;
    }
    const [ownWorks, procedureNumber, pages, files] = await Promise.all([
      works.list(of),
      numberOf(scanNumbers, PROCEDURES_SERIES, college.procedure),
      scanPages.list({ batch: { $in: batches.map(({ id }) => id) }, status: { $ne: 'dropped' } }),
      scanFiles.list({ batch: { $in: batches.map(({ id }) => id) } }),
    ]);
    const findings = collegeFindings({
      ...{ college, procedureNumber, forms: FORMS, works: ownWorks, sheets: sheetsOf(pages, FORMS) },
      roomPages: pages.filter(({ status, work }) => status === 'standing' && work === null),
    }).filter(({ key }) => isAllHere || missed.has(key));
    const ledger = openLedger({
      ...{
        procedureNumber,
        forms: FORMS,
        colleges: [college],
        batches,
        pages: pages.filter(({ work }) => work !== null),
      },
      // No page moves here: what experts marked stays as it is.
      ...{ works: ownWorks, checks: [], errors: known, nowMs: now() },
      fileNames: new Map(files.map(({ id, name }) => [id, name])),
    });
    ledger.putCollege(college.college, findings);
    const change = ledger.close();
    const [due = { ...college, rev: college.rev + 1 }] = change.colleges;
    const colleges = [lookedOver(due)];
    await journal.record(
      byHub(),
      [...changeFacts({ ...change, colleges: [] }), ...colleges.flatMap(collegeFacts)],
      (session) => saveChange(context, { ...change, colleges }, session),
    );
  }

  return {
    purpose,
    /** Does the next of what waits: a file to be read, or a college to be looked over; false when nothing does. */
    processNext: async (node: string, isStopping: () => boolean): Promise<boolean> =>
      (await readNext(node, isStopping)) || checkNext(),
  };
}

/** One piece as a source. */
async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}
