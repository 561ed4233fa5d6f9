/** Use cases of appointments: appointing, inviting, taking, agreeing, ending (domain 4.1 Appointment). */
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { ContextualDataActions } from '../contextual-data/contextual-data.actions.ts';
import { differencesOf, type DeedKind, type DeedNote } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import type { Language, LetterActions } from '../letter/letter.actions.ts';
import { isActive, isWithin, pathIds, type Unit } from '../org/unit.ts';
import { zoneAt } from '../org/unit.zone.ts';
import { passwordSchema } from '../password/password.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { RoomPlacing } from '../room/room.placing.ts';
import { demandEmployee, postIn, roomIn } from '../room/room.ts';
import { demandAtCentre } from '../scanning-centre/scanning-centre.ts';
import type { AppointmentFacts } from './appointment.facts.ts';
import type { Seat } from './appointment.store.ts';
import {
  agree,
  APPOINTING,
  appointersOf,
  appointmentInputSchema,
  codeOf,
  demandFit,
  demandOpen,
  demandSeat,
  demandStranger,
  EMPLOYEE_ROLES,
  end,
  endingSchema,
  follow,
  invite,
  isInForce,
  plainCode,
  powerOver,
  propose,
  take,
  type Appointment,
  type AppointmentInput,
  type AppointmentOf,
  type Channel,
  type RoomPost,
  type Post,
} from './appointment.ts';
import { usernameSchema, type Person } from './person.ts';
import { isAllowed } from './rights.ts';

export const takingSchema = z.strictObject({ username: usernameSchema, password: passwordSchema });

/** What the one who appoints is given to hand over: the secret of a card, shown once; a letter has its own. */
export interface Invited {
  appointment: string;
  code: string | null;
}

