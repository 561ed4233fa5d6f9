/**
 * A question that repeats another: whoever asked it reads the answer of the one that was asked before. One is linked to a question that is
 * linked to none, so that there are neither chains nor circles. Pure, browser-safe.
 */
import { HubError } from '../error.ts';
import { askedAgain, type Question } from './forum.ts';

export interface Linked {
  duplicate: Question;
  original: Question;
}

/** The duplicate is closed: it waits for nobody. Errors: HubError `duplicate_unfit`, `stale_write` for one that is linked. */
export function link(duplicate: Question, original: Question, by: { name: string }, nowMs: number): Linked {
  if (duplicate.duplicateOf) throw new HubError('stale_write');
  const isUnfit =
    duplicate.id === original.id ||
    duplicate.procedure !== original.procedure ||
    original.duplicateOf !== undefined ||
    (duplicate.duplicates ?? 0) > 0;
  if (isUnfit) throw new HubError('duplicate_unfit');
  const waitingSinceMs = duplicate.status === 'open' ? duplicate.waitingSinceMs : null;
  return {
    duplicate: {
      ...askedAgain(duplicate, nowMs),
      duplicateOf: { question: original.id, by: by.name, atMs: nowMs, waitingSinceMs },
      ...{ status: 'closed', closed: { by: by.name, atMs: nowMs } },
    },
    original: counted(original, 1, nowMs),
  };
}

/** Back to what it was: one that waited waits again, since when it did. Errors: HubError `stale_write` for one that is not linked so. */
export function unlink(duplicate: Question, original: Question, nowMs: number): Linked {
  if (duplicate.duplicateOf?.question !== original.id) throw new HubError('stale_write');
  const { waitingSinceMs } = duplicate.duplicateOf;
  const { duplicateOf: _of, ...asked } = askedAgain(duplicate, nowMs);
  const { duplicateOf: _was, ...before } = duplicate;
  return {
    duplicate:
      waitingSinceMs !== null && duplicate.status === 'closed'
        ? { ...asked, status: 'open', waitingSinceMs }
        : { ...before, ...asked },
    original: counted(original, -1, nowMs),
  };
}

const counted = (original: Question, by: 1 | -1, nowMs: number): Question => ({
  ...original,
  ...askedAgain(original, nowMs),
  duplicates: Math.max(0, (original.duplicates ?? 0) + by),
});
