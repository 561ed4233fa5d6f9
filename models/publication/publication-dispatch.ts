/**
 * Who gets a publication and what he does with it: a list that one unit sends it to, told part by part, and a receipt for each unit
 * that has it. A municipality that sends it on makes a list of its own (S4-08). Pure, browser-safe.
 */
import { HubError } from '../error.ts';
import type { UnitKind } from '../org/unit.ts';
import type { Publication, PublicationKind } from './publication.ts';

/** Units told in one transaction: each has a stream of its own whose head is held meanwhile. */
export const TOLD_AT_ONCE_MAX = 50;
/** Publications that a page shows of what a unit got, and of what it sent; the latest. */
export const SHOWN_MAX = 200;
/** The shortest time between two reminders of one list (ms). */
export const REMIND_EVERY_MS = 24 * 60 * 60_000;

/** One unit's list for one publication. */
export interface Dispatch {
  /** `<publication>/<unit>` */
  id: string;
  rev: number;
  publication: string;
  /** Who sends it: the issuer, or a unit that sends it on. */
  unit: string;
  /** What is said with it; of the issuer empty. */
  cover: string;
  byName: string;
  /** When the sender decided it. */
  atMs: number;
  to: string[];
  /** `planned`: nobody is told before the release. `telling`: the first `told` of the list know it as it is now. */
  status: 'planned' | 'telling' | 'told';
  told: number;
  remindedAtMs: number | null;
}

export interface Seen {
  edition: number;
  atMs: number;
  by: string;
  byName: string;
}

/** That a unit has a publication in its cabinet, and what it did with it. */
export interface Receipt {
  /** `<publication>/<unit>` */
  id: string;
  rev: number;
  publication: string;
  unit: string;
  /** Who sent it to the unit. */
  from: string;
  deliveredAtMs: number;
  /** The edition, and the revision of the publication, that the unit was told of. */
  edition: number;
  known: number;
  /** The first opening of the edition it was told of, by a person who acts for the unit. */
  opened: Seen | null;
  confirmed: Seen | null;
  sentOnAtMs: number | null;
}

export const partId = (publication: string, unit: string): string => `${publication}/${unit}`;

export function startDispatch(
  { publication, unit, byName }: { publication: Publication; unit: string; byName: string },
  { to, cover }: { to: string[]; cover: string },
  nowMs: number,
): Dispatch {
  return {
    ...{ id: partId(publication.id, unit), rev: 1, publication: publication.id, unit, cover, byName, atMs: nowMs },
    ...{ to, status: publication.status === 'planned' ? 'planned' : 'telling', told: 0, remindedAtMs: null },
  };
}

/** More units, or another covering text, for a list that was sent before; null when nothing changes. */
export function extendDispatch(
  dispatch: Dispatch,
  { to, cover, byName }: { to: readonly string[]; cover: string; byName: string },
): Dispatch | null {
  const known = new Set(dispatch.to);
  const added = to.filter((unit) => !known.has(unit));
  if (added.length === 0 && cover === dispatch.cover) return null;
  const isTold = dispatch.status === 'told';
  return {
    ...dispatch,
    rev: dispatch.rev + 1,
    ...{ cover, byName, to: [...dispatch.to, ...added] },
    // Those who have it keep it; the new ones stand at the end of the list.
    status: isTold && added.length > 0 ? 'telling' : dispatch.status,
  };
}

/** The publication changed: everybody on the list is told anew. One that was planned and is withdrawn is never told. */
export function dispatchAfter(dispatch: Dispatch, publication: Publication): Dispatch {
  const next = { ...dispatch, rev: dispatch.rev + 1 };
  if (publication.status === 'planned') return next;
  if (publication.status === 'withdrawn' && publication.releasedAtMs === null) return { ...next, status: 'told' };
  return { ...next, status: 'telling', told: 0 };
}

/** The units to be told next. */
export const nextToTell = ({ to, told }: Dispatch): string[] => to.slice(told, told + TOLD_AT_ONCE_MAX);

