import type { ClientSession } from 'mongodb';
import { Schema, type Connection } from 'mongoose';
import type { Revocation } from '../context.ts';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import type { AccessVersions } from './access.store.ts';
import type { Assignment } from './rights.ts';

/** A person's role in a unit, as kept. */
export interface AssignmentRecord extends Entity, Assignment {
  person: string;
}

/** Every change of an assignment raises the access version of its person in the same transaction, and tells the nodes after it. */
export interface AssignmentStore extends EntityStore<AssignmentRecord> {
  /** Ends assignments; each rise of a version is in the same transaction. */
  end(assignments: readonly AssignmentRecord[], session?: ClientSession): Promise<void>;
}

export async function createAssignmentStore(
  connection: Connection,
  versions: AccessVersions,
  revocation: Revocation,
): Promise<AssignmentStore> {
  const schema = new Schema({ _id: String, person: String, role: String, unit: String, path: String });
  schema.index({ person: 1 });
  schema.index({ path: 1 });
  const store = await createEntityStore<AssignmentRecord>(connection, 'assignments', schema);
  const model = connection.model('assignments');

  const told = new WeakMap<ClientSession, Set<string>>();
  /** Tells when the caller's transaction is over: before that the nodes would look in vain. */
  function tellAfter(session: ClientSession, people: readonly string[]): void {
    const known = told.get(session);
    if (known) {
      people.forEach((person) => known.add(person));
      return;
    }
    const waiting = new Set(people);
    told.set(session, waiting);
    session.once('ended', () => waiting.forEach((person) => revocation.tell(person)));
  }

  /** Changes the rights of people: in the caller's transaction, or in one of its own. */
  async function change(
    of: readonly AssignmentRecord[],
    work: (session: ClientSession) => Promise<void>,
    given?: ClientSession,
  ): Promise<void> {
    const people = [...new Set(of.map(({ person }) => person))];
    const inTransaction = async (session: ClientSession): Promise<void> => {
      await versions.raise(people, session);
      await work(session);
    };
    if (!given) {
      await connection.getClient().withSession((session) => session.withTransaction(() => inTransaction(session)));
      people.forEach(revocation.tell);
      return;
    }
    await inTransaction(given);
    tellAfter(given, people);
  }

  return {
    ...store,
    save: (assignment, session) => change([assignment], (within) => store.save(assignment, within), session),
    insertMany: (assignments) =>
      change(assignments, async (session) => {
        for (const assignment of assignments) await store.save(assignment, session);
      }),
    end: (assignments, session) =>
      change(
        assignments,
        async (within) => {
          await model.deleteMany({ _id: { $in: assignments.map(({ id }) => id) } }, { session: within });
        },
        session,
      ),
  };
}
