/** Use cases of asking for a cabinet: the institution asks, the centre answers, the coordinator takes it (S0-09 … S0-11). */
import type { Context } from '../context.ts';
import type { ContextualDataActions, DeedPart } from '../contextual-data/contextual-data.actions.ts';
import { coordinatorOf, hasCabinet } from '../contextual-data/contextual-data.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { DeedKind, Difference } from '../deeds/deed.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { requestQueueStream, requestTicketStream } from '../journal/stream.ts';
import { pathIds, type Unit } from '../org/unit.ts';
import { activationSchema } from '../participation/participation.actions.ts';
import { fullName } from '../participation/participation.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import {
  activate,
  decline,
  declineSchema,
  isUnderWay,
  issue,
  LETTER_YEARS_MAX,
  renewTicket,
  requestInputSchema,
  requestView,
  ticketView,
  type AccountRequest,
} from './account-request.ts';

/** The facts of a changed request: the centre's queue, and the applicant's page. */
function requestFacts(request: AccountRequest, unit: Unit, parentName: string): Fact[] {
  const { id: entity, rev } = request;
  const names = { institution: unit.name, parent: parentName };
  return [
    {
      stream: requestQueueStream(request.region),
      type: 'requestChanged',
      entity,
      rev,
      body: { request: requestView(request, names) },
    },
    {
      stream: requestTicketStream(entity),
      type: 'requestAnswered',
      entity,
      rev,
      body: { request: ticketView(request, unit.name) },
    },
  ];
}