export function partTold(dispatch: Dispatch): Dispatch {
  const told = Math.min(dispatch.told + TOLD_AT_ONCE_MAX, dispatch.to.length);
  return { ...dispatch, rev: dispatch.rev + 1, told, status: told === dispatch.to.length ? 'told' : 'telling' };
}

/** A unit is told of the publication as it is; null when it knows. A new edition is to be read anew. */
export function deliver(
  receipt: Receipt | null,
  publication: Publication,
  { unit, from }: { unit: string; from: string },
  nowMs: number,
): Receipt | null {
  const { id, edition, rev: known } = publication;
  if (!receipt)
    return {
      ...{ id: partId(id, unit), rev: 1, publication: id, unit, from, deliveredAtMs: nowMs, edition, known },
      ...{ opened: null, confirmed: null, sentOnAtMs: null },
    };
  return receipt.known >= known ? null : { ...receipt, rev: receipt.rev + 1, edition, known };
}

export const isRead = ({ opened, edition }: Pick<Receipt, 'opened' | 'edition'>): boolean =>
  opened?.edition === edition;
export const isConfirmed = ({ confirmed, edition }: Pick<Receipt, 'confirmed' | 'edition'>): boolean =>
  confirmed?.edition === edition;

/** Null when this edition was opened before: the first opening counts. */
export function open(receipt: Receipt, by: { id: string; name: string }, nowMs: number): Receipt | null {
  if (isRead(receipt)) return null;
  const { edition } = receipt;
  return {
    ...receipt,
    rev: receipt.rev + 1,
    opened: { edition, atMs: nowMs, by: by.id, byName: by.name },
  };
}

/** «Ознакомлен»: by whoever has it before him, so that it is read as well. Null when it was confirmed before. */
export function confirm(receipt: Receipt, by: { id: string; name: string }, nowMs: number): Receipt | null {
  if (isConfirmed(receipt)) return null;
  const opened = open(receipt, by, nowMs) ?? { ...receipt, rev: receipt.rev + 1 };
  return { ...opened, confirmed: { edition: receipt.edition, atMs: nowMs, by: by.id, byName: by.name } };
}

export const sentOn = (receipt: Receipt, nowMs: number): Receipt | null =>
  receipt.sentOnAtMs === null ? { ...receipt, rev: receipt.rev + 1, sentOnAtMs: nowMs } : null;

/** Errors: HubError `reminded_lately` with the moment from which it may be done again. */
export function remind(dispatch: Dispatch, nowMs: number): Dispatch {
  const { remindedAtMs } = dispatch;
  if (remindedAtMs !== null && nowMs < remindedAtMs + REMIND_EVERY_MS)
    throw new HubError('reminded_lately', { untilMs: remindedAtMs + REMIND_EVERY_MS });
  return { ...dispatch, rev: dispatch.rev + 1, remindedAtMs: nowMs };
}

/** Figures of a list; they change with the head of its stream. */
export interface Marks {
  got: number;
  read: number;
  confirmed: number;
}
const marksOf = (receipt: Receipt | null): Marks => ({
  got: receipt ? 1 : 0,
  read: receipt && isRead(receipt) ? 1 : 0,
  confirmed: receipt && isConfirmed(receipt) ? 1 : 0,
});
/** What a change of a receipt adds to the figures: a new edition takes its marks away. */
export function marksAdded(before: Receipt | null, after: Receipt): Marks {
  const [was, is] = [marksOf(before), marksOf(after)];
  return { got: is.got - was.got, read: is.read - was.read, confirmed: is.confirmed - was.confirmed };
}
export const marksFrom = (counters: Readonly<Record<string, number>>): Marks => ({
  got: counters['got'] ?? 0,
  read: counters['read'] ?? 0,
  confirmed: counters['confirmed'] ?? 0,
});

/* ---- what a unit has got ---- */

