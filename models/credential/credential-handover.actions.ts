/** Use cases of handing accesses down: verify the head's address, open, hand on, take back, revoke, make anew, and the first sign-in. */
import type { ClientSession } from 'mongoose';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { differencesOf } from '../deeds/deed.ts';
import { HubError, type RefusalCode, type RefusalParams } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import { credentialsStream } from '../journal/stream.ts';
import { isWithin, pathIds, unitIdSchema, type Unit } from '../org/unit.ts';
import type { Language, LetterActions } from '../letter/letter.actions.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import { zoneAt } from '../org/unit.zone.ts';
import type { AppointmentFacts } from '../people/appointment.facts.ts';
import { appointed, end, type Appointment } from '../people/appointment.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { newSafeguard, passwordGiven, removeSecondFactor, type Safeguard } from '../safeguard/safeguard.ts';
import {
  activate,
  CARDS_AT_ONCE_MAX,
  DEEDS_AT_ONCE_MAX,
  demandUsable,
  handOn,
  handoverRow,
  levelOf,
  openSecret,
  reasonSchema,
  reissue,
  revoke,
  sendSecret,
  takeBack,
  verifyHead,
  type CredentialHandover,
  type HandingLevel,
  type TrailEntry,
  type TrailKind,
} from './credential-handover.ts';
import { makeSecret } from './credential.secret.ts';

/** Hashes made at once, and deeds under way at once. */
const HASHES_AT_ONCE = 2;
const UNDER_WAY_MAX = 16;

/** Who acts, and from which network address. */
export interface Where {
  id: string;
  name: string;
  address: string;
}

/** A secret on its way to the one who asked for it; nothing keeps it. */
export interface OpenedCard {
  institution: string;
  institutionName: string;
  parentName: string;
  username: string;
  secret: string;
  /** Where to sign in, and the instructions (S4-11, S4-13). */
  site: string;
  instructions: string | null;
  openedAtMs: number;
  /** IANA zone of the region: by whose clock that moment is written. */
  zone: string;
}

/** What became of each of many. */
export interface BulkOutcome {
  done: string[];
  refused: { institution: string; name: string; code: RefusalCode; params: RefusalParams }[];
}

const openingSchema = z.strictObject({ institution: unitIdSchema, known: z.number().int().min(0) });
const institutionsSchema = z.array(unitIdSchema);
const cardsSchema = z.array(openingSchema);
const endingSchema = z.strictObject({ institution: unitIdSchema, reason: reasonSchema });
const headSchema = z.strictObject({ institution: unitIdSchema, email: z.string().trim() });

export const handoverFact = (one: CredentialHandover, unit: Unit): Fact => ({
  stream: credentialsStream(unit.parent ?? unit.id),
  type: 'handoverChanged',
  entity: one.id,
  rev: one.rev,
  body: { row: handoverRow(unit, one) },
});

export const entryOf = (
  kind: TrailKind,
  one: CredentialHandover,
  by: Where,
  atMs: number,
  reason: string | null = null,
): TrailEntry => ({
  ...{ id: `${one.id}.${one.rev}`, rev: 1, institution: one.id, handoverRev: one.rev },
  ...{ kind, atMs, by: by.id, byName: by.name },
  ...{ state: one.state, edition: one.edition, address: by.address, reason },
});

/** At which levels a person hands accesses down to a unit; a role that is bound to a procedure hands none. */
export function levelsOver(person: Person, path: string): HandingLevel[] {
  const held = person.assignments.filter(({ path: own, procedure }) => !procedure && isWithin(path, own));
  return held.map(({ role }) => levelOf(role)).filter((level) => level !== null);
}

