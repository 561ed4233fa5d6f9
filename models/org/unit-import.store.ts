/** Imports, and the lines of their differences by pages: a difference of 40,000 lines is neither sent nor loaded whole. */
import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import { LINE_KINDS, type ImportLine, type LineKind } from './unit-difference.ts';
import { LINES_PER_PAGE, type UnitImport } from './unit-import.ts';

export interface ImportLineStore {
  /** Keeps the lines of one edition; an edition is written once. */
  save(edition: string, lines: Readonly<Record<LineKind, readonly ImportLine[]>>): Promise<void>;
  page(edition: string, kind: LineKind, page: number): Promise<ImportLine[]>;
  /** Forgets an edition that nobody can confirm any longer. */
  forget(edition: string): Promise<void>;
}

export const createUnitImportStore = (connection: Connection): Promise<EntityStore<UnitImport>> => {
  const schema = new Schema({ _id: String, status: String, path: String, sentAtMs: Number });
  schema.index({ status: 1, sentAtMs: 1 });
  schema.index({ path: 1, sentAtMs: -1 });
  return createEntityStore<UnitImport>(connection, 'unitImports', schema);
};

export async function createImportLineStore(connection: Connection): Promise<ImportLineStore> {
  const pages = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; edition: string; lines: ImportLine[] }>('unitImportLines');
  await pages.createIndex({ edition: 1 }, {}, {});
  const idOf = (edition: string, kind: LineKind, page: number): string => `${edition}.${kind}.${page}`;
  return {
    async save(edition, lines) {
      for (const kind of LINE_KINDS)
        for (let page = 0; page * LINES_PER_PAGE < lines[kind].length; page += 1)
          await pages.insertOne({
            _id: idOf(edition, kind, page),
            edition,
            lines: lines[kind].slice(page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE),
          });
    },
    async page(edition, kind, page) {
      return (await pages.findOne({ _id: idOf(edition, kind, page) }))?.lines ?? [];
    },
    async forget(edition) {
      await pages.deleteMany({ edition });
    },
  };
}
