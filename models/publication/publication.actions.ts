/** Use cases of publications: sending files, issuing, releasing by the clock, telling those it is for, reading, sending on, correcting, withdrawing. */
import type { ClientSession } from 'mongoose';
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import { differencesOf, type DeedKind, type DeedNote } from '../deeds/deed.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { parseStream, receiptsStream, sentPublicationsStream } from '../journal/stream.ts';
import type { LetterActions } from '../letter/letter.actions.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { RIGHTS, ROLES } from '../people/rights.ts';
import { letterAddress } from '../safeguard/safeguard.ts';
import { fileTypeOf } from './file-type.ts';
import {
  confirm,
  deliver,
  dispatchAfter,
  extendDispatch,
  isRead,
  marksFrom,
  nextToTell,
  open,
  partId,
  partTold,
  remind,
  sentOn,
  startDispatch,
  type Receipt,
} from './publication-dispatch.ts';
import { candidatesOf } from './publication.addressees.ts';
import { dispatchFacts, namesOf, receiptFacts } from './publication.facts.ts';
import type { KeptFile } from './publication.store.ts';
import {
  ADDRESSEES_MAX,
  correct,
  correctionSchema,
  FILE_BYTES_MAX,
  FILES_MAX,
  isReadable,
  issue,
  listOf,
  publicationInputSchema,
  reasonSchema,
  release,
  safeFileName,
  sendOnSchema,
  withdraw,
  type AttachedFile,
  type Content,
  type Publication,
} from './publication.ts';

/** How long a file waits for its publication (ms); thrown away some hours later, so that nobody takes what is going. */
export const FILE_WAITS_MS = 20 * 60 * 60_000;
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;
/** Files that one person may have sent and not used: those of two publications. */
export const FILES_WAITING_MAX = 2 * FILES_MAX;

/** Roles that act for a unit, not only look into it. */
export const ACTING_ROLES = ROLES.filter((role) => RIGHTS[role].includes('publications.send'));

/** Whether somebody sends for a unit, and reads for it: by an appointment to this very unit, and to no procedure alone. */
export const actsFor = (person: Person, unit: string): boolean =>
  person.assignments.some((held) => held.unit === unit && !held.procedure && ACTING_ROLES.includes(held.role));

export type PublicationLetters = Pick<LetterActions, 'write'>;

