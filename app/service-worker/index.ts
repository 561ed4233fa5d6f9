/** The hub's service worker: web push and nothing else. Registered when somebody connects a device. */
import { renewPush } from '#lib/push/push-renewal.ts';
import { openNotice, showPush } from '#lib/push/push-worker.ts';

declare const self: ServiceWorkerGlobalScope;

// No page stands on the one before: the new one may begin at once.
self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener('push', (event) => {
  let data: unknown = null;
  try {
    data = event.data?.json();
  } catch {
    // Not of the hub.
  }
  event.waitUntil(showPush(self, data));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openNotice(self, event.notification.data));
});

self.addEventListener('pushsubscriptionchange', (event) => {
  const { registration } = self;
  const fetched = (path: string, options?: RequestInit) => fetch(path, options);
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  event.waitUntil(renewPush({ registration, fetch: fetched, wait }, event));
});
