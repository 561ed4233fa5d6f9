/** Use cases of taking part: registering, being let in, taking the access (S2-05, S2-08, S2-09). */
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { ContextualDataActions, DeedPart } from '../contextual-data/contextual-data.actions.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { DeedKind, Difference } from '../deeds/deed.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { boardStream, cabinetStream, registrationStream } from '../journal/stream.ts';
import { isActive, unitIdSchema, type Unit } from '../org/unit.ts';
import { passwordSchema } from '../password/password.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import { usernameSchema, type Person } from '../people/person.ts';
import { isAllowed, type Capability } from '../people/rights.ts';
import { isOpen, type AttendanceProcedure } from '../procedure/procedure.ts';
import type { SafeguardActions } from '../safeguard/safeguard.actions.ts';
import { countsDifference, headCounts } from './board.ts';
import type { BoardListActions } from './board-list.actions.ts';
import {
  activateAccess,
  boardRow,
  declineAccess,
  fullName,
  giveAccess,
  NO_PROGRESS,
  organizerSchema,
  participationId,
  participationView,
  registrationView,
  renewTicket,
  type Participation,
} from './participation.ts';

export const registrationSchema = z.strictObject({
  procedure: z.string().max(60),
  institution: unitIdSchema,
  organizer: organizerSchema,
});
export const declineSchema = z.strictObject({ reason: z.string().trim().min(3).max(300) });
export const activationSchema = z.strictObject({ username: usernameSchema, password: passwordSchema });

export interface Place {
  procedure: string;
  institution: string;
}

interface AccessDifference {
  procedure: string;
  before?: string | null;
  after: string;
  more?: readonly Difference[];
  /** Of one who has no session yet. */
  actorName?: string;
}

/** The facts of a changed participation: its row with what it adds to the counters, its cabinet, and its registration page. */
export function participationFacts(before: Participation | null, participation: Participation, unit: Unit): Fact[] {
  const { id, rev, procedure, institution, municipality } = participation;
  const row = boardRow(unit, participation);
  return [
    {
      stream: boardStream(procedure, municipality),
      type: 'rowChanged',
      entity: id,
      rev,
      body: { row },
      counted: countsDifference(headCounts([boardRow(unit, before)]), headCounts([row])),
    },
    {
      stream: cabinetStream(procedure, institution),
      type: 'participationChanged',
      entity: id,
      rev,
      body: { participation: participationView(participation) },
    },
    {
      stream: registrationStream(id),
      type: 'registrationChanged',
      entity: id,
      rev,
      body: { registration: registrationView(participation, unit.name) },
    },
  ];
}

