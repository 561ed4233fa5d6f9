import { describe, expect, it } from 'vitest';
import { RENEWAL_WAITS_MS, renewPush, type RenewalScope } from './push-renewal.ts';

const KEY = 'BAID';
const OLD = 'https://fcm.googleapis.com/fcm/send/old';
const NEW = 'https://fcm.googleapis.com/fcm/send/new';
const IS_ALLOWED = { publicKey: KEY };

/** A worker whose hub answers in turn, `null` where it is not reached; `held` is what its browser is subscribed as. */
function workerWith(
  answers: readonly ({ status: number; body?: unknown } | null)[],
  held: 'nothing' | 'ours' | 'other',
) {
  const asked: { path: string; method: string; body: unknown }[] = [];
  const waited: number[] = [];
  let key = { nothing: null, ours: new Uint8Array([4, 2, 3]), other: new Uint8Array([1]) }[held];
  const made: string[] = [];
  const subscription = (): PushSubscription | null =>
    key && {
      ...{ endpoint: NEW, expirationTime: null, options: { applicationServerKey: key.buffer, userVisibleOnly: true } },
      getKey: () => null,
      toJSON: () => ({ endpoint: NEW, expirationTime: null, keys: { p256dh: 'p', auth: 'a' } }),
      unsubscribe: () => {
        key = null;
        return Promise.resolve(true);
      },
    };
  let isDenied = false;
  const scope: RenewalScope = {
    registration: {
      pushManager: {
        getSubscription: () => Promise.resolve(subscription()),
        subscribe: (options) => {
          if (isDenied) return Promise.reject(new DOMException('denied', 'NotAllowedError'));
          key = new Uint8Array(options?.applicationServerKey as Uint8Array<ArrayBuffer>);
          made.push([...key].join(' '));
          return Promise.resolve(subscription() as PushSubscription);
        },
      },
    },
    fetch(path, { method = 'GET', body } = {}) {
      const answer = answers[asked.length] ?? null;
      asked.push({ path, method, body: typeof body === 'string' ? JSON.parse(body) : null });
      if (!answer) return Promise.reject(new TypeError('no line'));
      return Promise.resolve(new Response(answer.body ? JSON.stringify(answer.body) : null, { status: answer.status }));
    },
    wait: (ms) => Promise.resolve(waited.push(ms)),
  };
  const deny = (): void => void (isDenied = true);
  return { scope, asked, waited, made, deny, isHeld: () => key !== null };
}

const ALLOWED = { status: 200, body: IS_ALLOWED };
const TAKEN = { status: 204 };

describe('a browser whose address at its push service changed', () => {
  it('[S1-42] subscribes under the same key and tells the hub which address the new one takes the place of', async () => {
    for (const [held, made] of [
      ['nothing', ['4 2 3']],
      // What the browser renewed by itself is kept; what is under another key hears nothing from the hub.
      ['ours', []],
      ['other', ['4 2 3']],
    ] as const) {
      const worker = workerWith([ALLOWED, TAKEN], held);
      await renewPush(worker.scope, { oldSubscription: { endpoint: OLD } });
      expect(worker.made).toEqual(made);
      expect(worker.asked).toMatchObject([
        { method: 'GET' },
        { method: 'POST', body: { old: OLD, subscription: { endpoint: NEW } } },
      ]);
      expect(worker.isHeld()).toBe(true);
    }
  });

  it('says that it does not know the old one where it does not', async () => {
    for (const event of [{}, { oldSubscription: null }]) {
      const worker = workerWith([ALLOWED, TAKEN], 'nothing');
      await renewPush(worker.scope, event);
      expect(worker.asked[1]?.body).toMatchObject({ old: null });
    }
  });

  it('asks its push service for nothing and lets go of what it has where nobody is signed in', async () => {
    const worker = workerWith([{ status: 401 }], 'ours');
    await renewPush(worker.scope, {});
    expect(worker.made).toEqual([]);
    expect(worker.asked).toHaveLength(1);
    expect(worker.isHeld()).toBe(false);
  });

  it('keeps no address that the hub refused', async () => {
    const worker = workerWith([ALLOWED, { status: 409 }], 'nothing');
    await renewPush(worker.scope, {});
    expect(worker.isHeld()).toBe(false);
  });

  it('tries again when the hub is not reached or is at fault, and then keeps what it has', async () => {
    const late = workerWith([null, { status: 503 }, ALLOWED, null, TAKEN], 'nothing');
    await renewPush(late.scope, {});
    expect(late.waited).toEqual([...RENEWAL_WAITS_MS, RENEWAL_WAITS_MS[0]]);
    expect(late.isHeld()).toBe(true);
    const never = workerWith([], 'ours');
    await renewPush(never.scope, {});
    expect(never.asked).toHaveLength(RENEWAL_WAITS_MS.length + 1);
    expect(never.isHeld()).toBe(true);
  });

  it('says nothing where its user took the permission back', async () => {
    const worker = workerWith([ALLOWED], 'nothing');
    worker.deny();
    await renewPush(worker.scope, {});
    expect(worker.asked).toHaveLength(1);
  });
});
