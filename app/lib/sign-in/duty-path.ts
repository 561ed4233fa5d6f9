import type { Duty } from '#models/safeguard/safeguard.ts';

const PATHS: Record<Duty, string> = { password: '/sign-in/password', secondFactor: '/sign-in/second-factor' };

/** The page on which the first duty is done; it leads on to `next`. */
export function dutyPath([first]: readonly Duty[], next: string): string {
  return first === undefined ? next : `${PATHS[first]}?next=${encodeURIComponent(next)}`;
}
