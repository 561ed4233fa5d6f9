/**
 * An institution in a monitoring: registration, access to the cabinet, and how far its data came
 * (domain 4.1 Participation, DataSubmission; S2-05 … S2-09). Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';

/** The named responsible person of the institution (S2-02). */
export const organizerSchema = z.strictObject({
  surname: z.string().trim().min(1).max(60),
  firstName: z.string().trim().min(1).max(60),
  patronymic: z.string().trim().max(60),
  position: z.string().trim().min(2).max(120),
  phone: z
    .string()
    .trim()
    .min(5)
    .max(40)
    .regex(/^[+\d\s()./-]+$/),
  email: z.email().max(120),
});
export type Organizer = z.infer<typeof organizerSchema>;

/** What an organizer must know, told before registration (S2-03). */
export const SKILLS = ['internet', 'excel', 'cabinet'] as const;

/** The way into the cabinet: asked for by registering, given by the centre, taken by setting a password. */
export type Access =
  | { status: 'awaited' }
  | { status: 'given'; atMs: number; by: string }
  | { status: 'declined'; atMs: number; by: string; reason: string }
  /** `wayBackUntilMs`: the centre gave a new link to one who lost his password; until then it sets name and password anew. */
  | { status: 'activated'; atMs: number; person: string; wayBackUntilMs?: number };

/** How long a new link opens a cabinet that had been taken already (ms). */
export const WAY_BACK_MS = 7 * 24 * 60 * 60_000;

/** Where the latest file stands; `standing` in Progress is the data that count. */
export type Phase = 'none' | 'uploaded' | 'attested' | 'processing' | 'processed' | 'failed';

/** How far an institution came, with the moments its board columns show (domain 4.5, S2). */
export interface Progress {
  phase: Phase;
  templateAtMs: number | null;
  sentAtMs: number | null;
  attestedAtMs: number | null;
  processedAtMs: number | null;
  reportAtMs: number | null;
  /** Errors of the latest file when it failed. */
  errors: number;
  /** Files sent so far, refused ones too. */
  attempts: number;
  /** The latest file that was let in. */
  current: string | null;
  /** The submission whose data count until a later one is processed. */
  standing: string | null;
}

export interface Participation {
  /** `<procedure>/<institution>` */
  id: string;
  rev: number;
  procedure: string;
  institution: string;
  /** Path of the institution, for territory filters. */
  path: string;
  municipality: string;
  organizer: Organizer;
  /** Hash of the ticket that the registering person holds. */
  ticketHash: string;
  registeredAtMs: number;
  access: Access;
  progress: Progress;
}

export const participationId = (procedure: string, institution: string): string => `${procedure}/${institution}`;

export const NO_PROGRESS: Progress = {
  phase: 'none',
  templateAtMs: null,
  sentAtMs: null,
  attestedAtMs: null,
  processedAtMs: null,
  reportAtMs: null,
  errors: 0,
  attempts: 0,
  current: null,
  standing: null,
};

type Next<T> = Omit<T, 'rev'>;
const after = (participation: Participation, change: Partial<Next<Participation>>): Participation => ({
  ...participation,
  ...change,
  rev: participation.rev + 1,
});

/** The centre lets the institution in (S2-08). Letting in twice, or after a refusal, is possible; after activation it is not. */
export function giveAccess(participation: Participation, by: string, nowMs: number): Participation {
  if (participation.access.status === 'activated' || participation.access.status === 'given')
    throw new HubError('access_given_already');
  return after(participation, { access: { status: 'given', atMs: nowMs, by } });
}

export function declineAccess(participation: Participation, by: string, reason: string, nowMs: number): Participation {
  if (participation.access.status === 'activated') throw new HubError('access_given_already');
  return after(participation, { access: { status: 'declined', atMs: nowMs, by, reason } });
}

