import { describe, expect, it } from 'vitest';
import { noticeOf, openNotice, showPush, type HubTab, type WorkerScope } from './push-worker.ts';

const NOTICE = {
  ...{ title: 'Ответ на ваш вопрос', body: 'Вопрос от 20 ноября', tag: 'svod-forum-1', key: '1 2' },
  url: '/monitoring/p/forum?q=1',
};
const ORIGIN = 'https://svod.example.org';

/** A worker with the tabs that are open, and what it does. */
function workerWith(tabs: readonly { path: string; isVisible?: boolean }[] = []) {
  const did: unknown[] = [];
  let shown: { tag: string; data: unknown }[] = [];
  const scope: WorkerScope = {
    location: { origin: ORIGIN },
    registration: {
      showNotification(title, { tag = '', data, renotify, body }) {
        did.push({ title, body, renotify });
        shown = [...shown.filter((one) => one.tag !== tag), { tag, data }];
        return Promise.resolve();
      },
      getNotifications: ({ tag }) => Promise.resolve(shown.filter((one) => one.tag === tag)),
    },
    clients: {
      matchAll: () =>
        Promise.resolve(
          tabs.map(({ path, isVisible }): HubTab => ({
            url: ORIGIN + path,
            visibilityState: isVisible ? 'visible' : 'hidden',
            focus: () => Promise.resolve(did.push(`focus ${path}`)),
            postMessage: (message) => did.push(message),
          })),
        ),
      openWindow: (url) => Promise.resolve(did.push(`open ${url}`)),
    },
  };
  return { scope, did };
}

describe('what a push service brings', () => {
  it('[S1-42] is shown unless a page of the hub is before its reader’s eyes', async () => {
    for (const [tabs, times] of [
      [[], 1],
      [[{ path: '/account' }], 1],
      [[{ path: '/account' }, { path: '/', isVisible: true }], 0],
    ] as const) {
      const { scope, did } = workerWith(tabs);
      await showPush(scope, NOTICE);
      expect(did).toHaveLength(times);
    }
  });

  it('makes a sound for each new message, and none for the same one again', async () => {
    const { scope, did } = workerWith();
    await showPush(scope, NOTICE);
    await showPush(scope, NOTICE);
    await showPush(scope, { ...NOTICE, key: '1 3' });
    expect(did).toMatchObject([{ renotify: true }, { renotify: false }, { renotify: true }]);
  });

  it('is nothing when it is not the hub’s, or leads out of it', () => {
    for (const wrong of [
      null,
      'text',
      {},
      { ...NOTICE, title: 1 },
      { ...NOTICE, url: 'https://evil.example.org/' },
      { ...NOTICE, url: '//evil.example.org/' },
      { ...NOTICE, url: '/\\evil.example.org/' },
    ])
      expect(noticeOf(wrong)).toBeNull();
    expect(noticeOf({ ...NOTICE, more: 1 })).toEqual(NOTICE);
  });
});

describe('a notice that is clicked', () => {
  it('[S1-42] leads to a tab of the same forum, which is told the question, or to a new one; other tabs stay as they are', async () => {
    const forum = workerWith([{ path: '/account' }, { path: '/monitoring/p/forum?show=mine' }]);
    await openNotice(forum.scope, { url: NOTICE.url });
    expect(forum.did).toEqual([{ kind: 'opened-from-notice', url: NOTICE.url }, 'focus /monitoring/p/forum?show=mine']);
    const elsewhere = workerWith([{ path: '/account' }, { path: '/monitoring/other/forum' }]);
    await openNotice(elsewhere.scope, { url: NOTICE.url });
    expect(elsewhere.did).toEqual([`open ${ORIGIN}${NOTICE.url}`]);
  });
});
