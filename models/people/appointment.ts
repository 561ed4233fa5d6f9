/**
 * Appointments (domain 1.2, 4.1 Appointment): who holds which role of which unit, from which day to which, by whom, and what
 * became of it. THE table of who may appoint whom stands here. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import type { UnitKind } from '../org/unit.ts';
import { SUBJECTS_MAX } from '../procedure/procedure.ts';
import { personNameSchema } from './person.ts';
import { ROLES, type Holder, type Role } from './rights.ts';

/** `does`: appoints at any time. `first`: only where nobody has the role yet and nobody is there who appoints to it. */
export type Power = 'does' | 'first';

interface RoleRow {
  /** Requirement ids and guards that the row rests on; `i` is inferred. */
  basis: string;
  appointedBy: Partial<Record<Role, Power>>;
  /** Kinds of units that the role is held in. */
  places: readonly UnitKind[];
  /** Whether it is bound to one procedure. */
  procedure: 'never' | 'may' | 'must';
  /** One holder at a time for each unit (and procedure, where it is bound to one). */
  isSingle: boolean;
  /** Without days: it lasts until somebody ends it or takes its place. */
  isOpenEnded?: true;
  /** Counts only when the federal coordinator has agreed. */
  isAgreed?: true;
  /** Telephone and e-mail are passed on to whom the role works with: both are asked for. */
  needsContacts?: true;
}

/** What the institution's own people are appointed to, and where. */
const IN_INSTITUTION = ['institution', 'college'] as const satisfies readonly UnitKind[];

/**
 * Who appoints to what, and where. The hub's administrators stand at the beginning: they enter the authorities of a territory, and
 * of every other role only the first, as long as nobody is there whose matter it is.
 */
export const APPOINTING: Readonly<Record<Role, RoleRow>> = {
  administrator: {
    basis: 'the hub itself',
    appointedBy: { administrator: 'does' },
    places: ['federation', 'region'],
    procedure: 'never',
    isSingle: false,
  },
  federalCoordinator: {
    basis: 'S1-53, i',
    appointedBy: { administrator: 'does' },
    places: ['federation'],
    procedure: 'may',
    isSingle: false,
  },
  authoritySpecialist: {
    basis: 'S1-01, i',
    appointedBy: { administrator: 'does' },
    places: ['region'],
    procedure: 'may',
    isSingle: false,
  },
  regionalCoordinator: {
    basis: 'S1-01, S1-02, G-04',
    appointedBy: { authoritySpecialist: 'does', administrator: 'first' },
    places: ['region'],
    procedure: 'may',
    isSingle: true,
    needsContacts: true,
  },
  dataProcessingOperator: {
    basis: 'S1-03, i',
    appointedBy: { authoritySpecialist: 'does', administrator: 'first' },
    places: ['region'],
    procedure: 'may',
    isSingle: false,
  },
  scanningSpecialist: {
    basis: 'S1-04, G-04',
    appointedBy: { authoritySpecialist: 'does', administrator: 'first' },
    places: ['region', 'scanningCentre'],
    procedure: 'may',
    isSingle: false,
  },
  municipalCoordinator: {
    basis: 'S4-08, i',
    appointedBy: { regionalCoordinator: 'does', administrator: 'first' },
    places: ['municipality'],
    procedure: 'may',
    isSingle: false,
  },
  institutionHead: {
    basis: 'S0-09, i',
    appointedBy: { regionalCoordinator: 'does', municipalCoordinator: 'does', administrator: 'first' },
    places: IN_INSTITUTION,
    procedure: 'never',
    isSingle: true,
  },
  institutionCoordinator: {
    basis: 'S0-11, S1-06',
    appointedBy: { institutionHead: 'does', administrator: 'first' },
    places: IN_INSTITUTION,
    procedure: 'never',
    isSingle: true,
    isOpenEnded: true,
  },
  procedureLead: {
    basis: 'S0-25',
    appointedBy: { institutionHead: 'does', institutionCoordinator: 'does' },
    places: IN_INSTITUTION,
    procedure: 'must',
    isSingle: true,
  },
  roomOrganizer: {
    basis: 'S1-08 … S1-10, G-01',
    appointedBy: { institutionHead: 'does', institutionCoordinator: 'does' },
    places: IN_INSTITUTION,
    procedure: 'may',
    isSingle: false,
  },
  technicalSpecialist: {
    basis: 'S1-17, i',
    appointedBy: { institutionHead: 'does', institutionCoordinator: 'does' },
    places: IN_INSTITUTION,
    procedure: 'may',
    isSingle: false,
  },
  independentObserver: {
    basis: 'S1-11, S1-18, G-02',
    appointedBy: { regionalCoordinator: 'does' },
    places: IN_INSTITUTION,
    procedure: 'may',
    isSingle: false,
  },
  expert: {
    basis: 'S1-17, G-03',
    appointedBy: { regionalCoordinator: 'does' },
    places: ['region'],
    procedure: 'may',
    isSingle: false,
    isAgreed: true,
  },
};

