/**
 * The handing down of one institution's access data (domain 4.1 `CredentialHandover`; S1-27, S1-32, S4-09 … S4-13): who has them
 * now, who opened the secret, and what may happen next. The secret itself is nowhere here (ADR 15). Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { emailSchema } from '../safeguard/safeguard.ts';
import type { Role } from '../people/rights.ts';

export const HANDOVER_STATES = [
  'generated',
  'handedToRegion',
  'handedToMunicipality',
  'handedToInstitution',
  'activated',
  'revoked',
] as const;
export type HandoverState = (typeof HANDOVER_STATES)[number];

/** The levels that hand down, from the top (S1-27, S4-11, S4-12). */
export const HANDING_LEVELS = ['federation', 'region', 'municipality'] as const;
export type HandingLevel = (typeof HANDING_LEVELS)[number];

const LEVEL_OF: Partial<Record<Role, HandingLevel>> = {
  federalCoordinator: 'federation',
  regionalCoordinator: 'region',
  municipalCoordinator: 'municipality',
};
export const levelOf = (role: Role): HandingLevel | null => LEVEL_OF[role] ?? null;

/** Accesses handed, taken back or verified by one press. */
export const DEEDS_AT_ONCE_MAX = 500;
/** Cards opened by one press: each costs a hash, and whoever waits sees them come. */
export const CARDS_AT_ONCE_MAX = 100;

/** Why somebody ends an access: read by the level above. */
export const REASON_CHARS_MIN = 3;
export const REASON_CHARS_MAX = 300;
export const reasonSchema = z.string().trim().min(REASON_CHARS_MIN).max(REASON_CHARS_MAX);

/** Where the head of the institution is written to (S4-09). */
export interface HeadAddress {
  email: string;
  verifiedAtMs: number;
  byName: string;
}

/** Somebody was shown the secret: the only moment at which it is anywhere. */
export interface Opening {
  atMs: number;
  by: string;
  byName: string;
  level: HandingLevel;
}

interface HandoverBase {
  /** The code of the institution: one handover each. */
  id: string;
  rev: number;
  /** The batch that it came with; its instructions go along (S4-13). */
  batch: string;
  username: string;
  /** The account that the secret opens. */
  person: string;
  /** The level that it begins at: above that nobody hands it. */
  origin: HandingLevel;
  /** Whether the way leads through a municipality (S4); a college has none (S1). */
  viaMunicipality: boolean;
  /** Rises when an access is made anew: what was printed before opens nothing. */
  edition: number;
  /** How often the secret of any edition was shown; who opens says how often he knows of. */
  openings: number;
  head: HeadAddress | null;
  sinceMs: number;
}

export type CredentialHandover = HandoverBase &
  (
    | { state: 'generated' | 'handedToRegion' | 'handedToMunicipality'; opening: Opening | null }
    | { state: 'handedToInstitution'; opening: Opening }
    | { state: 'activated'; opening: Opening }
    | { state: 'revoked'; reason: string; byName: string }
  );
export type HandoverOf<State extends HandoverState> = Extract<CredentialHandover, { state: State }>;

/** The level at which an access lies, or null when it has left the hands of all. */
export function holderOf({ state }: Pick<CredentialHandover, 'state'>): HandingLevel | null {
  switch (state) {
    case 'generated':
      return 'federation';
    case 'handedToRegion':
      return 'region';
    case 'handedToMunicipality':
      return 'municipality';
    case 'handedToInstitution':
    case 'activated':
    case 'revoked':
      return null;
    default:
      throw state satisfies never;
  }
}

type InHands = HandoverOf<'generated' | 'handedToRegion' | 'handedToMunicipality'>;
const STATE_AT = {
  federation: 'generated',
  region: 'handedToRegion',
  municipality: 'handedToMunicipality',
} as const satisfies Record<HandingLevel, InHands['state']>;

const baseOf = (one: CredentialHandover, nowMs: number): HandoverBase => ({
  ...{ id: one.id, rev: one.rev + 1, batch: one.batch, username: one.username, person: one.person },
  ...{ origin: one.origin, viaMunicipality: one.viaMunicipality, edition: one.edition, openings: one.openings },
  ...{ head: one.head, sinceMs: nowMs },
});

