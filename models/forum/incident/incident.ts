/**
 * An incident: many institutions ask the same within minutes, because something is wrong for all of them. It is raised once, answered
 * once for all who asked, and closes by itself when nobody asks any more. Pure, browser-safe.
 */
import { HubError } from '../../error.ts';

/** Questions that came within this time are looked at together (ms). */
export const SURGE_WINDOW_MS = 10 * 60_000;
/** From so many institutions on it is no longer each one's own trouble. */
export const SURGE_INSTITUTIONS_MIN = 5;
/** An incident that nobody has joined for so long is over (ms). */
export const QUIET_MS = 60 * 60_000;
/** How much of a question's words another must have to be the same matter, 0 … 1. */
export const SAME_MATTER_SHARE = 0.6;
/** An incident that holds more questions counts on, and answers those that it holds. */
export const QUESTIONS_MAX = 500;
/** Units that are named in an incident; the rest are counted. */
const NAMED_MAX = 5;

/** What makes questions one matter: the code of a refusal, or their words. */
export type Cause = { kind: 'code'; code: string } | { kind: 'words'; text: string };

/** One question, as far as an incident is concerned. */
export interface Asking {
  question: string;
  unit: string;
  unitName: string;
  askedAtMs: number;
}

interface Raised {
  id: string;
  rev: number;
  procedure: string;
  cause: Cause;
  /** In the order in which they were asked. */
  askings: readonly Asking[];
  /** Questions beyond those that are held. */
  more: number;
  raisedAtMs: number;
  lastAskedAtMs: number;
}

/** One answer to all who asked. */
export interface Broadcast {
  text: string;
  byName: string;
  atMs: number;
}

export type Incident = Raised &
  (
    | { status: 'open' }
    /** Told to all; `acknowledgedBy` are the units that have said that it helped. */
    | { status: 'answered'; broadcast: Broadcast; acknowledgedBy: readonly string[] }
    | { status: 'closed'; broadcast: Broadcast | null; acknowledgedBy: readonly string[]; closedAtMs: number }
  );
export type IncidentOf<Status extends Incident['status']> = Extract<Incident, { status: Status }>;

export const institutionsOf = ({ askings }: Pick<Incident, 'askings'>): number =>
  new Set(askings.map(({ unit }) => unit)).size;

/** An incident as all organizers see it. */
export interface IncidentView {
  id: string;
  rev: number;
  status: Incident['status'];
  cause: Cause;
  /** Questions, also those that are only counted. */
  questions: number;
  /** Who asked, each once. */
  units: readonly string[];
  /** The names that an answerer reads first. */
  named: readonly string[];
  raisedAtMs: number;
  lastAskedAtMs: number;
  broadcast: Broadcast | null;
  acknowledgedBy: readonly string[];
}

export function incidentView(incident: Incident): IncidentView {
  const { id, rev, status, cause, askings, more, raisedAtMs, lastAskedAtMs } = incident;
  const { broadcast = null, acknowledgedBy = [] } = incident.status === 'open' ? {} : incident;
  return {
    ...{
      id,
      rev,
      status,
      cause,
      questions: askings.length + more,
      raisedAtMs,
      lastAskedAtMs,
      broadcast,
      acknowledgedBy,
    },
    units: [...new Set(askings.map(({ unit }) => unit))],
    named: [...new Set(askings.map(({ unitName }) => unitName))].slice(0, NAMED_MAX),
  };
}

export interface IncidentFact {
  type: 'incidentChanged';
  entity: string;
  rev: number;
  body: { incident: IncidentView };
}

/** The incidents that go on, the latest first; one that is over leaves. */
export function applyIncidentFact(
  incidents: readonly IncidentView[],
  { entity, rev, body }: IncidentFact,
): readonly IncidentView[] {
  const known = incidents.find(({ id }) => id === entity);
  if (known && known.rev >= rev) return incidents;
  return incidentsOf([...incidents.filter(({ id }) => id !== entity), body.incident]);
}

