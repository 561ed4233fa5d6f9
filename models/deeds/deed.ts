/**
 * The journal of deeds: who did what, when, from where, and what was there before and after. An entry is written in the
 * transaction of its deed and never altered. Pure, browser-safe.
 */
import { pathIds } from '../org/unit.ts';

/** Everything that is told. Words are `deed_<kind>` with `_` for the dot, in both languages. */
export const DEED_KINDS = [
  // signing in, and what guards it
  'session.opened',
  'session.refused', // too many tries: guessed, or forgotten
  'session.ended',
  'viewing.begun', // through somebody's eyes, for support
  'viewing.ended',
  'password.changed',
  'password.given', // by another, to be replaced at the next sign-in
  'secondFactor.on',
  'secondFactor.off',
  'secondFactor.reset', // by another
  'recovery.used',
  'recovery.renewed',
  'device.disowned',
  'address.named',
  'address.confirmed',
  'push.added', // a device that is told while no page is open
  'push.removed',
  'push.renewed', // by its browser: the same device under another address
  // people and their roles
  'role.proposed',
  'role.agreed',
  'role.invited',
  'role.given',
  'role.ended',
  // the tree of units
  'unit.created',
  'unit.edited',
  'unit.moved',
  'unit.merged',
  'unit.closed',
  'unit.reopened',
  'units.changed', // several at once
  'import.sent',
  'import.confirmed',
  'import.withdrawn',
  'import.done',
  // procedures and what institutions do in them
  'procedure.opened',
  'registration.sent',
  'access.given',
  'access.declined',
  'access.renewed',
  'access.taken',
  'template.taken',
  'file.sent',
  'file.refused',
  'file.attested',
  'file.read',
  // large files on their way in
  'upload.begun',
  'upload.stored',
  'upload.refused',
  'upload.abandoned',
  // questions and answers
  'forum.asked',
  'forum.answered',
  'forum.followedUp',
  'forum.corrected',
  'forum.closed',
  'forum.reopened',
  'forum.official',
  'forum.hidden',
  'forum.toldAll',
  'forum.linked',
  'forum.unlinked',
  'forum.pinned',
  'forum.unpinned',
  'forum.cannedKept',
  'forum.cannedRemoved',
  // cabinets and what institutions tell of themselves
  'request.sent',
  'request.issued',
  'request.declined',
  'request.renewed',
  'request.taken',
  'contextual.edited',
  // studies of SPO students
  'study.listed',
  'study.dataGiven',
  'study.handedOver',
  'study.sampled',
  'study.informed',
  'study.acknowledged',
  // rooms of a study
  'room.stated',
  'room.edited',
  'room.removed',
  // scanning centres of regions
  'scanning.chosen',
  'scanning.checked',
  'scanning.confirmed',
  // surveys of institutions
  'survey.saved',
  'survey.filled',
  // the Collector: forms, packages, scans and their errors
  'materials.printed',
  'package.accepted',
  'package.recounted',
  'batch.opened',
  'batch.ended',
  'batch.reopened',
  'scans.sent',
  'scanError.settled',
  'scanError.rescanAsked',
  'scanError.takenBack',
  'scanErrors.settled',
  'scanErrors.rescanAsked',
  'scanErrors.takenBack',
  'check.marked',
  'check.takenBack',
  // publications between levels
  'publication.issued',
  'publication.released',
  'publication.read',
  'publication.confirmed',
  'publication.sentOn',
  'publication.corrected',
  'publication.withdrawn',
  'publication.reminded',
  // what leaves the hub, and what is opened
  'export.taken',
  // access data on their way down; from being made to the first sign-in
  'credentials.generated',
  'credentials.handed',
  'credentials.sent',
  'credentials.takenBack',
  'credentials.opened',
  'credentials.headVerified',
  'credentials.activated',
  'credentials.revoked',
  'credentials.reissued',
  // the hub's own
  'counters.mended',
  'blobs.swept',
] as const;
export type DeedKind = (typeof DEED_KINDS)[number];