/** Roles of an institution's own people; an observer is never one of them (G-02). */
export const EMPLOYEE_ROLES: readonly Role[] = [
  'institutionHead',
  'institutionCoordinator',
  'procedureLead',
  'roomOrganizer',
  'technicalSpecialist',
];

/** The six categories of an observer (S1-11). */
export const OBSERVER_CATEGORIES = [
  'authorityControl',
  'authorityQuality',
  'municipalAuthority',
  'developmentInstitute',
  'qualityCentre',
  'deputyHead',
] as const;
export type ObserverCategory = (typeof OBSERVER_CATEGORIES)[number];

/** Where a role is to be held. */
export interface Post {
  role: Role;
  path: string;
  procedure: string | null;
}

const reaches = (held: Holder['assignments'][number], { path, procedure }: Omit<Post, 'role'>): boolean =>
  path.startsWith(held.path) && (!held.procedure || held.procedure === procedure);

/** How far a person may appoint to a post: the strongest of what he holds; null when it is not his matter. */
export function powerOver(person: Holder, post: Post): Power | null {
  const powers = person.assignments
    .filter((held) => reaches(held, post))
    .map(({ role }) => APPOINTING[post.role].appointedBy[role]);
  return powers.includes('does') ? 'does' : powers.includes('first') ? 'first' : null;
}

/** The roles whose matter an appointment is: while one of them is there, `first` is nobody's. */
export const appointersOf = (role: Role): Role[] => ROLES.filter((by) => APPOINTING[role].appointedBy[by] === 'does');

/** The roles that a person may appoint to anywhere at all. */
export const appointableBy = (person: Holder): Role[] =>
  ROLES.filter((role) => person.assignments.some((held) => APPOINTING[role].appointedBy[held.role] !== undefined));

/* ---- limits ---- */

/** An invitation opens nothing after this (ms). */
export const INVITATION_LIFE_MS = 14 * 24 * 60 * 60_000;
/** Invitations of one appointment that are remembered, so that an old one is told why it no longer opens. */
export const INVITATIONS_KEPT_MAX = 20;
/** An appointment is made for at most so long, and begins at most so long after or before today. */
export const TERM_YEARS_MAX = 5;
export const BEGIN_YEARS_MAX = 1;
export const REASON_CHARS_MIN = 3;
export const REASON_CHARS_MAX = 300;

/* ---- what is said of an appointment ---- */

const optionalText = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((text) => (text === '' ? null : text))
    .nullable()
    .default(null);

