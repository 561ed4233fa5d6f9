import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { ScanningCentre } from './scanning-centre.ts';

export const createScanningCentreStore = (connection: Connection): Promise<EntityStore<ScanningCentre>> =>
  createEntityStore<ScanningCentre>(connection, 'scanningCentres', new Schema({ _id: String }));