export function createParticipationActions(
  context: Context,
  boards: BoardListActions,
  contextual: ContextualDataActions,
  passwords: PasswordChoice,
  safeguards: SafeguardActions,
) {
  const { journal, units, procedures, participations, accounts, now, newId, sha256 } = context;

  /** What becomes of the access of an institution: its status, with the procedure it is of. */
  const deedOf = (
    actor: string,
    unit: Unit,
    kind: DeedKind,
    { procedure, before = null, after, more = [], actorName }: AccessDifference,
  ): Deed => ({
    actor,
    atMs: now(),
    commandId: newId(),
    note: {
      kind,
      path: unit.path,
      subject: unit.id,
      subjectName: unit.name,
      ...(actorName === undefined ? {} : { actorName }),
      differences: [
        { field: 'procedure', before: procedure, after: procedure },
        { field: 'status', before, after },
        ...more,
      ],
    },
  });

  async function load(
    place: Place,
  ): Promise<{ participation: Participation; unit: Unit; procedure: AttendanceProcedure }> {
    const [participation, unit, procedure] = await Promise.all([
      participations.find(participationId(place.procedure, place.institution)),
      units.get(place.institution),
      procedures.getOf('attendance', place.procedure),
    ]);
    if (!participation) throw new HubError('not_registered');
    return { participation, unit, procedure };
  }

  /** Loads a participation the person holds the capability over. What lies outside his territory does not exist for him. */
  async function loadFor(person: Person, capability: Capability, place: Place) {
    const unit = await units.find(place.institution);
    if (!unit) throw new HubError('not_found');
    if (!isAllowed(person, capability, unit.path, place.procedure)) throw new HubError('not_allowed');
    return load(place);
  }

  function record(
    deed: Deed,
    before: Participation | null,
    after: Participation,
    unit: Unit,
    also?: DeedPart,
  ): Promise<void> {
    const facts = [...participationFacts(before, after, unit), ...(also?.facts ?? [])];
    return journal.record(deed, facts, async (session) => {
      await participations.save(after, session);
      await also?.save(session);
    });
  }

  return {
    loadFor,

    /** Registers an institution in a monitoring (S2-05). Anyone may ask; the centre lets in. Returns the ticket, shown once. */
    async register(input: unknown): Promise<{ ticket: string }> {
      const { procedure: procedureId, institution, organizer } = registrationSchema.parse(input);
      const [procedure, unit] = await Promise.all([
        procedures.getOf('attendance', procedureId),
        units.get(institution),
      ]);
      if (unit.kind !== 'institution' || !isActive(unit) || !unit.path.startsWith(procedure.path) || !unit.parent)
        throw new HubError('not_found');
      if (!isOpen(procedure, now()))
        throw new HubError('window_closed', { deadlineMs: procedure.deadlineMs, zone: procedure.zone });
      const id = participationId(procedure.id, institution);
      const present = await participations.find(id);
      if (present) throw new HubError('already_registered', { atMs: present.registeredAtMs });

      await boards.ensureListed(procedure.id, unit.parent, institution);

      const ticket = newId();
      const participation: Participation = {
        id,
        rev: 1,
        procedure: procedure.id,
        institution,
        path: unit.path,
        municipality: unit.parent,
        organizer,
        ticketHash: sha256(ticket),
        registeredAtMs: now(),
        access: { status: 'awaited' },
        progress: NO_PROGRESS,
      };
      try {
        const deed = deedOf('public', unit, 'registration.sent', { procedure: procedure.id, after: 'awaited' });
        await record(deed, null, participation, unit);
      } catch (error) {
        // Somebody registered the same institution in the same moment.
        if (error instanceof HubError && error.code === 'stale_write')
          throw new HubError('already_registered', { atMs: now() });
        throw error;
      }
      return { ticket };
    },

    giveAccess: (person: Person, place: Place): Promise<void> =>
      retryStale(async () => {
        const { participation, unit } = await loadFor(person, 'access.grant', place);
        const deed = deedOf(person.id, unit, 'access.given', {
          procedure: place.procedure,
          before: participation.access.status,
          after: 'given',
        });
        await record(deed, participation, giveAccess(participation, person.id, deed.atMs), unit);
      }),

    declineAccess: (person: Person, place: Place, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { reason } = declineSchema.parse(input);
        const { participation, unit } = await loadFor(person, 'access.grant', place);
        const deed = deedOf(person.id, unit, 'access.declined', {
          procedure: place.procedure,
          before: participation.access.status,
          after: 'declined',
          more: [{ field: 'reason', before: null, after: reason }],
        });
        await record(deed, participation, declineAccess(participation, person.id, reason, deed.atMs), unit);
      }),

    /** A new link for an organizer who lost his, or who lost his password; the old one is void. Shown once. */
    renewTicket: (person: Person, place: Place): Promise<{ ticket: string }> =>
      retryStale(async () => {
        const { participation, unit } = await loadFor(person, 'access.grant', place);
        const ticket = newId();
        const { status } = participation.access;
        const deed = deedOf(person.id, unit, 'access.renewed', {
          procedure: place.procedure,
          before: status,
          after: status,
        });
        await record(deed, participation, renewTicket(participation, sha256(ticket), now()), unit);
        return { ticket };
      }),

    /**
     * The registered person sets name and password and may sign in from now on (S2-08). With the centre's new link he does it again:
     * then nothing of what he lost opens any longer.
     */
    async activate(ticket: string, input: unknown): Promise<{ username: string }> {
      const { username, password: given } = activationSchema.parse(input);
      const [found] = await participations.list({ ticketHash: sha256(ticket) }, { limit: 1 });
      if (!found) throw new HubError('not_found');
      activateAccess(found, '', now()); // refuses before an account is made
      const isAnew = found.access.status === 'activated';
      const { name: institutionName } = await units.get(found.institution);
      const password = passwords.choose(given, {
        username,
        roles: ['institutionCoordinator'],
        unitNames: [institutionName],
      });
      const personId = await accounts.open({
        owner: `${found.procedure}.${found.institution}`,
        username,
        name: fullName(found.organizer),
        password,
      });
      return retryStale(async () => {
        const { participation, unit } = await load(found);
        const deed = deedOf(personId, unit, 'access.taken', {
          procedure: found.procedure,
          before: participation.access.status,
          after: 'activated',
          more: [{ field: 'person', before: null, after: fullName(participation.organizer) }],
          actorName: fullName(participation.organizer),
        });
        if (isAnew) {
          await safeguards.startAnew(personId, 'ru');
          await record(deed, participation, activateAccess(participation, personId, deed.atMs), unit);
          return { username };
        }
        // An institution has one coordinator (S0-11): whoever was it before is it no longer.
        const who = { person: personId, details: participation.organizer };
        const also = await contextual.appointed(unit, who, deed.atMs);
        await record(deed, participation, activateAccess(participation, personId, deed.atMs), unit, also);
        return { username };
      });
    },
  };
}

export type ParticipationActions = ReturnType<typeof createParticipationActions>;