export const appointmentInputSchema = z.strictObject({
  role: z.enum(ROLES),
  unit: z.string().max(40),
  procedure: optionalText(100),
  name: personNameSchema,
  position: optionalText(120),
  phone: optionalText(40),
  email: optionalText(120).pipe(z.email().nullable()),
  category: z
    .enum(['', ...OBSERVER_CATEGORIES])
    .transform((category) => (category === '' ? null : category))
    .nullable()
    .default(null),
  /** Null: today. */
  from: optionalText(10).pipe(z.iso.date().nullable()),
  /** Last day, inclusive; null: until it is ended. */
  to: optionalText(10).pipe(z.iso.date().nullable()),
  channel: z.enum(['letter', 'card']),
  /** The appointment whose holder the new one follows. */
  replaces: optionalText(100),
  /** The room that an organizer answers for, the subjects that he is a specialist in, and whether he works in the college (G-01). */
  room: optionalText(100),
  subjects: z.array(z.string().max(80)).max(SUBJECTS_MAX).default([]),
  isEmployee: z.boolean().default(false),
});
export type AppointmentInput = z.output<typeof appointmentInputSchema>;
export type Channel = AppointmentInput['channel'];

export const endingSchema = z.strictObject({
  reason: z.string().trim().min(REASON_CHARS_MIN).max(REASON_CHARS_MAX),
});

/** Days of an appointment, as given; the moments are those of the region's zone. */
export interface Term {
  from: string;
  to: string | null;
  fromMs: number;
  /** The first moment after the last day. */
  untilMs: number | null;
}

const dayStartMs = (day: Temporal.PlainDate, zone: string): number =>
  day.toZonedDateTime({ timeZone: zone }).epochMilliseconds;

/** The days of an appointment in a zone. Errors: `bad_input` naming the day that will not do. */
export function termOf(given: { from: string | null; to: string | null }, zone: string, nowMs: number): Term {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone).toPlainDate();
  const from = given.from === null ? today : Temporal.PlainDate.from(given.from);
  const to = given.to === null ? null : Temporal.PlainDate.from(given.to);
  const isBefore = (a: Temporal.PlainDate, b: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(a, b) < 0;
  if (
    isBefore(from, today.subtract({ years: BEGIN_YEARS_MAX })) ||
    isBefore(today.add({ years: BEGIN_YEARS_MAX }), from)
  )
    throw new HubError('bad_input', { field: 'from', reason: 'far' });
  if (to && (isBefore(to, from) || isBefore(to, today) || isBefore(from.add({ years: TERM_YEARS_MAX }), to)))
    throw new HubError('bad_input', { field: 'to', reason: 'far' });
  return {
    from: from.toString(),
    to: to?.toString() ?? null,
    fromMs: dayStartMs(from, zone),
    untilMs: to ? dayStartMs(to.add({ days: 1 }), zone) : null,
  };
}

/** What a role asks for beyond a name. Errors: `bad_input` naming the field. */
export function demandFit(input: AppointmentInput, kind: UnitKind): void {
  const { role, procedure, phone, email, category, from, to, channel, room } = input;
  const row = APPOINTING[role];
  const refuse = (field: string, reason: string): never => {
    throw new HubError('bad_input', { field, reason });
  };
  if (!row.places.includes(kind)) refuse('unit', 'kind');
  if (row.procedure === 'must' && procedure === null) refuse('procedure', 'missing');
  if (row.procedure === 'never' && procedure !== null) refuse('procedure', 'extra');
  // In a study he answers for a room of his college (S1-09); elsewhere rooms are given out by others.
  const hasRoom = role === 'roomOrganizer' && kind === 'college';
  if (hasRoom && procedure === null) refuse('procedure', 'missing');
  if (hasRoom !== (room !== null)) refuse('room', room === null ? 'missing' : 'extra');
  if (row.isOpenEnded && (from !== null || to !== null)) refuse(from === null ? 'to' : 'from', 'extra');
  if (row.needsContacts && phone === null) refuse('phone', 'missing');
  if ((row.needsContacts || channel === 'letter') && email === null) refuse('email', 'missing');
  if ((role === 'independentObserver') !== (category !== null)) refuse('category', category ? 'extra' : 'missing');
}

/* ---- the appointment ---- */

