/**
 * Looking through somebody's eyes, for support: who may look as whom, for how long, and how it ends. One who looks sees what the
 * other sees and does nothing. THE table says who may look at all; which people, stands here. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError, type RefusalCode } from '../error.ts';
import type { Person } from './person.ts';
import { isAllowed, RIGHTS, TABLE, type Assignment, type Right, type Role } from './rights.ts';

/** A view ends by itself after this (ms). */
export const VIEWING_LIFE_MS = 15 * 60_000;
export const VIEWING_REASON_CHARS_MIN = 10;
export const VIEWING_REASON_CHARS_MAX = 300;
/** Pages of one view, each of which its owner can read of; then it ends: nothing is seen that is not noted. */
export const VIEWING_PAGES_MAX = 300;
/** Views that one person begins within an hour. */
export const VIEWINGS_PER_HOUR_MAX = 12;
/** Whoever ended a view of himself is not looked at by the same person for so long (ms). */
export const VIEWING_DECLINED_MS = 24 * 60 * 60_000;

export const viewingInputSchema = z.strictObject({
  owner: z.string().max(100),
  reason: z
    .string()
    .trim()
    .min(VIEWING_REASON_CHARS_MIN)
    .max(VIEWING_REASON_CHARS_MAX)
    // It stands in a letter to another.
    .transform((reason) => reason.replaceAll(/\p{Cc}+/gu, ' ')),
});

/* ---- who may look as whom ---- */

const liesBelow = (held: Assignment, { path, procedure }: Assignment): boolean =>
  path !== held.path && path.startsWith(held.path) && (!held.procedure || held.procedure === procedure);

interface Row {
  cells: Partial<Record<Role, Right>>;
  views?: string;
  does?: string;
  decides?: string;
}

/** Whether whatever a role lets its holder see, the viewer sees there himself. */
function seesAsMuch(viewer: Person, { role, path, procedure }: Assignment): boolean {
  return (Object.values(TABLE) as Row[]).every((row) => {
    const right = row.cells[role];
    const seen = right && (row.views ?? row[right]);
    return !seen || isAllowed(viewer, seen as never, path, procedure ?? undefined);
  });
}

/** Whether somebody's appointment is one that the viewer may look through. */
function isOpenTo(viewer: Person, held: Assignment): boolean {
  if (held.role === 'administrator') return false;
  const above = viewer.assignments.filter((one) => RIGHTS[one.role].includes('people.viewAs') && liesBelow(one, held));
  // Whoever looks after the account could replace its password: looking is less, and told.
  const isKeeper = above.some(({ role }) => RIGHTS[role].includes('people.manage'));
  return isKeeper || (above.length > 0 && seesAsMuch(viewer, held));
}

/**
 * Null when the viewer may look as the owner, else why not: every role of his lies strictly below one of the viewer's that looks, none is
 * an administrator's, and none shows what the viewer may not see. Whoever is out of reach altogether does not exist for him.
 */
export function refusalToView(viewer: Person, owner: Person): RefusalCode | null {
  if (viewer.id === owner.id || owner.assignments.length === 0) return 'not_allowed';
  const isOpen = owner.assignments.map((held) => isOpenTo(viewer, held));
  if (isOpen.every(Boolean)) return null;
  return isOpen.some(Boolean) ? 'viewing_unfit' : 'not_allowed';
}

/* ---- a view ---- */

/** By whom or what it ended. */
export const VIEWING_ENDINGS = ['viewer', 'clock', 'signedOut', 'rightLost', 'owner', 'pages'] as const;
export type ViewingEnding = (typeof VIEWING_ENDINGS)[number];

interface Begun {
  id: string;
  rev: number;
  /** The one session that looks. */
  session: string;
  viewer: string;
  viewerName: string;
  owner: string;
  ownerName: string;
  reason: string;
  begunAtMs: number;
  /** The first moment at which it is over. */
  untilMs: number;
}

export type Viewing = Begun & ({ status: 'open' } | { status: 'ended'; cause: ViewingEnding; endedAtMs: number });

export function beginViewing(
  place: Pick<Begun, 'id' | 'session'>,
  { viewer, owner, reason }: { viewer: Person; owner: Person; reason: string },
  nowMs: number,
): Viewing {
  return {
    ...place,
    rev: 1,
    viewer: viewer.id,
    viewerName: viewer.name,
    owner: owner.id,
    ownerName: owner.name,
    reason,
    begunAtMs: nowMs,
    untilMs: nowMs + VIEWING_LIFE_MS,
    status: 'open',
  };
}

export const isViewingOpen = (viewing: Viewing, nowMs: number): boolean =>
  viewing.status === 'open' && nowMs < viewing.untilMs;

/** Ends it, once. Errors: HubError `viewing_over`. */
export function endViewing(viewing: Viewing, cause: ViewingEnding, nowMs: number): Viewing {
  if (viewing.status !== 'open') throw new HubError('viewing_over');
  // Found later than it ended: the clock ended it when it was over.
  const endedAtMs = Math.min(nowMs, viewing.untilMs);
  return { ...viewing, rev: viewing.rev + 1, status: 'ended', cause, endedAtMs };
}

/** Whether the owner has lately ended a view of this viewer: then he is not looked at again. */
export const isDeclined = (past: readonly Viewing[], nowMs: number): boolean =>
  past.some((one) => one.status === 'ended' && one.cause === 'owner' && nowMs < one.endedAtMs + VIEWING_DECLINED_MS);

/* ---- what its owner is told ---- */

/** A page that was looked at: its path alone. */
export interface ViewedPage {
  id: string;
  rev: 1;
  viewing: string;
  path: string;
  atMs: number;
}

/** A view as its owner reads of it. */
export interface ViewingTold {
  id: string;
  viewerName: string;
  reason: string;
  begunAtMs: number;
  untilMs: number;
  /** Null while it lasts. */
  ended: { cause: ViewingEnding; atMs: number } | null;
  pages: { path: string; atMs: number }[];
}

/** Keys in addresses open something by themselves, and are no matter of what was looked at. */
export const plainPath = (path: string): string =>
  path.replace(/\/(registration|cabinet-request|link|address|invitation)\/[^/]+/, '/$1/…').slice(0, 200);

export function tellViewing(viewing: Viewing, pages: readonly ViewedPage[], nowMs: number): ViewingTold {
  const { id, viewerName, reason, begunAtMs, untilMs } = viewing;
  const isOver = !isViewingOpen(viewing, nowMs);
  return {
    ...{ id, viewerName, reason, begunAtMs, untilMs },
    ended:
      viewing.status === 'ended'
        ? { cause: viewing.cause, atMs: viewing.endedAtMs }
        : isOver
          ? { cause: 'clock', atMs: untilMs }
          : null,
    // The same page again and again is one line.
    pages: pages
      .toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1))
      .filter(({ path }, index, all) => path !== all[index - 1]?.path)
      .map(({ path, atMs }) => ({ path, atMs })),
  };
}
