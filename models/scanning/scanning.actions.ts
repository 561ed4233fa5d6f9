/** Use cases before and around scanning: printing forms, accepting packages, opening and ending batches (S1-04, S1-23, S1-24, S1-51). */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { PrintItem } from '#collector/reading.ts';
import type { Context } from '../context.ts';
import type { DeedKind } from '../deeds/deed.ts';
import { differencesOf } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import { isActive, isWithin, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import type { Capability } from '../people/rights.ts';
import { PROCEDURES_SERIES } from './books.ts';
import {
  claimRun,
  pagesPrinted,
  PRINT_PAGES_MAX,
  runFailed,
  runMoved,
  runReady,
  type PrintRun,
  type PrintRunOf,
} from './print-run.ts';
import { formFor, PRINTED_PAGES } from './printed-forms.ts';
import { endBatch, openBatch, reopenBatch, type ScanBatch } from './scan-batch.ts';
import {
  acceptPackage,
  changeCollege,
  demandPackage,
  extendRoster,
  newScanCollege,
  packageInputSchema,
  participantsOf,
  recountInputSchema,
  recountPackage,
  rosterInputSchema,
  scanCollegeId,
  type ScanCollege,
} from './scan-college.ts';
import { numberOf } from './scan-number.ts';
import { studyId } from '../study/study.ts';
import { demandCentre, type CentrePlace } from './scanning.access.ts';
import { batchFact, collegeFacts, printFact } from './scanning.facts.ts';

export interface CentreCollege {
  procedure: string;
  centre: string;
  college: string;
}
export interface CentreBatch {
  procedure: string;
  centre: string;
  batch: string;
}

/** Pages between two words about how far a job of printing is. */
const PAGES_TOLD = 100;

export function createScanningActions(context: Context) {
  const { journal, units, scanColleges, scanBatches, scanNumbers, printRuns, studyColleges, scanningCentres } = context;
  const { collector, blobs, texts, now, newId, observer } = context;

  const deedOf = (
    actor: string,
    kind: DeedKind,
    { study, unit }: { study: { id: string; title: string }; unit: Pick<Unit, 'id' | 'name' | 'path'> },
    told: Parameters<typeof differencesOf>[1],
    before: Parameters<typeof differencesOf>[0] = null,
  ): Deed => ({
    ...{ actor, atMs: now(), commandId: newId() },
    note: {
      ...{ kind, path: unit.path, subject: unit.id, subjectName: unit.name },
      differences: differencesOf(before, { ...told, procedure: study.title }),
    },
  });

  /** A college of the study whose pages the centre reads. Errors: `not_allowed`, `study_not_sampled`. */
  async function demandCollege(
    person: Person,
    capability: Capability,
    { procedure, centre, college }: CentreCollege,
  ): Promise<CentrePlace & { unit: Unit }> {
    const place = await demandCentre(context, person, capability, procedure, centre);
    const [unit, listed] = await Promise.all([units.find(college), studyColleges.find(studyId(procedure, college))]);
    if (unit?.kind !== 'college' || !isWithin(unit.path, place.region.path) || !isActive(unit))
      throw new HubError('not_allowed');
    const named = await scanningCentres.find(place.region.id);
    if (named?.unit !== place.centre.id) throw new HubError('scan_centre_other', { name: named?.unitName ?? '—' });
    if (!listed || !('sampledAtMs' in listed) || listed.status === 'notSampled')
      throw new HubError('study_not_sampled', { name: unit.name });
    return { ...place, unit };
  }

  const collegeOf = (procedure: string, college: string): Promise<ScanCollege | null> =>
    scanColleges.find(scanCollegeId(procedure, college));

  async function beginCollege(procedure: string, centre: string, unit: Unit): Promise<ScanCollege> {
    const place = { procedure, centre, college: unit.id, name: unit.name, order: unit.order };
    return newScanCollege({ ...place, number: await numberOf(scanNumbers, `institutions/${procedure}`, unit.id) });
  }

  /* ---- printing ---- */

  function* itemsOf(run: PrintRun, college: ScanCollege, procedureNumber: number): Generator<PrintItem> {
    const of = { procedure: procedureNumber, institution: college.number };
    const [answers, attendance, protocol] = [formFor('answers'), formFor('attendance'), formFor('protocol')];
    for (const room of college.roster.rooms.filter(({ number }) => run.rooms.includes(number))) {
      const lines = [college.name, room.name];
      const holder = { kind: 'room' as const, number: room.number };
      const rows = participantsOf(room).map(String);
      yield { form: attendance, ...of, holder, lines, rows };
      yield { form: protocol, ...of, holder, lines };
      for (const number of participantsOf(room))
        yield { form: answers, ...of, holder: { kind: 'participant', number }, lines };
    }
    const { first, count } = run.spares;
    for (let number = first; number < first + count; number++)
      yield { form: formFor('spare'), ...of, holder: { kind: 'spare', number }, lines: [college.name] };
  }

  const recordRun = (run: PrintRun): Promise<void> =>
    journal.record({ actor: 'hub', atMs: now(), commandId: newId(), note: null }, [printFact(run)], (session) =>
      printRuns.save(run, session),
    );

  async function printOut(claimed: PrintRunOf<'printing'>, isStopping: () => boolean): Promise<void> {
    const [college, procedureNumber] = await Promise.all([
      scanColleges.get(scanCollegeId(claimed.procedure, claimed.college)),
      numberOf(scanNumbers, PROCEDURES_SERIES, claimed.procedure),
    ]);
    const ending = new AbortController();
    let run = claimed;
    let told = 0;
    const pieces = new PassThrough();
    const words = texts.printWords();
    const printed = collector
      .print(
        { words, items: itemsOf(claimed, college, procedureNumber), pagesMax: PRINT_PAGES_MAX, signal: ending.signal },
        async (piece, pagesDone) => {
          if (isStopping()) ending.abort();
          // The store says when it has room for more.
          if (!pieces.write(piece)) await once(pieces, 'drain', { signal: ending.signal });
          if (pagesDone - told < PAGES_TOLD) return;
          told = pagesDone;
          run = runMoved(run, pagesDone, now());
          await recordRun(run);
        },
      )
      .then(
        () => void pieces.end(),
        (error: unknown) => void pieces.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    try {
      const { bytes } = await blobs.put(run.blob, pieces, { type: 'application/pdf' });
      await printed;
      await recordRun(runReady(run, bytes, now()));
    } catch (error) {
      ending.abort();
      await printed;
      // Whoever stops leaves the run to the next node; its lease is the wait.
      if (isStopping()) return;
      if (error instanceof HubError && error.code === 'stale_write') return;
      observer.fault(error, 'scanning.print');
      await recordRun(runFailed(run, now()));
    }
  }

  /* ---- batches ---- */

  async function batchOf(person: Person, capability: Capability, { procedure, centre, batch: id }: CentreBatch) {
    const place = await demandCentre(context, person, capability, procedure, centre);
    const batch = await scanBatches.find(id);
    if (batch?.procedure !== procedure || batch.centre !== centre) throw new HubError('not_found');
    return { ...place, batch };
  }

  const changeBatch = (
    person: Person,
    at: CentreBatch,
    kind: DeedKind,
    decide: (batch: ScanBatch, nowMs: number) => ScanBatch,
  ): Promise<void> =>
    retryStale(async () => {
      const { study, batch } = await batchOf(person, 'scans.upload', at);
      const [unit, college] = await Promise.all([
        units.get(batch.college),
        scanColleges.get(scanCollegeId(batch.procedure, batch.college)),
      ]);
      const changed = decide(batch, now());
      // The college is due: what is missing may be missed now, or not yet.
      const due = changeCollege(college, {});
      await journal.record(
        deedOf(person.id, kind, { study, unit }, { count: batch.number }),
        [batchFact(changed), ...collegeFacts(due)],
        async (session) => {
          await scanColleges.save(due, session);
          await scanBatches.save(changed, session);
        },
      );
    });

  return {
    /**
     * Prints forms for rooms and spares of a college, in addition to what it has (S1-04). Returns the job. Errors: HubError `not_allowed`,
     * `study_not_sampled`, `roster_room_taken`, `roster_full`, `print_too_long`, `print_empty`.
     */
    print: (person: Person, at: CentreCollege, input: unknown): Promise<{ run: string }> =>
      retryStale(async () => {
        const { study, centre, unit } = await demandCollege(person, 'materials.prepare', at);
        const wish = rosterInputSchema.parse(input);
        const before = (await collegeOf(study.id, unit.id)) ?? (await beginCollege(study.id, centre.id, unit));
        const after = extendRoster(before, wish, PRINTED_PAGES);
        const rooms = after.roster.rooms.slice(before.roster.rooms.length);
        const pages = pagesPrinted(rooms, wish.spares, PRINTED_PAGES);
        if (pages === 0) throw new HubError('print_empty');
        if (pages > PRINT_PAGES_MAX) throw new HubError('print_too_long', { count: pages, max: PRINT_PAGES_MAX });
        const run: PrintRun = {
          ...{ id: newId(), rev: 1, procedure: study.id, centre: centre.id, college: unit.id, collegeName: unit.name },
          ...{
            rooms: rooms.map(({ number }) => number),
            spares: { first: before.roster.spares + 1, count: wish.spares },
          },
          ...{ pages, askedAtMs: now(), askedBy: person.name, status: 'waiting' },
        };
        await journal.record(
          deedOf(person.id, 'materials.printed', { study, unit }, { count: pages }),
          [...collegeFacts(after), printFact(run)],
          async (session) => {
            await scanColleges.save(after, session);
            await printRuns.save(run, session);
          },
        );
        return { run: run.id };
      }),

    /** Writes the next job of printing, or one whose node died; false when there is none. */
    async printNext(node: string, isStopping: () => boolean): Promise<boolean> {
      const [found] = await printRuns.list(
        { $or: [{ status: 'waiting' }, { status: 'printing', leaseUntilMs: { $lte: now() } }] },
        { sort: { askedAtMs: 1 }, limit: 1 },
      );
      const claimed = found && claimRun(found, node, `print-${newId()}`, now());
      if (!claimed) return false;
      try {
        await recordRun(claimed);
      } catch (error) {
        if (error instanceof HubError && error.code === 'stale_write') return true;
        throw error;
      }
      await printOut(claimed, isStopping);
      return true;
    },

    /** The package of a college is accepted, with the count of its sheets (S1-23, S1-51). Errors: `package_accepted`, `roster_missing`. */
    acceptPackage: (person: Person, at: CentreCollege, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { study, unit } = await demandCollege(person, 'materials.prepare', at);
        const { sheets } = packageInputSchema.parse(input);
        const before = await collegeOf(study.id, unit.id);
        if (!before) throw new HubError('roster_missing');
        const after = acceptPackage(before, { sheets }, person, now());
        await journal.record(
          deedOf(person.id, 'package.accepted', { study, unit }, { count: sheets }),
          collegeFacts(after),
          (session) => scanColleges.save(after, session),
        );
      }),

    /** The sheets were counted anew. Errors: `package_awaited`. */
    recountPackage: (person: Person, at: CentreCollege, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { study, unit } = await demandCollege(person, 'materials.prepare', at);
        const wish = recountInputSchema.parse(input);
        const before = await collegeOf(study.id, unit.id);
        if (!before) throw new HubError('roster_missing');
        const after = recountPackage(before, wish, person, now());
        await journal.record(
          deedOf(
            person.id,
            'package.recounted',
            { study, unit },
            { count: wish.sheets, reason: wish.reason },
            { count: before.package?.sheets ?? null },
          ),
          collegeFacts(after),
          (session) => scanColleges.save(after, session),
        );
      }),

    /** The sheet that goes on top of a batch and says how many sheets follow (S1-24), as PDF. Errors: HubError `not_allowed`, `not_found`. */
    async coverFile(person: Person, at: CentreBatch): Promise<{ name: string; number: number; bytes: Uint8Array }> {
      const { study, centre, batch } = await batchOf(person, 'collector.view', at);
      const [college, procedureNumber] = await Promise.all([
        scanColleges.get(scanCollegeId(batch.procedure, batch.college)),
        numberOf(scanNumbers, PROCEDURES_SERIES, study.id),
      ]);
      const cover: PrintItem = {
        ...{ form: formFor('cover'), procedure: procedureNumber, institution: college.number },
        ...{ holder: { kind: 'batch', number: batch.number }, lines: [college.name, centre.name] },
      };
      const pieces: Uint8Array[] = [];
      await collector.print(
        { words: texts.printWords(), items: [cover], pagesMax: 1 },
        (piece) => void pieces.push(piece),
      );
      return { name: college.name, number: batch.number, bytes: Buffer.concat(pieces) };
    },

    /** A batch for the accepted package of a college (S1-04, S1-51). Errors: `package_awaited`, `roster_missing`. */
    openBatch: (person: Person, at: CentreCollege): Promise<{ batch: string; number: number }> =>
      retryStale(async () => {
        const { study, centre, unit } = await demandCollege(person, 'scans.upload', at);
        const before = await collegeOf(study.id, unit.id);
        if (!before) throw new HubError('roster_missing');
        demandPackage(before);
        const place = { procedure: study.id, centre: centre.id, college: unit.id, collegeName: unit.name };
        const batch = openBatch(newId(), { ...place, number: before.batches + 1 }, person, now());
        const after = changeCollege(before, { batches: 1 });
        await journal.record(
          deedOf(person.id, 'batch.opened', { study, unit }, { count: batch.number }),
          [batchFact(batch), ...collegeFacts(after)],
          async (session) => {
            await scanColleges.save(after, session);
            await scanBatches.save(batch, session);
          },
        );
        return { batch: batch.id, number: batch.number };
      }),

    /** Everything of the batch was sent. Errors: `batch_empty`, `batch_ended`. */
    endBatch: (person: Person, at: CentreBatch): Promise<void> => changeBatch(person, at, 'batch.ended', endBatch),
    /** More is to be sent. Errors: `batch_open`. */
    reopenBatch: (person: Person, at: CentreBatch): Promise<void> =>
      changeBatch(person, at, 'batch.reopened', reopenBatch),
  };
}