/** One link that was made for it; the secret itself is nowhere. */
export interface Invitation {
  hash: string;
  channel: Channel;
  atMs: number;
  expiresAtMs: number;
  /** `void`: another was made in its place, or the appointment was withdrawn. */
  state: 'open' | 'used' | 'void';
}

/** A room of a college, as it is called now, and the subjects that its organizer is a specialist in (S1-09, S1-10). */
export interface RoomPost {
  id: string;
  name: string;
  /** What is studied there. */
  subject: string;
  subjects: string[];
}

interface Written extends Term {
  id: string;
  rev: number;
  role: Role;
  unit: string;
  /** Materialised path of the unit. */
  path: string;
  procedure: string | null;
  /** IANA zone that the days are read in. */
  zone: string;
  /** Surname, first name and patronymic as the one who appointed wrote them. */
  name: string;
  position: string | null;
  phone: string | null;
  email: string | null;
  category: ObserverCategory | null;
  /** Only of an organizer in a room of a study. */
  room?: RoomPost;
  madeBy: string;
  madeAtMs: number;
  agreed: { by: string; atMs: number } | null;
  replaces: string | null;
  /** Latest last. */
  invitations: Invitation[];
  person: string | null;
}

/** Why an appointment ended: recalled, followed by another, or never taken. */
export const ENDINGS = ['recalled', 'replaced', 'withdrawn'] as const;
export type Ending = (typeof ENDINGS)[number];

export type Appointment = Written &
  (
    | { status: 'proposed'; person: null }
    | { status: 'invited'; person: null }
    | { status: 'appointed'; person: string; takenAtMs: number }
    | {
        status: 'ended';
        takenAtMs: number | null;
        ended: { cause: Ending; by: string; atMs: number; reason: string };
      }
  );
export type AppointmentOf<Status extends Appointment['status']> = Extract<Appointment, { status: Status }>;

function writtenAgain(appointment: Appointment): Written {
  const { id, rev, role, unit, path, procedure, zone, name, position, phone, email, category } = appointment;
  const { from, to, fromMs, untilMs, madeBy, madeAtMs, agreed, replaces, invitations, person, room } = appointment;
  return {
    ...{ id, rev: rev + 1, role, unit, path, procedure, zone, name, position, phone, email, category },
    ...{ from, to, fromMs, untilMs, madeBy, madeAtMs, agreed, replaces, invitations, person },
    ...(room ? { room } : {}),
  };
}

export interface Place {
  id: string;
  unit: string;
  path: string;
  zone: string;
}

/** An appointment as it begins: invited, or proposed where somebody must agree first (G-03). */
export function propose(
  { id, unit, path, zone }: Place,
  input: AppointmentInput,
  by: { name: string },
  nowMs: number,
  room?: RoomPost,
): AppointmentOf<'proposed' | 'invited'> {
  const { role, procedure, name, position, phone, email, category, replaces } = input;
  return {
    ...{ id, rev: 1, role, unit, path, procedure, zone, name, position, phone, email, category },
    ...termOf(input, zone, nowMs),
    ...{ madeBy: by.name, madeAtMs: nowMs, agreed: null, replaces, invitations: [], person: null },
    ...(room ? { room } : {}),
    status: APPOINTING[role].isAgreed ? 'proposed' : 'invited',
  };
}

/** Somebody who came by another way than an invitation: by a request for a cabinet, or with the first start of the hub. */
export function appointed(
  { id, unit, path, zone }: Place,
  who: { role: Role; person: string; name: string; contacts?: Partial<Pick<Written, 'position' | 'phone' | 'email'>> },
  by: { name: string },
  nowMs: number,
): AppointmentOf<'appointed'> {
  const { position = null, phone = null, email = null } = who.contacts ?? {};
  return {
    ...{ id, rev: 1, role: who.role, unit, path, procedure: null, zone, name: who.name, position, phone, email },
    ...termOf({ from: null, to: null }, zone, nowMs),
    ...{ category: null, madeBy: by.name, madeAtMs: nowMs, agreed: null, replaces: null, invitations: [] },
    ...{ status: 'appointed', person: who.person, takenAtMs: nowMs },
  };
}

