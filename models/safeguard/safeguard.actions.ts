/** Use cases of what guards a sign-in: passwords, the second factor, devices, the address for letters, ways back. */
import { z } from 'zod';
import type { AttemptActions } from '../attempts/attempts.actions.ts';
import type { Context } from '../context.ts';
import type { DeedActions } from '../deeds/deed.actions.ts';
import type { DeedKind } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Language, LetterActions, LetterParams } from '../letter/letter.actions.ts';
import type { LetterKind } from '../letter/letter.ts';
import { normalizePassword } from '../password/password.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import { usernameSchema, type Person } from '../people/person.ts';
import { isAllowed, type Assignment } from '../people/rights.ts';
import {
  addLink,
  confirmEmail,
  confirmSecondFactor,
  disownDevice,
  dropLink,
  dutiesOf,
  isGivenPasswordOver,
  emailSchema,
  isObliged,
  knowsDevice,
  letterAddress,
  linkOf,
  nameEmail,
  newSafeguard,
  noteDevice,
  offerSecondFactor,
  ownDevice,
  passwordChosen,
  passwordGiven,
  removeSecondFactor,
  renewRecovery,
  useCode,
  useRecovery,
  type Device,
  type Duty,
  type LinkKind,
  type Safeguard,
  type Seen,
} from './safeguard.ts';
import { CODE_DIGITS, enrolmentUri, freshRecovery, freshSecret, grouped, plainRecovery, stepOf } from './totp.ts';

/** What the person sees of it in his account. */
export interface SafeguardView {
  secondFactor: { status: 'none' | 'offered' } | { status: 'on'; sinceMs: number; recoveryLeft: number };
  isObliged: boolean;
  passwordLengthMin: number;
  email: { address: string; isConfirmed: boolean } | null;
  /** Devices of which he has not said yet that they are his. */
  newDevices: Pick<Device, 'id' | 'agent' | 'address' | 'firstAtMs'>[];
}

const codeSchema = z.string().trim().min(1).max(60);

