/** Use cases of making accesses for many at once: named by a coordinator, written by whichever node has time (S1-32, S4-11). */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { CABINET_KINDS } from '../contextual-data/contextual-data.ts';
import { retryStale } from '../entity.store.ts';
import { differencesOf, type DeedNote } from '../deeds/deed.ts';
import { HubError } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import { credentialBatchStream } from '../journal/stream.ts';
import { isActive, type Unit } from '../org/unit.ts';
import type { PublicationActions } from '../publication/publication.actions.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { SAMPLED_STATES } from '../study/study.ts';
import {
  batchInputSchema,
  batchView,
  cancelBatch,
  claimBatch,
  codesOf,
  demandKnown,
  demandSize,
  namedInstructions,
  partWritten,
  releaseBatch,
  startBatch,
  type BatchOf,
  type CredentialBatch,
} from './credential-batch.ts';
import { generate, HANDING_LEVELS, signInName, type CredentialHandover } from './credential-handover.ts';
import { entryOf, handoverFact, levelsOver, type Where } from './credential-handover.actions.ts';
import { makeSecret } from './credential.secret.ts';

/** Names tried for one institution before something else must be wrong. */
const NAMES_TRIED_MAX = 20;
/** Accounts made at once: each takes a processor for a while. */
const AT_ONCE = 2;
const ACCOUNT_NAME_CHARS_MAX = 120;

export const batchFact = (one: CredentialBatch): Fact => ({
  stream: credentialBatchStream(one.id),
  type: 'batchChanged',
  entity: one.id,
  rev: one.rev,
  body: { batch: batchView(one) },
});

const isCabinetKind = ({ kind }: Unit): boolean => CABINET_KINDS.some((candidate) => candidate === kind);