export interface Generated {
  institution: string;
  batch: string;
  username: string;
  person: string;
  origin: HandingLevel;
  viaMunicipality: boolean;
}

/** What a region makes itself lies with the region from the first moment: there is nobody above to hand it over. */
export function generate({ institution, ...made }: Generated, nowMs: number): CredentialHandover {
  return {
    ...{ id: institution, rev: 1, ...made, edition: 1, openings: 0, head: null, sinceMs: nowMs },
    ...{ state: STATE_AT[made.origin], opening: null },
  };
}

/** The way down: where the next step leads. */
export function nextState(one: CredentialHandover): 'handedToRegion' | 'handedToMunicipality' | 'handedToInstitution' {
  switch (one.state) {
    case 'generated':
      return 'handedToRegion';
    case 'handedToRegion':
      return one.viaMunicipality ? 'handedToMunicipality' : 'handedToInstitution';
    case 'handedToMunicipality':
      return 'handedToInstitution';
    case 'handedToInstitution':
    case 'activated':
    case 'revoked':
      throw new HubError('handover_elsewhere', { state: one.state });
    default:
      throw one satisfies never;
  }
}

/** In whose hands it is: `by` are the levels of whoever acts. Errors: HubError `handover_elsewhere`. */
function demandHeld(one: CredentialHandover, by: readonly HandingLevel[]): InHands & { holder: HandingLevel } {
  const holder = holderOf(one);
  if (holder === null || !by.includes(holder)) throw new HubError('handover_elsewhere', { state: one.state });
  return { ...(one as InHands), holder };
}

/**
 * Hands an access to the next level. The institution gets it only at an address of its head that somebody verified (S4-10), and
 * only when there is a secret to give. Errors: `handover_elsewhere`, `head_address_unverified`, `handover_unopened`.
 */
export function handOn(one: CredentialHandover, by: readonly HandingLevel[], nowMs: number): CredentialHandover {
  const held = demandHeld(one, by);
  const state = nextState(one);
  if (state !== 'handedToInstitution') return { ...baseOf(one, nowMs), state, opening: held.opening };
  if (one.head === null) throw new HubError('head_address_unverified');
  if (held.opening === null) throw new HubError('handover_unopened');
  return { ...baseOf(one, nowMs), state, opening: held.opening };
}

/**
 * Takes back what was handed on by mistake, while whoever got it has not opened it. Errors: `handover_next_opened`,
 * `handover_elsewhere` when it was not this level that handed it on.
 */
export function takeBack(one: CredentialHandover, by: readonly HandingLevel[], nowMs: number): CredentialHandover {
  if (one.state === 'activated') throw new HubError('handover_next_opened');
  const giver = giverOf(one);
  if (one.state === 'revoked' || giver === null || !by.includes(giver))
    throw new HubError('handover_elsewhere', { state: one.state });
  if (one.opening?.level === holderOf(one)) throw new HubError('handover_next_opened');
  return { ...baseOf(one, nowMs), state: STATE_AT[giver], opening: one.opening };
}

/** The level that handed it to where it is; null for what has not moved yet. */
function giverOf(one: CredentialHandover): HandingLevel | null {
  switch (one.state) {
    case 'handedToRegion':
      return one.origin === 'federation' ? 'federation' : null;
    case 'handedToMunicipality':
      return 'region';
    case 'handedToInstitution':
      return one.viaMunicipality ? 'municipality' : 'region';
    case 'generated':
    case 'activated':
    case 'revoked':
      return null;
    default:
      throw one satisfies never;
  }
}

/**
 * The secret is shown, for the first time or again: every showing makes a new one and ends the former. `known` is how many
 * showings the opener knows of, so that of two at once one is told. Errors: `handover_elsewhere`, `handover_opened`.
 */
export function openSecret(
  one: CredentialHandover,
  by: { id: string; name: string; levels: readonly HandingLevel[] },
  known: number,
  nowMs: number,
): InHands & { opening: Opening } {
  const { holder, opening } = demandHeld(one, by.levels);
  if (known !== one.openings)
    throw new HubError('handover_opened', { by: opening?.byName ?? '', atMs: opening?.atMs ?? one.sinceMs });
  const { state } = one as InHands;
  const opened: Opening = { atMs: nowMs, by: by.id, byName: by.name, level: holder };
  return { ...baseOf(one, one.sinceMs), openings: one.openings + 1, state, opening: opened };
}