/** The federal coordinator agrees to an expert (S1-17, G-03). */
export function agree(appointment: Appointment, by: { name: string }, nowMs: number): AppointmentOf<'invited'> {
  if (appointment.status !== 'proposed') throw new HubError('stale_write');
  return {
    ...writtenAgain(appointment),
    person: null,
    agreed: { by: by.name, atMs: nowMs },
    status: 'invited',
  };
}

const voided = (invitations: readonly Invitation[]): Invitation[] =>
  invitations.map((one) => (one.state === 'open' ? { ...one, state: 'void' } : one));

/** Makes an invitation; one that was made before no longer opens. */
export function invite(
  appointment: Appointment,
  { hash, channel }: Pick<Invitation, 'hash' | 'channel'>,
  nowMs: number,
): AppointmentOf<'invited'> {
  if (appointment.status !== 'invited') throw new HubError('appointment_over');
  const fresh: Invitation = { hash, channel, atMs: nowMs, expiresAtMs: nowMs + INVITATION_LIFE_MS, state: 'open' };
  return {
    ...writtenAgain(appointment),
    person: null,
    invitations: [...voided(appointment.invitations), fresh].slice(-INVITATIONS_KEPT_MAX),
    status: 'invited',
  };
}

/** The invitation that can still be taken; each other is told why it can't. */
export function demandOpen(appointment: Appointment, hash: string, nowMs: number): AppointmentOf<'invited'> {
  const invitation = appointment.invitations.find((one) => one.hash === hash);
  if (!invitation) throw new HubError('not_found');
  if (invitation.state === 'used') throw new HubError('invitation_used');
  if (invitation.state === 'void' || appointment.status !== 'invited') throw new HubError('invitation_revoked');
  const lastMs = Math.min(invitation.expiresAtMs, appointment.untilMs ?? Infinity);
  if (nowMs >= lastMs) throw new HubError('invitation_expired', { atMs: lastMs });
  return appointment;
}

/** The invited person takes it. */
export function take(
  appointment: Appointment,
  { hash, person }: { hash: string; person: string },
  nowMs: number,
): AppointmentOf<'appointed'> {
  const open = demandOpen(appointment, hash, nowMs);
  return {
    ...writtenAgain(open),
    invitations: open.invitations.map((one) => (one.hash === hash ? { ...one, state: 'used' } : one)),
    ...{ status: 'appointed', person, takenAtMs: nowMs },
  };
}

/** Ends it, now. What is over is ended once. */
export function end(
  appointment: Appointment,
  { by, reason, cause }: { by: { name: string }; reason: string; cause?: Ending },
  nowMs: number,
): AppointmentOf<'ended'> {
  if (appointment.status === 'ended') throw new HubError('appointment_over');
  const isTaken = appointment.status === 'appointed';
  return {
    ...writtenAgain(appointment),
    invitations: voided(appointment.invitations),
    takenAtMs: isTaken ? appointment.takenAtMs : null,
    status: 'ended',
    ended: { cause: cause ?? (isTaken ? 'recalled' : 'withdrawn'), by: by.name, atMs: nowMs, reason },
  };
}

/** The present holder goes as his successor comes: now, or on the day before the successor's first. */
export function follow(
  present: AppointmentOf<'appointed'>,
  successor: Pick<Written, 'from' | 'fromMs' | 'name' | 'madeBy'>,
  nowMs: number,
): Appointment {
  if (successor.fromMs <= nowMs)
    return end(present, { by: { name: successor.madeBy }, reason: successor.name, cause: 'replaced' }, nowMs);
  const to = Temporal.PlainDate.from(successor.from).subtract({ days: 1 }).toString();
  const { takenAtMs, person } = present;
  return {
    ...writtenAgain(present),
    ...{ to, untilMs: successor.fromMs, status: 'appointed', person, takenAtMs },
  };
}

