/**
 * Web push (RFC 8030): the devices on which somebody chose to be told while no page of the hub is open, and the messages on their way to
 * them. A message's own state is the queue (as the letter's is, ADR 4). Pure, browser-safe.
 */
import { z } from 'zod';

/* ---- limits ---- */

/** Devices of one person. */
export const PUSH_DEVICES_MAX = 10;
/** Longest address of a push service (characters). */
export const ENDPOINT_CHARS_MAX = 1_024;
/** A message that could not be delivered for so long is no news (ms); push services are told the same. */
export const PUSH_LIFE_MS = 12 * 60 * 60_000;
/** Sending that takes longer than this is taken for dead, and another node sends again (ms). */
export const PUSH_LEASE_MS = 60_000;
export const PUSH_TRIES_MAX = 6;
const FIRST_WAIT_MS = 15_000;
/** However long a service asks to be left alone (ms). */
export const WAIT_MAX_MS = 60 * 60_000;

/* ---- where a message may be sent ---- */

/** The push services of browsers: the hub sends nothing to any other address, whatever a page says of its subscription. */
export const PUSH_HOSTS = ['fcm.googleapis.com', 'updates.push.services.mozilla.com'] as const;
/** Of these each device is given a host of its own. */
export const PUSH_HOST_ENDINGS = ['.push.apple.com', '.notify.windows.com'] as const;

/**
 * Whether a device may be reached at an address: https at the usual port of a browser's service, or an origin that the operator named.
 * What lies behind the host is the service's own.
 */
export function isPushEndpoint(endpoint: string, ownOrigins: readonly string[]): boolean {
  if (endpoint.length > ENDPOINT_CHARS_MAX || !URL.canParse(endpoint)) return false;
  const { protocol, username, password, hostname, port, origin } = new URL(endpoint);
  if (username !== '' || password !== '') return false;
  if (ownOrigins.includes(origin)) return true;
  if (protocol !== 'https:' || port !== '') return false;
  return PUSH_HOSTS.some((host) => host === hostname) || PUSH_HOST_ENDINGS.some((ending) => hostname.endsWith(ending));
}

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** The origin of a push service that an operator names; null for what is none. Without TLS only on the machine itself. */
export function pushOriginOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, hostname, pathname, search, hash, origin } = new URL(text);
  if (username !== '' || password !== '' || pathname !== '/' || search !== '' || hash !== '') return null;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname)) ? origin : null;
}

/* ---- devices ---- */

const bytesSchema = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), 'base64url');

/** As a browser's `PushSubscription` says of itself. */
export const subscriptionSchema = z.strictObject({
  endpoint: z.string().min(1).max(ENDPOINT_CHARS_MAX),
  expirationTime: z.number().nullable().optional(),
  keys: z.strictObject({
    /** A point of P-256, uncompressed. */
    p256dh: bytesSchema(65).refine((text) => text.startsWith('B')),
    auth: bytesSchema(16),
  }),
});

/** What a browser says when its push service gave it another address. It may not know the old one any longer. */
export const renewalSchema = z.strictObject({
  old: z.string().max(ENDPOINT_CHARS_MAX).nullable(),
  subscription: subscriptionSchema,
});

export interface PushDevice {
  /** Of its address: one browser is one device, whoever sits before it. */
  id: string;
  rev: number;
  person: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  language: 'ru' | 'en';
  /** The browser, as it names itself. */
  agent: string;
  /** The device of the sessions on it: when they are ended, it is told nothing any longer. */
  device: string;
  /** The browser's own mark: when somebody else signs in there, it is told nothing any longer. */
  browser: string;
  addedAtMs: number;
  /** When its push service last took a message for it; absent while it took none. */
  toldAtMs?: number;
}

/**
 * Of somebody's devices those whose place a new address takes: the same one, the one that the browser names, and whatever stands for that
 * browser, which has one address at a time. None: he is not told there, and a renewal is not what connects a device.
 */
export const renewedOf = (
  own: readonly PushDevice[],
  { ids, browser }: { ids: readonly string[]; browser: string },
): PushDevice[] => own.filter((device) => ids.includes(device.id) || (browser !== '' && device.browser === browser));

/** A device as its owner sees it. */
export type OwnPushDevice = Pick<PushDevice, 'id' | 'rev' | 'endpoint' | 'agent' | 'addedAtMs'> & {
  toldAtMs: number | null;
};

export const ownDevice = ({ id, rev, endpoint, agent, addedAtMs, toldAtMs }: PushDevice): OwnPushDevice => ({
  ...{ id, rev, endpoint, agent, addedAtMs, toldAtMs: toldAtMs ?? null },
});

/** How old «last told» may be before it is written anew (ms): a burst of messages is one moment. */
const TOLD_EVERY_MS = 60_000;

/** The device with when it was last told; null where that is known closely enough. */
export const withTold = (device: PushDevice, nowMs: number): PushDevice | null =>
  device.toldAtMs !== undefined && nowMs - device.toldAtMs < TOLD_EVERY_MS
    ? null
    : { ...device, rev: device.rev + 1, toldAtMs: nowMs };

