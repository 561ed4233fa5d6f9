/**
 * Use cases of settling errors (S1-12): a specialist takes one, decides by one of its ways out, and may take the decision back. A decision
 * changes the page, or what is let stand of the college; that the error is gone then follows from the books.
 */
import { z } from 'zod';
import { parseTypedCode, type PageCode } from '#collector/code.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { PageReading, ReadingHints } from '#collector/reading.ts';
import type { ClaimActions, ClaimOptions } from '../claim/claim.actions.ts';
import { claimView, type ClaimView } from '../claim/claim.ts';
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import { scanErrorsStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { attendanceChosen } from './attendance.ts';
import { PROCEDURES_SERIES, readBooks } from './books.ts';
import { backCause, causeOf, formerOf, plainlyDecided, takenBack } from './decision.ts';
import { openLedger, type BooksChange } from './ledger.ts';
import { scanCollegeId, type ScanCollege } from './scan-college.ts';
import {
  askRescan,
  claimSubject,
  collegeKey,
  demandUnsettled,
  demandWay,
  ERROR_LEASE_MS,
  letStand,
  settlementSchema,
  standNoMore,
  type Cause,
  type ScanError,
  type Settlement,
} from './scan-error.ts';
import { HOLDER_OF, WRITTEN, type ScanPage } from './scan-page.ts';
import { fromReader, imageBlob, readWhole } from './scan-image.ts';
import { demandCentre, type CentrePlace } from './scanning.access.ts';
import { changeFacts, saveChange } from './scanning.facts.ts';
import { numberOf } from './scan-number.ts';

/** Others decide and other pages come at the same time: generous. */
const ATTEMPTS_MAX = 20;

export interface ErrorPlace {
  procedure: string;
  centre: string;
  error: string;
}

const tokenSchema = z.number().int().min(1);
export const errorClaimSchema = z.discriminatedUnion('deed', [
  z.strictObject({ deed: z.literal('take') }),
  z.strictObject({ deed: z.enum(['renew', 'release']), token: tokenSchema }),
]);
export const settleSchema = z.strictObject({ token: tokenSchema, settlement: settlementSchema });

export function createScanErrorActions(context: Context, claimActions: ClaimActions) {
  const { journal, units, claims, scanErrors, scanPages, scanColleges, scanBatches, scanNumbers } = context;
  const { collector, blobs, now, newId } = context;

  async function errorOf(
    person: Person,
    { procedure, centre, error: id }: ErrorPlace,
  ): Promise<CentrePlace & { error: ScanError }> {
    const place = await demandCentre(context, person, 'scanErrors.settle', procedure, centre);
    const error = await scanErrors.find(id);
    if (error?.procedure !== procedure || error.centre !== centre) throw new HubError('not_found');
    return { ...place, error };
  }

  const claimOptions = (person: Person, { id, procedure, centre }: ScanError): ClaimOptions => ({
    ...{ subject: claimSubject(id), holder: { id: person.id, name: person.name }, leaseMs: ERROR_LEASE_MS },
    stream: scanErrorsStream(procedure, centre),
  });

  async function deedOf(
    person: Person,
    kind: DeedKind,
    study: { title: string },
    error: ScanError,
    said: string | null,
  ): Promise<Deed> {
    const unit = await units.get(error.college);
    return {
      ...{ actor: person.id, atMs: now(), commandId: newId() },
      note: {
        ...{ kind, path: unit.path, subject: error.id, subjectName: unit.name },
        differences: differencesOf(
          { status: error.status },
          {
            ...{ code: error.finding.code, reason: said, file: error.fileName, procedure: study.title },
            status:
              kind === 'scanError.settled' ? 'resolved' : kind === 'scanError.rescanAsked' ? 'awaitingRescan' : 'open',
          },
        ),
      },
    };
  }

  /* ---- what a way out changes ---- */

  function typed(text: string): PageCode {
    const parsed = parseTypedCode(text);
    if (parsed.kind !== 'code') throw new HubError('code_mistyped', { reason: parsed.kind });
    return parsed.code;
  }

  async function readAgain(
    page: ScanPage,
    hints: ReadingHints,
  ): Promise<{ reading: PageReading; hints: ReadingHints }> {
    if (!page.image) throw new HubError('way_unfit');
    const bytes = await readWhole(blobs.read(imageBlob(page.file, page.n)), page.image.bytes);
    return { reading: await fromReader(collector.readPage(bytes, { forms: FORMS, hints })), hints };
  }

  /** A page given to another college goes into the last batch of it; its package must be here. */
  async function movedTo(page: ScanPage, college: string): Promise<ScanPage> {
    const to = await scanColleges.find(scanCollegeId(page.procedure, college));
    if (to?.centre !== page.centre) throw new HubError('not_found');
    const [batch] = await scanBatches.list(
      { procedure: page.procedure, centre: page.centre, college },
      { sort: { number: -1 }, limit: 1 },
    );
    if (!to.package || !batch) throw new HubError('package_awaited', { name: to.name });
    return { ...page, college, batch: batch.id };
  }

  async function decided(page: ScanPage, error: ScanError, settlement: Settlement): Promise<ScanPage> {
    const { decisions } = page;
    switch (settlement.way) {
      case 'typeCode':
        return { ...page, ...(await readAgain(page, { ...page.hints, code: typed(settlement.code) })) };
      case 'clickCorners':
        return { ...page, ...(await readAgain(page, { ...page.hints, corners: settlement.corners })) };
      case 'rotate':
        return { ...page, ...(await readAgain(page, { ...page.hints, rotate: settlement.rotate })) };
      case 'pickForm': {
        const form = FORMS.filter(({ number }) => number === settlement.form).toSorted(
          (a, b) => b.version - a.version,
        )[0];
        if (!form?.pages.some(({ number }) => number === settlement.page)) throw new HubError('not_found');
        const [college, procedure] = await Promise.all([
          scanColleges.get(scanCollegeId(page.procedure, page.college)),
          numberOf(scanNumbers, PROCEDURES_SERIES, page.procedure),
        ]);
        const code: PageCode = {
          ...{
            procedure,
            institution: college.number,
            form: form.number,
            version: form.version,
            page: settlement.page,
          },
          holder: { kind: HOLDER_OF[form.purpose], number: settlement.holder },
        };
        return { ...page, ...(await readAgain(page, { ...page.hints, code })) };
      }
      case 'moveTo':
        if (settlement.participant !== null)
          return {
            ...page,
            decisions: { ...decisions, holder: { kind: 'participant', number: settlement.participant } },
          };
        if (settlement.college === null) throw new HubError('bad_input', { field: 'college', reason: 'empty' });
        return movedTo(page, settlement.college);
      case 'chooseOfTwo':
        if (error.finding.code === 'CODE_CONFLICT')
          return { ...page, ...(await readAgain(page, { ...page.hints, code: typed(settlement.choice) })) };
        return settlement.choice === 'this'
          ? { ...page, decisions: { ...decisions, replaces: true } }
          : { ...page, decisions: { ...decisions, dropped: 'replaced' } };
      case 'decideMarks':
        return {
          ...page,
          decisions: { ...decisions, marks: { ...decisions.marks, ...marksOf(page, settlement.marks) } },
        };
      case 'markBlank':
      case 'acceptWithReason':
      case 'drop':
      case 'requestRescan':
        return plainlyDecided(page, error, settlement);
      default:
        return settlement satisfies never;
    }
  }

  /** Only fields and options that the page has. */
  function marksOf(page: ScanPage, marks: Record<string, string | null>): Record<string, string | null> {
    const code = page.reading?.identity?.code;
    const form = FORMS.find(({ number, version }) => number === code?.form && version === code.version);
    const fields = form?.pages.find(({ number }) => number === code?.page)?.fields ?? [];
    for (const [key, option] of Object.entries(marks)) {
      const field = fields.find((one) => one.key === key);
      // What is written in own words is there, or it is not.
      const options = field && 'options' in field ? field.options.map((one): string => one.key) : [WRITTEN];
      if (!field || (option !== null && !options.includes(option)))
        throw new HubError('bad_input', { field: key, reason: 'option' });
    }
    return marks;
  }

  /* ---- saving it ---- */

  async function recordPage(
    person: Person,
    { study, error }: CentrePlace & { error: ScanError },
    page: ScanPage,
    after: ScanPage,
    { kind, cause, token, back }: { kind: DeedKind; cause: Cause; token: number | null; back: string | null },
  ): Promise<BooksChange> {
    const place = { procedure: page.procedure, college: page.college, batch: page.batch, file: page.file };
    const also = [page.id, ...(back === null ? [] : [back])];
    const ledger = openLedger(await readBooks(context, place, [after], also, now()));
    const former = ledger.page(page.id);
    if (former?.rev !== page.rev) throw new HubError('stale_write');
    const before = back === null ? null : ledger.page(back);
    if (before) {
      ledger.lift(page.id);
      ledger.put(before, cause);
    }
    ledger.put(after, cause);
    const change = ledger.close();
    const deed = await deedOf(person, kind, study, error, cause.said);
    await journal.record(deed, changeFacts(change, former), async (session) => {
      await saveChange(context, change, session);
      if (token !== null) await claims.guard(claimSubject(error.id), token, session);
    });
    return change;
  }

  /** The books around an error by itself. */
  async function ledgerOf(error: ScanError) {
    const { procedure, college, file, work } = error;
    // The work that it kept from the experts goes on: its pages have to be in the books.
    const pages = work === null ? [] : await scanPages.list({ work });
    const books = await readBooks(
      context,
      { procedure, college, batch: error.batch ?? '', file: file ?? '' },
      [],
      pages.map(({ id }) => id),
      now(),
    );
    // What is of the college as a whole is not in the books of any page.
    return openLedger({ ...books, errors: [...books.errors.filter(({ id }) => id !== error.id), error] });
  }

  /** Of a college as a whole, or of a file: it is let stand, with what was said. */
  async function recordOther(
    person: Person,
    { study, error }: CentrePlace & { error: ScanError },
    cause: Cause,
    { token, chosen }: { token: number; chosen: ReturnType<typeof attendanceChosen> | null },
  ): Promise<void> {
    const ledger = await ledgerOf(error);
    ledger.putError(letStand(error, cause, person.id, now()));
    const change = ledger.close();
    const stands = (one: ScanCollege): ScanCollege => ({
      ...one,
      accepted: { ...one.accepted, [collegeKey(error)]: cause.said ?? '' },
      attendance: chosen ? { ...one.attendance, [String(chosen.participant)]: chosen.attendance } : one.attendance,
    });
    const colleges = error.file === null ? change.colleges.map(stands) : change.colleges;
    const deed = await deedOf(person, 'scanError.settled', study, error, cause.said);
    await journal.record(deed, changeFacts({ ...change, colleges }), async (session) => {
      await saveChange(context, { ...change, colleges }, session);
      await claims.guard(claimSubject(error.id), token, session);
    });
  }

  /** What was let stand is open again; whether it is still so, the next look at the college as a whole tells. */
  async function takeBackOther(person: Person, { study, error }: CentrePlace & { error: ScanError }): Promise<void> {
    const cause = backCause(person.name);
    const ledger = await ledgerOf(error);
    ledger.putError(standNoMore(error, cause, person.id, now()));
    const change = ledger.close();
    const { finding } = error;
    const chosen = finding.code === 'ATTENDANCE_CONFLICT' ? String(finding.data.participant) : null;
    const standsNoMore = (one: ScanCollege): ScanCollege => ({
      ...one,
      accepted: without(one.accepted, collegeKey(error)),
      attendance: chosen === null ? one.attendance : without(one.attendance, chosen),
    });
    const colleges = error.file === null ? change.colleges.map(standsNoMore) : change.colleges;
    const deed = await deedOf(person, 'scanError.takenBack', study, error, null);
    await journal.record(deed, changeFacts({ ...change, colleges }), (session) =>
      saveChange(context, { ...change, colleges }, session),
    );
  }

  return {
    /** Takes an error to settle it, keeps it, or gives it back. Errors: HubError `claim_held`, `claim_lost`, `error_settled`. */
    async claim(person: Person, at: ErrorPlace, input: unknown): Promise<ClaimView> {
      const { error } = await errorOf(person, at);
      const wish = errorClaimSchema.parse(input);
      const options = claimOptions(person, error);
      if (wish.deed !== 'take') return claimView(await claimActions[wish.deed](options, wish.token));
      demandUnsettled(error);
      return claimView(await claimActions.take(options));
    },

    /**
     * Settles an error under its claim. Returns whether it is gone: a page that was turned may still be unreadable. Errors: HubError
     * `claim_lost`, `error_settled`, `way_unfit`, `code_mistyped`, `package_awaited`, `bad_input`.
     */
    async settle(person: Person, at: ErrorPlace, input: unknown): Promise<{ isGone: boolean }> {
      const { error: asked } = await errorOf(person, at);
      const { token, settlement } = settleSchema.parse(input);
      const isGone = await retryStale(async () => {
        const place = await errorOf(person, at);
        const { error, study } = place;
        demandWay(error, settlement.way);
        if (settlement.way === 'requestRescan') {
          const asked = askRescan(error, settlement.note, person, now());
          const ledger = await ledgerOf(error);
          ledger.putError(asked);
          const change = ledger.close();
          const deed = await deedOf(person, 'scanError.rescanAsked', study, error, settlement.note);
          await journal.record(deed, changeFacts(change), async (session) => {
            await saveChange(context, change, session);
            await claims.guard(claimSubject(error.id), token, session);
          });
          return true;
        }
        const cause = causeOf(settlement, person.name);
        if (error.page === null) {
          const chosen = settlement.way === 'chooseOfTwo' ? attendanceChosen(error, settlement.choice) : null;
          await recordOther(person, place, cause, { token, chosen });
          return true;
        }
        const page = await scanPages.get(error.page);
        const after = { ...(await decided(page, error, settlement)), former: formerOf(page, error, person.id) };
        const change = await recordPage(person, place, page, after, {
          kind: 'scanError.settled',
          cause,
          token,
          back: null,
        });
        return change.errors.some(({ id, status }) => id === error.id && status === 'resolved');
      }, ATTEMPTS_MAX);
      await claimActions.letGo(claimOptions(person, asked), token);
      return { isGone };
    },

    /**
     * Takes back the person's own last decision about a page, while nothing else was decided of it, or what he let stand of a college or a file.
     * Errors: HubError `settlement_over`.
     */
    takeBack: (person: Person, at: ErrorPlace): Promise<void> =>
      retryStale(async () => {
        const place = await errorOf(person, at);
        const { error } = place;
        if (error.page === null) {
          await takeBackOther(person, place);
          return;
        }
        const page = await scanPages.find(error.page);
        const after = takenBack(page, error.id, person.id);
        if (!page || !after) throw new HubError('settlement_over');
        await recordPage(person, place, page, after, {
          ...{ kind: 'scanError.takenBack', cause: backCause(person.name), token: null },
          back: page.decisions.replaces && !after.decisions.replaces ? (page.former?.other ?? null) : null,
        });
      }, ATTEMPTS_MAX),
  };
}

const without = <T>(all: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([one]) => one !== key));
