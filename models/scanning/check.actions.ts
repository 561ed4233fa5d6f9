/** Use cases of checking free answers (S1-13, S1-54): an expert takes the next one, marks it, and may take his mark back. */
import { FORMS } from '#collector/forms/index.ts';
import type { FieldOf } from '#collector/form.ts';
import type { ClaimActions, ClaimOptions } from '../claim/claim.actions.ts';
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import type { Person } from '../people/person.ts';
import {
  CHECK_LEASE_MS,
  claimOfSlot,
  mark,
  markSchema,
  newCheck,
  SLOTS,
  slotsFor,
  unmark,
  type Check,
  type CheckTask,
  type Slot,
} from './check.ts';
import { changeBatch } from './scan-batch.ts';
import { changeCollege, scanCollegeId } from './scan-college.ts';
import { fromReader, imageBlob, readWhole } from './scan-image.ts';
import { demandCentre } from './scanning.access.ts';
import { batchFact, collegeFacts } from './scanning.facts.ts';
import { checkedWork, type Work } from './work.ts';

/** Others mark works of the same college at the same time: generous. */
const ATTEMPTS_MAX = 20;
/** Works among which the next answer is looked for. */
const WORKS_LOOKED_AT = 200;
/** The longer side of an answer's picture (pixels). */
const ANSWER_PIXELS_MAX = 1_800;

export interface CheckPlace {
  procedure: string;
  centre: string;
  check: string;
}

/** The free answer of a form by its key; an additional sheet's key carries its page. */
function freeAnswerOf(key: string): FieldOf<'freeAnswer'> | null {
  const name = key.split('-')[0] ?? key;
  for (const form of FORMS)
    for (const page of form.pages)
      for (const field of page.fields) if (field.kind === 'freeAnswer' && field.key === name) return field;
  return null;
}