/**
 * Opens and hands to the institution at once, by a letter to the head's verified address: whoever sends it sees no secret. Errors: those
 * of opening and of handing on; `handover_elsewhere` where the next step does not lead to the institution.
 */
export function sendSecret(
  one: CredentialHandover,
  by: { id: string; name: string; levels: readonly HandingLevel[] },
  known: number,
  nowMs: number,
): HandoverOf<'handedToInstitution'> & { head: HeadAddress } {
  demandHeld(one, by.levels);
  if (nextState(one) !== 'handedToInstitution') throw new HubError('handover_elsewhere', { state: one.state });
  const { head } = one;
  if (head === null) throw new HubError('head_address_unverified');
  const { opening, openings } = openSecret(one, by, known, nowMs);
  return { ...baseOf(one, nowMs), head, openings, state: 'handedToInstitution', opening };
}

/** The address of the head is right, or is now (S4-09); null when nothing changes. */
export function verifyHead(
  one: CredentialHandover,
  given: string,
  by: { name: string },
  nowMs: number,
): CredentialHandover | null {
  const email = emailSchema.parse(given);
  if (one.state === 'revoked') throw new HubError('handover_elsewhere', { state: one.state });
  if (one.head?.email === email) return null;
  return { ...one, rev: one.rev + 1, head: { email, verifiedAtMs: nowMs, byName: by.name } };
}

/** The institution signed in and chose a password of its own; null when it did before. Errors: HubError `handover_elsewhere`. */
export function activate(one: CredentialHandover, nowMs: number): HandoverOf<'activated'> | null {
  if (one.state === 'activated') return null;
  if (one.state !== 'handedToInstitution') throw new HubError('handover_elsewhere', { state: one.state });
  return { ...baseOf(one, nowMs), state: 'activated', opening: one.opening };
}

/** From any state; null when it is revoked already. */
export function revoke(
  one: CredentialHandover,
  reason: string,
  by: { name: string },
  nowMs: number,
): HandoverOf<'revoked'> | null {
  if (one.state === 'revoked') return null;
  return { ...baseOf(one, nowMs), state: 'revoked', reason, byName: by.name };
}

/**
 * A new access in place of a lost, disclosed or revoked one: it lies in the hands of the level that asks for it, and nobody has seen
 * its secret. The highest of the levels of whoever acts counts, but none above the one that made it.
 */
export function reissue(one: CredentialHandover, by: readonly HandingLevel[], nowMs: number): InHands {
  const level = HANDING_LEVELS.find(
    (candidate) =>
      by.includes(candidate) &&
      HANDING_LEVELS.indexOf(candidate) >= HANDING_LEVELS.indexOf(one.origin) &&
      (candidate !== 'municipality' || one.viaMunicipality),
  );
  if (level === undefined) throw new HubError('not_allowed');
  return { ...baseOf(one, nowMs), edition: one.edition + 1, state: STATE_AT[level], opening: null };
}

/** Whether the secret may be used to sign in, asked after it was found right. Errors: `credentials_revoked`, `credentials_not_handed`. */
export function demandUsable(one: CredentialHandover): void {
  switch (one.state) {
    case 'handedToInstitution':
    case 'activated':
      return;
    case 'revoked':
      throw new HubError('credentials_revoked', { atMs: one.sinceMs });
    case 'generated':
    case 'handedToRegion':
    case 'handedToMunicipality':
      // A secret of an earlier edition is good for nothing; one of this edition not yet.
      throw one.opening === null
        ? new HubError('credentials_revoked', { atMs: one.sinceMs })
        : new HubError('credentials_not_handed');
    default:
      throw one satisfies never;
  }
}

/* ── The table of a territory ── */

/** One row: states and times, neither secrets nor addresses (domain 4.4). An institution without an access has rev 0. */
export interface HandoverRow {
  institution: string;
  name: string;
  order: number;
  rev: number;
  state: HandoverState | null;
  sinceMs: number | null;
  username: string | null;
  viaMunicipality: boolean;
  edition: number;
  openings: number;
  opened: { atMs: number; level: HandingLevel } | null;
  isHeadVerified: boolean;
}

