/**
 * What an institution tells of itself, and who is its coordinator (domain ContextualData; S0-11 … S0-16): «Информация об
 * организации». Its coordinators stand here, because one revision decides who is the one (S0-11). Pure, browser-safe.
 */
import { z } from 'zod';
import { isActive, type Unit, type UnitKind } from '../org/unit.ts';
import { fullName, organizerSchema, type Organizer } from '../participation/participation.ts';

/** Kinds of units that have a cabinet of their own. */
export const CABINET_KINDS = ['institution', 'college'] as const satisfies readonly UnitKind[];
export const hasCabinet = (unit: Pick<Unit, 'kind' | 'status'>): boolean =>
  isActive(unit) && CABINET_KINDS.some((kind) => kind === unit.kind);

/** The fields that the coordinator fills (S0-14, S0-15), in the order of the page. The name comes from the tree, the password from the account. */
export const CONTEXTUAL_FIELDS = ['site', 'surname', 'firstName', 'patronymic', 'position', 'phone', 'email'] as const;
export type ContextualField = (typeof CONTEXTUAL_FIELDS)[number];
/** An empty text is a field not filled yet. */
export type ContextualFields = Record<ContextualField, string>;

/** Counted for completeness: not everybody has a patronymic, and whoever has none must be able to be complete. */
export const COUNTED_FIELDS = CONTEXTUAL_FIELDS.filter((field) => field !== 'patronymic');

export const FIELD_CHARS_MAX: Record<ContextualField, number> = {
  site: 200,
  surname: 60,
  firstName: 60,
  patronymic: 60,
  position: 120,
  phone: 40,
  email: 120,
};
/** International numbers have at most 15 digits (E.164); local ones with their code at least 5. */
export const PHONE_DIGITS_MIN = 5;
export const PHONE_DIGITS_MAX = 15;

export const FIELD_PROBLEMS = ['long', 'signs', 'short', 'site', 'digits', 'email'] as const;
export interface FieldProblem {
  field: ContextualField;
  /** Words `contextual_problem_<reason>_*` stand in the message files. */
  reason: (typeof FIELD_PROBLEMS)[number];
}

