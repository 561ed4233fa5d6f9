/**
 * An institution's official request for a cabinet (domain 4.1 AccountRequest; S0-09, S0-10): submitted → issued or declined.
 * What was issued is taken by the holder of the ticket, who sets name and password. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { unitIdSchema } from '../org/unit.ts';
import { fullName, organizerSchema, type Organizer } from '../participation/participation.ts';
import { personNameSchema } from '../people/person.ts';

/** The institution's letter, by which the centre finds the paper. */
export const letterSchema = z.strictObject({ number: z.string().trim().min(1).max(40), date: z.iso.date() });
export type Letter = z.infer<typeof letterSchema>;

export const requestInputSchema = z.strictObject({
  institution: unitIdSchema,
  /** The head of the institution, who signed the letter. */
  headName: personNameSchema,
  letter: letterSchema,
  /** Who will be the coordinator (S0-11), and how the centre reaches him. */
  coordinator: organizerSchema,
});
export const declineSchema = z.strictObject({ reason: z.string().trim().min(3).max(300) });

/** A letter older than this is a slip of the pen. */
export const LETTER_YEARS_MAX = 2;

/** What was issued on its way to the coordinator, the last two steps of domain 4.1 CredentialHandover. */
export type Handover = { status: 'handedToInstitution' } | { status: 'activated'; atMs: number; person: string };

interface Asked {
  id: string;
  rev: number;
  institution: string;
  /** The region whose centre decides. */
  region: string;
  headName: string;
  letter: Letter;
  coordinator: Organizer;
  /** Hash of the ticket that the applicant holds. */
  ticketHash: string;
  submittedAtMs: number;
}

interface Decided {
  atMs: number;
  byName: string;
}

export type AccountRequest = Asked &
  (
    | { status: 'submitted' }
    | ({ status: 'issued'; handover: Handover } & Decided)
    | ({ status: 'declined'; reason: string } & Decided)
  );
export type AccountRequestOf<Status extends AccountRequest['status']> = Extract<AccountRequest, { status: Status }>;

/** The fields that hold in every state, one revision further. */
function askedAgain(request: AccountRequest): Asked {
  const { id, institution, region, headName, letter, coordinator, ticketHash, submittedAtMs } = request;
  const rev = request.rev + 1;
  return { id, rev, institution, region, headName, letter, coordinator, ticketHash, submittedAtMs };
}

/** The centre grants the cabinet (S0-10). A decision is made once; after a refusal the institution asks anew. */
export function issue(request: AccountRequest, by: { name: string }, nowMs: number): AccountRequestOf<'issued'> {
  if (request.status !== 'submitted') throw decidedAlready(request);
  const handover: Handover = { status: 'handedToInstitution' };
  return { ...askedAgain(request), status: 'issued', atMs: nowMs, byName: by.name, handover };
}

/** The centre declines; also what it issued, as long as nobody took it. */
export function decline(
  request: AccountRequest,
  by: { name: string },
  reason: string,
  nowMs: number,
): AccountRequestOf<'declined'> {
  if (request.status === 'declined' || (request.status === 'issued' && request.handover.status === 'activated'))
    throw decidedAlready(request);
  return { ...askedAgain(request), status: 'declined', atMs: nowMs, byName: by.name, reason };
}

const decidedAlready = ({ status, atMs, byName }: AccountRequestOf<'issued' | 'declined'>): HubError =>
  new HubError('request_decided', { status, atMs, by: byName });

/** The coordinator takes what was issued; before that, and after, there is nothing to take (S0-10). */
export function activate(request: AccountRequest, person: string, nowMs: number): AccountRequestOf<'issued'> {
  switch (request.status) {
    case 'submitted':
      throw new HubError('access_awaited');
    case 'declined':
      throw new HubError('access_declined', { reason: request.reason });
    case 'issued': {
      if (request.handover.status === 'activated') throw new HubError('access_given_already');
      const { atMs, byName } = request;
      const handover: Handover = { status: 'activated', atMs: nowMs, person };
      return { ...askedAgain(request), status: 'issued', atMs, byName, handover };
    }
    default:
      throw request satisfies never;
  }
}

/** A new ticket for one who lost his; the old one no longer opens anything. Once the cabinet is taken there is nothing to open. */
export function renewTicket(request: AccountRequest, ticketHash: string): AccountRequest {
  if (request.status === 'issued' && request.handover.status === 'activated')
    throw new HubError('access_given_already');
  return { ...request, rev: request.rev + 1, ticketHash };
}

