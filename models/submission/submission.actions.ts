/** Use cases of sending data: template, file, tick, reading (S2-09 … S2-21). */
import type { ClientSession } from 'mongoose';
import { academicYearName, isOpen, type AttendanceProcedure } from '../procedure/procedure.ts';
import { FILE_BYTES_MAX, FORM_ID, FORM_VERSION } from '../attendance/attendance.form.ts';
import { formAttendanceReport } from '../attendance/attendance.report.ts';
import type { FileIdentity, Finding, PersonalColumn, ReadOutcome, WorkbookFormat } from '../attendance/workbook.ts';
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError, type RefusalCode, type RefusalParams } from '../error.ts';
import type { DeedKind, DeedNote, Difference } from '../deeds/deed.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { cabinetStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import { participationFacts, type ParticipationActions, type Place } from '../participation/participation.actions.ts';
import { participationId, progressed, takeTemplate, type Participation } from '../participation/participation.ts';
import type { Person } from '../people/person.ts';
import { resultId, resultOf } from '../result/result.ts';
import {
  attest,
  claim,
  fileNameOf,
  makeWay,
  progressOf,
  submissionView,
  type Attestation,
  type Submission,
  type SubmissionOf,
} from './submission.ts';

/** How many findings a submission keeps and a cabinet's fact carries; the annotated file is read anew and holds all. */
export const FINDINGS_SHOWN_MAX = 100;

const MEBIBYTE = 2 ** 20;

/** A file as it arrived. `content` is null when it was over the limit and therefore not kept. */
export interface IncomingFile {
  name: string;
  bytes: number;
  content: Uint8Array | null;
  /** Whether the tick was set when the file was sent. */
  isAttested: boolean;
}

interface Loaded {
  participation: Participation;
  unit: Unit;
  procedure: AttendanceProcedure;
}

const submissionFact = (submission: Submission): Fact => ({
  stream: cabinetStream(submission.procedure, submission.institution),
  type: 'submissionChanged',
  entity: submission.id,
  rev: submission.rev,
  body: { submission: submissionView(submission) },
});