export function createHandoverActions(
  context: Context,
  passwords: PasswordChoice,
  letters: LetterActions,
  factsOf: AppointmentFacts,
) {
  const { units, handovers, handoverTrail, credentialBatches, contextualData, accounts, assignments } = context;
  const { safeguards, journal, ownUrl, now, newId } = context;

  interface Loaded {
    one: CredentialHandover;
    unit: Unit;
    levels: HandingLevel[];
  }

  /** What lies outside the territory of whoever asks does not exist for him. */
  async function loadFor(person: Person, institution: string): Promise<Loaded> {
    const [one, unit] = await Promise.all([handovers.find(institution), units.find(institution)]);
    if (!one || !unit || !isAllowed(person, 'credentials.hand', unit.path)) throw new HubError('not_allowed');
    return { one, unit, levels: levelsOver(person, unit.path) };
  }

  interface Change {
    kind: TrailKind;
    by: Where;
    reason?: string;
    also?: (session: ClientSession) => Promise<void>;
    /** Appointments that begin or end by it. */
    people?: readonly Appointment[];
  }

  async function record(
    after: CredentialHandover,
    unit: Unit,
    { kind, by, reason, also, people = [] }: Change,
  ): Promise<void> {
    const deed = {
      actor: by.id,
      atMs: now(),
      commandId: newId(),
      note: {
        kind: `credentials.${kind}`,
        actorName: by.name,
        path: unit.path,
        subject: unit.id,
        subjectName: unit.name,
        differences: differencesOf(null, { status: after.state, reason: reason ?? null }),
      },
    } as const;
    await journal.record(deed, [handoverFact(after, unit), ...(await factsOf(people))], async (session) => {
      for (const appointment of people) await assignments.save(appointment, session);
      await handovers.save(after, session);
      await handoverTrail.save(entryOf(kind, after, by, deed.atMs, reason ?? null), session);
      await also?.(session);
    });
  }

  const whoIs = ({ id, name }: Person, address: string): Where => ({ id, name, address });

  /** What guards the account's sign-in, changed together with the handover. */
  async function changeSafeguard(
    person: string,
    decide: (safeguard: Safeguard) => Safeguard,
  ): Promise<(session: ClientSession) => Promise<void>> {
    const before = (await safeguards.find(person)) ?? newSafeguard(person);
    const after = { ...decide(before), rev: before.rev + 1 };
    return (session) => safeguards.save(after, session);
  }

  /** What its person holds, as it ends with the access. */
  async function endedWith(one: CredentialHandover, by: Person, reason: string): Promise<Appointment[]> {
    const held = await assignments.held({ person: one.person }, now());
    return held.map((appointment) => end(appointment, { by, reason }, now()));
  }

  /** Shows the secret: makes it, keeps its hash in the transaction that notes who saw it, and forgets it (ADR 15). */
  const open = (person: Person, { institution, known }: z.output<typeof openingSchema>, address: string) =>
    retryStale(async (): Promise<OpenedCard> => {
      const { one, unit, levels } = await loadFor(person, institution);
      const opened = openSecret(one, { ...person, levels }, known, now());
      const secret = makeSecret(passwords, one.username, unit.name);
      const [prepared, batch, above] = await Promise.all([
        accounts.prepare(secret),
        credentialBatches.find(one.batch),
        units.list({ _id: { $in: pathIds(unit.path) } }),
      ]);
      // Whoever signs in with a new secret is a new person: the second factor of a former one would keep him out.
      const guard = await changeSafeguard(one.person, (safeguard) =>
        passwordGiven(removeSecondFactor(safeguard), now()),
      );
      await record(opened, unit, {
        kind: 'opened',
        by: whoIs(person, address),
        async also(session) {
          await accounts.putPassword(one.person, prepared, session);
          await guard(session);
        },
      });
      await accounts.endSessions(one.person);
      return {
        ...{
          institution,
          institutionName: unit.name,
          parentName: above.find(({ id }) => id === unit.parent)?.name ?? '',
          username: one.username,
          secret,
        },
        ...{ site: ownUrl('/sign-in'), instructions: batch?.instructions ?? null },
        openedAtMs: opened.opening.atMs,
        zone: above.find(({ zone }) => zone !== null)?.zone ?? 'Europe/Moscow',
      };
    });

  /** Writes the secret to the head: made, sealed for the mail server and forgotten in one transaction, seen by nobody here. */
  const send = (person: Person, given: z.output<typeof openingSchema>, address: string, language: Language) =>
    retryStale(async (): Promise<void> => {
      const { one, unit, levels } = await loadFor(person, given.institution);
      const sent = sendSecret(one, { ...person, levels }, given.known, now());
      const secret = makeSecret(passwords, one.username, unit.name);
      const [prepared, batch] = await Promise.all([accounts.prepare(secret), credentialBatches.find(one.batch)]);
      const guard = await changeSafeguard(one.person, (safeguard) =>
        passwordGiven(removeSecondFactor(safeguard), now()),
      );
      const params = {
        ...{ institution: unit.name, site: ownUrl('/sign-in'), username: one.username, secret },
        instructions: batch?.instructions ?? '–',
      };
      await record(sent, unit, {
        kind: 'sent',
        by: whoIs(person, address),
        async also(session) {
          await accounts.putPassword(one.person, prepared, session);
          await guard(session);
          const to = sent.head.email;
          await letters.write(
            { kind: 'credentials', person: one.person, to, params, language, isSealed: true },
            session,
          );
        },
      });
      await accounts.endSessions(one.person);
    });

  /** Does a deed for each of many; a refusal of one is told, and holds up none of the others. */
  async function forEach<T extends { institution: string }>(
    person: Person,
    asked: readonly T[],
    { atOnce, max }: { atOnce: number; max: number },
    deed: (one: T) => Promise<void>,
  ): Promise<BulkOutcome> {
    if (asked.length > max) throw new HubError('deeds_too_many', { count: asked.length, max });
    const outcome: BulkOutcome = { done: [], refused: [] };
    const waiting = [...new Map(asked.map((one) => [one.institution, one])).values()];
    const work = async (): Promise<void> => {
      for (let one = waiting.shift(); one; one = waiting.shift())
        try {
          await deed(one);
          outcome.done.push(one.institution);
        } catch (error) {
          // What is not his fails whole: a list that names it was made by hand.
          if (!(error instanceof HubError) || error.code === 'not_allowed') throw error;
          const { institution } = one;
          const { code, params } = error;
          outcome.refused.push({ institution, name: (await units.find(institution))?.name ?? '', code, params });
        }
    };
    // Nothing is done for a list of which one lies outside.
    for (const { institution } of waiting) await demandMine(person, institution);
    await Promise.all(Array.from({ length: atOnce }, work));
    return outcome;
  }

  async function demandMine(person: Person, institution: string): Promise<void> {
    const unit = await units.find(institution);
    if (!unit || !isAllowed(person, 'credentials.hand', unit.path)) throw new HubError('not_allowed');
  }

  const many = { atOnce: UNDER_WAY_MAX, max: DEEDS_AT_ONCE_MAX };
  const named = (institutions: unknown) =>
    institutionsSchema.parse(institutions).map((institution) => ({ institution }));

  const handOne = (person: Person, institution: string, address: string): Promise<void> =>
    retryStale(async () => {
      const { one, unit, levels } = await loadFor(person, institution);
      const handed = handOn(one, levels, now());
      // A given password is good for some days: they begin when the institution can use it.
      const isOut = handed.state === 'handedToInstitution';
      const guard = isOut ? await changeSafeguard(one.person, (safeguard) => passwordGiven(safeguard, now())) : null;
      const change: Change = { kind: 'handed', by: whoIs(person, address) };
      await record(handed, unit, guard ? { ...change, also: guard } : change);
    });

  return {
    /** Shows one secret (S1-32). Errors: HubError `not_allowed`, `handover_elsewhere`, `handover_opened`. */
    async open(person: Person, input: unknown, address: string): Promise<OpenedCard> {
      return open(person, openingSchema.parse(input), address);
    },

    /** Shows many, for sealed cards; whoever was opened meanwhile is refused and named. */
    async openMany(
      person: Person,
      input: unknown,
      address: string,
    ): Promise<{ cards: OpenedCard[]; outcome: BulkOutcome }> {
      const asked = cardsSchema.parse(input);
      const byInstitution = new Map<string, OpenedCard>();
      const limits = { atOnce: HASHES_AT_ONCE, max: CARDS_AT_ONCE_MAX };
      const outcome = await forEach(person, asked, limits, async (one) => {
        byInstitution.set(one.institution, await open(person, one, address));
      });
      return { cards: asked.flatMap(({ institution }) => byInstitution.get(institution) ?? []), outcome };
    },

    /** Sends the last leg by letter, where there is a mail server (S4-12). Errors of each: those of opening and handing on, `post_absent`. */
    sendByLetter(person: Person, input: unknown, address: string, language: Language): Promise<BulkOutcome> {
      const limits = { atOnce: HASHES_AT_ONCE, max: CARDS_AT_ONCE_MAX };
      return forEach(person, cardsSchema.parse(input), limits, (one) => send(person, one, address, language));
    },

    /** Hands accesses to the next level (S4-11, S4-12). Errors: HubError `not_allowed` for a list with one that is not his. */
    handOn: (person: Person, institutions: unknown, address: string): Promise<BulkOutcome> =>
      forEach(person, named(institutions), many, ({ institution }) => handOne(person, institution, address)),

    /** Takes back what nobody has opened yet. */
    takeBack: (person: Person, institutions: unknown, address: string): Promise<BulkOutcome> =>
      forEach(person, named(institutions), many, ({ institution }) =>
        retryStale(async () => {
          const { one, unit, levels } = await loadFor(person, institution);
          await record(takeBack(one, levels, now()), unit, { kind: 'takenBack', by: whoIs(person, address) });
          // Whoever began to sign in meanwhile begins anew, and is told.
          await accounts.endSessions(one.person);
        }),
      ),

    /** Says that this is the address of the head (S4-09). */
    verifyHead: (person: Person, input: unknown, address: string): Promise<void> =>
      retryStale(async () => {
        const { institution, email } = headSchema.parse(input);
        const { one, unit } = await loadFor(person, institution);
        const verified = verifyHead(one, email, person, now());
        if (verified) await record(verified, unit, { kind: 'headVerified', by: whoIs(person, address) });
      }),

    /** Says so of the addresses that the institutions gave themselves, for many. Errors of each: `head_address_unknown`. */
    verifyHeads: (person: Person, institutions: unknown, address: string): Promise<BulkOutcome> =>
      forEach(person, named(institutions), many, ({ institution }) =>
        retryStale(async () => {
          const { one, unit } = await loadFor(person, institution);
          const email = (await contextualData.find(institution))?.fields.email ?? '';
          if (email === '') throw new HubError('head_address_unknown');
          const verified = one.head === null ? verifyHead(one, email, person, now()) : null;
          if (verified) await record(verified, unit, { kind: 'headVerified', by: whoIs(person, address) });
        }),
      ),

    /** Ends an access: its secret opens nothing, its role and its sessions are over. */
    revoke: (person: Person, input: unknown, address: string): Promise<void> =>
      retryStale(async () => {
        const { institution, reason } = endingSchema.parse(input);
        const { one, unit } = await loadFor(person, institution);
        const revoked = revoke(one, reason, person, now());
        if (!revoked) return;
        const people = await endedWith(one, person, reason);
        await record(revoked, unit, {
          ...{ kind: 'revoked', by: whoIs(person, address), reason },
          people,
        });
        await accounts.endSessions(one.person);
      }),

    /** Makes an access anew: the former ends as if revoked, the next one lies with whoever asked. */
    reissue: (person: Person, input: unknown, address: string): Promise<void> =>
      retryStale(async () => {
        const { institution, reason } = endingSchema.parse(input);
        const { one, unit, levels } = await loadFor(person, institution);
        const anew = reissue(one, levels, now());
        const people = await endedWith(one, person, reason);
        await record(anew, unit, {
          ...{ kind: 'reissued', by: whoIs(person, address), reason },
          people,
        });
        await accounts.endSessions(one.person);
      }),

    /**
     * Somebody is about to enter with the right password. An access that was not handed over, or was revoked, is refused plainly; the
     * first one with a password of the institution's own makes it the head's account. Errors: `credentials_revoked`, `credentials_not_handed`.
     */
    noteEntrance: (personId: string, address: string): Promise<void> =>
      retryStale(async () => {
        const [one] = await handovers.list({ person: personId }, { limit: 1 });
        if (!one) return;
        demandUsable(one);
        const safeguard = await safeguards.find(personId);
        if (one.state !== 'handedToInstitution' || safeguard?.passwordGivenAtMs !== null) return;
        const [unit, account] = await Promise.all([units.get(one.id), accounts.find(personId)]);
        const activated = activate(one, now());
        if (!activated) return;
        const name = account?.name ?? unit.name;
        const place = { id: newId(), unit: unit.id, path: unit.path, zone: await zoneAt(units, unit.path) };
        const head = appointed(place, { role: 'institutionHead', person: personId, name }, { name }, now());
        // An institution has one head: whoever was it by an invitation before is it no longer.
        const before = await assignments.held({ unit: unit.id, role: 'institutionHead' }, now());
        const gone = before.map((one) => end(one, { by: { name }, reason: name, cause: 'replaced' }, now()));
        await record(activated, unit, {
          ...{ kind: 'activated', by: { id: personId, name, address } },
          people: [...gone, head],
        });
      }),
  };
}

export type HandoverActions = ReturnType<typeof createHandoverActions>;