/** Fields that entries name. Words are `deed_field_<field>`. */
export const DEED_FIELDS = [
  'kind',
  'name',
  'shortName',
  'zone',
  'ownership',
  'parent',
  'status',
  'successor',
  'count',
  'role',
  'unit',
  'person',
  'file',
  'rows',
  'fields',
  'reason',
  'code',
  'export',
  'sessions',
  'title',
  'deadline',
  'procedure',
  'import',
  'counters',
  'students',
  'groups',
  'requirement',
  'section',
  'filled',
  'question',
  'room',
  'subject',
  'seats',
] as const;
export type DeedField = (typeof DEED_FIELDS)[number];

/** What one field was before and is after; null: it was not there, or is there no more. */
export interface Difference {
  field: DeedField;
  before: string | number | null;
  after: string | number | null;
}

/** What an action says of its deed. */
export interface DeedNote {
  kind: DeedKind;
  /** Path of the unit that it concerns: whoever reads the deeds of a unit above reads it. `/` is of no territory, and nobody's to read. */
  path: string;
  /** What it was done to: a unit, a person, a procedure, a file. Id, and its name as it was then. */
  subject: string;
  subjectName: string;
  /** The actor's name, where the request does not tell it: he is only becoming known, or his deed goes on without him. */
  actorName?: string;
  /** Never secrets, and no personal data beyond names: entries can't be taken back. */
  differences?: readonly Difference[];
}

/** From where a request came. Absent for what the hub does by itself. */
export interface Origin {
  person: { id: string; name: string } | null;
  address: string;
  /** The browser, as it names itself. */
  agent: string;
  device: string;
  session: string;
  /** The view through which it looks: nothing is done from there. */
  viewing?: string;
}

/** An entry of the journal, as kept and as sealed. */
export interface DeedEntry {
  /** The key of the command that the deed was. */
  id: string;
  kind: DeedKind;
  atMs: number;
  /** Person id; `public` for whoever has no account yet, `hub` for the hub. */
  actor: string;
  /** His name as it was then. */
  actorName: string;
  address: string;
  agent: string;
  device: string;
  session: string;
  /** Ids of the units around it, from the top down. */
  within: string[];
  subject: string;
  subjectName: string;
  differences: Difference[];
}

/** Characters of a text that an entry keeps; more is cut. */
export const TEXT_KEPT_MAX = 300;
/** Differences that an entry keeps. */
export const DIFFERENCES_KEPT_MAX = 40;

const cut = (text: string): string => text.slice(0, TEXT_KEPT_MAX);
const cutValue = (value: string | number | null): string | number | null =>
  typeof value === 'string' ? cut(value) : value;

export function entryOf(
  { id, actor, atMs, note }: { id: string; actor: string; atMs: number; note: DeedNote },
  origin: Origin | null,
): DeedEntry {
  // The hub goes on with what somebody's request began; that is no deed of his.
  const from = actor === 'hub' ? null : origin;
  return {
    id,
    kind: note.kind,
    atMs,
    actor,
    actorName: cut(note.actorName ?? (from?.person?.id === actor ? from.person.name : '')),
    address: cut(from?.address ?? ''),
    agent: cut(from?.agent ?? ''),
    device: cut(from?.device ?? ''),
    session: from?.session ?? '',
    within: pathIds(note.path),
    subject: cut(note.subject),
    subjectName: cut(note.subjectName),
    differences: (note.differences ?? [])
      .slice(0, DIFFERENCES_KEPT_MAX)
      .map(({ field, before, after }) => ({ field, before: cutValue(before), after: cutValue(after) })),
  };
}

/** The differences between two states of the same thing; null for one that is not there. Only fields whose values differ. */
export function differencesOf(
  before: Partial<Record<DeedField, string | number | null>> | null,
  after: Partial<Record<DeedField, string | number | null>> | null,
): Difference[] {
  return DEED_FIELDS.map((field) => ({
    field,
    before: before?.[field] ?? null,
    after: after?.[field] ?? null,
  })).filter((difference) => difference.before !== difference.after);
}

/** The path of the smallest territory that holds all of these; `/` when none does. */
export function commonPath(paths: readonly string[]): string {
  const [first, ...others] = paths.map(pathIds);
  if (!first) return '/';
  const shared = first.filter((id, index) =>
    others.every((other) => first.slice(0, index + 1).every((one, at) => other[at] === one) && other[index] === id),
  );
  return shared.length === 0 ? '/' : `/${shared.join('/')}/`;
}
