/** What pages read of an institution's submissions. */
import { FORM_ID, FORM_VERSION } from '../attendance/attendance.form.ts';
import type { FileIdentity, Finding, WorkbookFormat } from '../attendance/workbook.ts';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { cabinetStream } from '../journal/stream.ts';
import type { ParticipationActions, Place } from '../participation/participation.actions.ts';
import { participationView } from '../participation/participation.ts';
import type { Person } from '../people/person.ts';
import { academicYearName } from '../procedure/procedure.ts';
import { SUBMISSIONS_SHOWN_MAX, type CabinetState } from './cabinet.ts';
import { submissionView, type Submission, type SubmissionOf, type SubmissionView } from './submission.ts';

export function createSubmissionQueries(context: Context, { loadFor }: ParticipationActions) {
  const { journal, submissions, procedures, files, units, workbooks, texts } = context;

  async function findIn(place: Place, submissionId: string): Promise<Submission> {
    const submission = await submissions.get(submissionId);
    if (submission.procedure !== place.procedure || submission.institution !== place.institution)
      throw new HubError('not_found');
    return submission;
  }

  return {
    /** The cabinet with its position: position first, then the state, so that nothing falls between. */
    async cabinet(person: Person, place: Place): Promise<Snapshot<CabinetState>> {
      const stream = cabinetStream(place.procedure, place.institution);
      await loadFor(person, 'submission.view', place);
      const position = await positionOf(journal, stream);
      // One after the other: what the participation says of a submission, the submission must not contradict.
      const { participation } = await loadFor(person, 'submission.view', place);
      const latest = await submissions.list(
        { procedure: place.procedure, institution: place.institution },
        { sort: { number: -1 }, limit: SUBMISSIONS_SHOWN_MAX },
      );
      return {
        stream,
        position,
        state: { participation: participationView(participation), submissions: latest.map(submissionView) },
      };
    },

    /** The file that was sent, or the reading's findings to write into it. */
    async file(
      person: Person,
      place: Place,
      submissionId: string,
    ): Promise<{ submission: SubmissionView; bytes: Uint8Array }> {
      await loadFor(person, 'submission.view', place);
      const submission = await findIn(place, submissionId);
      const bytes = await files.find(submission.id);
      if (!bytes) throw new HubError('not_found');
      return { submission: submissionView(submission), bytes };
    },

    /**
     * A failed file and everything its reading finds, for the copy that goes back with the errors written in. Read anew:
     * the rules are the same, and what a page can't show need not be kept.
     */
    async findings(
      person: Person,
      place: Place,
      submissionId: string,
    ): Promise<{ fileName: string; bytes: Uint8Array; format: WorkbookFormat; findings: Finding[] }> {
      await loadFor(person, 'submission.view', place);
      const submission = await findIn(place, submissionId);
      const bytes = await files.find(submission.id);
      if (!bytes || submission.status !== 'failed' || submission.format === null) throw new HubError('not_found');
      const { procedure, institution, fileName, format } = submission;
      const identity: FileIdentity = { formId: FORM_ID, version: FORM_VERSION, procedure, institution };
      const outcome = await workbooks.read(bytes, identity);
      return { fileName, bytes, format, findings: outcome.kind === 'refused' ? outcome.findings : outcome.notes };
    },

    /** The report that stands, or that of one submission (S2-18); a municipality sees reports, never files (domain 2.2). */
    async report(
      person: Person,
      place: Place,
      submissionId?: string,
    ): Promise<{ institutionName: string; submission: SubmissionOf<'processed'> }> {
      const { participation, unit } = await loadFor(person, 'report.view', place);
      const id = submissionId ?? participation.progress.standing;
      if (id === null) throw new HubError('not_found');
      const submission = await findIn(place, id);
      if (submission.status !== 'processed') throw new HubError('not_found');
      return { institutionName: unit.name, submission };
    },

    /** The words an institution confirms by its tick (S2-17). */
    async attestationText({ procedure, institution }: Place): Promise<string> {
      const [found, unit] = await Promise.all([procedures.getOf('attendance', procedure), units.get(institution)]);
      return texts.attestation(unit.name, academicYearName(found.academicYear));
    },

    unitName: async (id: string): Promise<string> => (await units.get(id)).name,
  };
}

export type SubmissionQueries = ReturnType<typeof createSubmissionQueries>;
