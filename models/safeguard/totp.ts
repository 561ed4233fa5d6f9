/** Codes of the second factor by time (RFC 6238), as every authenticator app computes them. */
import { Secret, TOTP } from 'otpauth';

export const CODE_DIGITS = 6;
const PERIOD_S = 30;
/** Codes of one step before and after are taken: clocks of telephones are not exact. */
const STEPS_AROUND = 1;
/** Bytes of the secret, as the RFC advises for SHA-1. */
const SECRET_BYTES = 20;
/** 15 bytes are 120 bits: more than anybody guesses, so a plain hash keeps them. */
const RECOVERY_BYTES = 15;
export const RECOVERY_CODES = 10;

const codesOf = (secret: string, label: string): TOTP =>
  new TOTP({
    issuer: 'Svod',
    label,
    algorithm: 'SHA1',
    digits: CODE_DIGITS,
    period: PERIOD_S,
    secret: Secret.fromBase32(secret),
  });

/** A fresh secret in base32. */
export const freshSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** Fresh recovery codes as they are shown: six groups of four. */
export const freshRecovery = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => grouped(new Secret({ size: RECOVERY_BYTES }).base32));

export const grouped = (text: string): string => text.match(/.{1,4}/g)?.join('-') ?? text;

/** A recovery code as it was meant, however it was typed: 0, 1 and 8 are no base32, so they can only be O, I and B misread. */
export const plainRecovery = (typed: string): string =>
  typed
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .replaceAll('0', 'O')
    .replaceAll('1', 'I')
    .replaceAll('8', 'B');

/** What the app reads from the picture. */
export const enrolmentUri = (secret: string, username: string): string => codesOf(secret, username).toString();

/** The time step that a code belongs to, or null for a wrong one. */
export function stepOf(secret: string, typed: string, nowMs: number): number | null {
  const token = typed.replaceAll(/\s/g, '');
  if (!/^\d+$/.test(token)) return null;
  const delta = codesOf(secret, '').validate({ token, timestamp: nowMs, window: STEPS_AROUND });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** The code of a moment: for tests and the demonstration. */
export const codeAt = (secret: string, nowMs: number): string => codesOf(secret, '').generate({ timestamp: nowMs });
