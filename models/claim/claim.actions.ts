/**
 * Taking, renewing and releasing. The caller has authorized: a claim says who is on something, not who may be. Each step is a
 * compare-and-set on the claim's revision and announced in the stream that the caller names.
 */
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import { isFolded, type StreamId } from '../journal/stream.ts';
import { claimView, releaseClaim, renewClaim, takeClaim, type Claim, type Holder } from './claim.ts';

/** Many may want the same at once: each try that loses finds a newer claim, so this bound is generous. */
const ATTEMPTS_MAX = 20;

export interface ClaimOptions {
  subject: string;
  holder: Holder;
  leaseMs: number;
  /** Where it is announced; null: nobody watches. */
  stream: StreamId | null;
}

export function createClaimActions({
  journal,
  claims,
  now,
  newId,
}: Pick<Context, 'journal' | 'claims' | 'now' | 'newId'>) {
  function change(
    subject: string,
    stream: StreamId | null,
    actor: string,
    decide: (claim: Claim | null, nowMs: number) => Claim,
  ): Promise<Claim> {
    // Each claim is a fact of its own: of three takers a folded stream would show the last.
    if (stream !== null && isFolded(stream)) throw new TypeError(`claims are not announced in ${stream}: it is folded`);
    return retryStale(async () => {
      const nowMs = now();
      const next = decide(await claims.find(subject), nowMs);
      const facts: Fact[] =
        stream === null
          ? []
          : [{ stream, type: 'claimChanged', entity: subject, rev: next.rev, body: { claim: claimView(next) } }];
      await journal.record({ actor, atMs: nowMs, commandId: newId(), note: null }, facts, (session) =>
        claims.save(next, session),
      );
      return next;
    }, ATTEMPTS_MAX);
  }

  const release = ({ subject, holder, stream }: ClaimOptions, token: number): Promise<Claim> =>
    change(subject, stream, holder.id, (claim, nowMs) => releaseClaim(claim, token, nowMs));

  return {
    /** Errors: HubError `claim_held`. The token in the answer goes along with every deed done under the claim. */
    take: ({ subject, holder, leaseMs, stream }: ClaimOptions): Promise<Claim> =>
      change(subject, stream, holder.id, (claim, nowMs) => takeClaim(claim, subject, holder, nowMs, leaseMs)),

    /** Errors: HubError `claim_lost`. */
    renew: ({ subject, holder, leaseMs, stream }: ClaimOptions, token: number): Promise<Claim> =>
      change(subject, stream, holder.id, (claim, nowMs) => renewClaim(claim, token, nowMs, leaseMs)),

    /** Errors: HubError `claim_lost`: somebody else has it. */
    release,

    /** Gives back what was worked on; that somebody else has it by now is just as good. */
    async letGo(options: ClaimOptions, token: number): Promise<void> {
      await release(options, token).catch((error: unknown) => {
        if (!(error instanceof HubError && error.code === 'claim_lost')) throw error;
      });
    },
  };
}

export type ClaimActions = ReturnType<typeof createClaimActions>;