/** The registered person takes the access that was given. */
export function activateAccess(participation: Participation, person: string, nowMs: number): Participation {
  switch (participation.access.status) {
    case 'awaited':
      throw new HubError('access_awaited');
    case 'declined':
      throw new HubError('access_declined', { reason: participation.access.reason });
    case 'activated': {
      const { atMs, person: holder, wayBackUntilMs = 0 } = participation.access;
      if (wayBackUntilMs <= nowMs) throw new HubError('access_given_already');
      return after(participation, { access: { status: 'activated', atMs, person: holder } });
    }
    case 'given':
      return after(participation, { access: { status: 'activated', atMs: nowMs, person } });
    default:
      throw participation.access satisfies never;
  }
}

/** A new ticket for the same registration; the old one no longer opens anything. After activation it is the way back in. */
export function renewTicket(participation: Participation, ticketHash: string, nowMs: number): Participation {
  const { access } = participation;
  return after(participation, {
    ticketHash,
    access: access.status === 'activated' ? { ...access, wayBackUntilMs: nowMs + WAY_BACK_MS } : access,
  });
}

/** The first download counts (S2-09); null when nothing changes. */
export function takeTemplate(participation: Participation, nowMs: number): Participation | null {
  if (participation.access.status !== 'activated') throw new HubError('access_awaited');
  if (participation.progress.templateAtMs !== null) return null;
  return after(participation, { progress: { ...participation.progress, templateAtMs: nowMs } });
}

/** What the latest submission did to the progress; the submission itself keeps the rest. */
export function progressed(participation: Participation, progress: Partial<Progress>): Participation {
  return after(participation, { progress: { ...participation.progress, ...progress } });
}

/** One row of a coordinator's board: ids, states and moments, no personal data (domain 4.4). */
export interface BoardRow {
  institution: string;
  name: string;
  order: number;
  /** Revision of the participation; 0 while the institution has not registered. */
  rev: number;
  registeredAtMs: number | null;
  access: Access['status'] | null;
  progress: Progress;
}

/** A unit's fields that a row shows. */
interface RowUnit {
  id: string;
  name: string;
  order: number;
}

export function boardRow(unit: RowUnit, participation: Participation | null): BoardRow {
  return {
    institution: unit.id,
    name: unit.name,
    order: unit.order,
    rev: participation?.rev ?? 0,
    registeredAtMs: participation?.registeredAtMs ?? null,
    access: participation?.access.status ?? null,
    progress: participation?.progress ?? NO_PROGRESS,
  };
}

/** What the institution and its region see of the participation: everything but the ticket. */
export type ParticipationView = Omit<Participation, 'ticketHash'>;

export function participationView({ ticketHash: _, ...view }: Participation): ParticipationView {
  return view;
}

/** What the holder of a registration ticket sees before he can sign in. */
export interface RegistrationView {
  procedure: string;
  institution: string;
  institutionName: string;
  rev: number;
  registeredAtMs: number;
  organizerName: string;
  access: { status: Access['status']; reason: string | null; wayBackUntilMs: number | null };
}

export type RegistrationFact = { type: 'registrationChanged'; body: { registration: RegistrationView } };

/** Applies a fact: an older revision changes nothing. The same one may come again, with the institution's new name. */
export function applyRegistrationFact(state: RegistrationView | null, { body }: RegistrationFact): RegistrationView {
  return state && state.rev > body.registration.rev ? state : body.registration;
}

export function registrationView(participation: Participation, institutionName: string): RegistrationView {
  const { organizer, access } = participation;
  return {
    procedure: participation.procedure,
    institution: participation.institution,
    institutionName,
    rev: participation.rev,
    registeredAtMs: participation.registeredAtMs,
    organizerName: fullName(organizer),
    access: {
      status: access.status,
      reason: access.status === 'declined' ? access.reason : null,
      wayBackUntilMs: access.status === 'activated' ? (access.wayBackUntilMs ?? null) : null,
    },
  };
}

export const fullName = ({ surname, firstName, patronymic }: Organizer): string =>
  [surname, firstName, patronymic].filter(Boolean).join(' ');