export function createPublicationActions(context: Context, letters: PublicationLetters) {
  const { publications, formerEditions, dispatches, receipts, publicationFiles } = context;
  const { units, procedures, assignments, safeguards, journal, ownUrl, now, newId, sha256 } = context;

  const deedOf = (actor: string, note: DeedNote | null): Deed => ({ actor, atMs: now(), commandId: newId(), note });
  const noteOf = (
    kind: DeedKind,
    unit: Unit,
    publication: Publication,
    more: Record<string, string | number> = {},
  ) => ({
    ...{ kind, path: unit.path, subject: publication.id, subjectName: publication.title },
    differences: differencesOf(null, { unit: unit.name, ...more }),
  });

  /** The unit for which somebody acts. What is not his and what is not there look alike. */
  async function acting(person: Person, id: string): Promise<Unit> {
    const unit = actsFor(person, id) ? await units.find(id) : null;
    if (!unit) throw new HubError('not_allowed');
    return unit;
  }

  /** The files that the sender named: his own that wait, or those that the publication has already. */
  async function filesOf(
    person: Person,
    unit: string,
    ids: readonly string[],
    present: readonly AttachedFile[] = [],
  ): Promise<{ files: AttachedFile[]; taken: KeptFile[] }> {
    const had = new Map(present.map((file) => [file.id, file]));
    const wanted = [...new Set(ids)];
    const waiting = await publicationFiles.list({ _id: { $in: wanted.filter((id) => !had.has(id)) } });
    const usable = waiting.filter(
      (file) =>
        file.by === person.id &&
        file.unit === unit &&
        file.publication === null &&
        file.isWhole &&
        file.atMs > now() - FILE_WAITS_MS,
    );
    const byId = new Map<string, AttachedFile>([...had, ...usable.map((file) => [file.id, file] as const)]);
    const files = wanted.map((id) => {
      const file = byId.get(id);
      if (!file) throw new HubError('file_missing');
      const { name, type, bytes, sha256: hash } = file;
      return { id, name, type, bytes, sha256: hash };
    });
    return { files, taken: usable };
  }

  /** A procedure that somebody in the territory takes part in, or that goes on around it. */
  async function demandProcedure(id: string, unit: Unit): Promise<void> {
    const found = await procedures.find(id);
    if (!found || !(isWithin(unit.path, found.path) || isWithin(found.path, unit.path)))
      throw new HubError('bad_input', { field: 'procedure', reason: 'unknown' });
  }

  /** What the unit has, and may have: released, or withdrawn since. */
  async function held(publication: string, unit: string): Promise<{ receipt: Receipt; publication: Publication }> {
    const [receipt, found] = await Promise.all([
      receipts.find(partId(publication, unit)),
      publications.find(publication),
    ]);
    if (!receipt || !found || found.status === 'planned') throw new HubError('not_allowed');
    return { receipt, publication: found };
  }

  async function issued(person: Person, id: string): Promise<{ publication: Publication; unit: Unit }> {
    const publication = await publications.find(id);
    if (!publication) throw new HubError('not_allowed');
    return { publication, unit: await acting(person, publication.unit) };
  }

  /** The publication changed: every list of it is told anew, in the same transaction. */
  async function changed(
    deed: Deed,
    publication: Publication,
    also: (session: ClientSession) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const lists = (await dispatches.list({ publication: publication.id })).map((one) =>
      dispatchAfter(one, publication),
    );
    await journal.record(
      deed,
      lists.flatMap((one) => dispatchFacts(one, publication)),
      async (session) => {
        await publications.save(publication, session);
        for (const one of lists) await dispatches.save(one, session);
        await also(session);
      },
    );
  }

  /** The person did something with what his unit has. */
  const mark = (
    person: Person,
    input: { publication: string; unit: string },
    kind: DeedKind,
    decide: (receipt: Receipt) => Receipt | null,
  ): Promise<void> =>
    retryStale(async () => {
      const unit = await acting(person, input.unit);
      const { receipt, publication } = await held(input.publication, input.unit);
      if (!isReadable(publication)) throw new HubError('publication_withdrawn');
      const after = decide(receipt);
      if (!after) return;
      const names = await namesOf(context, [unit.id, receipt.from, publication.unit]);
      const facts = receiptFacts(receipt, after, publication, names);
      await journal.record(deedOf(person.id, noteOf(kind, unit, publication)), facts, (session) =>
        receipts.save(after, session),
      );
    });

  /** Releases the next one whose moment has come. */
  async function releaseNext(): Promise<boolean> {
    const [due] = await publications.list(
      { status: 'planned', releaseAtMs: { $lte: now() } },
      { sort: { releaseAtMs: 1 }, limit: 1 },
    );
    const released = due && release(due, now());
    if (!released) return false;
    const unit = await units.find(released.unit);
    const note = unit && noteOf('publication.released', unit, released);
    await changed(deedOf('hub', note), released);
    return true;
  }

  /** Tells the next part of a list. */
  async function tellNext(): Promise<boolean> {
    const [next] = await dispatches.list({ status: 'telling' }, { sort: { atMs: 1 }, limit: 1 });
    const publication = next && (await publications.find(next.publication));
    if (!next || !publication) return false;
    const part = nextToTell(next);
    const present = new Map(
      (await receipts.list({ _id: { $in: part.map((unit) => partId(publication.id, unit)) } })).map((one) => [
        one.unit,
        one,
      ]),
    );
    const names = await namesOf(context, [...part, next.unit, publication.unit]);
    const facts: Fact[] = [];
    const saved: Receipt[] = [];
    for (const unit of part) {
      const before = present.get(unit) ?? null;
      // Whoever got nothing before it was withdrawn hears nothing of it now; and who has it from another list has it from there.
      const isFresh = before === null && isReadable(publication);
      const after = before || isFresh ? deliver(before, publication, { unit, from: next.unit }, now()) : null;
      if (!after) continue;
      saved.push(after);
      facts.push(...receiptFacts(before, after, publication, names));
    }
    const told = partTold(next);
    await journal.record(deedOf('hub', null), [...dispatchFacts(told, publication), ...facts], async (session) => {
      await dispatches.save(told, session);
      if (saved.length > 0) await receipts.saveMany(saved, session);
    });
    return true;
  }

  return {
    /** Takes one file in; it waits for its publication. Errors: HubError `not_allowed`, `attachment_too_large`, `file_kind_refused`, `file_macros`, `files_waiting`. */
    async sendFile(
      person: Person,
      unitId: string,
      file: { name: string; bytes: number; content: Uint8Array | null },
    ): Promise<{ file: AttachedFile }> {
      const unit = await acting(person, unitId);
      if (!file.content || file.bytes > FILE_BYTES_MAX)
        throw new HubError('attachment_too_large', {
          mb: Math.ceil(file.bytes / 2 ** 20),
          mbMax: FILE_BYTES_MAX / 2 ** 20,
        });
      if (file.content.length === 0) throw new HubError('file_missing');
      const waiting = await publicationFiles.count({ by: person.id, publication: null });
      if (waiting >= FILES_WAITING_MAX) throw new HubError('files_waiting', { max: FILES_WAITING_MAX });
      const type = await fileTypeOf(file.content);
      const attached = {
        ...{ id: newId(), name: safeFileName(file.name, type), type },
        ...{ bytes: file.content.length, sha256: sha256(file.content) },
      };
      const place = { unit: unit.id, by: person.id, atMs: now(), publication: null, isWhole: false };
      await publicationFiles.keep({ ...attached, rev: 1, ...place }, file.content);
      return { file: attached };
    },

    /** Throws a file away that waits and is not wanted. */
    async dropFile(person: Person, id: string): Promise<void> {
      const file = await publicationFiles.find(id);
      if (file?.by !== person.id || file.publication !== null) throw new HubError('not_allowed');
      await publicationFiles.drop(id);
    },

    /** Issues a publication: told at once, or at its moment (S0-05, S0-07, S4-07; G-06). */
    async publish(person: Person, input: unknown): Promise<{ publication: string }> {
      // Whose matter it is not hears nothing of what was wrong with it.
      const unitId = (input as { unit?: unknown } | null)?.unit;
      const unit = await acting(person, typeof unitId === 'string' ? unitId : '');
      const asked = publicationInputSchema.parse(input);
      const to = listOf(await candidatesOf(context.units, unit, asked.scope), asked.units);
      const { files, taken } = await filesOf(person, unit.id, asked.files);
      const content: Content = { kind: asked.kind, title: asked.title, text: asked.text, stage: asked.stage, files };
      const { procedure, asksConfirmation, releaseAtMs } = asked;
      if (procedure !== null) await demandProcedure(procedure, unit);
      const publication = issue(
        { id: newId(), unit, byName: person.name },
        { procedure, asksConfirmation, releaseAtMs, content },
        now(),
      );
      const dispatch = startDispatch(
        { publication, unit: unit.id, byName: person.name },
        { to, cover: '' },
        publication.createdAtMs,
      );
      const note = noteOf('publication.issued', unit, publication, {
        kind: publication.kind,
        status: publication.status,
        count: to.length,
      });
      await journal.record(deedOf(person.id, note), dispatchFacts(dispatch, publication), async (session) => {
        await publications.save(publication, session);
        await dispatches.save(dispatch, session);
        if (taken.length > 0) await publicationFiles.take(taken, publication.id, session);
      });
      return { publication: publication.id };
    },

    /** Another edition for everybody who has it (the one before stays with its author). */
    correct: (person: Person, id: string, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { publication, unit } = await issued(person, id);
        const asked = correctionSchema.parse(input);
        const { files, taken } = await filesOf(person, unit.id, asked.files, publication.files);
        const content: Content = { kind: asked.kind, title: asked.title, text: asked.text, stage: asked.stage, files };
        const corrected = correct(publication, { rev: asked.rev, content, byName: person.name }, unit, now());
        const note = noteOf('publication.corrected', unit, corrected.publication, {
          count: corrected.publication.edition,
        });
        await changed(deedOf(person.id, note), corrected.publication, async (session) => {
          await formerEditions.save(corrected.former, session);
          if (taken.length > 0) await publicationFiles.take(taken, id, session);
        });
      }),

    withdraw: (person: Person, id: string, input: { reason: unknown }): Promise<void> =>
      retryStale(async () => {
        const { publication, unit } = await issued(person, id);
        const reason = reasonSchema.parse(input.reason);
        const withdrawn = withdraw(publication, { byName: person.name, reason }, now());
        await changed(deedOf(person.id, noteOf('publication.withdrawn', unit, withdrawn, { reason })), withdrawn);
      }),

    /** The first opening by a person who acts for the unit is the mark «прочитано» (S4-08); whoever only looks leaves none. */
    open: (person: Person, input: { publication: string; unit: string }): Promise<void> =>
      mark(person, input, 'publication.read', (receipt) => open(receipt, person, now())),

    /** «Ознакомлен» (S1-39). */
    confirm: (person: Person, input: { publication: string; unit: string }): Promise<void> =>
      mark(person, input, 'publication.confirmed', (receipt) => confirm(receipt, person, now())),

    /** Sends on what the unit has, by list, with a covering text of its own (S4-08). */
    sendOn: (person: Person, id: string, input: unknown): Promise<{ added: number }> =>
      retryStale(async () => {
        const unitId = (input as { unit?: unknown } | null)?.unit;
        const unit = await acting(person, typeof unitId === 'string' ? unitId : '');
        const asked = sendOnSchema.parse(input);
        const { receipt, publication } = await held(id, unit.id);
        if (asked.scope === 'centre') throw new HubError('not_allowed');
        if (!isReadable(publication)) throw new HubError('publication_withdrawn');
        const to = listOf(await candidatesOf(context.units, unit, asked.scope), asked.units);
        const before = await dispatches.find(partId(id, unit.id));
        const { cover } = asked;
        const after = before
          ? extendDispatch(before, { to, cover, byName: person.name })
          : startDispatch({ publication, unit: unit.id, byName: person.name }, { to, cover }, now());
        if (!after) return { added: 0 };
        const passed = sentOn(receipt, now());
        const names = await namesOf(context, [unit.id, receipt.from, publication.unit]);
        const facts = [
          ...dispatchFacts(after, publication),
          ...(passed ? receiptFacts(receipt, passed, publication, names) : []),
        ];
        const note = noteOf('publication.sentOn', unit, publication, { count: after.to.length });
        await journal.record(deedOf(person.id, note), facts, async (session) => {
          await dispatches.save(after, session);
          if (passed) await receipts.save(passed, session);
        });
        return { added: after.to.length - (before?.to.length ?? 0) };
      }),

    /** A letter to everybody who acts for a unit that has it and has not read it. Returns how many letters were written. */
    remind: (person: Person, id: string, input: { unit: string }): Promise<{ units: number; letters: number }> =>
      retryStale(async () => {
        const unit = await acting(person, input.unit);
        const [before, publication] = await Promise.all([dispatches.find(partId(id, unit.id)), publications.find(id)]);
        if (!before || !publication) throw new HubError('not_allowed');
        if (!isReadable(publication)) throw new HubError('publication_withdrawn');
        const after = remind(before, now());
        const unread = (await receipts.list({ publication: id, from: unit.id })).filter((one) => !isRead(one));
        if (unread.length === 0) throw new HubError('nobody_unread');
        const people = (await assignments.held({ unit: { $in: unread.map((one) => one.unit) } }, now())).filter(
          ({ role, procedure }) => !procedure && ACTING_ROLES.includes(role),
        );
        const guards = await safeguards.list({ _id: { $in: [...new Set(people.map((one) => one.person))] } });
        const addressed = guards.flatMap((guard) => {
          const to = letterAddress(guard);
          return to === null ? [] : [{ person: guard.id, to }];
        });
        const note = noteOf('publication.reminded', unit, publication, { count: unread.length });
        const params = { title: publication.title, sender: unit.name, link: ownUrl(`/publications/${id}`) };
        await journal.record(deedOf(person.id, note), dispatchFacts(after, publication), async (session) => {
          await dispatches.save(after, session);
          for (const one of addressed)
            await letters.write({ kind: 'publication_reminder', ...one, params, language: 'ru' }, session);
        });
        return { units: unread.length, letters: addressed.length };
      }),

    /** Releases what is due and tells the lists that wait; another node at the same part is only slower. */
    async processNext(): Promise<boolean> {
      try {
        return (await releaseNext()) || (await tellNext());
      } catch (error) {
        if (error instanceof HubError && error.code === 'stale_write') return true;
        throw error;
      }
    },

    /** Tells the senders how many got and read what they sent, after it was marked: gathered, so that no reader waits for another. */
    async tellMarks(streams: readonly string[]): Promise<void> {
      const parsed = streams.map(parseStream).filter((one) => one?.kind === 'receipts');
      const heads = await journal.counted(
        parsed.map(({ parts: { publication, sender } }) => receiptsStream(publication, sender)),
      );
      for (const { stream, seq, counters } of heads) {
        const one = parseStream(stream);
        if (one?.kind !== 'receipts') continue;
        const { publication, sender } = one.parts;
        const fact = {
          ...{ stream: sentPublicationsStream(sender), type: 'marksCounted' },
          // Not the list's own name: of a folded stream the last event of each entity is sent.
          ...{ entity: `marks ${publication}`, rev: seq },
          body: { marks: { publication, seq, ...marksFrom(counters) } },
        };
        await journal.record(deedOf('hub', null), [fact], () => Promise.resolve());
      }
    },

    /**
     * For another deed: its list gets a publication too (S4-13). It is in effect with the deed that records the facts and saves. Errors:
     * HubError `not_allowed` for what is not the person's to send, or not released; `addressees_too_many`.
     */
    async addressAlso(
      person: Person,
      id: string,
      to: readonly string[],
    ): Promise<{ title: string; address: string; facts: Fact[]; save: (session: ClientSession) => Promise<void> }> {
      const { publication, unit } = await issued(person, id);
      const before = await dispatches.find(partId(id, unit.id));
      if (!before || !isReadable(publication)) throw new HubError('not_allowed');
      const after = extendDispatch(before, { to, cover: before.cover, byName: before.byName });
      if (after && after.to.length > ADDRESSEES_MAX)
        throw new HubError('addressees_too_many', { count: after.to.length, max: ADDRESSEES_MAX });
      return {
        ...{ title: publication.title, address: ownUrl(`/publications/${id}`) },
        facts: after ? dispatchFacts(after, publication) : [],
        async save(session) {
          if (after) await dispatches.save(after, session);
        },
      };
    },

    forget: (): Promise<void> => publicationFiles.forget(now() - FORGOTTEN_AFTER_MS),
  };
}

export type PublicationActions = ReturnType<typeof createPublicationActions>;
