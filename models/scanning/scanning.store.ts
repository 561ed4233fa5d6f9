import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Check } from './check.ts';
import type { JointSettlement } from './joint-settlement.ts';
import type { PrintRun } from './print-run.ts';
import type { ScanBatch, ScanFile } from './scan-batch.ts';
import type { ScanCollege } from './scan-college.ts';
import type { ScanError } from './scan-error.ts';
import type { ScanPage } from './scan-page.ts';
import type { ScanNumber } from './scan-number.ts';
import type { Work } from './work.ts';

export const createScanNumberStore = (connection: Connection): Promise<EntityStore<ScanNumber>> => {
  const schema = new Schema({ _id: String, series: String, number: Number });
  // One number of a series is one thing's: two who count at once can't both have it.
  schema.index({ series: 1, number: -1 }, { unique: true });
  return createEntityStore<ScanNumber>(connection, 'scanNumbers', schema);
};

export const createScanCollegeStore = (connection: Connection): Promise<EntityStore<ScanCollege>> => {
  const schema = new Schema({
    ...{
      _id: String,
      procedure: String,
      centre: String,
      college: String,
      order: Number,
      number: Number,
      isDue: Boolean,
    },
  });
  schema.index({ procedure: 1, centre: 1, order: 1 });
  schema.index({ procedure: 1, number: 1 });
  schema.index({ isDue: 1 });
  return createEntityStore<ScanCollege>(connection, 'scanColleges', schema);
};

export const createScanBatchStore = (connection: Connection): Promise<EntityStore<ScanBatch>> => {
  const schema = new Schema({ _id: String, procedure: String, centre: String, college: String, number: Number });
  schema.index({ procedure: 1, centre: 1, college: 1, number: 1 });
  return createEntityStore<ScanBatch>(connection, 'scanBatches', schema);
};

export const createScanFileStore = (connection: Connection): Promise<EntityStore<ScanFile>> => {
  const schema = new Schema({
    ...{ _id: String, procedure: String, batch: String, sha256: String, status: String, leaseUntilMs: Number },
    sentAtMs: Number,
  });
  schema.index({ batch: 1 });
  schema.index({ blob: 1 });
  // The same file twice in one procedure is one file.
  schema.index({ procedure: 1, sha256: 1 }, { unique: true });
  schema.index({ status: 1, leaseUntilMs: 1, sentAtMs: 1 });
  return createEntityStore<ScanFile>(connection, 'scanFiles', schema);
};

export const createScanPageStore = (connection: Connection): Promise<EntityStore<ScanPage>> => {
  const schema = new Schema({ _id: String, file: String, batch: String, work: String, n: Number, place: String });
  schema.index({ batch: 1, file: 1, n: 1 });
  schema.index({ work: 1 });
  schema.index({ place: 1 });
  return createEntityStore<ScanPage>(connection, 'scanPages', schema);
};

export const createWorkStore = (connection: Connection): Promise<EntityStore<Work>> => {
  const schema = new Schema({
    _id: String,
    procedure: String,
    centre: String,
    college: String,
    room: Number,
    status: String,
  });
  schema.index({ procedure: 1, college: 1, room: 1 });
  schema.index({ procedure: 1, centre: 1, status: 1 });
  return createEntityStore<Work>(connection, 'works', schema);
};

export const createScanErrorStore = (connection: Connection): Promise<EntityStore<ScanError>> => {
  const schema = new Schema({
    ...{ _id: String, procedure: String, centre: String, college: String, batch: String, page: String, status: String },
    ...{ work: String, raisedAtMs: Number, byName: String, resolvedAtMs: Number },
  });
  schema.index({ procedure: 1, centre: 1, status: 1, raisedAtMs: 1, _id: 1 });
  schema.index({ procedure: 1, college: 1, status: 1, raisedAtMs: 1, _id: 1 });
  schema.index({ procedure: 1, centre: 1, status: 1, byName: 1, resolvedAtMs: -1, _id: 1 });
  schema.index({ page: 1 });
  schema.index({ batch: 1, status: 1, raisedAtMs: 1, _id: 1 });
  schema.index({ work: 1 });
  return createEntityStore<ScanError>(connection, 'scanErrors', schema);
};

export const createJointSettlementStore = (connection: Connection): Promise<EntityStore<JointSettlement>> => {
  const schema = new Schema({ _id: String, status: String, leaseUntilMs: Number });
  schema.index({ status: 1, leaseUntilMs: 1 });
  return createEntityStore<JointSettlement>(connection, 'jointSettlements', schema);
};

export const createCheckStore = (connection: Connection): Promise<EntityStore<Check>> => {
  const schema = new Schema({ _id: String, procedure: String, centre: String, work: String, status: String });
  schema.index({ work: 1 });
  schema.index({ procedure: 1, centre: 1, status: 1 });
  return createEntityStore<Check>(connection, 'checks', schema);
};

export const createPrintRunStore = (connection: Connection): Promise<EntityStore<PrintRun>> => {
  const schema = new Schema({
    ...{ _id: String, procedure: String, centre: String, status: String, leaseUntilMs: Number, askedAtMs: Number },
  });
  schema.index({ procedure: 1, centre: 1 });
  schema.index({ blob: 1 });
  schema.index({ status: 1, leaseUntilMs: 1, askedAtMs: 1 });
  return createEntityStore<PrintRun>(connection, 'printRuns', schema);
};