export function createAppointmentActions(
  context: Context,
  contextual: ContextualDataActions,
  passwords: PasswordChoice,
  letters: LetterActions,
  factsOf: AppointmentFacts,
  placing: RoomPlacing,
) {
  const {
    journal,
    units,
    procedures,
    assignments,
    scanningCentres,
    collegeRooms,
    seats,
    accounts,
    ownUrl,
    now,
    newId,
    sha256,
    sign,
  } = context;

  const deedOf = (actor: string): Omit<Deed, 'note'> => ({ actor, atMs: now(), commandId: newId() });

  /** What is told of an appointment: whose, to what and where; the person by his name alone. */
  const noteOf = (
    kind: DeedKind,
    {
      id,
      role,
      name,
      procedure,
      path,
      room,
    }: Pick<Appointment, 'id' | 'role' | 'name' | 'procedure' | 'path' | 'room'>,
    unit: Unit,
    also: { reason?: string; actorName?: string } = {},
  ): DeedNote => {
    const { reason = null, actorName } = also;
    const held = { role, unit: unit.name, person: name, procedure, room: room?.name ?? null };
    return {
      kind,
      path,
      subject: id,
      subjectName: name,
      ...(actorName === undefined ? {} : { actorName }),
      differences:
        kind === 'role.ended'
          ? [...differencesOf(held, null), ...differencesOf(null, { reason })]
          : differencesOf(null, held),
    };
  };
  const hashOf = (code: string): string => sha256(plainCode(z.string().max(100).parse(code)));

  /** What guards an appointment while it is decided: its post, and of an institution's people and observers the person. */
  async function seatsOf({ role, unit, procedure }: Appointment, person: string | null): Promise<Seat[]> {
    const ids: string[] = [];
    if (APPOINTING[role].isSingle) ids.push(`post ${unit} ${role} ${procedure ?? ''}`);
    if (person !== null && (role === 'independentObserver' || EMPLOYEE_ROLES.includes(role)))
      ids.push(`person ${person}`);
    return Promise.all(ids.map(async (id) => (await seats.find(id)) ?? { id, rev: 0 }));
  }

  const othersAt = ({ role, unit, procedure }: Appointment): Promise<Appointment[]> =>
    assignments.list({ role, unit, procedure, status: { $ne: 'ended' } });

  async function record(
    deed: Deed,
    changed: readonly Appointment[],
    guards: readonly Seat[],
    also: { letter?: Parameters<LetterActions['write']>[0] | null } = {},
  ): Promise<void> {
    const rooms = await placing(changed);
    await journal.record(deed, [...(await factsOf(changed)), ...(rooms?.facts ?? [])], async (session) => {
      for (const seat of guards) await seats.save({ ...seat, rev: seat.rev + 1 }, session);
      for (const appointment of changed) await assignments.save(appointment, session);
      await rooms?.save(session);
      if (also.letter) await letters.write(also.letter, session);
    });
  }

  /** A fresh code with the invitation that it opens; the letter that carries it, or the code itself for a card. */
  function inviteAnew(
    appointment: AppointmentOf<'invited'>,
    unit: Unit,
    channel: Channel,
    language: Language,
    atMs: number,
  ) {
    const code = codeOf(sign(`invitation ${newId()}`));
    const invited = invite(appointment, { hash: hashOf(code), channel }, atMs);
    const open = invited.invitations.at(-1);
    const letter =
      channel === 'letter' && invited.email !== null && open
        ? {
            kind: 'invitation' as const,
            person: invited.id,
            to: invited.email,
            params: {
              ...{ name: invited.name, role: invited.role, unit: unit.name, atMs: open.expiresAtMs },
              ...{ link: ownUrl(`/invitation/${code}`), code },
            },
            language,
          }
        : null;
    return { invited, letter, code: channel === 'card' ? code : null };
  }

  /** Whether nobody has the post and nobody is there whose matter it is: then an administrator appoints the first. */
  async function isFirst({ role, path, procedure }: Post, unit: string): Promise<boolean> {
    const nowMs = now();
    const [others, above] = await Promise.all([
      assignments.list({ role, unit, procedure, status: { $in: ['proposed', 'invited', 'appointed'] } }),
      assignments.held({ unit: { $in: pathIds(path) }, role: { $in: appointersOf(role) } }, nowMs),
    ]);
    const isThere = others.some(({ untilMs }) => untilMs === null || untilMs > nowMs);
    return !isThere && !above.some((held) => isInForce(held, nowMs));
  }

  async function demandProcedure(input: AppointmentInput, unit: Unit): Promise<void> {
    if (input.procedure === null) return;
    const procedure = await procedures.find(input.procedure);
    if (!procedure || !isWithin(unit.path, procedure.path))
      throw new HubError('bad_input', { field: 'procedure', reason: 'unknown' });
  }

  /** The room that an organizer of a study is to answer for; what is asked of him there, `placing` asks with every change (G-01). */
  async function roomOf(input: AppointmentInput, unit: Unit): Promise<RoomPost | undefined> {
    const { room, procedure, subjects, name, email, isEmployee } = input;
    if (room === null) return undefined;
    const rooms = await collegeRooms.find(`${procedure ?? ''}/${unit.id}`);
    if (!rooms) throw new HubError('room_gone');
    const observers = await assignments.list({ unit: unit.id, role: 'independentObserver', status: { $ne: 'ended' } });
    demandEmployee({ person: null, email, name }, isEmployee, observers);
    return postIn(roomIn(rooms, room), subjects);
  }

  /** Where a region has named its scanning centre, its specialists work there and nowhere else (S1-03, S1-04). */
  async function demandScanning({ role }: AppointmentInput, unit: Unit): Promise<void> {
    if (role !== 'scanningSpecialist') return;
    const [centre = null] = await scanningCentres.list({ _id: { $in: pathIds(unit.path) } });
    demandAtCentre(centre, unit.id);
  }

  /** Loads an appointment for whoever may appoint to it; what is not his matter does not exist for him. */
  async function loadFor(person: Person, id: string): Promise<{ appointment: Appointment; unit: Unit }> {
    const appointment = await assignments.find(id);
    if (!appointment || !mayEnd(person, appointment)) throw new HubError('not_allowed');
    return { appointment, unit: await units.get(appointment.unit) };
  }

  /** Whoever appoints to a post ends it; an administrator ends whatever he looks after. */
  const mayEnd = (person: Person, appointment: Appointment): boolean =>
    powerOver(person, appointment) === 'does' || isAllowed(person, 'people.manage', appointment.path);

  async function demandAdministratorLeft(ending: Appointment): Promise<void> {
    if (ending.role !== 'administrator' || ending.status !== 'appointed') return;
    const held = await assignments.held({ role: 'administrator' }, now());
    const lasting = held.filter((one) => one.id !== ending.id && one.untilMs === null && isInForce(one, now()));
    if (lasting.length === 0) throw new HubError('administrator_last');
  }

  async function byCode(code: string): Promise<{ appointment: Appointment; hash: string }> {
    const hash = hashOf(code);
    const [appointment] = await assignments.list({ 'invitations.hash': hash }, { limit: 1 });
    if (!appointment) throw new HubError('not_found');
    return { appointment, hash };
  }

  /** The invited person has an account: from now on the appointment is his. */
  const settle = (id: string, hash: string, person: string): Promise<{ unit: string }> =>
    retryStale(async () => {
      const found = await assignments.get(id);
      const guards = await seatsOf(found, person);
      const deed = deedOf(person);
      const taken = take(found, { hash, person }, deed.atMs);
      const unit = await units.get(taken.unit);
      if (!isActive(unit)) throw new HubError('unit_inactive', { name: unit.name });
      const others = await othersAt(taken);
      demandSeat(taken, others, deed.atMs);
      demandStranger(taken, await assignments.held({ person }, deed.atMs), deed.atMs);
      const note = noteOf('role.given', taken, unit, { actorName: taken.name });
      if (taken.role === 'institutionCoordinator') {
        // One revision decides who coordinates an institution (ADR 13); it ends the one before.
        const { facts, save } = await contextual.taken(unit, taken, deed.atMs);
        await journal.record({ ...deed, note }, facts, async (session) => {
          for (const seat of guards) await seats.save({ ...seat, rev: seat.rev + 1 }, session);
          await save(session);
        });
        return { unit: unit.id };
      }
      const present = others.find((other) => other.id === taken.replaces);
      const gone = present?.status === 'appointed' ? [follow(present, taken, deed.atMs)] : [];
      await record({ ...deed, note }, [taken, ...gone], guards);
      return { unit: unit.id };
    });

  return {
    /**
     * Appoints: an invitation goes out by letter, or its code comes back for a card, shown once. An expert is proposed, and invited
     * when the federal coordinator has agreed. Errors: `not_allowed`, `first_only`, `seat_taken`, `seat_invited`, `bad_input`.
     */
    appoint: (person: Person, given: unknown, language: Language): Promise<Invited> =>
      retryStale(async () => {
        const input = appointmentInputSchema.parse(given);
        const unit = await units.find(input.unit);
        const post = unit && { role: input.role, path: unit.path, procedure: input.procedure };
        const power = post && powerOver(person, post);
        if (!unit || !power) throw new HubError('not_allowed');
        if (power === 'first' && !(await isFirst(post, unit.id))) throw new HubError('first_only');
        if (!isActive(unit)) throw new HubError('unit_inactive', { name: unit.name });
        demandFit(input, unit.kind);
        await demandProcedure(input, unit);
        await demandScanning(input, unit);
        const deed = deedOf(person.id);
        const place = { id: newId(), unit: unit.id, path: unit.path, zone: await zoneAt(units, unit.path) };
        const proposed = propose(place, input, person, deed.atMs, await roomOf(input, unit));
        const guards = await seatsOf(proposed, null);
        const others = await othersAt(proposed);
        if (proposed.replaces !== null && !others.some(({ id }) => id === proposed.replaces))
          throw new HubError('appointment_over');
        demandSeat(proposed, others, deed.atMs);
        if (proposed.status === 'proposed') {
          await record({ ...deed, note: noteOf('role.proposed', proposed, unit) }, [proposed], guards);
          return { appointment: proposed.id, code: null };
        }
        // One save: the first revision holds its first invitation.
        const { invited, letter, code } = inviteAnew(proposed, unit, input.channel, language, deed.atMs);
        const note = noteOf('role.invited', invited, unit);
        await record({ ...deed, note }, [{ ...invited, rev: 1 }], guards, { letter });
        return { appointment: invited.id, code };
      }),

    /** Agrees to an expert; the invitation is then made by whoever proposed him. */
    agree: (person: Person, id: string): Promise<void> =>
      retryStale(async () => {
        const appointment = await assignments.find(id);
        const isHis = person.assignments.some(
          ({ role, path, procedure }) =>
            appointment &&
            role === 'federalCoordinator' &&
            isWithin(appointment.path, path) &&
            (!procedure || procedure === appointment.procedure),
        );
        if (!appointment || !isHis) throw new HubError('not_allowed');
        const deed = deedOf(person.id);
        const note = noteOf('role.agreed', appointment, await units.get(appointment.unit));
        await record({ ...deed, note }, [agree(appointment, person, deed.atMs)], []);
      }),

    /** A new invitation in place of the one before, which no longer opens. */
    inviteAgain: (person: Person, id: string, channel: unknown, language: Language): Promise<Invited> =>
      retryStale(async () => {
        const by = z.enum(['letter', 'card']).parse(channel);
        const { appointment, unit } = await loadFor(person, id);
        if (appointment.status !== 'invited') throw new HubError('appointment_over');
        if (by === 'letter' && appointment.email === null)
          throw new HubError('bad_input', { field: 'email', reason: 'missing' });
        const deed = deedOf(person.id);
        const { invited, letter, code } = inviteAnew(appointment, unit, by, language, deed.atMs);
        await record({ ...deed, note: noteOf('role.invited', invited, unit) }, [invited], [], { letter });
        return { appointment: id, code };
      }),

    /** Ends an appointment or withdraws its invitation: open pages go dark on every node. */
    end: (person: Person, id: string, given: unknown): Promise<void> =>
      retryStale(async () => {
        const { appointment, unit } = await loadFor(person, id);
        const { reason } = endingSchema.parse(given);
        await demandAdministratorLeft(appointment);
        const deed = deedOf(person.id);
        const ended = end(appointment, { by: person, reason }, deed.atMs);
        const note = noteOf('role.ended', ended, unit, { reason });
        if (appointment.role === 'institutionCoordinator' && appointment.status === 'appointed') {
          const { facts, save } = await contextual.recalled(unit, ended, person, deed.atMs);
          await journal.record({ ...deed, note }, facts, save);
          return;
        }
        await record({ ...deed, note }, [ended], []);
      }),

    /**
     * The invited person makes an account of his own with it. A crash half-way is repeated with the same link. Errors:
     * `invitation_…`, `password_…`, `username_taken`, `seat_taken`, `observer_own`.
     */
    async accept(code: string, given: unknown): Promise<{ username: string; person: string; unit: string }> {
      const { username, password: chosen } = takingSchema.parse(given);
      const { appointment, hash } = await byCode(code);
      demandOpen(appointment, hash, now()); // refuses before an account is made
      const unit = await units.get(appointment.unit);
      const password = passwords.choose(chosen, { username, roles: [appointment.role], unitNames: [unit.name] });
      const owner = `appointment.${appointment.id}`;
      const person = await accounts.open({ owner, username, name: appointment.name, password });
      return { username, person, ...(await settle(appointment.id, hash, person)) };
    },

    /** Somebody who is signed in takes the appointment into the account that he has. */
    async takeOver(person: Person, code: string): Promise<{ unit: string }> {
      const { appointment, hash } = await byCode(code);
      return settle(appointment.id, hash, person.id);
    },

    /** What a card says, for whoever was given its code a moment ago. */
    async card(person: Person, code: string): Promise<{ appointment: Appointment; unit: Unit; link: string }> {
      const { appointment, hash } = await byCode(code);
      const { unit } = await loadFor(person, appointment.id);
      const open = demandOpen(appointment, hash, now());
      return { appointment: open, unit, link: ownUrl(`/invitation/${plainCode(code)}`) };
    },
  };
}

export type AppointmentActions = ReturnType<typeof createAppointmentActions>;
