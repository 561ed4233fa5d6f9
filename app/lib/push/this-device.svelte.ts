/** Web push in this browser: whether it can, whether it does, and the asking. Nothing is asked before somebody wishes it. */
import { dev } from '$app/env';
import type { OpenedFromNotice } from './push-worker.ts';
import { isUnder, subscribeUnder } from './subscription.ts';

/** `looking` until the browser has said. */
export type PushState = 'looking' | 'unsupported' | 'off' | 'on';
export type PushProblem = 'denied' | 'failed';

/** Where SvelteKit serves the worker. */
const WORKER = '/service-worker.js';

const canPush = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** What this browser is subscribed as; null when it is not. */
async function subscribed(): Promise<PushSubscription | null> {
  if (!canPush()) return null;
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Whether the worker shows what comes, so that a page need not. */
export const isPushedHere = async (): Promise<boolean> =>
  (await subscribed().catch(() => null)) !== null && Notification.permission === 'granted';

/** Tells when somebody clicked a notice that this tab can show; returns what ends that. */
export function onNoticeOpened(open: (url: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const { serviceWorker } = navigator;
  const heard = ({ data }: MessageEvent<unknown>): void => {
    const { kind, url } = (data ?? {}) as Partial<OpenedFromNotice>;
    if (kind === 'opened-from-notice' && typeof url === 'string') open(url);
  };
  serviceWorker.addEventListener('message', heard);
  return () => serviceWorker.removeEventListener('message', heard);
}

export class ThisDevice {
  state = $state<PushState>('looking');
  problem = $state<PushProblem | null>(null);
  isBusy = $state(false);
  /** As which it is known at the push service. */
  endpoint = $state<string | null>(null);
  readonly #publicKey: string;

  constructor(publicKey: string) {
    this.#publicKey = publicKey;
  }

  async look(): Promise<void> {
    if (!canPush()) {
      this.state = 'unsupported';
      return;
    }
    const known = await subscribed().catch(() => null);
    // Subscribed under another key of the hub it hears nothing from it.
    const isOurs = known !== null && isUnder(known, this.#publicKey);
    this.endpoint = isOurs ? known.endpoint : null;
    this.state = isOurs ? 'on' : 'off';
  }

  /** Asks the browser, which asks its user; what the hub is to know of it, or null with a `problem`. */
  async subscribe(): Promise<PushSubscriptionJSON | null> {
    this.problem = null;
    this.isBusy = true;
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        this.problem = 'denied';
        return null;
      }
      const registration = await navigator.serviceWorker.register(WORKER, { type: dev ? 'module' : 'classic' });
      await navigator.serviceWorker.ready;
      const made = await subscribeUnder(registration.pushManager, this.#publicKey);
      this.endpoint = made.endpoint;
      this.state = 'on';
      return made.toJSON();
    } catch {
      this.problem = 'failed';
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  /** The hub has let it go: so does the browser. */
  async leave(): Promise<void> {
    const known = await subscribed().catch(() => null);
    await known?.unsubscribe().catch(() => false);
    this.endpoint = null;
    if (this.state === 'on') this.state = 'off';
  }
}
