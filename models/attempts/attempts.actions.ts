/** Counting tries at secrets, the same for all nodes. */
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import { ATTEMPT_POLICIES, tryOnce, type AttemptKind } from './attempts.ts';

export function createAttemptActions({ attempts, now, sha256 }: Pick<Context, 'attempts' | 'now' | 'sha256'>) {
  // Hashed: people type passwords into the field of the name.
  const idOf = (kind: AttemptKind, key: string): string => sha256(`${kind} ${key}`);

  return {
    /** Counts a try and says the how-manieth it is. Errors: HubError `rate_limited` with the seconds to wait; that one is not counted. */
    async begin(kind: AttemptKind, key: string): Promise<number> {
      const id = idOf(kind, key);
      try {
        return await retryStale(async () => {
          const counted = tryOnce(ATTEMPT_POLICIES[kind], id, await attempts.find(id), now());
          await attempts.save(counted);
          return counted.tries;
        });
      } catch (error) {
        // So many at once are no person's.
        if (error instanceof HubError && error.code === 'stale_write')
          throw new HubError('rate_limited', { seconds: 1 });
        throw error;
      }
    },

    /** The secret was known: the next one may mistype anew. */
    async succeeded(kind: AttemptKind, key: string): Promise<void> {
      await attempts.remove({ _id: idOf(kind, key) });
    },

    /** Throws away what is forgotten. */
    forget: (): Promise<void> => attempts.remove({ forgottenAtMs: { $lte: now() } }),
  };
}

export type AttemptActions = ReturnType<typeof createAttemptActions>;
