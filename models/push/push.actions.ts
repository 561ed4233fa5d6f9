/** Devices that are told by web push, and the messages on their way. Writing is part of what causes it; sending never holds it up. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import type { DeedActions } from '../deeds/deed.actions.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Fact } from '../journal/journal.ts';
import { pushDevicesStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import {
  claimPush,
  devicesOf,
  isPushEndpoint,
  leftSeconds,
  ownDevice,
  PUSH_DEVICES_MAX,
  putOffPush,
  renewalSchema,
  renewedOf,
  subscriptionSchema,
  withTold,
  writePush,
  type OwnPushDevice,
  type PushDevice,
  type PushMessage,
  type PushNotice,
  type PushOutcome,
  type PushParams,
  type PushText,
} from './push.ts';

export interface PushKeyPair {
  publicKey: string;
  privateKey: string;
}

/** Push services behind a port. */
export interface PushService {
  newKeys(): PushKeyPair;
  /** Never rejects: whatever goes wrong is an outcome. */
  send(
    device: Pick<PushDevice, 'endpoint' | 'p256dh' | 'auth'>,
    message: { text: string; ttlSeconds: number; topic: string; keys: PushKeyPair },
  ): Promise<PushOutcome>;
}

/** A device as it is now, for its owner. */
const changedFact = (device: PushDevice): Fact => ({
  ...{ stream: pushDevicesStream(device.person), type: 'pushDeviceChanged', entity: device.id, rev: device.rev },
  body: { device: ownDevice(device) },
});
const goneFact = ({ id, rev, person }: PushDevice): Fact => ({
  ...{ stream: pushDevicesStream(person), type: 'pushDeviceGone', entity: id, rev: rev + 1 },
  body: { id, rev: rev + 1 },
});

export type PushWords = (params: PushParams, language: 'ru' | 'en') => PushText;

/** Messages that a node sends at once. */
const SENT_AT_ONCE = 32;
/** Characters of a browser's name for itself that are kept. */
const AGENT_CHARS_MAX = 300;
/** Bytes of a tag's hash that push services are told (RFC 8030 5.4: at most 32 characters). */
const TOPIC_CHARS = 32;

