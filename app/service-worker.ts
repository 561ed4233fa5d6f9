/** The hub's service worker: web push and nothing else. Registered when somebody connects a device. */
import { openNotice, showPush, type WorkerScope } from '#lib/push/push-worker.ts';

interface WorkerEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface WorkerEvents {
  install: WorkerEvent;
  push: WorkerEvent & { data: { json(): unknown } | null };
  notificationclick: WorkerEvent & { notification: { data: unknown; close(): void } };
}
// The compiler knows this file as a page, whose types have no worker beside them.
const worker = self as unknown as WorkerScope & {
  skipWaiting(): Promise<void>;
  addEventListener<Name extends keyof WorkerEvents>(name: Name, listener: (event: WorkerEvents[Name]) => void): void;
};

// No page stands on the one before: the new one may begin at once.
worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));

worker.addEventListener('push', (event) => {
  let data: unknown = null;
  try {
    data = event.data?.json();
  } catch {
    // Not of the hub.
  }
  event.waitUntil(showPush(worker, data));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openNotice(worker, event.notification.data));
});