export function createSafeguardActions(
  context: Context,
  passwords: PasswordChoice,
  attempts: AttemptActions,
  letters: LetterActions,
  deeds: Pick<DeedActions, 'noteOnPerson'>,
) {
  const { safeguards, accounts, assignments, units, together, secondFactorPolicy, now, newId, sha256, sign } = context;
  const { seal, open, ownUrl, observer } = context;

  const load = async (personId: string): Promise<Safeguard> =>
    (await safeguards.find(personId)) ?? newSafeguard(personId);

  const hashOf = (token: string): string => sha256(token);
  /** Keyed: a copy of the database alone can't try recovery codes. */
  const recoveryHash = (code: string): string => sign(`recovery ${plainRecovery(code)}`);

  /** Changes a safeguard over the revision that was read, notes the deed, and writes the letter that tells of it. */
  function change(
    personId: string,
    decide: (safeguard: Safeguard) => Safeguard,
    tell?: { kind: LetterKind; language: Language; params?: LetterParams },
    deed?: { kind: DeedKind; actor?: string },
  ): Promise<Safeguard> {
    return retryStale(async () => {
      const before = await load(personId);
      const changed = { ...decide(before), rev: before.rev + 1 };
      const to = letterAddress(before);
      await together(async (session) => {
        await safeguards.save(changed, session);
        if (deed) await deeds.noteOnPerson(personId, { actor: personId, ...deed }, session);
        if (tell && to !== null) {
          const { kind, language, params = {} } = tell;
          await letters.write(
            { kind, person: personId, to, params: { ...params, account: ownUrl('/account') }, language },
            session,
          );
        }
      });
      return changed;
    });
  }

  async function ownerOf(personId: string) {
    const [account, held] = await Promise.all([accounts.find(personId), assignments.held({ person: personId }, now())]);
    if (!account) throw new HubError('not_found');
    const named = await Promise.all([...new Set(held.map(({ unit }) => unit))].map((unit) => units.find(unit)));
    const owner = {
      username: account.username,
      roles: held.map(({ role }) => role),
      unitNames: named.flatMap((unit) => (unit ? [unit.name] : [])),
    };
    return { account, held, owner };
  }

  /** Asks the present password again before something that guards the account is changed. Errors: HubError `wrong_credentials`. */
  async function confirmPresent(personId: string, present: string): Promise<void> {
    await attempts.begin('code', `present ${personId}`);
    if (!(await accounts.checkPassword(personId, normalizePassword(present)))) throw new HubError('wrong_credentials');
    await attempts.succeeded('code', `present ${personId}`);
  }

  /** The person's own new password: every session ends, his present one too; the caller opens another. */
  async function setOwnPassword(personId: string, next: string, language: Language): Promise<void> {
    const { owner } = await ownerOf(personId);
    const password = passwords.choose(next, owner);
    if (await accounts.checkPassword(personId, password)) throw new HubError('password_same');
    // The password is kept by another library, in a write of its own: its entry comes first.
    await deeds.noteOnPerson(personId, { actor: personId, kind: 'password.changed' });
    await accounts.setPassword(personId, password);
    await change(personId, passwordChosen, { kind: 'password_changed', language });
    await accounts.endSessions(personId);
  }

  async function addLinkTo(personId: string, kind: LinkKind, email?: string): Promise<string> {
    const token = newId();
    const link = { kind, hash: hashOf(token), ...(email === undefined ? {} : { email }) };
    await change(personId, (safeguard) => addLink(safeguard, link, now()));
    return token;
  }

  async function ownerOfLink(kind: LinkKind, token: string) {
    const hash = hashOf(z.string().max(100).parse(token));
    const [safeguard] = await safeguards.list({ 'links.hash': hash }, { limit: 1 });
    return { link: linkOf(safeguard ?? null, kind, hash, now()), personId: safeguard?.id ?? '' };
  }

  async function sendPasswordLink(username: string, language: Language): Promise<void> {
    const account = await accounts.findByName(username);
    const to = account && letterAddress(await safeguards.find(account.id));
    if (!account || !to) return;
    const link = ownUrl(`/sign-in/link/${await addLinkTo(account.id, 'password')}`);
    await letters.write({ kind: 'password_link', person: account.id, to, params: { username, link }, language });
  }

  /** Whose account it is to look after: all of his roles lie in the territory of the one who acts. */
  async function demandCharge(by: Person, personId: string) {
    const { held } = await ownerOf(personId);
    const isCharge = held.length > 0 && held.every(({ path }) => isAllowed(by, 'people.manage', path));
    if (!isCharge || by.id === personId) throw new HubError('not_allowed');
  }

  const obliged = (held: readonly Assignment[]): boolean => isObliged(held, secondFactorPolicy);

  return {
    async duties(person: Pick<Person, 'id' | 'assignments'>): Promise<Duty[]> {
      return dutiesOf(await load(person.id), obliged(person.assignments));
    },

    async view(person: Person): Promise<SafeguardView> {
      const { secondFactor, email, devices } = await load(person.id);
      return {
        secondFactor:
          secondFactor.status === 'on'
            ? { status: 'on', sinceMs: secondFactor.sinceMs, recoveryLeft: secondFactor.recovery.length }
            : { status: secondFactor.status },
        isObliged: obliged(person.assignments),
        passwordLengthMin: passwords.lengthMin(person.assignments.map(({ role }) => role)),
        email: email && { address: email.address, isConfirmed: email.confirmedAtMs !== null },
        newDevices: devices
          .filter(({ isOwn }) => !isOwn)
          .map(({ id, agent, address, firstAtMs }) => ({ id, agent, address, firstAtMs })),
      };
    },

    /* ── Passwords ── */

    /** Errors: HubError `wrong_credentials` for a wrong present password, `password_…` for a new one that won't do. */
    async changePassword(
      personId: string,
      { present, next }: { present: string; next: string },
      language: Language,
    ): Promise<void> {
      await confirmPresent(personId, present);
      await setOwnPassword(personId, next, language);
    },

    /** The first sign-in with a password that another set; that one was asked a moment ago. */
    async replaceGivenPassword(personId: string, next: string, language: Language): Promise<void> {
      if ((await load(personId)).passwordGivenAtMs === null) throw new HubError('not_found');
      await setOwnPassword(personId, next, language);
    },

    /** A password for one who has lost his: shown once to the one who hands it over, replaced at the next sign-in. */
    async giveNewPassword(by: Person, personId: string, language: Language): Promise<{ password: string }> {
      await demandCharge(by, personId);
      const { owner } = await ownerOf(personId);
      const generated = grouped(
        newId()
          .replaceAll(/[^A-Za-z0-9]/g, '')
          .slice(0, 20),
      );
      const password = passwords.choose(generated, owner);
      await deeds.noteOnPerson(personId, { actor: by.id, kind: 'password.given' });
      await accounts.setPassword(personId, password);
      await change(personId, (safeguard) => passwordGiven(safeguard, now()), { kind: 'password_given', language });
      await accounts.endSessions(personId);
      return { password };
    },

    /**
     * Sends a way to a new password to the confirmed address of the account, if it is one and has one. Answers before it is known:
     * neither the answer nor its time tells whether there is such an account.
     */
    async requestPasswordLink(given: string, language: Language): Promise<void> {
      const username = usernameSchema.safeParse(given);
      await attempts.begin('letter', username.success ? username.data : given);
      if (username.success)
        void sendPasswordLink(username.data, language).catch((error: unknown) => {
          observer.fault(error, 'safeguard.link');
        });
    },

    /** Whose password the link changes. Errors: HubError `link_over`. */
    async passwordLink(token: string): Promise<{ username: string; lengthMin: number }> {
      const { personId } = await ownerOfLink('password', token);
      const { owner } = await ownerOf(personId);
      return { username: owner.username, lengthMin: passwords.lengthMin(owner.roles) };
    },

    /** The link opens once; a second factor is asked as ever at the sign-in that follows. */
    async usePasswordLink(token: string, next: string, language: Language): Promise<{ username: string }> {
      const { personId } = await ownerOfLink('password', token);
      const { owner } = await ownerOf(personId);
      await setOwnPassword(personId, next, language);
      return { username: owner.username };
    },

    /* ── Second factor ── */

    /** The secret to scan or to type; the same again until it is confirmed. Errors: HubError `second_factor_on`. */
    async enrolment(person: Pick<Person, 'id' | 'username'>): Promise<{ secret: string; uri: string }> {
      let { secondFactor } = await load(person.id);
      if (secondFactor.status !== 'offered')
        ({ secondFactor } = await change(person.id, (safeguard) =>
          // Another tab may have been faster: one secret for both.
          safeguard.secondFactor.status === 'offered' ? safeguard : offerSecondFactor(safeguard, seal(freshSecret())),
        ));
      if (secondFactor.status !== 'offered') throw new HubError('second_factor_on');
      const secret = open(secondFactor.secret);
      return { secret: grouped(secret), uri: enrolmentUri(secret, person.username) };
    },

    /** Turns the second factor on and returns the recovery codes, shown this once. Errors: HubError `code_wrong`. */
    async confirmSecondFactor(personId: string, given: string, language: Language): Promise<{ recovery: string[] }> {
      const code = codeSchema.parse(given);
      await attempts.begin('code', personId);
      const recovery = freshRecovery();
      await change(
        personId,
        (safeguard) => {
          const { secondFactor } = safeguard;
          const step = secondFactor.status === 'offered' ? stepOf(open(secondFactor.secret), code, now()) : null;
          return confirmSecondFactor(safeguard, step, recovery.map(recoveryHash), now());
        },
        { kind: 'second_factor_on', language },
        { kind: 'secondFactor.on' },
      );
      await attempts.succeeded('code', personId);
      return { recovery };
    },

    confirmPresent,

    /** New recovery codes in place of the old ones, shown this once. */
    async renewRecovery(personId: string, present: string): Promise<{ recovery: string[] }> {
      await confirmPresent(personId, present);
      const recovery = freshRecovery();
      const renew = (safeguard: Safeguard): Safeguard => renewRecovery(safeguard, recovery.map(recoveryHash));
      await change(personId, renew, undefined, { kind: 'recovery.renewed' });
      return { recovery };
    },

    /** Errors: HubError `second_factor_obliged` for a role that can't be without. */
    async turnOffSecondFactor(person: Person, present: string, language: Language): Promise<void> {
      if (obliged(person.assignments)) throw new HubError('second_factor_obliged');
      await confirmPresent(person.id, present);
      const tell = { kind: 'second_factor_off', language } as const;
      await change(person.id, removeSecondFactor, tell, { kind: 'secondFactor.off' });
    },

    /** For one who lost telephone and recovery codes: the next sign-in enrols anew. */
    async resetSecondFactor(by: Person, personId: string, language: Language): Promise<void> {
      await demandCharge(by, personId);
      const tell = { kind: 'second_factor_off', language } as const;
      await change(personId, removeSecondFactor, tell, { kind: 'secondFactor.reset', actor: by.id });
      await accounts.endSessions(personId);
    },

    /** What the centre's new access link does for an institution (S2-08): nothing of the lost ones opens any longer. */
    async startAnew(personId: string, language: Language): Promise<void> {
      const tell = { kind: 'password_changed', language } as const;
      const anew = (safeguard: Safeguard): Safeguard => removeSecondFactor(passwordChosen(safeguard));
      await change(personId, anew, tell, { kind: 'password.changed' });
      await accounts.endSessions(personId);
    },

    /* ── Signing in ── */

    /** Whether a device has signed in under this account before. */
    async knowsDevice(personId: string | null, deviceToken: string | null): Promise<boolean> {
      // An account that does not exist is looked up as well: the time is the same.
      const safeguard = await safeguards.find(personId ?? 'nobody');
      return deviceToken !== null && knowsDevice(safeguard, hashOf(deviceToken));
    },

    /** Whether the password was given by another and not taken up in time. */
    async isPasswordOver(personId: string): Promise<boolean> {
      return isGivenPasswordOver(await safeguards.find(personId), now());
    },

    /** Where the password was right and a code is to follow: the token that remembers it; null where no code is asked. */
    async enter(personId: string): Promise<string | null> {
      if ((await load(personId)).secondFactor.status !== 'on') return null;
      return addLinkTo(personId, 'entrance');
    },

    /** Takes the code, or a recovery code, of an unfinished sign-in. Errors: HubError `code_wrong`, `link_over`, `rate_limited`. */
    async finishEntrance(token: string, given: string, language: Language): Promise<{ personId: string }> {
      const { personId, link } = await ownerOfLink('entrance', token);
      const code = codeSchema.parse(given);
      await attempts.begin('code', personId);
      const isRecovery = code.replaceAll(/\s/g, '').length > CODE_DIGITS;
      const take = (safeguard: Safeguard): Safeguard => {
        // Twice in the same moment: the first one has used it up.
        linkOf(safeguard, 'entrance', link.hash, now());
        const { secondFactor } = safeguard;
        const taken = isRecovery
          ? useRecovery(safeguard, recoveryHash(code))
          : useCode(safeguard, secondFactor.status === 'on' ? stepOf(open(secondFactor.secret), code, now()) : null);
        return dropLink(taken, link.hash);
      };
      await change(
        personId,
        take,
        isRecovery ? { kind: 'recovery_used', language } : undefined,
        isRecovery ? { kind: 'recovery.used' } : undefined,
      );
      await attempts.succeeded('code', personId);
      return { personId };
    },

    /** Errors: HubError `link_over`. */
    async entrance(token: string): Promise<{ personId: string }> {
      const { personId } = await ownerOfLink('entrance', token);
      return { personId };
    },

    /** A finished sign-in on a device; a new one is told by letter. Returns the device's id. */
    async noteDevice(
      personId: string,
      { token, agent, address }: { token: string; agent: string; address: string },
      language: Language,
    ): Promise<string> {
      const seen: Seen = { id: newId(), hash: hashOf(token), agent: agent.slice(0, 300), address };
      const isNew = noteDevice(await load(personId), seen, now()).isNew;
      const params = { device: agent.slice(0, 300), address, atMs: now() };
      const { devices } = await change(
        personId,
        (safeguard) => noteDevice(safeguard, seen, now()).safeguard,
        isNew ? { kind: 'device_new', language, params } : undefined,
      );
      return devices[0]?.id ?? seen.id;
    },

    async ownDevice(personId: string, device: string): Promise<void> {
      await change(personId, (safeguard) => ownDevice(safeguard, device));
    },

    /** «Это не я»: its sessions end, and it is a stranger again. */
    async disownDevice(personId: string, device: string): Promise<void> {
      await change(personId, (safeguard) => disownDevice(safeguard, device), undefined, { kind: 'device.disowned' });
      await accounts.endSessions(personId, { device });
    },

    /* ── The address for letters ── */

    async nameEmail(
      personId: string,
      { email: given, present }: { email: string; present: string },
      language: Language,
    ): Promise<void> {
      const { email } = z.strictObject({ email: emailSchema }).parse({ email: given });
      await confirmPresent(personId, present);
      await attempts.begin('letter', `address ${personId}`);
      await change(personId, (safeguard) => nameEmail(safeguard, email), undefined, { kind: 'address.named' });
      const link = ownUrl(`/account/address/${await addLinkTo(personId, 'address', email)}`);
      await letters.write({ kind: 'address_confirm', person: personId, to: email, params: { link }, language });
    },

    /** The address that a link confirms. Errors: HubError `link_over`. */
    async addressLink(token: string): Promise<{ email: string }> {
      const { link } = await ownerOfLink('address', token);
      return { email: link.email ?? '' };
    },

    async confirmEmail(token: string): Promise<void> {
      const { link, personId } = await ownerOfLink('address', token);
      const confirm = (safeguard: Safeguard): Safeguard => confirmEmail(safeguard, link, now());
      await change(personId, confirm, undefined, { kind: 'address.confirmed' });
    },
  };
}

export type SafeguardActions = ReturnType<typeof createSafeguardActions>;
