/** Use cases of importing units: a file is taken in, compared, confirmed, and written whole. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { UnitsPiece } from '../attendance/workbook.ts';
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { DeedKind, DeedNote } from '../deeds/deed.ts';
import type { Fact } from '../journal/journal.ts';
import { importStream } from '../journal/stream.ts';
import type { BoardListActions } from '../participation/board-list.actions.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { fileNameOf } from '../submission/submission.ts';
import type { Step } from './unit-change.ts';
import { compare, openFromTarget, reach, type Difference, type ImportLine, type PlacedRow } from './unit-difference.ts';
import {
  claimReading,
  claimWriting,
  compareAnew,
  confirmImport,
  finishComparing,
  finishWriting,
  importView,
  NOTES_MAX,
  pageAt,
  readOn,
  refuseFile,
  withdrawImport,
  writeOn,
  type UnitImport,
  type UnitImportOf,
} from './unit-import.ts';
import type { UnitActions } from './unit.actions.ts';
import { UNITS_FILE_BYTES_MAX } from './unit.form.ts';
import { childPath, closeUnit, pathIds, type Unit } from './unit.ts';

const MEBIBYTE = 2 ** 20;
/** How often a reading file tells how far it is (ms): often enough to move, seldom enough to cost nothing. */
const PROGRESS_MS = 500;
const CODES_PER_QUERY = 1_000;

export const confirmationSchema = z.strictObject({ edition: z.string().max(100), closesGone: z.boolean() });

/** A file as it arrived. `content` is null when it was over the limit and therefore not kept. */
export interface IncomingUnits {
  name: string;
  bytes: number;
  content: Uint8Array | null;
}

export const importFact = (one: UnitImport): Fact => ({
  stream: importStream(one.id),
  type: 'importChanged',
  entity: one.id,
  rev: one.rev,
  body: { import: importView(one) },
});

