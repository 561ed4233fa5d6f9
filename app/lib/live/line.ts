/** The rules of the line between a page and the hub: what may be said of it, and what to do when the page wakes. Pure. */
import { HEARTBEAT_MS, SILENCE_MAX_MS, STALE_MS } from '#realtime/contract.ts';
import type { RefusalCode } from '#models/error.ts';
import type { LinkStatus } from '#realtime/follower.ts';

/**
 * `live`: what is shown is true now. `catchingUp`: connected, and something is missing. `stale`: connected, but to a node that has
 * not seen the journal for a while, or says nothing. `lost`: no line. `ended`: nothing may be followed any longer, and `code`
 * says why. `outdated`: the page is too old for the hub. `cut`: the hub has closed the line over a limit.
 */
export type LineStatus = 'live' | 'catchingUp' | 'stale' | 'lost' | 'ended' | 'outdated' | 'cut';

export interface LineFacts {
  follower: LinkStatus;
  /** Whether the line was open, or its opening failed, at least once. */
  isTried: boolean;
  /** Why the hub closed the line for good. */
  cut: RefusalCode | null;
  /** How old the node's last look at the journal was, by its own word (ms). */
  journalAgeMs: number;
  /** How long nothing was heard (ms). */
  silentMs: number;
}

/** How long a silence is nothing yet: a heartbeat may be late (ms). */
export const QUIET_MAX_MS = 2 * HEARTBEAT_MS;

export function lineStatus({ follower, isTried, cut, journalAgeMs, silentMs }: LineFacts): LineStatus {
  if (cut !== null) return 'cut';
  switch (follower) {
    case 'signedOut':
      return 'ended';
    case 'outdated':
      return 'outdated';
    case 'lost':
      // A page that has just been made is as true as its answer was.
      return isTried ? 'lost' : 'catchingUp';
    case 'live':
    case 'catchingUp':
      return journalAgeMs > STALE_MS || silentMs > QUIET_MAX_MS ? 'stale' : follower;
    default:
      throw follower satisfies never;
  }
}

/** Whether what is shown may be taken for the present. */
export const isPresent = (status: LineStatus): boolean => status === 'live' || status === 'catchingUp';

/**
 * What to do when the page was asleep or hidden, or its clock has jumped: what was heard before is believed no longer than a
 * line may be silent; otherwise it is only asked where the streams are.
 */
export const onWaking = (silentMs: number): 'compare' | 'reconnect' =>
  silentMs > SILENCE_MAX_MS ? 'reconnect' : 'compare';

/** How long to stay away after a cut before trying again (ms); null: not by itself. */
export function returnsAfterMs(code: RefusalCode): number | null {
  switch (code) {
    case 'sockets_too_many':
    case 'rate_limited':
      return 60_000;
    case 'message_too_large':
    // It would come back as another person than the page was made for.
    case 'viewing_over':
      return null;
    default:
      // A slow page comes back at once and takes new snapshots; an ended session may have been followed by another.
      return 0;
  }
}

/** Whether the node runs a later build than the page. Builds are numbers that rise; a build without one is never later. */
export function isLaterBuild(node: string, page: string): boolean {
  const isNumber = (build: string): boolean => /^\d{1,20}$/.test(build);
  return isNumber(node) && isNumber(page) && BigInt(node) > BigInt(page);
}
