/** What pages read of publications: what a unit got and sent, one publication with its marks, and its files. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { publicationsStream, receiptsStream, sentPublicationsStream, type StreamId } from '../journal/stream.ts';
import { startingWith } from '../org/unit.store.ts';
import { isWithin, type Unit, type UnitKind } from '../org/unit.ts';
import { zoneOf } from '../org/zone.ts';
import type { Person } from '../people/person.ts';
import { ANY_PROCEDURE, isAllowed, territories } from '../people/rights.ts';
import { actsFor, FILE_WAITS_MS } from './publication.actions.ts';
import { candidatesOf } from './publication.addressees.ts';
import {
  marksFrom,
  noReceipts,
  partId,
  sentItem,
  SHOWN_MAX,
  type Box,
  type Outbox,
  type ReceiptsPart,
} from './publication-dispatch.ts';
import { itemOf, namesOf, rowOf } from './publication.facts.ts';
import {
  isInstitution,
  isReadable,
  scopesOf,
  type AttachedFile,
  type FormerEdition,
  type Publication,
  type Scope,
} from './publication.ts';

/** Lists of units below that a page follows beside its own: streams of one socket are counted. */
export const LISTS_BELOW_MAX = 120;

/** A unit that a person looks after, as the pages of publications name it. */
export interface OwnUnit {
  id: string;
  name: string;
  kind: UnitKind;
  zone: string;
  /** Whether he sends and reads for it; otherwise he only looks. */
  acts: boolean;
  scopes: Scope[];
}

export interface Addressee {
  id: string;
  name: string;
  kind: UnitKind;
  parentName: string;
}

export interface PublicationPage {
  publication: Publication;
  issuer: { id: string; name: string; kind: UnitKind };
  zone: string;
  /** The unit that has it, for which it is read; null for whoever looks at what he sent, or at what was sent below him. */
  reader: { unit: string; name: string; kind: UnitKind; cover: string; fromName: string; acts: boolean } | null;
  /** May correct, withdraw, remind. */
  manages: boolean;
  /** The unit that may send it on, with what it may choose from; null when none may. */
  passes: { unit: string; name: string; scopes: Scope[]; cover: string; sentTo: string[] } | null;
  /** What the reader's unit, or the issuer, has of it live. */
  box: Snapshot<Box> | null;
  outbox: Snapshot<Outbox> | null;
  /** Marks: of the list of the unit for which it is looked at, then of those below that may have sent it on. */
  lists: { sender: string; senderName: string; marks: Snapshot<ReceiptsPart> }[];
  former: FormerEdition[];
}

