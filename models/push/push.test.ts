import { describe, expect, it } from 'vitest';
import {
  applyPushDevicesFact,
  claimPush,
  devicesOf,
  ENDPOINT_CHARS_MAX,
  isPushEndpoint,
  leftSeconds,
  ownDevice,
  PUSH_LEASE_MS,
  PUSH_LIFE_MS,
  PUSH_TRIES_MAX,
  pushOriginOf,
  putOffPush,
  renewalSchema,
  renewedOf,
  subscriptionSchema,
  WAIT_MAX_MS,
  withTold,
  writePush,
  type PushDevice,
  type PushMessage,
} from './push.ts';

const NOW_MS = 1_000_000;
const NOTICE = { title: 'Ответ на ваш вопрос', body: 'Вопрос', url: '/', tag: 't', key: 'k' };
const written = writePush({ id: '1', device: 'd', notice: NOTICE }, NOW_MS);
function claimed(message: PushMessage, atMs = NOW_MS) {
  const taken = claimPush(message, 'node', atMs);
  if (!taken) throw new Error('not free');
  return taken;
}

describe('the address of a device', () => {
  it('[S1-42] is that of a browser’s own push service, over TLS at its usual port', () => {
    for (const endpoint of [
      'https://fcm.googleapis.com/fcm/send/abc:def',
      'https://updates.push.services.mozilla.com/wpush/v2/abc',
      'https://web.push.apple.com/abc',
      'https://db5p.notify.windows.com/w/?token=abc',
    ])
      expect([endpoint, isPushEndpoint(endpoint, [])]).toEqual([endpoint, true]);
  });

  it('is no other, however it is dressed up', () => {
    for (const endpoint of [
      '',
      'fcm.googleapis.com',
      'http://fcm.googleapis.com/x',
      'https://fcm.googleapis.com:8443/x',
      'https://fcm.googleapis.com./x',
      'https://user@fcm.googleapis.com/x',
      'https://fcm.googleapis.com@127.0.0.1/x',
      'https://fcm.googleapis.com.example.org/x',
      'https://evil-fcm.googleapis.com/x',
      'https://push.apple.com/x',
      'https://evilpush.apple.com/x',
      'https://web.push.apple.com.example.org/x',
      'https://127.0.0.1/x',
      'https://[::1]/x',
      'https://169.254.169.254/latest',
      'https://localhost/x',
      'https://2130706433/x',
      'file:///etc/passwd',
      'ftp://fcm.googleapis.com/x',
    ])
      expect([endpoint, isPushEndpoint(endpoint, [])]).toEqual([endpoint, false]);
  });

  it('is as long as the limit at most, and the same is true of what a browser says', () => {
    const longest = 'https://web.push.apple.com/'.padEnd(ENDPOINT_CHARS_MAX, 'x');
    expect(isPushEndpoint(longest, [])).toBe(true);
    expect(isPushEndpoint(`${longest}x`, [])).toBe(false);
    const keys = { p256dh: 'B'.padEnd(87, 'A'), auth: 'A'.repeat(22) };
    const isTaken = (given: unknown): boolean => subscriptionSchema.safeParse(given).success;
    expect(isTaken({ endpoint: longest, expirationTime: null, keys })).toBe(true);
    expect(isTaken({ endpoint: `${longest}x`, keys })).toBe(false);
    for (const wrong of [
      { ...keys, auth: 'A'.repeat(21) },
      { ...keys, auth: 'A'.repeat(23) },
      { ...keys, p256dh: 'B'.padEnd(86, 'A') },
      { ...keys, p256dh: 'A'.repeat(87) },
      { ...keys, p256dh: 'B'.padEnd(87, '=') },
    ])
      expect(isTaken({ endpoint: longest, keys: wrong })).toBe(false);
  });

  it('may lead to a service that the operator named, without TLS on the machine itself only', () => {
    expect(pushOriginOf('https://push.example.org:8443')).toBe('https://push.example.org:8443');
    expect(pushOriginOf('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
    for (const wrong of ['http://push.example.org', 'https://push.example.org/path', 'https://a:b@x.org', 'push', ''])
      expect([wrong, pushOriginOf(wrong)]).toEqual([wrong, null]);
    const own = ['http://127.0.0.1:8080'];
    expect(isPushEndpoint('http://127.0.0.1:8080/push/x', own)).toBe(true);
    expect(isPushEndpoint('http://127.0.0.1:8081/push/x', own)).toBe(false);
    expect(isPushEndpoint('http://u:p@127.0.0.1:8080/push/x', own)).toBe(false);
  });
});

describe('devices as their owner sees them', () => {
  const device: PushDevice = {
    ...{ id: 'd', browser: 'b', rev: 3, person: 'p', endpoint: 'e', p256dh: 'k', auth: 'a', language: 'ru', agent: '' },
    ...{ device: 's', addedAtMs: NOW_MS },
  };

  it('say when each was last told, to the minute, and nothing of its keys', () => {
    const told = withTold(device, NOW_MS);
    expect(told).toEqual({ ...device, rev: 4, toldAtMs: NOW_MS });
    expect(told && withTold(told, NOW_MS + 59_999)).toBeNull();
    expect(told && withTold(told, NOW_MS + 60_000)?.toldAtMs).toBe(NOW_MS + 60_000);
    const own = { id: 'd', rev: 3, endpoint: 'e', agent: '', addedAtMs: NOW_MS, toldAtMs: null };
    expect(ownDevice(device)).toEqual(own);
  });

  it('stand the latest first; a fact that is there already changes nothing', () => {
    const [old, late] = [ownDevice(device), ownDevice({ ...device, id: 'late', addedAtMs: NOW_MS + 1 })];
    const both = applyPushDevicesFact(devicesOf([old]), { type: 'pushDeviceChanged', body: { device: late } });
    expect(both.devices).toEqual([late, old]);
    const before = { ...old, rev: 2, agent: 'before' };
    expect(applyPushDevicesFact(both, { type: 'pushDeviceChanged', body: { device: before } })).toBe(both);
    expect(applyPushDevicesFact(both, { type: 'pushDeviceGone', body: { id: 'd', rev: 3 } })).toBe(both);
    const left = applyPushDevicesFact(both, { type: 'pushDeviceGone', body: { id: 'd', rev: 4 } });
    expect(left.devices).toEqual([late]);
    expect(applyPushDevicesFact(left, { type: 'pushDeviceGone', body: { id: 'd', rev: 4 } })).toEqual(left);
  });
});

describe('an address that takes another’s place', () => {
  const device = (id: string, browser: string): PushDevice => ({
    ...{ id, browser, rev: 1, person: 'p', endpoint: '', p256dh: '', auth: '', language: 'ru', agent: '', device: '' },
    addedAtMs: 0,
  });
  const OWN = [device('desk', 'b1'), device('phone', 'b2'), device('unmarked', '')];
  const namesOf = (ids: string[], browser: string): string[] => renewedOf(OWN, { ids, browser }).map((one) => one.id);

  it('[S1-42] is the browser’s own, whether it still knows the old one or not, and nobody’s where there was none', () => {
    expect(namesOf(['new', 'desk'], '')).toEqual(['desk']);
    expect(namesOf(['new'], 'b2')).toEqual(['phone']);
    expect(namesOf(['new', 'desk'], 'b2')).toEqual(['desk', 'phone']);
    expect(namesOf(['new'], 'b3')).toEqual([]);
    // A browser without a mark is not every browser without one.
    expect(namesOf(['new'], '')).toEqual([]);
  });

  it('is told with the old one or with none, to the same length', () => {
    const subscription = {
      endpoint: 'https://web.push.apple.com/x',
      keys: { p256dh: 'B'.padEnd(87, 'A'), auth: 'A'.repeat(22) },
    };
    const isTaken = (given: unknown): boolean => renewalSchema.safeParse(given).success;
    expect(isTaken({ old: null, subscription })).toBe(true);
    expect(isTaken({ old: 'x'.repeat(ENDPOINT_CHARS_MAX), subscription })).toBe(true);
    expect(isTaken({ old: 'x'.repeat(ENDPOINT_CHARS_MAX + 1), subscription })).toBe(false);
    expect(isTaken({ subscription })).toBe(false);
    expect(isTaken({ old: null, subscription, more: 1 })).toBe(false);
  });
});

describe('a message to a device', () => {
  it('is taken by one node, and by another when the lease is over, to the millisecond', () => {
    const sending = claimed(written);
    expect(claimPush(sending, 'other', NOW_MS + PUSH_LEASE_MS - 1)).toBeNull();
    expect(claimPush(sending, 'other', NOW_MS + PUSH_LEASE_MS)).toMatchObject({ node: 'other', tries: 2 });
    expect(claimPush(written, 'node', NOW_MS - 1)).toBeNull();
  });

  it('is put off later each time, never before its service asks for, and then given up', () => {
    let message: PushMessage = written;
    let atMs = NOW_MS;
    const waits: number[] = [];
    for (let n = 1; n < PUSH_TRIES_MAX; n += 1) {
      const later = putOffPush(claimed(message, atMs), null, atMs);
      if (!later) throw new Error('given up');
      waits.push((later.nextAtMs - atMs) / 1_000);
      [message, atMs] = [later, later.nextAtMs];
    }
    expect(waits).toEqual([15, 60, 240, 960, 3_600]);
    expect(putOffPush(claimed(message, atMs), null, atMs)).toBeNull();
    expect(putOffPush(claimed(written), 120_000, NOW_MS)?.nextAtMs).toBe(NOW_MS + 120_000);
    expect(putOffPush(claimed(written), 1, NOW_MS)?.nextAtMs).toBe(NOW_MS + 15_000);
    // Whoever asks to be left alone for a year is asked again in an hour.
    expect(putOffPush(claimed(written), 365 * 86_400_000, NOW_MS)?.nextAtMs).toBe(NOW_MS + WAIT_MAX_MS);
  });

  it('is no news when it is old: neither tried again, nor kept longer by its service', () => {
    const lastMs = NOW_MS + PUSH_LIFE_MS - 15_000;
    expect(putOffPush(claimed(written), null, lastMs - 1)).not.toBeNull();
    expect(putOffPush(claimed(written), null, lastMs)).toBeNull();
    expect(leftSeconds(written, NOW_MS)).toBe(12 * 60 * 60);
    expect(leftSeconds(written, NOW_MS + PUSH_LIFE_MS + 1)).toBe(0);
  });
});
