import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore, type Filter } from '../entity.store.ts';
import { demandKind, type Procedure, type ProcedureKind, type ProcedureOf } from './procedure.ts';

export interface ProcedureStore extends EntityStore<Procedure> {
  /** HubError `not_found` also for a procedure of another kind. */
  getOf<Kind extends ProcedureKind>(kind: Kind, id: string): Promise<ProcedureOf<Kind>>;
  listOf<Kind extends ProcedureKind>(
    kind: Kind,
    filter: Filter,
    options?: Parameters<EntityStore<Procedure>['list']>[1],
  ): Promise<ProcedureOf<Kind>[]>;
}

export async function createProcedureStore(connection: Connection): Promise<ProcedureStore> {
  const schema = new Schema({ _id: String, kind: String, region: String, path: String });
  schema.index({ path: 1 });
  const store = await createEntityStore<Procedure>(connection, 'procedures', schema);
  return {
    ...store,
    getOf: async (kind, id) => demandKind(await store.get(id), kind),
    listOf: async (kind, filter, options) =>
      (await store.list({ ...filter, kind }, options)).map((procedure) => demandKind(procedure, kind)),
  };
}