/* ---- what its owner sees live ---- */

/** One person's devices, the latest first. */
export interface PushDevices {
  devices: readonly OwnPushDevice[];
}

export type PushDevicesFact =
  | { type: 'pushDeviceChanged'; body: { device: OwnPushDevice } }
  /** `rev` is the one that it would have had next. */
  | { type: 'pushDeviceGone'; body: { id: string; rev: number } };

export const devicesOf = (devices: readonly OwnPushDevice[]): PushDevices => ({
  devices: devices.toSorted((a, b) => b.addedAtMs - a.addedAtMs || (a.id < b.id ? -1 : 1)),
});

export function applyPushDevicesFact(state: PushDevices, fact: PushDevicesFact): PushDevices {
  const { id, rev } = fact.type === 'pushDeviceChanged' ? fact.body.device : fact.body;
  const known = state.devices.find((device) => device.id === id);
  if (known && known.rev >= rev) return state;
  const others = state.devices.filter((device) => device.id !== id);
  return devicesOf(fact.type === 'pushDeviceChanged' ? [...others, fact.body.device] : others);
}

/* ---- messages ---- */

/** Words `push_title_<kind>`: why somebody is told, as it stands on a locked screen. */
export const PUSH_KINDS = ['answer', 'mention', 'mine', 'followed', 'part', 'all', 'many', 'test'] as const;
export type PushKind = (typeof PUSH_KINDS)[number];
/** The forum, when the question was asked, or how many there are. Never what somebody wrote. */
export interface PushParams {
  kind: PushKind;
  title: string;
  count: number;
  atMs: number;
  zone: string;
}

/** What a device shows: never what was written, nor by whom, for anybody may look at a screen. */
export interface PushText {
  title: string;
  body: string;
}

export interface PushNotice extends PushText {
  /** Where a click leads, on the hub itself. */
  url: string;
  /** A later notice of the same tag takes the place of the earlier one. */
  tag: string;
  /** Of the same tag and the same key: the same notice again, which is shown without a sound. */
  key: string;
}

interface Written {
  id: string;
  rev: number;
  /** The device that it is for. */
  device: string;
  notice: PushNotice;
  createdAtMs: number;
  /** Times that sending was tried. */
  tries: number;
}

/** What was taken, or was given up, is kept no longer. */
export type PushMessage =
  | (Written & { status: 'waiting'; nextAtMs: number })
  | (Written & { status: 'sending'; node: string; leaseUntilMs: number });
export type PushMessageOf<Status extends PushMessage['status']> = Extract<PushMessage, { status: Status }>;

export const writePush = (
  { id, device, notice }: Pick<Written, 'id' | 'device' | 'notice'>,
  nowMs: number,
): PushMessage => ({ id, rev: 1, device, notice, createdAtMs: nowMs, tries: 0, status: 'waiting', nextAtMs: nowMs });

/** Takes a message to send it; null when it is not this node's turn. */
export function claimPush(message: PushMessage, node: string, nowMs: number): PushMessageOf<'sending'> | null {
  const isFree = message.status === 'waiting' ? message.nextAtMs <= nowMs : message.leaseUntilMs <= nowMs;
  if (!isFree) return null;
  const { id, rev, device, notice, createdAtMs, tries } = message;
  return {
    ...{ id, rev: rev + 1, device, notice, createdAtMs, tries: tries + 1 },
    ...{ status: 'sending', node, leaseUntilMs: nowMs + PUSH_LEASE_MS },
  };
}

/** How long the push service may keep it for a device that is not there (s). */
export const leftSeconds = ({ createdAtMs }: Pick<PushMessage, 'createdAtMs'>, nowMs: number): number =>
  Math.max(0, Math.floor((createdAtMs + PUSH_LIFE_MS - nowMs) / 1_000));

/**
 * The service can't take it now: later again, each time later, and not before it asks for (`afterMs`). Null when there is no later: it
 * was tried often enough, or would be no news.
 */
export function putOffPush(
  { id, rev, device, notice, createdAtMs, tries }: PushMessageOf<'sending'>,
  afterMs: number | null,
  nowMs: number,
): PushMessageOf<'waiting'> | null {
  const waitMs = Math.min(Math.max(FIRST_WAIT_MS * 4 ** (tries - 1), afterMs ?? 0), WAIT_MAX_MS);
  const nextAtMs = nowMs + waitMs;
  if (tries >= PUSH_TRIES_MAX || nextAtMs >= createdAtMs + PUSH_LIFE_MS) return null;
  return { id, rev: rev + 1, device, notice, createdAtMs, tries, status: 'waiting', nextAtMs };
}

/** What a push service said to a message. */
export type PushOutcome =
  | { kind: 'taken' }
  /** The device is there no longer. */
  | { kind: 'gone' }
  /** Not now; `afterMs` is when it asked to be tried again. */
  | { kind: 'later'; afterMs: number | null }
  /** It will never take it. */
  | { kind: 'refused'; status: number };