export interface BoxItem {
  publication: string;
  /** Of the receipt. */
  rev: number;
  kind: PublicationKind;
  title: string;
  stage: string;
  issuer: string;
  issuerName: string;
  from: string;
  fromName: string;
  files: number;
  edition: number;
  deliveredAtMs: number;
  asksConfirmation: boolean;
  isWithdrawn: boolean;
  opened: { edition: number; atMs: number } | null;
  confirmed: { edition: number; atMs: number } | null;
}

export interface Box {
  unit: string;
  /** The latest first. */
  items: BoxItem[];
}

export type BoxFact = { type: 'publicationDelivered'; body: { item: BoxItem } };

export const emptyBox = (unit: string): Box => ({ unit, items: [] });

const latestFirst = (a: { deliveredAtMs: number; publication: string }, b: typeof a): number =>
  b.deliveredAtMs - a.deliveredAtMs || (a.publication < b.publication ? -1 : 1);

export function applyBoxFact(box: Box, { body: { item } }: BoxFact): Box {
  const present = box.items.find(({ publication }) => publication === item.publication);
  if (present && present.rev >= item.rev) return box;
  const others = box.items.filter((one) => one !== present);
  return { ...box, items: [...others, item].sort(latestFirst).slice(0, SHOWN_MAX) };
}

export const BOX_STATES = ['unread', 'toConfirm', 'read', 'confirmed', 'withdrawn'] as const;
export type BoxState = (typeof BOX_STATES)[number];

export function boxState(item: BoxItem): BoxState {
  if (item.isWithdrawn) return 'withdrawn';
  if (item.opened?.edition !== item.edition) return 'unread';
  if (item.confirmed?.edition === item.edition) return 'confirmed';
  return item.asksConfirmation ? 'toConfirm' : 'read';
}

/** What still waits for the unit. */
export const countWaiting = ({ items }: Box): number =>
  items.filter((item) => ['unread', 'toConfirm'].includes(boxState(item))).length;

export function boxItem(
  receipt: Receipt,
  publication: Publication,
  names: { issuerName: string; fromName: string },
): BoxItem {
  const seen = (one: Seen | null) => one && { edition: one.edition, atMs: one.atMs };
  return {
    ...{ publication: publication.id, rev: receipt.rev },
    ...{ kind: publication.kind, title: publication.title, stage: publication.stage },
    ...{ issuer: publication.unit, issuerName: names.issuerName, from: receipt.from, fromName: names.fromName },
    ...{ files: publication.files.length, edition: receipt.edition, deliveredAtMs: receipt.deliveredAtMs },
    ...{ asksConfirmation: publication.asksConfirmation, isWithdrawn: publication.status === 'withdrawn' },
    ...{ opened: seen(receipt.opened), confirmed: seen(receipt.confirmed) },
  };
}

/* ---- what a unit has sent ---- */

export interface SentItem {
  publication: string;
  /** Of the list. */
  rev: number;
  kind: PublicationKind;
  title: string;
  stage: string;
  /** Whether the unit issued it, or sent it on. */
  isOwn: boolean;
  status: Publication['status'];
  edition: number;
  atMs: number;
  releaseAtMs: number | null;
  asksConfirmation: boolean;
  all: number;
}

export interface SentMarks extends Marks {
  publication: string;
  /** Where the stream stands that they are counted of; higher is later. */
  seq: number;
}

export interface Outbox {
  unit: string;
  /** The latest first. */
  items: SentItem[];
  marks: Record<string, SentMarks>;
}

export type OutboxFact =
  { type: 'dispatchChanged'; body: { item: SentItem } } | { type: 'marksCounted'; body: { marks: SentMarks } };

export const emptyOutbox = (unit: string): Outbox => ({ unit, items: [], marks: {} });

export function applyOutboxFact(outbox: Outbox, fact: OutboxFact): Outbox {
  switch (fact.type) {
    case 'dispatchChanged': {
      const { item } = fact.body;
      const present = outbox.items.find(({ publication }) => publication === item.publication);
      if (present && present.rev >= item.rev) return outbox;
      const items = [...outbox.items.filter((one) => one !== present), item];
      items.sort((a, b) => b.atMs - a.atMs || (a.publication < b.publication ? -1 : 1));
      return { ...outbox, items: items.slice(0, SHOWN_MAX) };
    }
    case 'marksCounted': {
      const { marks } = fact.body;
      const present = outbox.marks[marks.publication];
      if (present && present.seq >= marks.seq) return outbox;
      return { ...outbox, marks: { ...outbox.marks, [marks.publication]: marks } };
    }
    default:
      throw fact satisfies never;
  }
}