/** Whether it gives its rights at a moment: taken, begun and not over. The clock alone decides about the days. */
export const isInForce = (
  { status, fromMs, untilMs }: Pick<Appointment, 'status' | 'fromMs' | 'untilMs'>,
  nowMs: number,
): boolean => status === 'appointed' && fromMs <= nowMs && (untilMs === null || nowMs < untilMs);

/** The next moment at which the clock alone begins or ends one of them; null when none does. */
export function nextChangeMs(
  appointments: readonly Pick<Appointment, 'status' | 'fromMs' | 'untilMs'>[],
  nowMs: number,
): number | null {
  const moments = appointments
    .filter(({ status }) => status === 'appointed')
    .flatMap(({ fromMs, untilMs }) => [fromMs, untilMs ?? Infinity])
    .filter((atMs) => atMs > nowMs && atMs !== Infinity);
  return moments.length === 0 ? null : Math.min(...moments);
}

const overlap = (a: Pick<Term, 'fromMs' | 'untilMs'>, b: Pick<Term, 'fromMs' | 'untilMs'>): boolean =>
  a.fromMs < (b.untilMs ?? Infinity) && b.fromMs < (a.untilMs ?? Infinity);

/**
 * Keeps a post for one at a time (S0-11, S1-01): `others` are the appointments to the same post. Whoever is followed is named, so
 * that nobody loses it unseen. Errors: `seat_taken`, `seat_invited` with the name of the other.
 */
export function demandSeat(wanted: Appointment, others: readonly Appointment[], nowMs: number): void {
  if (!APPOINTING[wanted.role].isSingle) return;
  for (const other of others) {
    const isThere = other.id !== wanted.id && (other.untilMs === null || other.untilMs > nowMs);
    if (!isThere || !overlap(wanted, other)) continue;
    if (other.status === 'appointed' && other.id !== wanted.replaces)
      throw new HubError('seat_taken', { name: other.name });
    const isInvited = other.status === 'invited' || other.status === 'proposed';
    if (isInvited && wanted.rev === 1 && stageOf(other, nowMs) !== 'expired')
      throw new HubError('seat_invited', { name: other.name });
  }
}

/** An observer is never an employee of the observed institution, nor the other way round (S1-18, G-02). */
export function demandStranger(wanted: Appointment, held: readonly Appointment[], nowMs: number): void {
  const present = held.filter(
    ({ status, unit, untilMs }) =>
      status === 'appointed' && unit === wanted.unit && (untilMs === null || untilMs > nowMs),
  );
  const clashing: readonly Role[] =
    wanted.role === 'independentObserver'
      ? EMPLOYEE_ROLES
      : EMPLOYEE_ROLES.includes(wanted.role)
        ? ['independentObserver']
        : [];
  if (present.some(({ role }) => clashing.includes(role))) throw new HubError('observer_own');
}

/* ---- as people read it ---- */

export const STAGES = ['active', 'coming', 'invited', 'expired', 'proposed', 'ended'] as const;
export type Stage = (typeof STAGES)[number];

/** Where an appointment stands at a moment. */
export function stageOf(
  appointment: Pick<Appointment, 'status' | 'fromMs' | 'untilMs'> & {
    invitations: readonly Pick<Invitation, 'state' | 'expiresAtMs'>[];
  },
  nowMs: number,
): Stage {
  const { status, fromMs, untilMs, invitations } = appointment;
  const isPast = untilMs !== null && nowMs >= untilMs;
  switch (status) {
    case 'proposed':
      return isPast ? 'ended' : 'proposed';
    case 'invited': {
      if (isPast) return 'ended';
      const open = invitations.find(({ state }) => state === 'open');
      return open && nowMs < open.expiresAtMs ? 'invited' : 'expired';
    }
    case 'appointed':
      return isPast ? 'ended' : nowMs < fromMs ? 'coming' : 'active';
    case 'ended':
      return 'ended';
    default:
      throw status satisfies never;
  }
}

