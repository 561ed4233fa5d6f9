/**
 * What the hub's worker does when the browser's push service gives it another address, or takes the old one away: subscribes under the same
 * key and tells the hub, as whoever is signed in there. The hub lets the old address go in the same deed. The scope is passed in.
 */
import { subscribeUnder } from './subscription.ts';

const RENEWAL = '/account/devices/renewal';
/** Between tries when the hub can't be reached (ms): a browser lets its worker live for little more than this. */
export const RENEWAL_WAITS_MS = [2_000, 10_000] as const;

export interface RenewalScope {
  registration: { pushManager: Pick<PushManager, 'getSubscription' | 'subscribe'> };
  fetch(path: string, options?: RequestInit): Promise<Response>;
  wait(ms: number): Promise<unknown>;
}

/** Asks again while the hub can't be reached or is at fault; null when it stays so. */
async function askHub(scope: RenewalScope, options?: RequestInit): Promise<Response | null> {
  for (const waitMs of [...RENEWAL_WAITS_MS, null]) {
    const response = await scope.fetch(RENEWAL, options).catch(() => null);
    if (response && response.status < 500) return response;
    if (waitMs !== null) await scope.wait(waitMs);
  }
  return null;
}

/**
 * Where nobody is signed in, or the hub tells nobody on this browser, the browser keeps no address that the hub does not know: its
 * page offers to connect it anew. Where the hub was not reached it keeps what it has, and the page offers the same.
 */
export async function renewPush(
  scope: RenewalScope,
  { oldSubscription }: { oldSubscription?: Pick<PushSubscription, 'endpoint'> | null },
): Promise<void> {
  const { pushManager } = scope.registration;
  const letGo = async (): Promise<void> => {
    const known = await pushManager.getSubscription();
    await known?.unsubscribe();
  };
  // A page in its place, as through another's eyes, is no answer.
  const asked = await askHub(scope, { redirect: 'error' });
  if (!asked) return;
  if (!asked.ok) return letGo();
  const { publicKey } = (await asked.json()) as { publicKey: string };
  // Its user has taken the permission back: there is nothing to renew, and the hub hears it from the push service.
  const made = await subscribeUnder(pushManager, publicKey).catch(() => null);
  if (!made) return;
  const told = await askHub(scope, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ old: oldSubscription?.endpoint ?? null, subscription: made.toJSON() }),
  });
  if (told && !told.ok) await letGo();
}