/** Whether the request is neither declined nor taken: while it is, the institution can't send another. */
export const isUnderWay = (request: AccountRequest): boolean =>
  request.status === 'submitted' || (request.status === 'issued' && request.handover.status === 'handedToInstitution');

/* ---- the applicant's page ---- */

export const TICKET_STATES = ['submitted', 'issued', 'declined', 'activated'] as const;

/** What the holder of the ticket sees. */
export interface RequestTicketView {
  id: string;
  rev: number;
  institution: string;
  institutionName: string;
  submittedAtMs: number;
  coordinatorName: string;
  letter: Letter;
  status: (typeof TICKET_STATES)[number];
  reason: string | null;
}

export function ticketView(request: AccountRequest, institutionName: string): RequestTicketView {
  const { id, rev, institution, submittedAtMs, letter } = request;
  const isTaken = request.status === 'issued' && request.handover.status === 'activated';
  return {
    id,
    rev,
    institution,
    institutionName,
    submittedAtMs,
    letter,
    coordinatorName: fullName(request.coordinator),
    status: isTaken ? 'activated' : request.status,
    reason: request.status === 'declined' ? request.reason : null,
  };
}

export type RequestTicketFact = { type: 'requestAnswered'; body: { request: RequestTicketView } };

/** Applies a fact: the newer revision wins, an older one changes nothing. */
export function applyTicketFact(state: RequestTicketView | null, { body }: RequestTicketFact): RequestTicketView {
  return state && state.rev >= body.request.rev ? state : body.request;
}

/* ---- the centre's queue ---- */

/** Names that the centre reads beside a request. */
export interface RequestNames {
  institution: string;
  /** The unit above the institution. */
  parent: string;
}

/** What the centre sees: everything but the ticket. */
export type RequestView = AccountRequest extends infer One
  ? One extends AccountRequest
    ? Omit<One, 'ticketHash'> & { names: RequestNames }
    : never
  : never;

export function requestView({ ticketHash: _, ...view }: AccountRequest, names: RequestNames): RequestView {
  return { ...view, names };
}

/** The requests of one region. */
export interface RequestQueue {
  region: string;
  requests: RequestView[];
}

export type RequestQueueFact = { type: 'requestChanged'; body: { request: RequestView } };

/** Decided requests that a queue shows beside those that wait. */
export const DECIDED_SHOWN_MAX = 200;
/** Requests that may wait in one region; a region has fewer institutions, and each of them one request. */
export const WAITING_SHOWN_MAX = 5_000;

/** A queue in its order: what waits first, oldest first; then what is decided, latest first. */
export function queueOf(region: string, requests: readonly RequestView[]): RequestQueue {
  const waiting = requests.filter(({ status }) => status === 'submitted');
  const decided = requests.filter((request) => request.status !== 'submitted');
  const id = (a: RequestView, b: RequestView): number => (a.id < b.id ? -1 : 1);
  return {
    region,
    requests: [
      ...waiting.toSorted((a, b) => a.submittedAtMs - b.submittedAtMs || id(a, b)).slice(0, WAITING_SHOWN_MAX),
      ...decided.toSorted((a, b) => decidedAtMs(b) - decidedAtMs(a) || id(a, b)).slice(0, DECIDED_SHOWN_MAX),
    ],
  };
}

export const decidedAtMs = (request: RequestView): number =>
  request.status === 'submitted' ? request.submittedAtMs : request.atMs;

/** Applies a fact: the newer revision of a request wins, an older one changes nothing. */
export function applyQueueFact(queue: RequestQueue, { body: { request } }: RequestQueueFact): RequestQueue {
  const present = queue.requests.find(({ id }) => id === request.id);
  if (present && present.rev >= request.rev) return queue;
  return queueOf(queue.region, [...queue.requests.filter(({ id }) => id !== request.id), request]);
}

/** As the queue tells them apart: what is issued waits for the coordinator until he takes it. */
export const QUEUE_STATES = ['submitted', 'handed', 'activated', 'declined'] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

export function queueState(request: RequestView): QueueState {
  if (request.status !== 'issued') return request.status;
  return request.handover.status === 'activated' ? 'activated' : 'handed';
}

export function countQueue(requests: readonly RequestView[]): Record<QueueState, number> {
  const counts = { submitted: 0, handed: 0, activated: 0, declined: 0 };
  for (const request of requests) counts[queueState(request)] += 1;
  return counts;
}
