import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { PushDevice, PushMessage } from './push.ts';

/** The pair by which push services know the hub (RFC 8292); the private half is sealed. There is one. */
export interface PushKeys {
  id: 'hub';
  rev: number;
  publicKey: string;
  sealedPrivateKey: string;
}

export const createPushKeyStore = (connection: Connection): Promise<EntityStore<PushKeys>> =>
  createEntityStore<PushKeys>(connection, 'pushKeys', new Schema({ _id: String }));

export const createPushDeviceStore = (connection: Connection): Promise<EntityStore<PushDevice>> => {
  const schema = new Schema({ _id: String, person: String, device: String, browser: String });
  schema.index({ person: 1 });
  schema.index({ browser: 1 });
  return createEntityStore<PushDevice>(connection, 'pushDevices', schema);
};

export const createPushMessageStore = (connection: Connection): Promise<EntityStore<PushMessage>> => {
  const schema = new Schema({
    ...{ _id: String, device: String, status: String, nextAtMs: Number, leaseUntilMs: Number, createdAtMs: Number },
  });
  schema.index({ status: 1, nextAtMs: 1 });
  schema.index({ device: 1 });
  return createEntityStore<PushMessage>(connection, 'pushMessages', schema);
};