export function createPushActions(context: Context, deeds: Pick<DeedActions, 'noteOnPerson'>) {
  const { journal, pushKeys, pushDevices, pushMessages, pushService, pushOrigins, pushWords, observer } = context;
  const { now, newId, sha256, seal, open, origin } = context;

  let keys: PushKeyPair | null = null;
  /** Of all nodes that start at once, the first one to save makes the pair for all. */
  async function keyPair(): Promise<PushKeyPair> {
    if (keys) return keys;
    if ((await pushKeys.find('hub')) === null) {
      const { publicKey, privateKey } = pushService.newKeys();
      const made = { id: 'hub' as const, rev: 1, publicKey, sealedPrivateKey: seal(privateKey) };
      await pushKeys.save(made).catch((error: unknown) => {
        if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
      });
    }
    const { publicKey, sealedPrivateKey } = await pushKeys.get('hub');
    keys = { publicKey, privateKey: open(sealedPrivateKey) };
    return keys;
  }

  const idOf = (endpoint: string): string => sha256(`push ${endpoint}`).slice(0, 32);

  /** Changes devices, and tells their owners. */
  const record = (actor: string, facts: readonly Fact[], save: (session: ClientSession) => Promise<void>) =>
    journal.record({ actor, atMs: now(), commandId: newId(), note: null }, facts, save);

  /** Removes devices as they were read, with the messages for them. Errors: HubError `stale_write` when one is another meanwhile. */
  async function removeRead(devices: readonly PushDevice[], session: ClientSession): Promise<void> {
    const ids = devices.map(({ id }) => id);
    const still = await pushDevices.list({ _id: { $in: ids } }, { session });
    if (devices.some(({ id, rev }) => !still.some((one) => one.id === id && one.rev === rev)))
      throw new HubError('stale_write');
    await pushDevices.remove({ _id: { $in: ids } }, session);
    await pushMessages.remove({ device: { $in: ids } }, session);
  }

  const forgetDevices = (filter: Record<string, unknown>): Promise<void> =>
    retryStale(async () => {
      const gone = await pushDevices.list(filter);
      if (gone.length > 0) await record('hub', gone.map(goneFact), (session) => removeRead(gone, session));
    });

  async function ownOf(person: Person, id: string): Promise<PushDevice | null> {
    const device = await pushDevices.find(id);
    return device?.person === person.id ? device : null;
  }

  function demandReachable(endpoint: string): void {
    if (isPushEndpoint(endpoint, pushOrigins)) return;
    throw new HubError('push_host', { host: URL.canParse(endpoint) ? new URL(endpoint).hostname : '' });
  }

  /** His devices belong to himself: whoever looks through his eyes has none of them. */
  function demandHimself(): void {
    if (origin()?.viewing !== undefined) throw new HubError('viewing_only');
  }

  async function write(
    devices: readonly PushDevice[],
    { params, ...rest }: Pick<PushNotice, 'url' | 'tag' | 'key'> & { params: PushParams },
    session: ClientSession,
  ): Promise<void> {
    await pushMessages.saveMany(
      devices.map(({ id: device, language }) =>
        writePush({ id: newId(), device, notice: { ...pushWords(params, language), ...rest } }, now()),
      ),
      session,
    );
  }

  async function settle(message: PushMessage & { status: 'sending' }, outcome: PushOutcome): Promise<void> {
    const { id, rev, device } = message;
    const later = outcome.kind === 'later' ? putOffPush(message, outcome.afterMs, now()) : null;
    observer.pushed(outcome.kind === 'later' && !later ? 'givenUp' : outcome.kind);
    if (outcome.kind === 'gone') await forgetDevices({ _id: device });
    if (later) await pushMessages.save(later);
    // Also where the device was let go while its message was being written.
    else await pushMessages.remove({ _id: id, rev });
  }

  async function send(message: PushMessage, node: string, pair: PushKeyPair): Promise<void> {
    const claimed = claimPush(message, node, now());
    if (!claimed) return;
    try {
      await pushMessages.save(claimed);
      const device = await pushDevices.find(claimed.device);
      // Named no longer: an operator took the host back.
      if (!device || !isPushEndpoint(device.endpoint, pushOrigins)) {
        await settle(claimed, { kind: 'gone' });
        return;
      }
      const outcome = await pushService.send(device, {
        text: JSON.stringify(claimed.notice),
        ttlSeconds: leftSeconds(claimed, now()),
        topic: sha256(claimed.notice.tag).slice(0, TOPIC_CHARS),
        keys: pair,
      });
      await settle(claimed, outcome);
      const told = outcome.kind === 'taken' ? withTold(device, now()) : null;
      if (told) await record('hub', [changedFact(told)], (session) => pushDevices.save(told, session));
    } catch (error) {
      // Another node was faster, or took it over after our lease.
      if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
    }
  }

  return {
    /** By which a browser knows the hub: its page needs it to ask for a subscription. */
    publicKey: async (): Promise<string> => (await keyPair()).publicKey,

    /**
     * Tells a person on one more device, by himself and on it. The same browser again is the same device, also under another name.
     * Errors: HubError `push_host`, `push_devices_max`, `viewing_only`.
     */
    async add(
      person: Person,
      input: unknown,
      from: Pick<PushDevice, 'agent' | 'device' | 'browser' | 'language'>,
    ): Promise<void> {
      const { endpoint, keys: given } = subscriptionSchema.parse(input);
      demandReachable(endpoint);
      const id = idOf(endpoint);
      const agent = from.agent.slice(0, AGENT_CHARS_MAX);
      await retryStale(async () => {
        const [known, others] = await Promise.all([
          pushDevices.find(id),
          pushDevices.count({ person: person.id, _id: { $ne: id } }),
        ]);
        if (others >= PUSH_DEVICES_MAX) throw new HubError('push_devices_max', { max: PUSH_DEVICES_MAX });
        const added: PushDevice = {
          ...{ id, rev: (known?.rev ?? 0) + 1, person: person.id, endpoint, ...given, ...from, agent },
          addedAtMs: now(),
        };
        const left = known && known.person !== person.id ? known : null;
        await record(person.id, [...(left ? [goneFact(left)] : []), changedFact(added)], async (session) => {
          await pushDevices.save(added, session);
          // What waited for whoever sat here before.
          if (left) await pushMessages.remove({ device: id }, session);
          await deeds.noteOnPerson(person.id, { actor: person.id, kind: 'push.added' }, session);
        });
      });
    },

    /**
     * His browser has another address at its push service (`pushsubscriptionchange`): the device goes on under it with what waits for it, and
     * the old address is let go in the same deed. Told twice it is the same. Nothing is connected by it that was not connected before.
     * Errors: HubError `push_host`, `push_device_gone`, `viewing_only`.
     */
    async renew(person: Person, input: unknown, from: Pick<PushDevice, 'agent' | 'device' | 'browser'>): Promise<void> {
      demandHimself();
      const { old, subscription } = renewalSchema.parse(input);
      const { endpoint, keys: given } = subscription;
      demandReachable(endpoint);
      const id = idOf(endpoint);
      const ids = [id, ...(old === null ? [] : [idOf(old)])];
      const agent = from.agent.slice(0, AGENT_CHARS_MAX);
      await retryStale(async () => {
        const [known, own] = await Promise.all([pushDevices.find(id), pushDevices.list({ person: person.id })]);
        const renewed = renewedOf(own, { ids, browser: from.browser });
        const [first] = renewed.toSorted((a, b) => a.addedAtMs - b.addedAtMs);
        // Another's address is none of his, whatever his browser says.
        if (!first || (known !== null && known.person !== person.id)) throw new HubError('push_device_gone');
        const left = renewed.filter((device) => device.id !== id);
        const gone = left.map((device) => device.id);
        const waiting = await pushMessages.list({ device: { $in: gone } });
        const rev = (known?.rev ?? 0) + 1;
        const moved = waiting.map((message) => ({ ...message, rev: message.rev + 1, device: id }));
        const device: PushDevice = { ...first, ...{ id, rev, endpoint }, ...given, ...from, agent };
        await record(person.id, [...left.map(goneFact), changedFact(device)], async (session) => {
          await pushDevices.save(device, session);
          if (moved.length > 0) await pushMessages.saveMany(moved, session);
          if (left.length > 0) await removeRead(left, session);
          await deeds.noteOnPerson(person.id, { actor: person.id, kind: 'push.renewed' }, session);
        });
      });
    },

    /** His devices, the latest first. */
    async devices(person: Person): Promise<OwnPushDevice[]> {
      demandHimself();
      return [...devicesOf((await pushDevices.list({ person: person.id })).map(ownDevice)).devices];
    },

    /** One that is let go already, or is another's, is none of his. Errors: HubError `viewing_only`. */
    async remove(person: Person, id: string): Promise<void> {
      demandHimself();
      await retryStale(async () => {
        const device = await ownOf(person, id);
        if (!device) return;
        await record(person.id, [goneFact(device)], async (session) => {
          await removeRead([device], session);
          await deeds.noteOnPerson(person.id, { actor: person.id, kind: 'push.removed' }, session);
        });
      });
    },

    /** Sends something to look at. One at a time: the next one when that is through. Errors: HubError `push_device_gone`, `viewing_only`. */
    async test(person: Person, id: string, url: string): Promise<void> {
      demandHimself();
      const device = await ownOf(person, id);
      if (!device) throw new HubError('push_device_gone');
      const params: PushParams = { kind: 'test', title: '', count: 0, atMs: now(), zone: 'UTC' };
      const notice = { ...pushWords(params, device.language), url, tag: 'svod-test', key: newId() };
      await pushMessages.save(writePush({ id: `test-${device.id}`, device: device.id, notice }, now())).catch(
        // One is on its way already.
        (error: unknown) => {
          if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
        },
      );
    },

    /** The devices of somebody who is to be told. */
    of: (personId: string): Promise<PushDevice[]> => pushDevices.list({ person: personId }),

    /** Writes one message for each of his devices, each in its language: in the transaction that marks it as told. */
    write,

    /**
     * Sends what is due, or what a node that died was sending; false when there is nothing. Between sending and noting that, a node may
     * die: then it is sent again, and the device shows it in the place of the first one.
     */
    async sendNext(node: string): Promise<boolean> {
      const due = await pushMessages.list(
        {
          $or: [
            { status: 'waiting', nextAtMs: { $lte: now() } },
            { status: 'sending', leaseUntilMs: { $lte: now() } },
          ],
        },
        { sort: { nextAtMs: 1 }, limit: SENT_AT_ONCE },
      );
      if (due.length === 0) return false;
      const pair = await keyPair();
      await Promise.all(due.map((message) => send(message, node, pair)));
      return true;
    },

    /** His sessions were ended: on one device, on all, or on all but one. They end by the clock without this: that is no farewell. */
    dismiss: (personId: string, { device, except }: { device?: string; except?: string } = {}): Promise<void> =>
      forgetDevices({
        person: personId,
        ...(device !== undefined && { device }),
        ...(except !== undefined && { device: { $ne: except } }),
      }),

    /** Somebody signed in on a browser: it tells nobody else's any longer. */
    takeOver: (browser: string, personId: string): Promise<void> =>
      forgetDevices({ browser, person: { $ne: personId } }),
  };
}

export type PushActions = ReturnType<typeof createPushActions>;