export function sentItem(dispatch: Dispatch, publication: Publication): SentItem {
  return {
    ...{ publication: publication.id, rev: dispatch.rev },
    ...{ kind: publication.kind, title: publication.title, stage: publication.stage },
    ...{ isOwn: publication.unit === dispatch.unit, status: publication.status, edition: publication.edition },
    ...{ atMs: dispatch.atMs, asksConfirmation: publication.asksConfirmation, all: dispatch.to.length },
    releaseAtMs: publication.status === 'planned' ? publication.releaseAtMs : null,
  };
}

/* ---- who got and read what one unit sent ---- */

export interface ReceiptRow {
  unit: string;
  /** Of the receipt. */
  rev: number;
  name: string;
  kind: UnitKind;
  parentName: string;
  deliveredAtMs: number;
  edition: number;
  opened: { edition: number; atMs: number; byName: string } | null;
  confirmed: { edition: number; atMs: number; byName: string } | null;
  sentOnAtMs: number | null;
}

export interface ReceiptsPart {
  publication: string;
  sender: string;
  /** Of the list; 0 before it is sent. */
  rev: number;
  all: number;
  remindedAtMs: number | null;
  rows: ReceiptRow[];
}

export type ReceiptsFact =
  | { type: 'receiptChanged'; body: { row: ReceiptRow } }
  | { type: 'listChanged'; body: { rev: number; all: number; remindedAtMs: number | null } };

export const noReceipts = (publication: string, sender: string): ReceiptsPart => ({
  ...{ publication, sender, rev: 0, all: 0, remindedAtMs: null, rows: [] },
});

export function applyReceiptsFact(part: ReceiptsPart, fact: ReceiptsFact): ReceiptsPart {
  switch (fact.type) {
    case 'receiptChanged': {
      const { row } = fact.body;
      const at = part.rows.findIndex(({ unit }) => unit === row.unit);
      const present = part.rows[at];
      if (present && present.rev >= row.rev) return part;
      return { ...part, rows: present ? part.rows.with(at, row) : [...part.rows, row].sort(byUnit) };
    }
    case 'listChanged':
      return fact.body.rev > part.rev ? { ...part, ...fact.body } : part;
    default:
      throw fact satisfies never;
  }
}

const byUnit = (a: { unit: string }, b: { unit: string }): number => (a.unit < b.unit ? -1 : 1);

export function receiptRow(
  receipt: Receipt,
  { name, kind, parentName }: { name: string; kind: UnitKind; parentName: string },
): ReceiptRow {
  const seen = (one: Seen | null) => one && { edition: one.edition, atMs: one.atMs, byName: one.byName };
  return {
    ...{ unit: receipt.unit, rev: receipt.rev, name, kind, parentName, deliveredAtMs: receipt.deliveredAtMs },
    ...{ edition: receipt.edition, opened: seen(receipt.opened), confirmed: seen(receipt.confirmed) },
    sentOnAtMs: receipt.sentOnAtMs,
  };
}

export const RECEIPT_STATES = ['delivered', 'read', 'confirmed'] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

export const receiptState = (row: ReceiptRow): ReceiptState =>
  row.confirmed?.edition === row.edition ? 'confirmed' : row.opened?.edition === row.edition ? 'read' : 'delivered';

/** The figures of a part, from its rows. */
export function countRows(rows: readonly ReceiptRow[]): Marks {
  const states = rows.map(receiptState);
  return {
    got: rows.length,
    read: rows.filter(({ opened, edition }) => opened?.edition === edition).length,
    confirmed: states.filter((state) => state === 'confirmed').length,
  };
}