export function createPublicationQueries(context: Context) {
  const { publications, formerEditions, dispatches, receipts, publicationFiles, procedures, units, journal, now } =
    context;

  /** Positions first, then the state. */
  async function positioned<State>(stream: StreamId, read: () => Promise<State>): Promise<Snapshot<State>> {
    const position = await positionOf(journal, stream);
    return { stream, position, state: await read() };
  }

  async function boxOf(unit: string): Promise<Box> {
    const kept = await receipts.list({ unit }, { sort: { deliveredAtMs: -1 }, limit: SHOWN_MAX });
    const found = await publications.list({ _id: { $in: kept.map(({ publication }) => publication) } });
    const byId = new Map(found.map((one) => [one.id, one]));
    const names = await namesOf(context, [...kept.map(({ from }) => from), ...found.map((one) => one.unit)]);
    const items = kept.flatMap((receipt) => {
      const publication = byId.get(receipt.publication);
      return publication ? [itemOf(receipt, publication, names)] : [];
    });
    items.sort((a, b) => b.deliveredAtMs - a.deliveredAtMs || (a.publication < b.publication ? -1 : 1));
    return { unit, items };
  }

  async function outboxOf(unit: string): Promise<Outbox> {
    const kept = await dispatches.list({ unit }, { sort: { atMs: -1 }, limit: SHOWN_MAX });
    const found = await publications.list({ _id: { $in: kept.map(({ publication }) => publication) } });
    const byId = new Map(found.map((one) => [one.id, one]));
    const counted = await journal.counted(kept.map(({ publication }) => receiptsStream(publication, unit)));
    const items = kept.flatMap((dispatch) => {
      const publication = byId.get(dispatch.publication);
      return publication ? [sentItem(dispatch, publication)] : [];
    });
    items.sort((a, b) => b.atMs - a.atMs || (a.publication < b.publication ? -1 : 1));
    const marks = counted.flatMap(({ stream, seq, counters }) => {
      const publication = stream.split(':')[1] ?? '';
      const figures = marksFrom(counters);
      // Nothing is said of a list that nobody got yet: the journal says nothing either.
      return figures.got === 0 ? [] : [[publication, { publication, seq, ...figures }] as const];
    });
    return { unit, items, marks: Object.fromEntries(marks) };
  }

  async function listOf(publication: string, sender: string): Promise<ReceiptsPart> {
    const [dispatch, kept] = await Promise.all([
      dispatches.find(partId(publication, sender)),
      receipts.list({ publication, from: sender }, { sort: { unit: 1 } }),
    ]);
    if (!dispatch) return noReceipts(publication, sender);
    const names = await namesOf(
      context,
      kept.map(({ unit }) => unit),
    );
    const { rev, to, remindedAtMs } = dispatch;
    return {
      ...{ publication, sender, rev, all: to.length, remindedAtMs },
      rows: kept.map((receipt) => rowOf(receipt, names)),
    };
  }

  const box = (unit: string) => positioned(publicationsStream(unit), () => boxOf(unit));
  const outbox = (unit: string) => positioned(sentPublicationsStream(unit), () => outboxOf(unit));
  const list = (publication: string, sender: string) =>
    positioned(receiptsStream(publication, sender), () => listOf(publication, sender));

  async function viewed(
    person: Person,
    id: string,
    capability: 'publications.view' | 'publications.send',
  ): Promise<Unit> {
    const unit = await units.find(id);
    if (!unit || !isAllowed(person, capability, unit.path)) throw new HubError('not_allowed');
    return unit;
  }

  async function ownUnit(person: Person, { id, name, kind, path }: Unit): Promise<OwnUnit> {
    const acts = actsFor(person, id);
    return { id, name, kind, zone: await zoneOf(units, path), acts, scopes: acts ? scopesOf(kind) : [] };
  }

  /** Whether somebody sees it as its sender does: planned, withdrawn, and every edition. */
  const seesAll = (person: Person, issuer: Unit, { procedure }: Publication): boolean =>
    isAllowed(person, 'publications.send', issuer.path, procedure ?? undefined);

  /** The unit for which it is read: the one that was asked for, his own, or one of his territory that has it. */
  async function readerOf(
    person: Person,
    publication: Publication,
    { as, isSender }: { as: string | null; isSender: boolean },
  ): Promise<Unit | null> {
    if (publication.status === 'planned') return null;
    const procedure = publication.procedure ?? undefined;
    const own = as === null ? person.assignments.map(({ unit }) => unit) : [as];
    const mine = await receipts.list({ publication: publication.id, unit: { $in: own } }, { limit: 20 });
    const candidates = await units.list({ _id: { $in: mine.map(({ unit }) => unit) } }, { sort: { path: 1 } });
    const reached = candidates.filter(({ path }) => isAllowed(person, 'publications.view', path, procedure));
    const first = reached.find(({ id }) => actsFor(person, id)) ?? reached[0];
    // Its sender sees it as such; others look into a unit of theirs that has it.
    if (first || as !== null || isSender) return first ?? null;
    const below = territories(person, 'publications.view', procedure ?? ANY_PROCEDURE).filter((path) =>
      isAllowed(person, 'publications.view', path, procedure),
    );
    if (below.length === 0) return null;
    const having = (await receipts.list({ publication: publication.id })).map(({ unit }) => unit);
    const [found] = await units.list(
      { _id: { $in: having }, $or: below.map((path) => ({ path: startingWith(path) })) },
      { sort: { path: 1 }, limit: 1 },
    );
    return found ?? null;
  }

  /** What somebody may see of a publication. What does not exist for him yet and what is not there look alike (G-06). */
  async function seen(person: Person, id: string, as: string | null) {
    const publication = await publications.find(id);
    const issuer = publication && (await units.find(publication.unit));
    if (!issuer) throw new HubError('not_allowed');
    const isSender = seesAll(person, issuer, publication);
    const reader = await readerOf(person, publication, { as, isSender });
    if (!isSender && !reader) throw new HubError('not_allowed');
    return { publication, issuer, isSender, reader };
  }

  return {
    /** The units of a person, widest first, as whose he reads and sends. */
    async places(person: Person): Promise<OwnUnit[]> {
      const ids = person.assignments
        .filter(({ path, procedure }) => !procedure && isAllowed(person, 'publications.view', path))
        .map(({ unit }) => unit);
      const found = await units.list({ _id: { $in: [...new Set(ids)] } }, { sort: { path: 1 } });
      return Promise.all(found.map((unit) => ownUnit(person, unit)));
    },

    /** A unit into which a person looks, or for which he acts. */
    place: async (person: Person, id: string): Promise<OwnUnit> =>
      ownUnit(person, await viewed(person, id, 'publications.view')),

    /** What a unit has. */
    async box(person: Person, unit: string): Promise<Snapshot<Box>> {
      await viewed(person, unit, 'publications.view');
      return box(unit);
    },

    /** What a unit sent, sends on, and plans. */
    async outbox(person: Person, unit: string): Promise<Snapshot<Outbox>> {
      await viewed(person, unit, 'publications.send');
      return outbox(unit);
    },

    /** Marks of one list. */
    async list(person: Person, publication: string, sender: string): Promise<Snapshot<ReceiptsPart>> {
      await viewed(person, sender, 'publications.send');
      return list(publication, sender);
    },

    /** Everybody whom a unit may put on its list. */
    async addressees(person: Person, unitId: string, scope: Scope): Promise<Addressee[]> {
      if (!actsFor(person, unitId)) throw new HubError('not_allowed');
      const unit = await units.get(unitId);
      const found = await candidatesOf(units, unit, scope);
      const names = await namesOf(
        context,
        found.map(({ id }) => id),
      );
      return found.map(({ id, name, kind, parent }) => ({ id, name, kind, parentName: names.name(parent) }));
    },

    /** Instructions that somebody published: what goes with access data (S4-13). */
    async instructions(person: Person): Promise<{ id: string; title: string }[]> {
      const own = person.assignments.map(({ unit }) => unit).filter((unit) => actsFor(person, unit));
      const found = await publications.list(
        { unit: { $in: own }, kind: 'instructions', status: 'released' },
        { sort: { createdAtMs: -1 }, limit: SHOWN_MAX },
      );
      return found.map(({ id, title }) => ({ id, title }));
    },

    /** Procedures that a publication of the unit may be of: those that go on in its territory or around it. */
    async procedures(person: Person, unitId: string): Promise<{ id: string; title: string }[]> {
      const { path } = await viewed(person, unitId, 'publications.view');
      const found = await procedures.list({}, { sort: { deadlineMs: -1 } });
      return found
        .filter((one) => isWithin(path, one.path) || isWithin(one.path, path))
        .map(({ id, title }) => ({ id, title }));
    },

    /** Files that somebody sent for a unit and did not use yet: what he began goes on where he comes back. */
    async waitingFiles(person: Person, unit: string): Promise<AttachedFile[]> {
      if (!actsFor(person, unit)) throw new HubError('not_allowed');
      const kept = await publicationFiles.list(
        { by: person.id, unit, publication: null, isWhole: true, atMs: { $gt: now() - FILE_WAITS_MS } },
        { sort: { atMs: 1 } },
      );
      return kept.map(({ id, name, type, bytes, sha256 }) => ({ id, name, type, bytes, sha256 }));
    },

    /** One publication as somebody may see it; `as` is the unit for which he reads it. */
    async page(person: Person, id: string, as: string | null): Promise<PublicationPage> {
      const { publication, issuer, isSender, reader } = await seen(person, id, as);
      const acts = reader !== null && actsFor(person, reader.id);
      const from = reader && (await receipts.find(partId(id, reader.id)))?.from;
      const cover = from == null ? '' : ((await dispatches.find(partId(id, from)))?.cover ?? '');
      const names = await namesOf(context, [from ?? null]);
      const mayPass = acts && isReadable(publication) && !isInstitution(reader);
      const passed = mayPass ? await dispatches.find(partId(id, reader.id)) : null;
      // Whose list is looked at: the issuer's by whoever sees it all, otherwise that of the unit that sends it on.
      const top = isSender ? issuer : mayPass ? reader : null;
      const below =
        top === null || isInstitution(top)
          ? []
          : await units.list(
              { parent: top.id, kind: { $in: ['region', 'municipality'] } },
              { sort: { order: 1 }, limit: LISTS_BELOW_MAX },
            );
      const senders = top === null ? [] : [top, ...below];
      const isVoid = publication.status === 'withdrawn' && !isSender;
      return {
        // Who had it hears that it is withdrawn and why, and reads it no longer.
        publication: isVoid ? { ...publication, text: '', files: [] } : publication,
        issuer: { id: issuer.id, name: issuer.name, kind: issuer.kind },
        zone: await zoneOf(units, (reader ?? issuer).path),
        reader: reader && {
          ...{ unit: reader.id, name: reader.name, kind: reader.kind },
          ...{ cover, fromName: names.name(from ?? null), acts },
        },
        manages: actsFor(person, issuer.id),
        passes: mayPass
          ? {
              ...{ unit: reader.id, name: reader.name, scopes: scopesOf(reader.kind) },
              ...{ cover: passed?.cover ?? '', sentTo: passed?.to ?? [] },
            }
          : null,
        box: reader ? await box(reader.id) : null,
        outbox: isSender ? await outbox(issuer.id) : null,
        lists: await Promise.all(
          senders.map(async ({ id: sender, name }) => ({ sender, senderName: name, marks: await list(id, sender) })),
        ),
        former: isSender ? await formerEditions.list({ publication: id }, { sort: { edition: -1 } }) : [],
      };
    },

    /** A file of a publication. Before its release, and after it was withdrawn, it is there for its sender only (G-06). */
    async file(
      person: Person,
      id: string,
      fileId: string,
      as: string | null,
    ): Promise<{ file: AttachedFile; bytes: Uint8Array }> {
      const { publication, isSender } = await seen(person, id, as);
      if (!isSender && !isReadable(publication)) throw new HubError('not_allowed');
      const former = isSender ? await formerEditions.list({ publication: id }) : [];
      const file = [publication, ...former].flatMap(({ files }) => files).find((one) => one.id === fileId);
      const bytes = file && (await publicationFiles.bytes(file.id));
      if (!bytes) throw new HubError('not_found');
      return { file, bytes };
    },
  };
}

export type PublicationQueries = ReturnType<typeof createPublicationQueries>;
