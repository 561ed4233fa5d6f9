/**
 * What guards the sign-in of one person beside the password: who set that password, the second factor, the devices known, the address
 * for letters, and links under way. Pure.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import type { Assignment, Role } from '../people/rights.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long a link or an unfinished sign-in is good for (ms). */
export const LINK_LIFE_MS = {
  /** Between the password and the code. */
  entrance: 10 * MINUTE_MS,
  /** A new password by letter. */
  password: HOUR_MS,
  /** Confirming an address. */
  address: 48 * HOUR_MS,
} as const;
export type LinkKind = keyof typeof LINK_LIFE_MS;

/** Unfinished at once; the oldest gives way. */
const LINKS_PER_KIND_MAX = 5;
export const DEVICES_MAX = 20;

export interface Link {
  kind: LinkKind;
  /** Of the token; the token itself is with the person only. */
  hash: string;
  untilMs: number;
  /** The address that is to be confirmed. */
  email?: string;
}

export interface Device {
  id: string;
  /** Of the token in the browser's cookie. */
  hash: string;
  /** As the browser names itself. */
  agent: string;
  address: string;
  firstAtMs: number;
  lastAtMs: number;
  /** Whether the person has said that it is his. The first device ever needs no such word. */
  isOwn: boolean;
}

export type SecondFactor =
  | { status: 'none' }
  /** Shown to the person, not confirmed by a code yet: it guards nothing. */
  | { status: 'offered'; secret: string }
  | {
      status: 'on';
      /** Sealed: it has to be readable to compute codes. */
      secret: string;
      sinceMs: number;
      /** The time step of the last code that was taken: a code opens once. */
      lastStep: number;
      /** Hashes of the recovery codes that are left. */
      recovery: string[];
    };

export interface Safeguard {
  /** The person's id. */
  id: string;
  rev: number;
  /** When somebody else set the password: the first sign-in replaces it. Null for the person's own. */
  passwordGivenAtMs: number | null;
  /** Where letters go; only a confirmed address gets any but the one that confirms it. */
  email: { address: string; confirmedAtMs: number | null } | null;
  secondFactor: SecondFactor;
  devices: Device[];
  links: Link[];
}

export const emailSchema = z.email().max(120);

export const newSafeguard = (person: string): Safeguard => ({
  id: person,
  rev: 0,
  passwordGivenAtMs: null,
  email: null,
  secondFactor: { status: 'none' },
  devices: [],
  links: [],
});

/** Transitions may follow one another in one deed: the revision rises once, when the outcome is saved. */
const after = (safeguard: Safeguard, change: Partial<Omit<Safeguard, 'id' | 'rev'>>): Safeguard => ({
  ...safeguard,
  ...change,
});

/* ── What is still to be done before a session may do anything ── */

export const DUTIES = ['password', 'secondFactor'] as const;
export type Duty = (typeof DUTIES)[number];

/** Roles inside one institution may sign in with the password alone; every other role of today and tomorrow is obliged. */
const FREE_ROLES: ReadonlySet<Role> = new Set<Role>([
  'institutionHead',
  'institutionCoordinator',
  'procedureLead',
  'roomOrganizer',
  'technicalSpecialist',
  'independentObserver',
]);

export type SecondFactorPolicy = 'required' | 'offered';

export const isObliged = (assignments: readonly Assignment[], policy: SecondFactorPolicy): boolean =>
  policy === 'required' && assignments.some(({ role }) => !FREE_ROLES.has(role));

/** The password first: a second factor is not hung on a password that another knows. */
export function dutiesOf(safeguard: Safeguard, isFactorDue: boolean): Duty[] {
  const isMissing = isFactorDue && safeguard.secondFactor.status !== 'on';
  return [
    ...(safeguard.passwordGivenAtMs === null ? [] : ['password' as const]),
    ...(isMissing ? ['secondFactor' as const] : []),
  ];
}

/* ── The password ── */

/** How long a given password opens the way to one's own (ms). */
export const GIVEN_PASSWORD_LIFE_MS = 7 * 24 * HOUR_MS;

/** Whether a given password lies unused too long to be good for anything. */
export const isGivenPasswordOver = (safeguard: Safeguard | null, nowMs: number): boolean =>
  safeguard?.passwordGivenAtMs != null && nowMs >= safeguard.passwordGivenAtMs + GIVEN_PASSWORD_LIFE_MS;

/** Somebody else set the password; what was under way with the old one ends. */
export const passwordGiven = (safeguard: Safeguard, nowMs: number): Safeguard =>
  after(safeguard, { passwordGivenAtMs: nowMs, links: safeguard.links.filter(({ kind }) => kind === 'address') });

/** The person chose his password; unfinished sign-ins and other ways to a new password end. */
export const passwordChosen = (safeguard: Safeguard): Safeguard =>
  after(safeguard, { passwordGivenAtMs: null, links: safeguard.links.filter(({ kind }) => kind === 'address') });

/* ── The second factor ── */

/** A new secret to be confirmed. One that is on stays on until it is turned off. */
export function offerSecondFactor(safeguard: Safeguard, secret: string): Safeguard {
  if (safeguard.secondFactor.status === 'on') throw new HubError('second_factor_on');
  return after(safeguard, { secondFactor: { status: 'offered', secret } });
}