export const incidentsOf = (incidents: readonly IncidentView[]): IncidentView[] =>
  incidents
    .filter(({ status }) => status !== 'closed')
    .toSorted((a, b) => b.raisedAtMs - a.raisedAtMs || (a.id < b.id ? -1 : 1));

/**
 * Raises an incident when enough institutions asked the same within the window; null when they did not. One institution that asks
 * ten times is one.
 */
export function raise(
  { id, procedure, cause }: { id: string; procedure: string; cause: Cause },
  recent: readonly Asking[],
  nowMs: number,
): IncidentOf<'open'> | null {
  const within = recent
    .filter(({ askedAtMs }) => askedAtMs > nowMs - SURGE_WINDOW_MS && askedAtMs <= nowMs)
    .toSorted((a, b) => a.askedAtMs - b.askedAtMs || (a.question < b.question ? -1 : 1));
  if (institutionsOf({ askings: within }) < SURGE_INSTITUTIONS_MIN) return null;
  return {
    ...{ id, rev: 1, procedure, cause, raisedAtMs: nowMs, lastAskedAtMs: within.at(-1)?.askedAtMs ?? nowMs },
    ...{ askings: within.slice(0, QUESTIONS_MAX), more: Math.max(0, within.length - QUESTIONS_MAX), status: 'open' },
  };
}

/** More have asked; null when the incident knows all of the questions, or is over. */
export function join(incident: Incident, askings: readonly Asking[]): Incident | null {
  const known = new Set(incident.askings.map(({ question }) => question));
  const fresh = askings.filter(({ question }) => !known.has(question));
  if (incident.status === 'closed' || fresh.length === 0) return null;
  const room = QUESTIONS_MAX - incident.askings.length;
  return {
    ...incident,
    rev: incident.rev + 1,
    askings: [...incident.askings, ...fresh.slice(0, room)],
    more: incident.more + Math.max(0, fresh.length - room),
    lastAskedAtMs: Math.max(incident.lastAskedAtMs, ...fresh.map(({ askedAtMs }) => askedAtMs)),
  };
}

/** The one answer to all. Errors: HubError `stale_write` for an incident that is answered or over. */
export function tellAll(incident: Incident, broadcast: Broadcast): IncidentOf<'answered'> {
  if (incident.status !== 'open') throw new HubError('stale_write');
  return { ...incident, rev: incident.rev + 1, status: 'answered', broadcast, acknowledgedBy: [] };
}

/** A unit that asked says that the answer helped; null when it had said so, or never asked. */
export function acknowledge(incident: Incident, unit: string): Incident | null {
  if (incident.status !== 'answered' || !incident.askings.some((asking) => asking.unit === unit)) return null;
  if (incident.acknowledgedBy.includes(unit)) return null;
  return { ...incident, rev: incident.rev + 1, acknowledgedBy: [...incident.acknowledgedBy, unit] };
}

/** When the clock alone ends it. */
export const quietAtMs = ({ lastAskedAtMs }: Pick<Incident, 'lastAskedAtMs'>): number => lastAskedAtMs + QUIET_MS;

/** Closes what is over: nobody has asked for long, or all who asked have said that the answer helped. Null while it goes on. */
export function closeIfOver(incident: Incident, nowMs: number): IncidentOf<'closed'> | null {
  if (incident.status === 'closed') return null;
  const isSettled =
    incident.status === 'answered' && incident.acknowledgedBy.length >= institutionsOf(incident) && incident.more === 0;
  if (!isSettled && nowMs < quietAtMs(incident)) return null;
  const { broadcast = null, acknowledgedBy = [] } = incident.status === 'answered' ? incident : {};
  return { ...incident, rev: incident.rev + 1, status: 'closed', broadcast, acknowledgedBy, closedAtMs: nowMs };
}