export function createSubmissionActions(context: Context, participationActions: ParticipationActions) {
  const { journal, participations, submissions, results, procedures, units, files, workbooks, observer } = context;
  const { now, newId, sha256, sign, texts } = context;

  const deedOf = (actor: string, note: DeedNote | null): Deed => ({ actor, atMs: now(), commandId: newId(), note });

  /** What is told of a file: its name, and what became of it. */
  const noteOf = (
    kind: DeedKind,
    { unit, procedure }: Loaded,
    file: string,
    status: { before: string | null; after: string },
    more: readonly Difference[] = [],
  ): DeedNote => ({
    kind,
    path: unit.path,
    subject: unit.id,
    subjectName: unit.name,
    differences: [
      { field: 'procedure', before: procedure.id, after: procedure.id },
      { field: 'file', before: file, after: file },
      { field: 'status', ...status },
      ...more,
    ],
  });

  const identityOf = ({ procedure, unit }: Loaded): FileIdentity => ({
    formId: FORM_ID,
    version: FORM_VERSION,
    procedure: procedure.id,
    institution: unit.id,
  });

  /** Only an institution's own coordinator, and only after access was taken (S2-08, G-14). */
  async function loadSender(person: Person, place: Place): Promise<Loaded> {
    const loaded = await participationActions.loadFor(person, 'submission.send', place);
    if (loaded.participation.access.status !== 'activated') throw new HubError('access_awaited');
    return loaded;
  }

  /** Saves submissions with what they mean for the participation, as one deed. */
  async function record(
    deed: Deed,
    { participation, unit }: Loaded,
    changed: Submission[],
    counted = 0,
    also: (session: ClientSession) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const progress = Object.assign({}, ...changed.map(progressOf)) as ReturnType<typeof progressOf>;
    const moved = progressed(participation, { ...progress, attempts: participation.progress.attempts + counted });
    await journal.record(
      deed,
      [...participationFacts(participation, moved, unit), ...changed.map(submissionFact)],
      async (session) => {
        await participations.save(moved, session);
        for (const submission of changed) await submissions.save(submission, session);
        await also(session);
      },
    );
  }

  function attestationBy(person: Person, { procedure, unit }: Loaded, fileHash: string): Attestation {
    const attestation = {
      text: texts.attestation(unit.name, academicYearName(procedure.academicYear)),
      personId: person.id,
      personName: person.name,
      atMs: now(),
      sha256: fileHash,
      formVersion: FORM_VERSION,
    };
    return { ...attestation, signature: sign(JSON.stringify(attestation)) };
  }

  const findCurrent = async (participation: Participation): Promise<Submission | null> =>
    participation.progress.current === null ? null : submissions.find(participation.progress.current);

  /** The reason why a file is turned away at the door, or null. */
  function refusalOf(
    { procedure }: Loaded,
    file: IncomingFile,
    hash: string | null,
    current: Submission | null,
  ): { code: RefusalCode; params: RefusalParams } | null {
    if (!isOpen(procedure, now()))
      return { code: 'window_closed', params: { deadlineMs: procedure.deadlineMs, zone: procedure.zone } };
    if (!file.content || file.bytes > FILE_BYTES_MAX)
      return {
        code: 'file_too_large',
        params: { mb: Math.ceil(file.bytes / MEBIBYTE), mbMax: FILE_BYTES_MAX / MEBIBYTE },
      };
    const isSame = current !== null && hash === current.sha256;
    const wasOurFault =
      current?.status === 'failed' &&
      current.findings.some(({ code }) => code === 'file_too_slow' || code === 'reading_failed');
    if (isSame && !wasOurFault)
      return { code: 'file_repeated', params: { atMs: current.sentAtMs, outcome: current.status } };
    return null;
  }

  async function loadOf({ procedure, institution }: Submission): Promise<Loaded> {
    const [participation, unit, found] = await Promise.all([
      participations.get(participationId(procedure, institution)),
      units.get(institution),
      procedures.getOf('attendance', procedure),
    ]);
    return { participation, unit, procedure: found };
  }

  /** Reads a file. A reader that breaks is our fault: the institution is told so and may send again, and nothing waits for ever. */
  async function readOutcome({ id }: Submission, identity: FileIdentity): Promise<ReadOutcome> {
    try {
      const bytes = await files.find(id);
      if (!bytes) throw new Error(`file ${id} is gone`);
      return await workbooks.read(bytes, identity);
    } catch (error) {
      observer.fault(error, 'submission.read');
      const finding: Finding = { code: 'reading_failed', severity: 'error', params: {} };
      return { kind: 'refused', format: null, findings: [finding] };
    }
  }

  async function finish(claimed: SubmissionOf<'processing'>, outcome: ReadOutcome): Promise<'processed' | 'failed'> {
    const loaded = await loadOf(claimed);
    const status = { before: claimed.status, after: outcome.kind === 'refused' ? 'failed' : 'processed' };
    const deed = deedOf('hub', noteOf('file.read', loaded, claimed.fileName, status));
    const { node: _node, leaseUntilMs: _lease, ...read } = claimed;
    const base = { ...read, rev: claimed.rev + 1, processedAtMs: deed.atMs };
    if (outcome.kind === 'refused') {
      const errors = outcome.findings.filter(({ severity }) => severity === 'error').length;
      const findings = outcome.findings.slice(0, FINDINGS_SHOWN_MAX);
      const failed: Submission = { ...base, status: 'failed', format: outcome.format, findings, errors };
      await record(deed, loaded, [failed]);
      return 'failed';
    }
    const { rows, notes, format } = outcome;
    const report = formAttendanceReport(rows);
    const processed: Submission = { ...base, status: 'processed', format, rows, report, notes, voidedBy: null };
    const standing = loaded.participation.progress.standing;
    const before = standing === null ? null : await submissions.find(standing);
    const voided: Submission[] =
      before?.status === 'processed' ? [{ ...before, voidedBy: processed.id, rev: before.rev + 1 }] : [];
    const { procedure, unit } = loaded;
    const told = await results.find(resultId(procedure.id, unit.id));
    const result = resultOf(procedure, unit, report, told, deed.atMs);
    // The new one last: what stands is the later of the two. The analytical base says the same from the same moment on (S0-08).
    await record(deed, loaded, [...voided, processed], 0, (session) => results.save(result, session));
    return 'processed';
  }

  /** The template of an institution; its size is remembered, because every cabinet prints it in the link (S2-10). */
  async function makeTemplate(loaded: Loaded, format: WorkbookFormat): Promise<Uint8Array> {
    const head = { institutionName: loaded.unit.name, academicYear: academicYearName(loaded.procedure.academicYear) };
    const bytes = await workbooks.template(identityOf(loaded), head, format);
    templateSizes.set(`${loaded.participation.id} ${format}`, bytes.length);
    return bytes;
  }
  const templateSizes = new Map<string, number>();

  return {
    /** The size of the template as a file of each format, in bytes (S2-10). */
    async templateSizes(person: Person, place: Place): Promise<Record<WorkbookFormat, number>> {
      const loaded = await participationActions.loadFor(person, 'submission.view', place);
      const sizeOf = async (format: WorkbookFormat): Promise<number> =>
        templateSizes.get(`${loaded.participation.id} ${format}`) ?? (await makeTemplate(loaded, format)).length;
      return { xls: await sizeOf('xls'), xlsx: await sizeOf('xlsx') };
    },

    /** The template of this institution as a file (S2-09, S2-10); the first download shows on the board. */
    async template(person: Person, place: Place, format: WorkbookFormat): Promise<Uint8Array> {
      const loaded = await loadSender(person, place);
      const bytes = await makeTemplate(loaded, format);
      await retryStale(async () => {
        const { participation, unit } = await loadSender(person, place);
        const deed = deedOf(person.id, {
          kind: 'template.taken',
          path: unit.path,
          subject: unit.id,
          subjectName: unit.name,
          differences: [{ field: 'procedure', before: place.procedure, after: place.procedure }],
        });
        const taken = takeTemplate(participation, deed.atMs);
        if (taken)
          await journal.record(deed, participationFacts(participation, taken, unit), (session) =>
            participations.save(taken, session),
          );
      });
      return bytes;
    },

    /** Takes a file in (S2-14). What is turned away leaves its attempt, and nothing else (S2-21). */
    send: (person: Person, place: Place, file: IncomingFile): Promise<{ submission: string }> => {
      let looked: Promise<PersonalColumn | null> | null = null;
      return retryStale(async () => {
        const loaded = await loadSender(person, place);
        const atMs = now();
        const hash = file.content && sha256(file.content);
        const current = await findCurrent(loaded.participation);
        let refusal = refusalOf(loaded, file, hash, current);
        if (!refusal && file.content) {
          // Before anything is kept (S0-01), and once, however often the deed is tried.
          looked ??= workbooks.personalColumn(file.content);
          const personal = await looked;
          if (personal) refusal = { code: 'file_personal', params: { ...personal } };
        }
        const sent = {
          id: newId(),
          rev: 1,
          procedure: place.procedure,
          institution: place.institution,
          path: loaded.unit.path,
          number: loaded.participation.progress.attempts + 1,
          fileName: fileNameOf(file.name),
          bytes: file.bytes,
          sha256: hash ?? '',
          sentAtMs: atMs,
          sentBy: person.name,
        };
        if (refusal || !file.content || hash === null) {
          const { code, params } = refusal ?? { code: 'file_missing' as const, params: {} };
          const note = noteOf('file.refused', loaded, sent.fileName, { before: null, after: 'rejected' }, [
            { field: 'code', before: null, after: code },
          ]);
          await record({ ...deedOf(person.id, note), atMs }, loaded, [{ ...sent, status: 'rejected', code }], 1);
          throw new HubError(code, params);
        }
        const replaced = makeWay(current, atMs);
        const submission: Submission = file.isAttested
          ? { ...sent, status: 'attested', attestation: attestationBy(person, loaded, hash) }
          : { ...sent, status: 'uploaded' };
        const { content } = file;
        const note = noteOf('file.sent', loaded, sent.fileName, { before: null, after: submission.status }, [
          // What was sent can be compared with what lies in a folder.
          { field: 'code', before: null, after: hash },
        ]);
        const deed = { ...deedOf(person.id, note), atMs };
        await record(deed, loaded, replaced ? [replaced, submission] : [submission], 1, (session) =>
          files.save(submission.id, content, session),
        );
        return { submission: submission.id };
      });
    },

    /** The tick (S2-15): from here on the data count as confirmed, and are read. After the deadline it is refused (domain 6.1 row 3). */
    attest: (person: Person, place: Place, submissionId: string): Promise<void> =>
      retryStale(async () => {
        const loaded = await loadSender(person, place);
        const submission = await submissions.get(submissionId);
        if (submission.procedure !== place.procedure || submission.institution !== place.institution)
          throw new HubError('not_found');
        if (!isOpen(loaded.procedure, now()))
          throw new HubError('attestation_late', {
            deadlineMs: loaded.procedure.deadlineMs,
            zone: loaded.procedure.zone,
          });
        const attested = attest(submission, attestationBy(person, loaded, submission.sha256));
        if (!attested) return;
        const status = { before: submission.status, after: attested.status };
        await record(deedOf(person.id, noteOf('file.attested', loaded, submission.fileName, status)), loaded, [
          attested,
        ]);
      }),

    /**
     * Reads the next attested file, or one whose node died while reading; false when there is none.
     * The claim and the result are deeds of their own, so a crash between them costs a lease, never a file.
     */
    async processNext(node: string): Promise<boolean> {
      const [next] = await submissions.list(
        { $or: [{ status: 'attested' }, { status: 'processing', leaseUntilMs: { $lte: now() } }] },
        { sort: { sentAtMs: 1 }, limit: 1 },
      );
      if (!next) return false;
      const claimed = claim(next, node, now());
      if (!claimed) return true;
      const startedAtMs = now();
      try {
        const loaded = await loadOf(claimed);
        // Who reads it is no deed; what came of it is.
        await record(deedOf('hub', null), loaded, [claimed]);
        const outcome = await readOutcome(claimed, identityOf(loaded));
        observer.processed(await finish(claimed, outcome), now() - startedAtMs);
      } catch (error) {
        // Another node was faster, or took it over after our lease: its result stands.
        if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
      }
      return true;
    },
  };
}

export type SubmissionActions = ReturnType<typeof createSubmissionActions>;
