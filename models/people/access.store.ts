/**
 * How often somebody's rights have changed. A change of rights raises the number in its own transaction, and every node
 * compares the numbers of the people connected to it once a second, in one query: so a right that ended ends the sight of
 * what it showed within two seconds, whatever else is down.
 */
import type { ClientSession, Db } from 'mongodb';

/** Whose rights changed: a person, by his id, or everybody's reach at once, because units moved in the tree. */
export const TREE = 'tree';

export interface AccessVersions {
  /** Call it in the transaction of the change: with people's ids, or with `TREE` when the path of a unit changes. */
  raise(subjects: readonly string[], session: ClientSession): Promise<void>;
  /** The numbers of many at once; whoever never had a change is not among them. */
  read(subjects: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export function createAccessVersions(db: Db): AccessVersions {
  const versions = db.collection<{ _id: string; version: number }>('accessVersions');
  return {
    async raise(subjects, session) {
      // In one order everywhere, so that two changes of the same people wait for each other instead of failing both.
      for (const subject of [...new Set(subjects)].sort())
        await versions.updateOne({ _id: subject }, { $inc: { version: 1 } }, { session, upsert: true });
    },
    async read(subjects) {
      const found = await versions.find({ _id: { $in: [...subjects] } }).toArray();
      return new Map(found.map(({ _id, version }) => [_id, version]));
    },
  };
}
