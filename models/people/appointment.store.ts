import type { ClientSession } from 'mongoose';
import { Schema, type Connection } from 'mongoose';
import type { Revocation } from '../context.ts';
import { createEntityStore, type Entity, type EntityStore, type Filter } from '../entity.store.ts';
import type { AccessVersions } from './access.store.ts';
import type { Appointment, AppointmentOf } from './appointment.ts';

/**
 * Appointments as kept; what a person holds are those that he took. Every change of one that gives or gave rights raises the access
 * version of its person in the same transaction, and tells the nodes after it. None is ever deleted: they are the history of a post.
 */
export interface AppointmentStore extends EntityStore<Appointment> {
  /** Those that somebody took and whose last day has not passed; also those still to begin. */
  held(filter: Filter, nowMs: number): Promise<AppointmentOf<'appointed'>[]>;
}

/** Guards a post, or a person, while an appointment is decided: whoever decides about the same meanwhile is stale. */
export type Seat = Entity;

export const createSeatStore = (connection: Connection): Promise<EntityStore<Seat>> =>
  createEntityStore<Seat>(connection, 'seats', new Schema({ _id: String }));

export async function createAppointmentStore(
  connection: Connection,
  versions: AccessVersions,
  revocation: Revocation,
): Promise<AppointmentStore> {
  const schema = new Schema({
    ...{ _id: String, person: String, role: String, unit: String, path: String, procedure: String, status: String },
    ...{ untilMs: Number, madeAtMs: Number, invitations: Array },
  });
  schema.index({ person: 1 });
  schema.index({ path: 1 });
  schema.index({ unit: 1, role: 1 });
  schema.index({ 'invitations.hash': 1 });
  const store = await createEntityStore<Appointment>(connection, 'assignments', schema);

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
    of: readonly Appointment[],
    work: (session: ClientSession) => Promise<void>,
    given?: ClientSession,
  ): Promise<void> {
    const people = [...new Set(of.flatMap(({ person }) => person ?? []))];
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
    save: (appointment, session) => change([appointment], (within) => store.save(appointment, within), session),
    insertMany: (appointments) =>
      change(appointments, async (session) => {
        for (const appointment of appointments) await store.save(appointment, session);
      }),
    held: (filter, nowMs) =>
      store.list({
        ...filter,
        status: 'appointed',
        $or: [{ untilMs: null }, { untilMs: { $gt: nowMs } }],
      }) as Promise<AppointmentOf<'appointed'>[]>,
  };
}