/** What the territory sees: everything but the hashes of the links. */
export interface AppointmentView extends Omit<Written, 'invitations' | 'path'> {
  status: Appointment['status'];
  takenAtMs: number | null;
  ended: AppointmentOf<'ended'>['ended'] | null;
  invitations: Omit<Invitation, 'hash'>[];
  unitName: string;
  procedureTitle: string | null;
}

export function appointmentView(
  appointment: Appointment,
  names: Pick<AppointmentView, 'unitName' | 'procedureTitle'>,
): AppointmentView {
  const { invitations, rev, path: _, ...written } = { ...writtenAgain(appointment), rev: appointment.rev };
  return {
    ...written,
    rev,
    ...names,
    status: appointment.status,
    takenAtMs: 'takenAtMs' in appointment ? appointment.takenAtMs : null,
    ended: appointment.status === 'ended' ? appointment.ended : null,
    invitations: invitations.map(({ hash: _hash, ...invitation }) => invitation),
  };
}

/** The appointments of one unit and of the institutions directly under it. */
export interface AppointmentsPart {
  unit: string;
  rows: AppointmentView[];
}
export type AppointmentsFact = { type: 'appointmentChanged'; body: { appointment: AppointmentView } };

export const emptyAppointments = (unit: string): AppointmentsPart => ({ unit, rows: [] });

/** Rows that a part shows that are not over, and of those that are. */
export const PRESENT_SHOWN_MAX = 5_000;
export const ENDED_SHOWN_MAX = 1_000;

/** Applies a fact: the newer revision wins, an older one changes nothing. */
export function applyAppointmentsFact(part: AppointmentsPart, { body }: AppointmentsFact): AppointmentsPart {
  const { appointment } = body;
  const present = part.rows.find(({ id }) => id === appointment.id);
  if (present && present.rev >= appointment.rev) return part;
  return appointmentsOf(part.unit, [...part.rows.filter(({ id }) => id !== appointment.id), appointment]);
}

/** A part in its order: the latest first. */
export function appointmentsOf(unit: string, rows: readonly AppointmentView[]): AppointmentsPart {
  const latest = rows.toSorted((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? -1 : 1));
  const present = latest.filter(({ status }) => status !== 'ended').slice(0, PRESENT_SHOWN_MAX);
  const ended = latest.filter(({ status }) => status === 'ended').slice(0, ENDED_SHOWN_MAX);
  return { unit, rows: [...present, ...ended] };
}

/** Who held a post one after the other, the latest first: the same role of the same unit, procedure and room. */
export const historyOf = (
  rows: readonly AppointmentView[],
  { role, unit, procedure, room }: Pick<AppointmentView, 'role' | 'unit' | 'procedure' | 'room'>,
): AppointmentView[] =>
  rows
    .filter((row) => row.role === role && row.unit === unit && row.procedure === procedure && row.takenAtMs !== null)
    .filter((row) => row.room?.id === room?.id)
    .toSorted((a, b) => b.fromMs - a.fromMs || b.madeAtMs - a.madeAtMs);

/* ---- the code of an invitation ---- */

/** Letters and figures that nobody takes for one another (Crockford). */
const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 100 bits: nobody guesses it, and somebody can type it. */
export const CODE_SIGNS = 20;
const GROUP_SIGNS = 4;

/** A code of random hexadecimal digits, in groups as it is printed. */
export function codeOf(hex: string): string {
  let rest = BigInt(`0x${hex}`);
  let signs = '';
  while (signs.length < CODE_SIGNS) {
    signs += SIGNS[Number(rest % 32n)] ?? '';
    rest /= 32n;
  }
  return signs.match(new RegExp(`.{${GROUP_SIGNS}}`, 'g'))?.join('-') ?? signs;
}

/** A code as it is kept in mind and typed: small letters, spaces, and signs that look like others. */
export function plainCode(typed: string): string {
  const signs = typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return signs.match(new RegExp(`.{1,${GROUP_SIGNS}}`, 'g'))?.join('-') ?? '';
}
