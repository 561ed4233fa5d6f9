/**
 * Use cases of deciding many errors of a batch at once (S1-12): the decision is recorded as one deed, then carried out in bounded transactions
 * under a lease. Whoever asked waits for it; if his node dies, another ends it.
 */
import { claimView, passClaim, type Claim } from '../claim/claim.ts';
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { scanErrorsStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { readBooks } from './books.ts';
import { backCause, causeOf, formerOf, plainlyDecided, saidOf, takenBack } from './decision.ts';
import {
  beginJoint,
  claimJoint,
  demandTakeable,
  jointBackSchema,
  jointGivenUp,
  jointInputSchema,
  jointMoved,
  JOINT_ERRORS_MAX,
  JOINT_TRIES_MAX,
  nextOf,
  outcomeOf,
  type JointOf,
  type JointOutcome,
  type JointSettlement,
  type PassedError,
} from './joint-settlement.ts';
import { openLedger, type BooksChange } from './ledger.ts';
import { askRescan, claimSubject, demandWay, type ScanError } from './scan-error.ts';
import type { ScanPage } from './scan-page.ts';
import { demandCentre, type CentrePlace } from './scanning.access.ts';
import { changeFacts, saveChange } from './scanning.facts.ts';

/** Others decide and other pages come at the same time: generous. */
const ATTEMPTS_MAX = 20;

/** Another node goes on with it. */
class LeaseLost extends Error {}

interface Centre {
  procedure: string;
  centre: string;
}

/** What one transaction does: errors with their pages as they are to be. */
interface Portion {
  errors: ScanError[];
  pages: { before: ScanPage; after: ScanPage }[];
  passed: PassedError[];
  claims: Claim[];
}

export function createJointSettlementActions(context: Context) {
  const { journal, units, claims, scanErrors, scanPages, scanBatches, jointSettlements, now, newId } = context;

  const passedFor = (error: string, refusal: HubError): PassedError => ({
    ...{ error, code: refusal.code, params: refusal.params },
  });

  /* ---- which of them, and what becomes of their pages ---- */

  /** Passes through the claims of errors; those that another holds are left to him. */
  async function throughClaims(
    joint: JointSettlement,
    errors: readonly ScanError[],
  ): Promise<{ free: ScanError[]; claims: Claim[]; passed: PassedError[] }> {
    const known = new Map(
      (await claims.list({ _id: { $in: errors.map(({ id }) => claimSubject(id)) } })).map((claim) => [claim.id, claim]),
    );
    const through: { free: ScanError[]; claims: Claim[]; passed: PassedError[] } = { free: [], claims: [], passed: [] };
    for (const error of errors)
      try {
        const subject = claimSubject(error.id);
        through.claims.push(passClaim(known.get(subject) ?? null, subject, joint.by, now()));
        through.free.push(error);
      } catch (refusal) {
        if (!(refusal instanceof HubError)) throw refusal;
        through.passed.push(passedFor(error.id, refusal));
      }
    return through;
  }

  /** Those of which the decision can be told; the guard of each is asked by itself. */
  function fitting(
    errors: readonly ScanError[],
    { deed }: JointSettlement,
  ): { fit: ScanError[]; passed: PassedError[] } {
    const fit: ScanError[] = [];
    const passed: PassedError[] = [];
    for (const error of errors)
      try {
        if (deed.kind === 'settle') demandWay(error, deed.settlement.way);
        if (error.page === null) throw new HubError('way_unfit');
        fit.push(error);
      } catch (refusal) {
        if (!(refusal instanceof HubError)) throw refusal;
        passed.push(passedFor(error.id, refusal));
      }
    return { fit, passed };
  }

  const decided = (page: ScanPage, error: ScanError, { deed, by }: JointSettlement): ScanPage | null =>
    deed.kind === 'takeBack'
      ? takenBack(page, error.id, by.id)
      : { ...plainlyDecided(page, error, deed.settlement), former: formerOf(page, error, by.id) };

  async function portionOf(joint: JointOf<'running'>): Promise<Portion> {
    const ids = nextOf(joint);
    const found = await scanErrors.list({ _id: { $in: ids } });
    const gone = ids.filter((id) => !found.some((error) => error.id === id));
    const { fit, passed: unfit } = fitting(found, joint);
    const taken =
      joint.deed.kind === 'settle' ? await throughClaims(joint, fit) : { free: fit, claims: [], passed: [] };
    const passed = [...gone.map((id) => passedFor(id, new HubError('not_found'))), ...unfit, ...taken.passed];
    const pages = new Map(
      (await scanPages.list({ _id: { $in: taken.free.flatMap(({ page }) => page ?? []) } })).map((page) => [
        page.id,
        page,
      ]),
    );
    const portion: Portion = { errors: [], pages: [], passed, claims: taken.claims };
    for (const error of taken.free) {
      const before = pages.get(error.page ?? '');
      const after = before && decided(before, error, joint);
      if (!before || !after) portion.passed.push(passedFor(error.id, new HubError('settlement_over')));
      else {
        portion.errors.push(error);
        portion.pages.push({ before, after });
      }
    }
    return portion;
  }

  /* ---- carrying it out ---- */

  const claimFacts = (joint: JointSettlement, passing: readonly Claim[]): Fact[] =>
    passing.map((claim) => ({
      ...{ stream: scanErrorsStream(joint.procedure, joint.centre), type: 'claimChanged', entity: claim.id },
      ...{ rev: claim.rev, body: { claim: claimView(claim) } },
    }));

  /** What one transaction changes of errors whose pages are decided. */
  async function recordPages(joint: JointOf<'running'>, portion: Portion): Promise<JointSettlement> {
    const { deed, by } = joint;
    const cause = deed.kind === 'settle' ? causeOf(deed.settlement, by.name) : backCause(by.name);
    const after = portion.pages.map((one) => one.after);
    const ledger = await ledgerOf(joint, portion, after);
    for (const page of after) ledger.put(page, cause);
    return recordPortion(
      joint,
      portion,
      ledger.close(),
      portion.errors.map(({ id }) => id),
    );
  }

  async function ledgerOf(joint: JointOf<'running'>, portion: Portion, coming: readonly ScanPage[]) {
    const batch = await scanBatches.get(joint.batch);
    const place = { procedure: joint.procedure, college: batch.college, batch: batch.id, file: '' };
    const also = portion.pages.map(({ before }) => before.id);
    const ledger = openLedger(await readBooks(context, place, coming, also, now()));
    for (const { before } of portion.pages)
      if (ledger.page(before.id)?.rev !== before.rev) throw new HubError('stale_write');
    return ledger;
  }

  async function recordPortion(
    joint: JointOf<'running'>,
    portion: Portion,
    change: BooksChange,
    done: readonly string[],
  ): Promise<JointSettlement> {
    const moved = jointMoved(joint, done, portion.passed, now());
    const facts = [...changeFacts(change), ...claimFacts(joint, portion.claims)];
    await journal.record(ofPortion(joint), facts, async (session) => {
      await saveChange(context, change, session);
      if (portion.claims.length > 0) await claims.saveMany(portion.claims, session);
      await jointSettlements.save(moved, session);
    });
    return moved;
  }

  /** The institution is asked for each of their sheets. */
  async function recordAsked(joint: JointOf<'running'>, portion: Portion, note: string): Promise<JointSettlement> {
    const ledger = await ledgerOf(joint, portion, []);
    const done = portion.errors.map(({ id }) => id);
    for (const error of portion.errors) ledger.putError(askRescan(error, note, joint.by, now()));
    return recordPortion(joint, portion, ledger.close(), done);
  }

  /** Its entry in the journal of deeds was made when it was begun. */
  const ofPortion = ({ by }: JointSettlement): Deed => ({ actor: by.id, atMs: now(), commandId: newId(), note: null });

  /** Errors: `LeaseLost` when another node has gone on with it. */
  const recordNext = (held: JointOf<'running'>): Promise<JointSettlement> =>
    retryStale(async () => {
      const joint = await jointSettlements.get(held.id);
      if (joint.status !== 'running' || joint.node !== held.node || joint.rev !== held.rev) throw new LeaseLost();
      const portion = await portionOf(joint);
      const { deed } = joint;
      return deed.kind === 'settle' && deed.settlement.way === 'requestRescan'
        ? recordAsked(joint, portion, deed.settlement.note)
        : recordPages(joint, portion);
    }, ATTEMPTS_MAX);

  /** Until it is over, the node stops, or another node has it; answers with how far it is then. */
  async function carryOut(begun: JointOf<'running'>, isStopping: () => boolean): Promise<JointSettlement> {
    let joint: JointSettlement = begun;
    try {
      while (joint.status === 'running' && !isStopping()) joint = await recordNext(joint);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
    }
    return joint;
  }

  /* ---- beginning it ---- */

  async function begin(
    { study }: CentrePlace,
    kind: DeedKind,
    joint: JointOf<'running'>,
    said: string | null,
  ): Promise<JointOutcome> {
    const batch = await scanBatches.get(joint.batch);
    const unit = await units.get(batch.college);
    const deed: Deed = {
      ...{ actor: joint.by.id, atMs: now(), commandId: newId() },
      note: {
        ...{ kind, path: unit.path, subject: batch.id, subjectName: unit.name },
        differences: differencesOf(null, {
          ...{ code: joint.code, count: joint.left.length, reason: said, procedure: study.title },
          status:
            kind === 'scanErrors.settled' ? 'resolved' : kind === 'scanErrors.rescanAsked' ? 'awaitingRescan' : 'open',
        }),
      },
    };
    await journal.record(deed, [], (session) => jointSettlements.save(joint, session));
    return outcomeOf(await carryOut(joint, () => false));
  }

  return {
    /**
     * Decides the same of all open errors of one kind in a batch: of those that were raised until the moment that is told, and at the most of
     * `JOINT_ERRORS_MAX`. What another is on is left to him. Errors: HubError `not_allowed`, `not_found`.
     */
    async settleTogether(person: Person, { procedure, centre }: Centre, input: unknown): Promise<JointOutcome> {
      const place = await demandCentre(context, person, 'scanErrors.settle', procedure, centre);
      const { batch: id, code, untilMs, settlement } = jointInputSchema.parse(input);
      const batch = await scanBatches.find(id);
      if (batch?.procedure !== procedure || batch.centre !== centre) throw new HubError('not_found');
      const found = await scanErrors.list(
        { ...{ procedure, centre, batch: id, status: 'open' }, 'finding.code': code, raisedAtMs: { $lte: untilMs } },
        { sort: { raisedAtMs: 1, _id: 1 }, limit: JOINT_ERRORS_MAX },
      );
      const about = {
        ...{ id: newId(), procedure, centre, batch: id, code, by: { id: person.id, name: person.name } },
        deed: { kind: 'settle' as const, settlement },
      };
      const bare = beginJoint({ ...about, passed: [] }, [], '', now());
      const { fit, passed: unfit } = fitting(found, bare);
      const { free, passed } = await throughClaims(bare, fit);
      if (free.length === 0) return { joint: about.id, settled: 0, passed: [...unfit, ...passed], isOver: true };
      const joint = beginJoint(
        { ...about, passed: [...unfit, ...passed] },
        free.map((error) => error.id),
        newId(),
        now(),
      );
      const kind = settlement.way === 'requestRescan' ? 'scanErrors.rescanAsked' : 'scanErrors.settled';
      return begin(place, kind, joint, saidOf(settlement));
    },

    /**
     * Takes such a decision of the person's own back, of every page of which nothing else was decided since. Errors: HubError
     * `settlement_over`.
     */
    async takeBackTogether(person: Person, { procedure, centre }: Centre, input: unknown): Promise<JointOutcome> {
      const place = await demandCentre(context, person, 'scanErrors.settle', procedure, centre);
      const { joint: id } = jointBackSchema.parse(input);
      const known = await jointSettlements.find(id);
      const of = demandTakeable(known?.procedure === procedure && known.centre === centre ? known : null, person.id);
      const { batch, code, by } = of;
      const about = { id: newId(), procedure, centre, batch, code, by, passed: [] };
      const joint = beginJoint({ ...about, deed: { kind: 'takeBack', of: id } }, of.done, newId(), now());
      return begin(place, 'scanErrors.takenBack', joint, null);
    },

    /** Goes on with one whose node died; false when there is none. */
    async goOnTogether(node: string, isStopping: () => boolean): Promise<boolean> {
      const [found] = await jointSettlements.list(
        { status: 'running', leaseUntilMs: { $lte: now() } },
        { sort: { leaseUntilMs: 1 }, limit: 1 },
      );
      const claimed = found && claimJoint(found, node, now());
      if (!claimed) return false;
      const isHopeless = claimed.tries > JOINT_TRIES_MAX;
      try {
        await jointSettlements.save(isHopeless ? jointGivenUp({ ...claimed, rev: found.rev }, now()) : claimed);
      } catch (error) {
        if (error instanceof HubError && error.code === 'stale_write') return true;
        throw error;
      }
      if (!isHopeless) await carryOut(claimed, isStopping);
      return true;
    },
  };
}