export function createCredentialBatchActions(
  context: Context,
  passwords: PasswordChoice,
  publications: Pick<PublicationActions, 'addressAlso'>,
) {
  const {
    units,
    procedures,
    studyColleges,
    handovers,
    handoverTrail,
    credentialBatches,
    accounts,
    journal,
    now,
    newId,
    observer,
  } = context;

  const record = (one: CredentialBatch, actor: string): Promise<void> =>
    journal.record({ actor, atMs: now(), commandId: newId(), note: null }, [batchFact(one)], (session) =>
      credentialBatches.save(one, session),
    );

  /** How many accesses were asked for, made, or given up: each of them has its own trail. */
  async function noteOf(one: CredentialBatch, count: number, status: string | null = null): Promise<DeedNote> {
    const unit = await units.find(one.unit);
    return {
      kind: 'credentials.generated',
      actorName: one.byName,
      path: unit?.path ?? '/',
      subject: one.unit,
      subjectName: unit?.name ?? one.unit,
      differences: differencesOf(null, { count, status }),
    };
  }

  async function generated(person: Person, id: string): Promise<CredentialBatch> {
    const one = await credentialBatches.find(id);
    const unit = one && (await units.find(one.unit));
    if (!unit || !isAllowed(person, 'credentials.generate', unit.path)) throw new HubError('not_allowed');
    return one;
  }

  /** The account that a handover's secret will open. Until it is opened nobody knows its password: not even the hub. */
  async function accountOf(unit: Unit): Promise<{ id: string; username: string }> {
    const owner = `handover.${unit.id}`;
    const name = (unit.shortName ?? unit.name).slice(0, ACCOUNT_NAME_CHARS_MAX);
    for (let tried = 0; ; tried += 1) {
      // What a crash, or another node, has made already keeps its password: it may be on paper by now.
      const present = await accounts.findByOwner(owner);
      if (present) return present;
      const username = signInName(unit.id, tried);
      try {
        const id = await accounts.open({ owner, username, name, password: makeSecret(passwords, username, unit.name) });
        return { id, username };
      } catch (error) {
        const isTaken = error instanceof HubError && error.code === 'username_taken';
        if (!isTaken || tried >= NAMES_TRIED_MAX) throw error;
      }
    }
  }

  /** One part: accounts first, one by one, then the handovers and how far the batch is, in one transaction. */
  async function writePart(one: BatchOf<'writing'>): Promise<CredentialBatch> {
    const codes = await credentialBatches.part(one.id, one.parts);
    const had = new Set((await handovers.list({ _id: { $in: codes } })).map(({ id }) => id));
    const found = await units.list({ _id: { $in: codes } });
    const wanted = found.filter((unit) => isActive(unit) && !had.has(unit.id));
    const made: { one: CredentialHandover; unit: Unit }[] = [];
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const ready = await Promise.all(
        wanted.slice(at, at + AT_ONCE).map(async (unit) => {
          const { id: person, username } = await accountOf(unit);
          const viaMunicipality = one.route === 'survey' && unit.kind === 'institution';
          const handover = generate(
            { institution: unit.id, batch: one.id, username, person, origin: one.origin, viaMunicipality },
            now(),
          );
          return { one: handover, unit };
        }),
      );
      made.push(...ready);
      await nextTurn();
    }
    const next = partWritten(one, { made: made.length, skipped: codes.length - made.length }, now());
    const deed = { actor: one.by, atMs: now(), commandId: newId(), note: await noteOf(one, made.length) };
    const by: Where = { id: one.by, name: one.byName, address: '' };
    await journal.record(
      deed,
      [batchFact(next), ...made.map(({ one: handover, unit }) => handoverFact(handover, unit))],
      async (session) => {
        await credentialBatches.save(next, session);
        for (const { one: handover } of made) {
          await handovers.save(handover, session);
          await handoverTrail.save(entryOf('generated', handover, by, deed.atMs), session);
        }
      },
    );
    return next;
  }

  async function write(claimed: BatchOf<'writing'>, isStopping: () => boolean): Promise<void> {
    let current: CredentialBatch = claimed;
    while (current.status === 'writing') {
      if (isStopping()) {
        await record(releaseBatch(current, now()), 'hub');
        return;
      }
      current = await writePart(current);
    }
  }

  /** The colleges of a published sample; a study that the person does not watch there has none for him. */
  async function sampleOf(person: Person, procedure: string, unit: Unit): Promise<ReadonlySet<string>> {
    const { id } = await procedures.getOf('study', procedure);
    if (!isAllowed(person, 'study.view', unit.path, id)) throw new HubError('not_allowed');
    const sampled = await studyColleges.list({ procedure: id, status: { $in: [...SAMPLED_STATES] } });
    return new Set(sampled.map(({ college }) => college));
  }

  return {
    /**
     * Names whom accesses are made for; making them comes after, told live. Whoever has one keeps it. Errors: HubError `not_allowed`,
     * `sample_unknown`, `sample_empty`, `sample_too_large`.
     */
    start: (person: Person, input: unknown): Promise<{ batch: string }> =>
      retryStale(async () => {
        const { unit: unitId, codes: list, study, publication, ...asked } = batchInputSchema.parse(input);
        const unit = await units.find(unitId);
        if (!unit || !isAllowed(person, 'credentials.generate', unit.path)) throw new HubError('not_allowed');
        const levels = levelsOver(person, unit.path);
        const origin = HANDING_LEVELS.find((level) => levels.includes(level));
        if (!origin) throw new HubError('not_allowed');
        const territory: string[] = [];
        for await (const one of units.within(unit.path))
          if (isActive(one) && isCabinetKind(one)) territory.push(one.id);
        const sample = study === null ? null : await sampleOf(person, study, unit);
        // A college hangs under its region: of a sample nothing goes through a municipality.
        const told = sample === null ? asked : { ...asked, route: 'study' as const };
        const codes = sample ? territory.filter((code) => sample.has(code)) : list === null ? territory : codesOf(list);
        if (sample === null && list !== null) demandKnown(codes, new Set(territory));
        demandSize(codes.length);
        // With the access go the instructions, to the same list (S4-13).
        const guide = publication === null ? null : await publications.addressAlso(person, publication, codes);
        const instructions = guide ? namedInstructions(guide.title, guide.address) : told.instructions;
        const batch = startBatch({
          ...{ id: newId(), unit: unit.id, ...told, instructions, origin, by: person.id, byName: person.name },
          ...{ startedAtMs: now(), total: codes.length },
        });
        await journal.record(
          { actor: person.id, atMs: now(), commandId: newId(), note: await noteOf(batch, codes.length) },
          [batchFact(batch), ...(guide?.facts ?? [])],
          async (session) => {
            await credentialBatches.save(batch, session);
            await guide?.save(session);
            await credentialBatches.saveSample(batch.id, codes, session);
          },
        );
        return { batch: batch.id };
      }),

    /** Stops a batch; what it made stays. */
    cancel: (person: Person, id: string): Promise<void> =>
      retryStale(async () => {
        const one = await generated(person, id);
        const cancelled = cancelBatch(one, now());
        if (!cancelled) return;
        const note = await noteOf(cancelled, 0, 'cancelled');
        await journal.record(
          { actor: person.id, atMs: now(), commandId: newId(), note },
          [batchFact(cancelled)],
          (session) => credentialBatches.save(cancelled, session),
        );
      }),

    /** Writes the next batch, or one whose node died over it; false when there is none. */
    async processNext(node: string, isStopping: () => boolean = () => false): Promise<boolean> {
      const [next] = await credentialBatches.list(
        { status: 'writing', leaseUntilMs: { $lte: now() } },
        { sort: { startedAtMs: 1 }, limit: 1 },
      );
      const claimed = next && claimBatch(next, node, now());
      if (!claimed) return false;
      try {
        await record(claimed, 'hub');
        await write(claimed, isStopping);
      } catch (error) {
        // Cancelled meanwhile, or another node was faster: its word stands.
        if (error instanceof HubError && error.code === 'stale_write') return true;
        observer.fault(error, 'credentials.batch');
        // The lease runs out, and it is tried again.
        return false;
      }
      return true;
    },
  };
}

export type CredentialBatchActions = ReturnType<typeof createCredentialBatchActions>;