export function createAccountRequestActions(
  context: Context,
  contextual: ContextualDataActions,
  passwords: PasswordChoice,
) {
  const { journal, units, accountRequests, accounts, now, newId, sha256 } = context;

  const deedOf = (
    actor: string,
    unit: Unit,
    kind: DeedKind,
    differences: readonly Difference[] = [],
    actorName?: string,
  ): Deed => ({
    actor,
    atMs: now(),
    commandId: newId(),
    note: {
      kind,
      path: unit.path,
      subject: unit.id,
      subjectName: unit.name,
      differences,
      ...(actorName === undefined ? {} : { actorName }),
    },
  });

  /** The region of an institution: its centre decides, and its zone says what day it is. */
  async function regionOf(unit: Unit): Promise<Unit> {
    const [region] = await units.list({ _id: { $in: pathIds(unit.path) }, kind: 'region' });
    if (!region) throw new HubError('not_found');
    return region;
  }

  async function record(deed: Deed, request: AccountRequest, unit: Unit, also?: DeedPart): Promise<void> {
    const parent = unit.parent === null ? null : await units.find(unit.parent);
    const facts = [...requestFacts(request, unit, parent?.name ?? ''), ...(also?.facts ?? [])];
    await journal.record(deed, facts, async (session) => {
      await accountRequests.save(request, session);
      await also?.save(session);
    });
  }

  /** Loads a request for whoever decides about it; what lies outside his territory does not exist for him. */
  async function loadFor(person: Person, requestId: string) {
    const request = await accountRequests.find(requestId);
    const unit = request && (await units.find(request.institution));
    if (!request || !unit || !isAllowed(person, 'cabinet.grant', unit.path)) throw new HubError('not_allowed');
    return { request, unit, data: await contextual.load(unit.id) };
  }

  /** A letter of tomorrow, or of long ago, is a slip of the pen. */
  function checkLetterDate(date: string, zone: string | null): void {
    const today = Temporal.Instant.fromEpochMilliseconds(now())
      .toZonedDateTimeISO(zone ?? 'Europe/Moscow')
      .toPlainDate();
    const written = Temporal.PlainDate.from(date);
    if (Temporal.PlainDate.compare(written, today) > 0)
      throw new HubError('letter_date_wrong', { day: date, reason: 'future' });
    if (Temporal.PlainDate.compare(written, today.subtract({ years: LETTER_YEARS_MAX })) < 0)
      throw new HubError('letter_date_wrong', { day: date, reason: 'old' });
  }

  return {
    /** Sends a request (S0-09). Anyone may ask; the centre answers. Returns the ticket, shown once. */
    submit: (input: unknown): Promise<{ ticket: string }> =>
      retryStale(async () => {
        const { institution, ...asked } = requestInputSchema.parse(input);
        const unit = await units.find(institution);
        if (!unit || !hasCabinet(unit)) throw new HubError('not_found');
        const region = await regionOf(unit);
        checkLetterDate(asked.letter.date, region.zone);
        const data = await contextual.load(institution);
        if (data.request) throw new HubError('request_pending', { atMs: data.request.atMs });
        const ticket = newId();
        const deed = deedOf('public', unit, 'request.sent', [{ field: 'status', before: null, after: 'submitted' }]);
        const request: AccountRequest = {
          id: newId(),
          rev: 1,
          institution,
          region: region.id,
          ...asked,
          ticketHash: sha256(ticket),
          submittedAtMs: deed.atMs,
          status: 'submitted',
        };
        const underWay = { id: request.id, status: 'submitted', atMs: deed.atMs } as const;
        const also = await contextual.requestMoved(data, unit, underWay);
        await record(deed, request, unit, also);
        return { ticket };
      }),

    /**
     * Grants the cabinet (S0-10). Whoever coordinates the institution now loses it at once (S0-11); `replacing` is whom the centre
     * was shown, so that nobody loses it unseen: HubError `coordinator_changed` when it is somebody else by now.
     */
    issue: (person: Person, requestId: string, replacing: string | null): Promise<void> =>
      retryStale(async () => {
        const { request, unit, data } = await loadFor(person, requestId);
        const deed = deedOf(person.id, unit, 'request.issued', [
          { field: 'status', before: request.status, after: 'issued' },
          ...(replacing === null ? [] : [{ field: 'person', before: replacing, after: null } as const]),
        ]);
        const issued = issue(request, person, deed.atMs);
        if ((coordinatorOf(data)?.name ?? null) !== replacing) throw new HubError('coordinator_changed');
        const issuedTo = { id: request.id, for: fullName(request.coordinator) };
        const also = await contextual.requestIssued(unit, issuedTo, person, deed.atMs);
        await record(deed, issued, unit, also);
      }),

    /** Declines, with a reason that the applicant reads. */
    decline: (person: Person, requestId: string, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { reason } = declineSchema.parse(input);
        const { request, unit, data } = await loadFor(person, requestId);
        const deed = deedOf(person.id, unit, 'request.declined', [
          { field: 'status', before: request.status, after: 'declined' },
          { field: 'reason', before: null, after: reason },
        ]);
        const declined = decline(request, person, reason, deed.atMs);
        const also = data.request?.id === request.id ? await contextual.requestMoved(data, unit, null) : undefined;
        await record(deed, declined, unit, also);
      }),

    /** A new address for one who lost his; the old one is void. Shown once. */
    renewTicket: (person: Person, requestId: string): Promise<{ ticket: string }> =>
      retryStale(async () => {
        const { request, unit } = await loadFor(person, requestId);
        if (!isUnderWay(request)) throw new HubError('access_given_already');
        const ticket = newId();
        await record(deedOf(person.id, unit, 'request.renewed'), renewTicket(request, sha256(ticket)), unit);
        return { ticket };
      }),

    /** The coordinator sets name and password and may sign in from now on (S0-10, S0-11). */
    async activate(ticket: string, input: unknown): Promise<{ username: string; institution: string }> {
      const { username, password: given } = activationSchema.parse(input);
      const [found] = await accountRequests.list({ ticketHash: sha256(ticket) }, { limit: 1 });
      if (!found) throw new HubError('not_found');
      activate(found, '', now()); // refuses before an account is made
      const institution = await units.get(found.institution);
      const password = passwords.choose(given, {
        username,
        roles: ['institutionCoordinator'],
        unitNames: [institution.name],
      });
      const name = fullName(found.coordinator);
      const personId = await accounts.open({ owner: `cabinet.${found.id}`, username, name, password });
      return retryStale(async () => {
        const [request, unit] = await Promise.all([accountRequests.get(found.id), units.get(found.institution)]);
        const deed = deedOf(
          personId,
          unit,
          'request.taken',
          [
            { field: 'status', before: request.status, after: 'activated' },
            { field: 'person', before: null, after: name },
          ],
          name,
        );
        const taken = activate(request, personId, deed.atMs);
        const who = { person: personId, details: request.coordinator };
        const also = await contextual.appointed(unit, who, deed.atMs);
        await record(deed, taken, unit, also);
        return { username, institution: unit.id };
      });
    },
  };
}

export type AccountRequestActions = ReturnType<typeof createAccountRequestActions>;