export function handoverRow(
  unit: { id: string; name: string; order: number },
  one: CredentialHandover | null,
): HandoverRow {
  const opening = one && one.state !== 'revoked' ? one.opening : null;
  return {
    ...{ institution: unit.id, name: unit.name, order: unit.order, rev: one?.rev ?? 0 },
    ...{ state: one?.state ?? null, sinceMs: one?.sinceMs ?? null, username: one?.username ?? null },
    ...{ viaMunicipality: one?.viaMunicipality ?? false, edition: one?.edition ?? 0, openings: one?.openings ?? 0 },
    opened: opening && { atMs: opening.atMs, level: opening.level },
    isHeadVerified: (one?.head ?? null) !== null,
  };
}

/** The institutions directly under one unit that were given an access, as one stream carries them. */
export interface HandoversPart {
  parent: string;
  name: string;
  order: number;
  rows: HandoverRow[];
}
export const emptyHandovers = (parent: string): HandoversPart => ({ parent, name: '', order: 0, rows: [] });

export type HandoverFact = { type: 'handoverChanged'; body: { row: HandoverRow } };

/** Applies a fact: the newer revision of a row wins, an older one changes nothing. */
export function applyHandoverFact(part: HandoversPart, { body: { row } }: HandoverFact): HandoversPart {
  const index = part.rows.findIndex(({ institution }) => institution === row.institution);
  const present = part.rows[index];
  if (!present) return { ...part, rows: [...part.rows, row] };
  return present.rev >= row.rev ? part : { ...part, rows: part.rows.with(index, row) };
}

export interface HandoverCounts {
  all: number;
  /** In the hands of any level above the institution. */
  above: number;
  handed: number;
  activated: number;
  revoked: number;
  unverified: number;
}

export function countHandovers(rows: readonly HandoverRow[]): HandoverCounts {
  const count = (is: (row: HandoverRow) => boolean): number => rows.filter(is).length;
  return {
    all: rows.length,
    above: count(({ state }) => state !== null && holderOf({ state }) !== null),
    handed: count(({ state }) => state === 'handedToInstitution'),
    activated: count(({ state }) => state === 'activated'),
    revoked: count(({ state }) => state === 'revoked'),
    unverified: count(({ isHeadVerified, state }) => !isHeadVerified && state !== 'revoked'),
  };
}

/* ── What happened to it: kept for the level above ── */

export const TRAIL_KINDS = [
  'generated',
  'handed',
  'sent',
  'takenBack',
  'opened',
  'headVerified',
  'activated',
  'revoked',
  'reissued',
] as const;
export type TrailKind = (typeof TRAIL_KINDS)[number];

/** One thing that happened: who, when, what, from where. Never changed, never removed. */
export interface TrailEntry {
  id: string;
  rev: 1;
  institution: string;
  /** The revision of the handover that it made: each has exactly one entry, and they have an order. */
  handoverRev: number;
  kind: TrailKind;
  atMs: number;
  by: string;
  byName: string;
  /** The state and the edition after it. */
  state: HandoverState;
  edition: number;
  /** The network address that it was done from. */
  address: string;
  reason: string | null;
}

/* ── Names and secrets ── */

const NAME_CHARS_MIN = 3;
const NAME_CHARS_MAX = 40;

/** The name to sign in with: the code of the institution; `tried` is how many such names are somebody else's. */
export function signInName(code: string, tried: number): string {
  const suffix = tried === 0 ? '' : `-${tried + 1}`;
  const padded = code.length < NAME_CHARS_MIN ? `org-${code}` : code;
  return `${padded.slice(0, NAME_CHARS_MAX - suffix.length)}${suffix}`;
}

/** Without i, l, o, 0 and 1: what is read from paper is typed by one who has never seen it. */
export const SECRET_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const SECRET_GROUPS = 4;
const SECRET_GROUP_SIGNS = 4;

/** Sixteen signs, 79 bits, in groups of four. `pick(n)` is a fair number below `n`. */
export function freshSecret(pick: (below: number) => number): string {
  const group = (): string =>
    Array.from({ length: SECRET_GROUP_SIGNS }, () => SECRET_ALPHABET[pick(SECRET_ALPHABET.length)] ?? '').join('');
  return Array.from({ length: SECRET_GROUPS }, group).join('-');
}