/** A code proved that the secret arrived: from now on it guards. `step` is null for a code that is wrong. */
export function confirmSecondFactor(
  safeguard: Safeguard,
  step: number | null,
  recovery: string[],
  nowMs: number,
): Safeguard {
  const { secondFactor } = safeguard;
  if (secondFactor.status === 'on') throw new HubError('second_factor_on');
  if (secondFactor.status === 'none') throw new HubError('not_found');
  if (step === null) throw new HubError('code_wrong');
  const { secret } = secondFactor;
  return after(safeguard, { secondFactor: { status: 'on', secret, sinceMs: nowMs, lastStep: step, recovery } });
}

/** Takes a code: each opens once, and none that is older than one taken. Errors: HubError `code_wrong`. */
export function useCode(safeguard: Safeguard, step: number | null): Safeguard {
  const { secondFactor } = safeguard;
  if (secondFactor.status !== 'on' || step === null || step <= secondFactor.lastStep) throw new HubError('code_wrong');
  return after(safeguard, { secondFactor: { ...secondFactor, lastStep: step } });
}

/** Takes a recovery code, which is then gone. Errors: HubError `code_wrong`. */
export function useRecovery(safeguard: Safeguard, hash: string): Safeguard {
  const { secondFactor } = safeguard;
  if (secondFactor.status !== 'on' || !secondFactor.recovery.includes(hash)) throw new HubError('code_wrong');
  const recovery = secondFactor.recovery.filter((one) => one !== hash);
  return after(safeguard, { secondFactor: { ...secondFactor, recovery } });
}

export function renewRecovery(safeguard: Safeguard, recovery: string[]): Safeguard {
  const { secondFactor } = safeguard;
  if (secondFactor.status !== 'on') throw new HubError('not_found');
  return after(safeguard, { secondFactor: { ...secondFactor, recovery } });
}

export const removeSecondFactor = (safeguard: Safeguard): Safeguard =>
  after(safeguard, { secondFactor: { status: 'none' } });

/* ── Devices ── */

export type Seen = Pick<Device, 'id' | 'hash' | 'agent' | 'address'>;

export const knowsDevice = (safeguard: Safeguard | null, hash: string): boolean =>
  safeguard?.devices.some((device) => device.hash === hash) ?? false;

/** A sign-in on a device. The first one ever is the person's own; each later one waits for his word. */
export function noteDevice(safeguard: Safeguard, seen: Seen, nowMs: number): { safeguard: Safeguard; isNew: boolean } {
  const { devices } = safeguard;
  const known = devices.find(({ hash }) => hash === seen.hash);
  const noted: Device = known
    ? { ...known, agent: seen.agent, address: seen.address, lastAtMs: nowMs }
    : { ...seen, firstAtMs: nowMs, lastAtMs: nowMs, isOwn: devices.length === 0 };
  const others = devices.filter((device) => device !== known);
  return {
    safeguard: after(safeguard, { devices: [noted, ...others].slice(0, DEVICES_MAX) }),
    isNew: !known && devices.length > 0,
  };
}

export const ownDevice = (safeguard: Safeguard, id: string): Safeguard =>
  after(safeguard, {
    devices: safeguard.devices.map((device) => (device.id === id ? { ...device, isOwn: true } : device)),
  });

/** From now on it is a stranger: the next sign-in there is told again. */
export const disownDevice = (safeguard: Safeguard, id: string): Safeguard =>
  after(safeguard, { devices: safeguard.devices.filter((device) => device.id !== id) });

/* ── Links ── */

export function addLink(safeguard: Safeguard, link: Omit<Link, 'untilMs'>, nowMs: number): Safeguard {
  const alive = safeguard.links.filter(({ untilMs }) => untilMs > nowMs);
  const same = alive.filter(({ kind }) => kind === link.kind).slice(-(LINKS_PER_KIND_MAX - 1));
  const others = alive.filter(({ kind }) => kind !== link.kind);
  return after(safeguard, { links: [...others, ...same, { ...link, untilMs: nowMs + LINK_LIFE_MS[link.kind] }] });
}

/** The link behind a token's hash while it lives. Errors: HubError `link_over`. */
export function linkOf(safeguard: Safeguard | null, kind: LinkKind, hash: string, nowMs: number): Link {
  const link = safeguard?.links.find((one) => one.kind === kind && one.hash === hash);
  if (!link || link.untilMs <= nowMs) throw new HubError('link_over');
  return link;
}

export const dropLink = (safeguard: Safeguard, hash: string): Safeguard =>
  after(safeguard, { links: safeguard.links.filter((link) => link.hash !== hash) });

/* ── The address for letters ── */

/** A named address waits for its confirmation; the confirmed one before it gets letters no more. */
export const nameEmail = (safeguard: Safeguard, address: string): Safeguard =>
  after(safeguard, { email: { address, confirmedAtMs: null } });

export function confirmEmail(safeguard: Safeguard, link: Link, nowMs: number): Safeguard {
  // A link to an address that was replaced meanwhile confirms nothing.
  if (!safeguard.email || link.email !== safeguard.email.address) throw new HubError('link_over');
  const email = { address: safeguard.email.address, confirmedAtMs: nowMs };
  return after(dropLink(safeguard, link.hash), { email });
}

export const letterAddress = (safeguard: Safeguard | null): string | null =>
  safeguard?.email?.confirmedAtMs == null ? null : safeguard.email.address;