export function createUnitImportActions(
  context: Context,
  unitActions: UnitActions,
  boards: Pick<BoardListActions, 'relist'>,
) {
  const { units, unitImports, importLines, files, journal, workbooks, now, newId, sha256, observer } = context;

  /** The import with this id, for one who manages its territory. What is not there and what is not yours look alike. */
  async function managed(person: Person, id: string): Promise<UnitImport> {
    const one = await unitImports.find(id);
    if (!one || !isAllowed(person, 'units.manage', one.path)) throw new HubError('not_allowed');
    return one;
  }

  const record = (one: UnitImport, actor: string, note: DeedNote | null = null): Promise<void> =>
    journal.record({ actor, atMs: now(), commandId: newId(), note }, [importFact(one)], (session) =>
      unitImports.save(one, session),
    );

  /** Everything in the territory, and a mark that changes when any of it does. */
  async function stateOf(path: string): Promise<{ present: Map<string, Unit>; hash: string; treeRev: number }> {
    // The head first: what changes while we read makes the confirmation stale, never the other way round.
    const { rev: treeRev } = await units.head();
    const present = new Map<string, Unit>();
    const marks: string[] = [];
    for await (const unit of units.within(path)) {
      present.set(unit.id, unit);
      marks.push(`${unit.id}:${unit.rev}`);
    }
    return { present, hash: sha256(marks.join('\n')), treeRev };
  }

  /** Codes that the file names and the territory lacks, but somebody else has. */
  async function foreignCodes(rows: readonly PlacedRow[], present: ReadonlyMap<string, Unit>): Promise<Set<string>> {
    const asked = new Set<string>();
    for (const { values } of rows)
      for (const code of [values.code, values.parent])
        if (code !== undefined && code !== null && !present.has(code)) asked.add(code);
    const foreign = new Set<string>();
    const codes = [...asked];
    for (let at = 0; at < codes.length; at += CODES_PER_QUERY) {
      const found = await units.list({ _id: { $in: codes.slice(at, at + CODES_PER_QUERY) } });
      for (const { id } of found) foreign.add(id);
    }
    return foreign;
  }

  /** Runs a pure computation in turns, so that requests and sockets are served between them. */
  async function inTurns<T>(work: Generator<undefined, T>): Promise<T> {
    for (;;) {
      const turn = work.next();
      if (turn.done) return turn.value;
      await nextTurn();
    }
  }

  /** Reads the file of a claimed import and keeps the difference it would make. */
  async function read(claimed: UnitImportOf<'reading'>): Promise<void> {
    let current = claimed;
    let toldAtMs = now();
    const bytes = await files.find(claimed.id);
    if (!bytes) throw new Error(`file of import ${claimed.id} is gone`);
    const rows: PlacedRow[] = [];
    let telling: Promise<void> = Promise.resolve();
    let untold: unknown = null;
    const take = (piece: UnitsPiece): void => {
      for (const row of piece) rows.push(row);
      if (now() - toldAtMs < PROGRESS_MS) return;
      toldAtMs = now();
      telling = telling
        .then(async () => {
          const next = readOn(current, rows.length, now());
          await record(next, 'hub');
          current = next;
        })
        .catch((error: unknown) => {
          untold ??= error;
        });
    };
    const outcome = await workbooks.readUnits(bytes, take);
    await telling;
    // Withdrawn, or taken over by another node, meanwhile.
    if (untold !== null) throw untold as Error;
    if (outcome.kind === 'refused') {
      await record(refuseFile(current, outcome.findings, now()), 'hub');
      return;
    }
    const { present, hash, treeRev } = await stateOf(current.path);
    const scope = present.get(current.unit);
    if (!scope) throw new HubError('not_found');
    const top = await units.get(pathIds(scope.path)[0] ?? '');
    const difference = await inTurns(
      compare({
        ...{ scope, present, rows, topKind: top.kind, foreign: await foreignCodes(rows, present) },
        ...{ sheet: outcome.sheet, letters: outcome.letters, cellFindings: outcome.findings },
      }),
    );
    const edition = newId();
    await importLines.save(edition, difference.lines);
    await record(
      finishComparing(current, {
        ...{ atMs: now(), treeRev, stateHash: hash, edition },
        ...figuresOf(difference, outcome.brokenRows),
        notes: outcome.notes.slice(0, NOTES_MAX),
      }),
      'hub',
    );
  }

  /** The steps of one page of the plan. The territory is as it was compared: nothing else changes the tree meanwhile. */
  async function stepsOf(lines: readonly ImportLine[], atMs: number): Promise<Step[]> {
    const ids = new Set<string>();
    for (const line of lines) {
      if (line.kind === 'refused') continue;
      if (line.kind !== 'new') ids.add(line.id);
      if (line.kind !== 'gone' && line.target.parent !== null) ids.add(line.target.parent);
    }
    const known = new Map((await units.list({ _id: { $in: [...ids] } })).map((unit) => [unit.id, unit]));
    const one = (id: string): Unit => {
      const found = known.get(id);
      if (!found) throw new Error(`unit ${id} of a confirmed import is gone`);
      return found;
    };
    const steps: Step[] = [];
    for (const line of lines)
      switch (line.kind) {
        case 'new': {
          const parent = line.target.parent === null ? null : one(line.target.parent);
          const after = openFromTarget(line.id, line.target, parent?.path ?? '/', line.row, atMs);
          known.set(after.id, after);
          steps.push({ before: null, after });
          break;
        }
        case 'changed':
        case 'moved': {
          const before = one(line.id);
          const path =
            line.target.parent === null || line.target.parent === before.parent
              ? before.path
              : childPath(one(line.target.parent).path, before.id);
          steps.push({ before, after: reach(before, line.target, path, atMs) });
          break;
        }
        case 'gone':
          if (!line.stays) steps.push({ before: one(line.id), after: closeUnit(one(line.id), null, 0, atMs) });
          break;
        case 'refused':
          break;
        default:
          throw line satisfies never;
      }
    return steps;
  }

  /** Writes page after page; a node that stops hands the rest to the next one. */
  async function write(claimed: UnitImportOf<'writing'>, isStopping: () => boolean): Promise<void> {
    let current = claimed;
    const author = { id: claimed.by, name: claimed.byName, import: claimed.id };
    for (;;) {
      const place = pageAt(current);
      if (!place) break;
      const lines = await importLines.page(current.comparison.edition, place.kind, place.page);
      const before = current;
      if (isStopping()) {
        await record({ ...current, rev: current.rev + 1, leaseUntilMs: now() }, 'hub');
        return;
      }
      current = await retryStale(async () => {
        const steps = await stepsOf(lines, now());
        const next = writeOn(before, steps.length, now());
        // The units and how far the import is are one transaction: a crash repeats a page whole, or none of it.
        await unitActions.record(steps, author, {
          facts: [importFact(next)],
          save: (session) => unitImports.save(next, session),
        });
        return next;
      });
      await nextTurn();
    }
    // Once for all of it, and before it counts as done: a crash here relists again.
    await boards.relist(current.path);
    const done = finishWriting(current, now());
    await journal.record(
      { actor: 'hub', atMs: now(), commandId: newId(), note: noteOf('import.done', done) },
      [importFact(done)],
      async (session) => {
        await units.touch(session, { by: claimed.id, importing: null });
        await unitImports.save(done, session);
      },
    );
  }

  return {
    /** Takes a file in; reading and comparing come after, told live. */
    async send(person: Person, unitId: string, file: IncomingUnits): Promise<{ import: string }> {
      const unit = await units.find(unitId);
      if (!unit || !isAllowed(person, 'units.manage', unit.path)) throw new HubError('not_allowed');
      if (!file.content || file.bytes > UNITS_FILE_BYTES_MAX)
        throw new HubError('file_too_large', {
          mb: Math.ceil(file.bytes / MEBIBYTE),
          mbMax: UNITS_FILE_BYTES_MAX / MEBIBYTE,
        });
      const { content } = file;
      // Before anything of it is kept (S0-01): what is left is that it was tried.
      const personal = await workbooks.personalColumn(content);
      if (personal) {
        const name = fileNameOf(file.name);
        await journal.note({
          actor: person.id,
          atMs: now(),
          note: {
            kind: 'file.refused',
            path: unit.path,
            subject: unit.id,
            subjectName: unit.name,
            differences: [
              { field: 'file', before: name, after: name },
              { field: 'status', before: null, after: 'rejected' },
              { field: 'code', before: null, after: 'file_personal' },
            ],
          },
        });
        throw new HubError('file_personal', { ...personal });
      }
      const one: UnitImport = {
        id: newId(),
        rev: 1,
        unit: unit.id,
        path: unit.path,
        fileName: fileNameOf(file.name),
        bytes: file.bytes,
        by: person.id,
        byName: person.name,
        sentAtMs: now(),
        status: 'waiting',
        isAnew: false,
      };
      await journal.record(
        { actor: person.id, atMs: now(), commandId: newId(), note: noteOf('import.sent', one) },
        [importFact(one)],
        async (session) => {
          await files.save(one.id, content, session);
          await unitImports.save(one, session);
        },
      );
      return { import: one.id };
    },

    /**
     * Says yes to the difference of this edition; said twice it is said once. When the territory changed since, nothing is
     * written: the difference is made anew and `import_stale` tells so.
     */
    confirm: (person: Person, id: string, input: unknown): Promise<void> =>
      retryStale(async () => {
        const { edition, closesGone } = confirmationSchema.parse(input);
        const one = await managed(person, id);
        const confirmed = confirmImport(one, edition, closesGone, now());
        if (!confirmed || one.status !== 'compared') return;
        const { comparison } = one;
        let { rev } = await units.head();
        if (rev !== comparison.treeRev) {
          const state = await stateOf(one.path);
          if (state.hash !== comparison.stateHash) {
            // The person decided nothing: the hub compares again.
            await record(compareAnew(one), 'hub');
            await importLines.forget(edition);
            throw new HubError('import_stale');
          }
          rev = state.treeRev;
        }
        const deed = {
          actor: person.id,
          atMs: now(),
          commandId: newId(),
          note: noteOf('import.confirmed', confirmed, comparison.counts),
        };
        await journal.record(deed, [importFact(confirmed)], async (session) => {
          await units.touch(session, { ifRev: rev, importing: id });
          await unitImports.save(confirmed, session);
        });
      }),

    /** Gives a file up that is not confirmed yet. */
    withdraw: (person: Person, id: string): Promise<void> =>
      retryStale(async () => {
        const one = await managed(person, id);
        const withdrawn = withdrawImport(one, now());
        if (!withdrawn) return;
        await record(withdrawn, person.id, noteOf('import.withdrawn', withdrawn));
        if (one.status === 'compared') await importLines.forget(one.comparison.edition);
      }),

    /** Reads or writes the next import, or one whose node died over it; false when there is none. */
    async processNext(node: string, isStopping: () => boolean = () => false): Promise<boolean> {
      const [next] = await unitImports.list(
        {
          $or: [
            { status: 'waiting' },
            { status: 'reading', leaseUntilMs: { $lte: now() } },
            { status: 'writing', leaseUntilMs: { $lte: now() } },
          ],
        },
        { sort: { sentAtMs: 1 }, limit: 1 },
      );
      if (!next) return false;
      try {
        const reading = claimReading(next, node, now());
        const writing = claimWriting(next, node, now());
        if (reading) {
          await record(reading, 'hub');
          await read(reading);
        } else if (writing) {
          await record(writing, 'hub');
          await write(writing, isStopping);
        }
      } catch (error) {
        // Withdrawn meanwhile, or another node was faster: its word stands.
        if (error instanceof HubError && error.code === 'stale_write') return true;
        observer.fault(error, 'units.import');
        // The lease runs out, and it is tried again.
        return false;
      }
      return true;
    },
  };
}

/** What is told of an import: its file, and how many rows of each kind were agreed to. */
function noteOf(kind: DeedKind, one: UnitImport, counts: Readonly<Record<string, number>> = {}): DeedNote {
  const said = Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
  return {
    kind,
    path: one.path,
    subject: one.unit,
    subjectName: one.unit,
    differences: [
      { field: 'import', before: null, after: one.id },
      { field: 'file', before: null, after: one.fileName },
      ...(said === '' ? [] : [{ field: 'rows', before: null, after: said } as const]),
    ],
  };
}

function figuresOf({ lines, same, refusedRows }: Difference, brokenRows: number) {
  return {
    counts: {
      new: lines.new.length,
      changed: lines.changed.length,
      moved: lines.moved.length,
      gone: lines.gone.length,
      refused: lines.refused.length,
    },
    same,
    refusedRows: Math.max(refusedRows, brokenRows),
    closable: lines.gone.filter((line) => line.kind === 'gone' && !line.stays).length,
  };
}

export type UnitImportActions = ReturnType<typeof createUnitImportActions>;