const NAME = /^[\p{L}\p{M}]+(?:[ '’.-]+[\p{L}\p{M}]+)*\.?$/u;

/** Why a value can't be taken, or null. An empty one always can: the form may be filled in parts. */
function problemOf(field: ContextualField, value: string): FieldProblem['reason'] | null {
  if (value === '') return null;
  if (value.length > FIELD_CHARS_MAX[field]) return 'long';
  switch (field) {
    case 'site':
      return isSite(value) ? null : 'site';
    case 'surname':
    case 'firstName':
    case 'patronymic':
      return NAME.test(value) ? null : 'signs';
    case 'position':
      return value.length < 2 ? 'short' : null;
    case 'phone': {
      const digits = value.replaceAll(/\D/g, '').length;
      const isPhone = /^[+\d\s()./-]+$/.test(value) && digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX;
      return isPhone ? null : 'digits';
    }
    case 'email':
      return organizerSchema.shape.email.safeParse(value).success ? null : 'email';
    default:
      throw field satisfies never;
  }
}

/** Everything that is wrong with a form, field by field; the page asks before it sends, the hub before it records. */
export function fieldProblems(fields: ContextualFields): FieldProblem[] {
  return CONTEXTUAL_FIELDS.flatMap((field) => {
    const reason = problemOf(field, fields[field]);
    return reason === null ? [] : [{ field, reason }];
  });
}

/** Where the site is: as typed when the scheme was typed, by https otherwise. Null for what leads nowhere. */
export function siteUrl(site: string): string | null {
  const typed = /^[a-z][a-z\d+.-]*:/i.test(site) && !/^[^/]*:\d+(?:\/|$)/.test(site) ? site : `https://${site}`;
  if (/\s/.test(site) || !URL.canParse(typed)) return null;
  const { protocol, hostname, username, password, href } = new URL(typed);
  const isPlace = /^[^.]+(?:\.[^.]+)+$/.test(hostname) && username === '' && password === '';
  return isPlace && (protocol === 'https:' || protocol === 'http:') ? href : null;
}
const isSite = (site: string): boolean => siteUrl(site) !== null;

const text = z.string().trim();
/** A form as it comes: texts without their edges; what is wrong in them is told by `fieldProblems`. */
export const contextualFieldsSchema = z.strictObject({
  site: text,
  surname: text,
  firstName: text,
  patronymic: text,
  position: text,
  phone: text,
  email: text,
} satisfies Record<ContextualField, typeof text>);

export const NO_FIELDS: ContextualFields = {
  site: '',
  surname: '',
  firstName: '',
  patronymic: '',
  position: '',
  phone: '',
  email: '',
};

/** Who was coordinator, from when, until when; `untilMs` null is the one now. */
export interface Appointment {
  person: string;
  name: string;
  fromMs: number;
  untilMs: number | null;
}

/** Coordinators whose terms are kept; the oldest go first. */
export const APPOINTMENTS_KEPT_MAX = 100;

/** A request for the cabinet that is not over: with the centre, or issued and not taken yet (S0-09, S0-10). */
export interface RequestUnderWay {
  id: string;
  status: 'submitted' | 'issued';
  atMs: number;
}

export interface ContextualData {
  /** The institution's id. */
  id: string;
  rev: number;
  request: RequestUnderWay | null;
  fields: ContextualFields;
  /** Earliest first; at most one has no end. */
  appointments: Appointment[];
  changedAtMs: number | null;
}

/** Somebody did something to the data; what was before stands beside what is now. */
export interface ContextualChange {
  /** `<institution>.<revision of the data>` */
  id: string;
  institution: string;
  /** Revision of the data after the change. */
  dataRev: number;
  atMs: number;
  byName: string;
  kind: 'edited' | 'appointed' | 'ended';
  /** The coordinator who came or went. */
  coordinator: string | null;
  fields: { field: ContextualField; before: string; after: string }[];
}

/** What a deed made of the data; the change is null when nobody who reads the page need know. */
export interface ContextualMove {
  data: ContextualData;
  change: ContextualChange | null;
}

/** An institution that nobody asked a cabinet for; it is not kept. */
export const noData = (institution: string): ContextualData => ({
  id: institution,
  rev: 0,
  request: null,
  fields: NO_FIELDS,
  appointments: [],
  changedAtMs: null,
});

export const coordinatorOf = (data: Pick<ContextualData, 'appointments'>): Appointment | null =>
  data.appointments.find(({ untilMs }) => untilMs === null) ?? null;

const after = (data: ContextualData, change: Partial<Omit<ContextualData, 'id' | 'rev'>>): ContextualData => ({
  ...data,
  ...change,
  rev: data.rev + 1,
});

function changeOf(
  before: ContextualData,
  now: ContextualData,
  told: Pick<ContextualChange, 'atMs' | 'byName' | 'kind' | 'coordinator'>,
): ContextualChange {
  const fields = CONTEXTUAL_FIELDS.filter((field) => before.fields[field] !== now.fields[field]).map((field) => ({
    field,
    before: before.fields[field],
    after: now.fields[field],
  }));
  return { id: `${now.id}.${now.rev}`, institution: now.id, dataRev: now.rev, fields, ...told };
}

const ended = (appointments: readonly Appointment[], nowMs: number): Appointment[] =>
  appointments.map((one) => (one.untilMs === null ? { ...one, untilMs: nowMs } : one));

/** A request came in, or was declined (null). Who coordinates now stays. */
export const requestMoved = (data: ContextualData, request: RequestUnderWay | null): ContextualMove => ({
  data: after(data, { request }),
  change: null,
});

/** The centre issued a cabinet: whoever coordinated until now does so no longer (S0-11). */
export function requestIssued(
  data: ContextualData,
  request: string,
  by: { name: string },
  nowMs: number,
): ContextualMove {
  const present = coordinatorOf(data);
  const now = after(data, {
    request: { id: request, status: 'issued', atMs: nowMs },
    appointments: ended(data.appointments, nowMs),
    ...(present ? { changedAtMs: nowMs } : {}),
  });
  const told = { atMs: nowMs, byName: by.name, kind: 'ended', coordinator: present?.name ?? null } as const;
  return { data: now, change: present && changeOf(data, now, told) };
}

/** The coordinator was recalled: nobody coordinates until another is appointed (S0-11). */
export function coordinatorRecalled(data: ContextualData, by: { name: string }, nowMs: number): ContextualMove {
  const present = coordinatorOf(data);
  if (!present) return { data: after(data, {}), change: null };
  const now = after(data, { appointments: ended(data.appointments, nowMs), changedAtMs: nowMs });
  const told = { atMs: nowMs, byName: by.name, kind: 'ended', coordinator: present.name } as const;
  return { data: now, change: changeOf(data, now, told) };
}

/** The parts of a name as it is written in Russian: surname, first name, and the rest. */
export function organizerOf({
  name,
  position,
  phone,
  email,
}: {
  name: string;
  position: string | null;
  phone: string | null;
  email: string | null;
}): Organizer {
  const [surname = '', firstName = '', ...rest] = name.split(/\s+/);
  return {
    ...{ surname, firstName, patronymic: rest.join(' ') },
    ...{ position: position ?? '', phone: phone ?? '', email: email ?? '' },
  };
}

/** The coordinator took his cabinet: from now on he is the one, and his own data stand in the form (S0-11). */
export function coordinatorAppointed(
  data: ContextualData,
  { person, details }: { person: string; details: Organizer },
  nowMs: number,
): ContextualMove {
  const name = fullName(details);
  const appointment: Appointment = { person, name, fromMs: nowMs, untilMs: null };
  const now = after(data, {
    request: null,
    fields: { ...data.fields, ...details },
    appointments: [...ended(data.appointments, nowMs), appointment].slice(-APPOINTMENTS_KEPT_MAX),
    changedAtMs: nowMs,
  });
  return {
    data: now,
    change: changeOf(data, now, { atMs: nowMs, byName: name, kind: 'appointed', coordinator: name }),
  };
}

/** The coordinator changed the data (S0-12, S0-16); null when nothing is different. */
export function fieldsEdited(
  data: ContextualData,
  fields: ContextualFields,
  by: { name: string },
  nowMs: number,
): ContextualMove | null {
  const now = after(data, { fields, changedAtMs: nowMs });
  const change = changeOf(data, now, { atMs: nowMs, byName: by.name, kind: 'edited', coordinator: null });
  return change.fields.length === 0 ? null : { data: now, change };
}

/**
 * A form that was opened on `opened`, when the data are `now` by somebody else's hand: what the writer left alone follows, what both
 * changed to different values is a conflict that he decides.
 */
export function rebaseForm(
  opened: ContextualFields,
  given: ContextualFields,
  now: ContextualFields,
): { given: ContextualFields; followed: ContextualField[]; conflicts: ContextualField[] } {
  const others = CONTEXTUAL_FIELDS.filter((field) => now[field] !== opened[field]);
  const followed = others.filter((field) => given[field] === opened[field]);
  const conflicts = others.filter((field) => given[field] !== opened[field] && given[field] !== now[field]);
  return {
    given: { ...given, ...Object.fromEntries(followed.map((field) => [field, now[field]])) },
    followed,
    conflicts,
  };
}

export const filledCount = (fields: ContextualFields): number =>
  COUNTED_FIELDS.filter((field) => fields[field] !== '').length;

/* ---- one institution's page ---- */

/** Changes that a page shows. */
export const CHANGES_SHOWN_MAX = 50;

/** What the institution and its territory see; the request under way is the centre's matter. */
export type ContextualView = Omit<ContextualData, 'request'>;

export function contextualView({ request: _, ...view }: ContextualData): ContextualView {
  return view;
}

/** The page «Информация об организации» as a live state. */
export interface InstitutionState {
  data: ContextualView;
  /** Latest first. */
  changes: ContextualChange[];
}

export const emptyInstitution = (institution: string): InstitutionState => ({
  data: contextualView(noData(institution)),
  changes: [],
});

export type InstitutionFact = {
  type: 'contextualDataChanged';
  body: { data: ContextualView; change: ContextualChange | null };
};

/** Applies a fact: the newer revision wins, an older one changes nothing. */
export function applyInstitutionFact(state: InstitutionState, { body }: InstitutionFact): InstitutionState {
  if (body.data.rev <= state.data.rev) return state;
  const changes = body.change ? [body.change, ...state.changes].slice(0, CHANGES_SHOWN_MAX) : state.changes;
  return { data: body.data, changes };
}

/* ---- the territory's overview «Кабинеты» ---- */

/** How far an institution is connected (S0-04). */
export const CONNECTIONS = ['none', 'requested', 'issued', 'connected'] as const;
export type Connection = (typeof CONNECTIONS)[number];

export function connectionOf(data: Pick<ContextualData, 'appointments' | 'request'>): Connection {
  if (coordinatorOf(data)) return 'connected';
  if (data.request?.status === 'issued') return 'issued';
  return data.request ? 'requested' : 'none';
}

/** One row of the overview: states and counts, no personal data (domain 4.4). */
export interface CabinetRow {
  institution: string;
  name: string;
  order: number;
  /** Revision of the contextual data; 0 while there are none. */
  rev: number;
  connection: Connection;
  /** When the connection became what it is. */
  sinceMs: number | null;
  /** A request waits for the centre; also of an institution that is connected already. */
  isAwaiting: boolean;
  /** Of `COUNTED_FIELDS`. */
  filled: number;
  changedAtMs: number | null;
}

export function cabinetRow(unit: { id: string; name: string; order: number }, data: ContextualData | null): CabinetRow {
  return {
    institution: unit.id,
    name: unit.name,
    order: unit.order,
    rev: data?.rev ?? 0,
    connection: data ? connectionOf(data) : 'none',
    sinceMs: data ? (coordinatorOf(data)?.fromMs ?? data.request?.atMs ?? null) : null,
    isAwaiting: data?.request?.status === 'submitted',
    filled: data ? filledCount(data.fields) : 0,
    changedAtMs: data?.changedAtMs ?? null,
  };
}

/** The institutions directly under one unit, as one stream carries them. */
export interface CabinetsPart {
  parent: string;
  name: string;
  order: number;
  rows: CabinetRow[];
}

export const emptyCabinets = (parent: string): CabinetsPart => ({ parent, name: '', order: 0, rows: [] });

export type CabinetsFact = { type: 'cabinetChanged'; body: { row: CabinetRow } };

/** Applies a fact: the newer revision of a row wins, an older one changes nothing. */
export function applyCabinetsFact(part: CabinetsPart, { body: { row } }: CabinetsFact): CabinetsPart {
  const index = part.rows.findIndex(({ institution }) => institution === row.institution);
  const present = part.rows[index];
  if (!present) return { ...part, rows: [...part.rows, row] };
  return present.rev >= row.rev ? part : { ...part, rows: part.rows.with(index, row) };
}

export interface CabinetCounts {
  all: number;
  connected: number;
  notConnected: number;
  issued: number;
  awaiting: number;
  complete: number;
}

export const isComplete = ({ connection, filled }: CabinetRow): boolean =>
  connection === 'connected' && filled === COUNTED_FIELDS.length;

/** Figures of a territory. Denominators are honest: `all` are the institutions of the list, connected or not (S0-04). */
export function countCabinets(rows: readonly CabinetRow[]): CabinetCounts {
  const count = (is: (row: CabinetRow) => boolean): number => rows.filter(is).length;
  const connected = count(({ connection }) => connection === 'connected');
  return {
    all: rows.length,
    connected,
    notConnected: rows.length - connected,
    issued: count(({ connection }) => connection === 'issued'),
    awaiting: count(({ isAwaiting }) => isAwaiting),
    complete: count(isComplete),
  };
}
