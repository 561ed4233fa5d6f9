/**
 * What the hub's service worker does with what a push service brings: shows it, unless the hub is before its reader's eyes already, and
 * leads to it. It keeps no pages and answers no requests. The scope is passed in, so that it can be tried without a browser.
 */
import type { PushNotice } from '#models/push/push.ts';

/** As much of `ServiceWorkerGlobalScope` as is used. */
export interface WorkerScope {
  location: { origin: string };
  registration: {
    showNotification(title: string, options: NotificationOptions & { renotify?: boolean }): Promise<void>;
    getNotifications(filter: { tag: string }): Promise<readonly { data: unknown }[]>;
  };
  clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly HubTab[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

export interface HubTab {
  url: string;
  visibilityState: DocumentVisibilityState;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** What a tab is told when somebody clicked a notice that leads to it. */
export interface OpenedFromNotice {
  kind: 'opened-from-notice';
  url: string;
}

const tabs = ({ clients }: WorkerScope) => clients.matchAll({ type: 'window', includeUncontrolled: true });

/** What the hub sent; null for whatever else somebody made of it. */
export function noticeOf(data: unknown): PushNotice | null {
  if (typeof data !== 'object' || data === null) return null;
  const { title, body, url, tag, key } = data as Partial<Record<keyof PushNotice, unknown>>;
  if (typeof title !== 'string' || typeof body !== 'string' || typeof tag !== 'string' || typeof key !== 'string')
    return null;
  // Never out of the hub.
  if (typeof url !== 'string' || !/^\/(?![/\\])/.test(url)) return null;
  return { title, body, url, tag, key };
}

export async function showPush(scope: WorkerScope, data: unknown): Promise<void> {
  const notice = noticeOf(data);
  if (!notice) return;
  const open = await tabs(scope);
  if (open.some(({ visibilityState }) => visibilityState === 'visible')) return;
  const { title, body, url, tag, key } = notice;
  const shown = await scope.registration.getNotifications({ tag });
  await scope.registration.showNotification(title, {
    ...{ body, tag, data: { key, url }, icon: '/favicon.svg' },
    // A node that died after sending sends again: the same once more makes no sound.
    renotify: !shown.some((one) => (one.data as { key?: unknown } | null)?.key === key),
  });
}

/** To a tab that shows the same forum, which opens the question by itself; what stands in another tab is left alone. */
export async function openNotice(scope: WorkerScope, data: unknown): Promise<void> {
  const { url } = (data ?? {}) as { url?: unknown };
  if (typeof url !== 'string') return;
  const { origin } = scope.location;
  const { href, pathname } = new URL(url, origin);
  const tab = (await tabs(scope)).find((one) => new URL(one.url).pathname === pathname);
  if (!tab) {
    await scope.clients.openWindow(href);
    return;
  }
  tab.postMessage({ kind: 'opened-from-notice', url } satisfies OpenedFromNotice);
  await tab.focus();
}