export function createCheckActions(context: Context, claimActions: ClaimActions) {
  const { journal, units, claims, checks, works, scanPages, scanColleges, scanBatches, collector, blobs } = context;
  const { now, newId, sign } = context;

  const optionsOf = (person: Person, check: string, slot: Slot): ClaimOptions => ({
    ...{ subject: claimOfSlot(check, slot), holder: { id: person.id, name: person.name }, leaseMs: CHECK_LEASE_MS },
    // Whoever else marks it is not to be known.
    stream: null,
  });

  async function checkOf(person: Person, { procedure, centre, check: id }: CheckPlace): Promise<Check> {
    await demandCentre(context, person, 'checks.mark', procedure, centre);
    const check = await checks.find(id);
    if (check?.procedure !== procedure || check.centre !== centre) throw new HubError('not_found');
    return check;
  }

  /** Unguessable, and always the same for the same answer. */
  const idOf = (work: string, field: string): string => sign(`check ${work} ${field}`).slice(0, 32);

  async function begin(work: Work, field: string, pointsMax: number): Promise<Check> {
    const { procedure, centre, college, id } = work;
    const fresh = newCheck({ id: idOf(id, field), procedure, centre, college, work: id, field, pointsMax });
    try {
      await checks.save(fresh);
      return fresh;
    } catch (error) {
      if (error instanceof HubError && error.code === 'stale_write') return checks.get(fresh.id);
      throw error;
    }
  }

  /** The first slot of an answer that this expert can have now; null when others have them. */
  async function takeSlot(person: Person, check: Check): Promise<{ slot: Slot; token: number } | null> {
    for (const slot of slotsFor(check, person.id)) {
      const other = SLOTS.find((name) => name !== slot && name !== 'third' && slot !== 'third');
      // Nobody thinks about both marks of one answer.
      const beside = other && (await claims.find(claimOfSlot(check.id, other)));
      if (beside && beside.holder?.id === person.id && now() < beside.untilMs) continue;
      try {
        return { slot, token: (await claimActions.take(optionsOf(person, check.id, slot))).token };
      } catch (error) {
        if (!(error instanceof HubError && error.code === 'claim_held')) throw error;
      }
    }
    return null;
  }

  /** Saves a check with what it means for its work and for the figures. */
  async function record(
    person: Person,
    kind: DeedKind,
    check: Check,
    token: { slot: Slot; token: number } | null,
  ): Promise<void> {
    const { study } = await demandCentre(context, person, 'checks.mark', check.procedure, check.centre);
    const work = await works.get(check.work);
    const [unit, college, batch] = await Promise.all([
      units.get(check.college),
      scanColleges.get(scanCollegeId(check.procedure, check.college)),
      scanBatches.get(work.batch),
    ]);
    const checked = checkedWork(work, check.field, check.status === 'done');
    const difference = Number(checked.status === 'checked') - Number(work.status === 'checked');
    const rooms = { [String(work.room)]: { worksChecked: difference } };
    const ownCollege = changeCollege(college, { figures: { worksChecked: difference }, rooms });
    const ownBatch = changeBatch(batch, { worksChecked: difference });
    const deed: Deed = {
      ...{ actor: person.id, atMs: now(), commandId: newId() },
      note: {
        ...{ kind, path: unit.path, subject: check.id, subjectName: study.title },
        differences: differencesOf(null, { status: check.status, procedure: study.title }),
      },
    };
    await journal.record(deed, [batchFact(ownBatch), ...collegeFacts(ownCollege)], async (session) => {
      await scanColleges.save(ownCollege, session);
      await scanBatches.save(ownBatch, session);
      await works.save(checked, session);
      await checks.save(check, session);
      if (token) await claims.guard(claimOfSlot(check.id, token.slot), token.token, session);
    });
  }

  return {
    /** The next answer for this expert, under a claim; null when there is none for him now. Errors: HubError `not_allowed`. */
    async takeCheck(person: Person, { procedure, centre }: Omit<CheckPlace, 'check'>): Promise<CheckTask | null> {
      await demandCentre(context, person, 'checks.mark', procedure, centre);
      const waiting = await works.list(
        { procedure, centre, status: { $in: ['inCheck', 'awaitingCheck'] } },
        // What was begun is brought to its end first.
        { sort: { status: -1, _id: 1 }, limit: WORKS_LOOKED_AT },
      );
      const known = await checks.list({ work: { $in: waiting.map(({ id }) => id) } });
      for (const work of waiting)
        for (const field of work.freeAnswers) {
          if (work.checkedAnswers.includes(field)) continue;
          const form = freeAnswerOf(field);
          if (!form) continue;
          const check =
            known.find((one) => one.work === work.id && one.field === field) ??
            (await begin(work, field, form.pointsMax));
          const taken = await takeSlot(person, check);
          if (taken)
            return { id: check.id, ...taken, round: check.round, label: form.label, pointsMax: check.pointsMax };
        }
      return null;
    },

    /** Marks an answer under its claim. Errors: HubError `claim_lost`, `check_over`, `check_moved`, `bad_input`. */
    async markCheck(person: Person, at: CheckPlace, input: unknown): Promise<void> {
      await checkOf(person, at);
      const { token, ...given } = markSchema.parse(input);
      await retryStale(async () => {
        const check = await checkOf(person, at);
        await record(person, 'check.marked', mark(check, given, person, now()), { slot: given.slot, token });
      }, ATTEMPTS_MAX);
      await claimActions.letGo(optionsOf(person, at.check, given.slot), token);
    },

    /** Takes the person's own mark back, as long as nobody marked after him. Errors: HubError `check_over`. */
    unmarkCheck: (person: Person, at: CheckPlace): Promise<void> =>
      retryStale(async () => {
        const check = await checkOf(person, at);
        const own = SLOTS.find((slot) => check.marks[slot]?.expert === person.id);
        if (!own) throw new HubError('check_over');
        await record(person, 'check.takenBack', unmark(check, own, person.id), null);
      }, ATTEMPTS_MAX),

    /** The picture of an answer, and nothing beside it: for whoever has it under a claim. JPEG. */
    async checkImage(person: Person, at: CheckPlace): Promise<Uint8Array> {
      const check = await checkOf(person, at);
      const held = await claims.list({ _id: { $in: SLOTS.map((slot) => claimOfSlot(check.id, slot)) } });
      if (!held.some(({ holder, untilMs }) => holder?.id === person.id && now() < untilMs))
        throw new HubError('claim_lost');
      const pages = await scanPages.list({ work: check.work, status: 'standing' });
      const [name = '', ...sheet] = check.field.split('-');
      const page = pages.find(
        (one) =>
          one.reading?.fields.some(({ key }) => key === name) && (sheet.length === 0 || one.id === sheet.join('-')),
      );
      const field = page?.reading?.fields.find(({ key }) => key === name);
      if (!page?.image || !field) throw new HubError('not_found');
      const bytes = await readWhole(blobs.read(imageBlob(page.file, page.n)), page.image.bytes);
      return fromReader(
        collector.cropPage(bytes, { kind: 'pixels', box: field.crop, sidePixelsMax: ANSWER_PIXELS_MAX }),
      );
    },
  };
}
