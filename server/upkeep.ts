/**
 * What the hub does for itself now and then, on one node at a time: lists of boards that nobody asked for, recounting, forgetting.
 * The node that takes the claim does a round; another takes over when its lease ends.
 */
import type { HubModels } from '#models/hub.ts';
import { HubError } from '#models/error.ts';

/** From one round to the next (ms). */
const ROUND_MS = 600_000;
/** After a start, so that a hub that comes up serves first (ms). */
const FIRST_ROUND_MS = 30_000;
/** Longest time one step may take before another node thinks this one dead (ms). */
const LEASE_MS = 300_000;

export interface Upkeep {
  /** One round now, if no other node is at it; returns whether it was done. */
  round(): Promise<boolean>;
  stop(): Promise<void>;
}

export function startUpkeep(
  models: Pick<
    HubModels,
    'blobSweep' | 'boards' | 'claims' | 'deeds' | 'forum' | 'recounts' | 'retention' | 'viewings'
  >,
  node: string,
  onFault: (error: unknown, where: string) => void,
): Upkeep {
  const claim = { subject: 'upkeep', holder: { id: node, name: node }, leaseMs: LEASE_MS, stream: null };
  const steps: { name: string; work: () => Promise<unknown> }[] = [
    { name: 'relist', work: () => models.boards.relistAll() },
    { name: 'recount', work: () => models.recounts.recountAll() },
    { name: 'forget', work: () => models.retention.forgetOld() },
    { name: 'forgetDeeds', work: () => models.deeds.forgetOld() },
    { name: 'sweepBlobs', work: () => models.blobSweep.sweep() },
    { name: 'fillForum', work: () => models.forum.fillOld() },
    { name: 'forgetViewings', work: () => models.viewings.forgetOld() },
  ];
  let isStopped = false;
  let running: Promise<boolean> = Promise.resolve(false);

  async function runRound(): Promise<boolean> {
    try {
      const { token } = await models.claims.take(claim);
      for (const { name, work } of steps) {
        if (isStopped) break;
        await work().catch((error: unknown) => onFault(error, `upkeep.${name}`));
        await models.claims.renew(claim, token);
      }
      await models.claims.release(claim, token);
      return true;
    } catch (error) {
      // Another node is at it, or took it over from us: it does the rest.
      if (error instanceof HubError && (error.code === 'claim_held' || error.code === 'claim_lost')) return false;
      throw error;
    }
  }

  function round(): Promise<boolean> {
    const next = running.then(() => (isStopped ? false : runRound()));
    running = next.catch((error: unknown) => {
      onFault(error, 'upkeep');
      return false;
    });
    return next;
  }

  const begin = (): void => void round().catch(() => undefined);
  const first = setTimeout(begin, FIRST_ROUND_MS);
  const rounds = setInterval(begin, ROUND_MS);
  return {
    round,
    async stop() {
      isStopped = true;
      clearTimeout(first);
      clearInterval(rounds);
      await running;
    },
  };
}
