/** Use cases of the tree: units made, edited, moved, merged, closed; each with its history. */
import type { ClientSession } from 'mongoose';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import { commonPath, type DeedKind, type DeedNote, type Difference } from '../deeds/deed.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import type { BoardListActions } from '../participation/board-list.actions.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { deedOf, fieldsChanged, type Step, type UnitChange } from './unit-change.ts';
import { createFollowers } from './unit.followers.ts';
import { readOwnership } from './unit.form.ts';
import {
  closeUnit,
  editUnit,
  isActive,
  mayHang,
  mergeUnit,
  moveUnit,
  newUnitSchema,
  openUnit,
  pathIds,
  reopenUnit,
  unitEditSchema,
  unitIdSchema,
  unitNameSchema,
  zoneSchema,
  type Ownership,
  type Unit,
  type UnitKind,
} from './unit.ts';

export const topSchema = z.strictObject({
  id: unitIdSchema,
  name: unitNameSchema,
  zone: zoneSchema,
  kind: z.enum(['region', 'federation']).default('region'),
});
export type TopInput = z.input<typeof topSchema>;

/** How many institutions one pasted list may bring; a whole territory comes as a file. */
export const INSTITUTIONS_LISTED_MAX = 5_000;
/** Units saved in one transaction: small enough that no page waits for it. */
export const UNITS_PER_TRANSACTION = 200;

export interface InstitutionLine {
  municipality: string;
  id: string;
  name: string;
  /** Absent: it is not said. */
  ownership?: Ownership;
}

/**
 * A pasted list, one institution a line: municipality, code, name and, if one likes, whose it is, separated by tabs or semicolons.
 * Errors: HubError `bad_input` with `field: 'line <n>'` for the first line that can't be read.
 */
export function parseInstitutionLines(text: string): InstitutionLine[] {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '');
  if (lines.length > INSTITUTIONS_LISTED_MAX)
    throw new HubError('bad_input', { field: 'lines', reason: 'too_many', max: INSTITUTIONS_LISTED_MAX });
  const seen = new Set<string>();
  return lines.map(({ line, number }) => {
    const [municipality = '', id = '', name = '', owner = ''] = line.split(/[\t;]/).map((part) => part.trim());
    const parsed = z
      .object({ municipality: unitNameSchema, id: unitIdSchema, name: unitNameSchema })
      .safeParse({ municipality, id: id.toLowerCase(), name });
    const ownership = owner === '' ? null : readOwnership(owner);
    if (owner !== '' && ownership === null)
      throw new HubError('bad_input', { field: 'line', line: number, reason: 'unreadable' });
    if (!parsed.success) throw new HubError('bad_input', { field: 'line', line: number, reason: 'unreadable' });
    if (seen.has(parsed.data.id)) throw new HubError('bad_input', { field: 'line', line: number, reason: 'repeated' });
    seen.add(parsed.data.id);
    return { ...parsed.data, ...(ownership === null ? {} : { ownership }) };
  });
}

/** Who changes the tree, and by what. */
export interface Author {
  id: string;
  name: string;
  /** The import that brings the changes. */
  import: string | null;
}

/** The hub itself, at its first start. */
const HUB: Author = { id: 'hub', name: '', import: null };

export function createUnitActions(context: Context, boards: Pick<BoardListActions, 'relist'>) {
  const { units, journal, now, newId } = context;
  const follow = createFollowers(context);

  /**
   * Saves steps as one deed: the units, what hangs below or keeps a copy, the history, and the tree's head.
   * `also` adds facts and what is saved with them. Units have no stream of their own: boards are relisted by whoever calls this.
   */
  async function record(
    steps: readonly Step[],
    author: Author,
    also: { facts?: readonly Fact[]; save?: (session: ClientSession) => Promise<void> } = {},
  ): Promise<void> {
    const deed: Deed = { actor: author.id, atMs: now(), commandId: newId(), note: noteOf(steps, author) };
    const following = await follow(steps);
    const history = steps.map((step): UnitChange => ({
      id: newId(),
      unit: step.after.id,
      rev: step.after.rev,
      atMs: deed.atMs,
      by: author.id,
      byName: author.name,
      deed: deedOf(step),
      fields: fieldsChanged(step),
      import: author.import,
    }));
    await journal.record(deed, [...following.facts, ...(also.facts ?? [])], async (session) => {
      await units.touch(session, author.import === null ? {} : { by: author.import });
      await units.saveMany([...steps.map(({ after }) => after), ...following.units], session);
      await following.save(session);
      await units.changes.saveMany(history, session);
      await also.save?.(session);
    });
  }

  /** A unit the person manages. What lies outside his territory does not exist for him. */
  async function managed(person: Person, id: string): Promise<Unit> {
    const unit = await units.find(id);
    if (!unit) throw new HubError('not_found');
    if (!isAllowed(person, 'units.manage', unit.path)) throw new HubError('not_allowed');
    return unit;
  }

  /** A deed of a person on a few units, decided on what is true now; the boards that it concerns follow. Null: nothing is to be done. */
  async function change({ id, name }: Person, decide: () => Promise<Step[] | null>): Promise<Step[]> {
    const steps = await retryStale(async () => {
      const decided = (await decide()) ?? [];
      if (decided.length > 0) await record(decided, { id, name, import: null });
      return decided;
    });
    for (const path of boardPaths(steps)) await boards.relist(path);
    return steps;
  }

  const topKindOf = async ({ path }: Unit): Promise<UnitKind> => (await units.get(pathIds(path)[0] ?? '')).kind;

  const childrenOf = (id: string): Promise<Unit[]> => units.list({ parent: id }, { sort: { order: 1 } });
  const nextOrder = async (parent: string | null): Promise<number> => {
    const [last] = await units.list({ parent }, { sort: { order: -1 }, limit: 1 });
    return (last?.order ?? 0) + 1;
  };

  const actions = {
    record,

    /** The top of a hub: one region, or the federation over many. */
    async createTop(input: TopInput): Promise<Unit> {
      const top = openUnit({ ...topSchema.parse(input), shortName: null }, null, 0);
      await record([{ before: null, after: top }], HUB);
      return top;
    },

    /** A new unit under one that the person manages. */
    async create(person: Person, parentId: string, input: unknown): Promise<void> {
      await change(person, async () => {
        const parent = await managed(person, parentId);
        return [{ before: null, after: openUnit(newUnitSchema.parse(input), parent, await nextOrder(parent.id)) }];
      });
    },

    /** Names and zone. */
    async edit(person: Person, id: string, input: unknown): Promise<void> {
      await change(person, async () => {
        const before = await managed(person, id);
        const after = editUnit(before, unitEditSchema.parse(input));
        return after && [{ before, after }];
      });
    },

    /** Hangs a unit under another of the same region; its people, files and boards follow. */
    async move(person: Person, id: string, parentId: string): Promise<void> {
      await change(person, async () => {
        const [before, parent] = await Promise.all([managed(person, id), managed(person, parentId)]);
        const after = moveUnit(before, parent, await topKindOf(before));
        return after && [{ before, after: { ...after, order: await nextOrder(parent.id) } }];
      });
    },

    /** Joins a unit to another of its kind; what hangs under it comes along. */
    async merge(person: Person, id: string, intoId: string): Promise<void> {
      await change(person, async () => {
        const [before, into] = await Promise.all([managed(person, id), managed(person, intoId)]);
        const topKind = await topKindOf(before);
        const after = mergeUnit(before, into, now());
        const order = await nextOrder(into.id);
        const children = (await childrenOf(before.id)).filter(isActive);
        const steps = children.map((child, index): Step => {
          const moved = moveUnit(child, into, topKind);
          return { before: child, after: { ...(moved ?? child), order: order + index } };
        });
        return [{ before, after }, ...steps];
      });
    },

    /** Closes a unit that nothing active hangs under, with a successor or without. */
    async close(person: Person, id: string, successorId: string | null): Promise<void> {
      await change(person, async () => {
        const before = await managed(person, id);
        const successor = successorId === null ? null : await managed(person, successorId);
        const active = (await childrenOf(before.id)).filter(isActive).length;
        return [{ before, after: closeUnit(before, successor, active, now()) }];
      });
    },

    async reopen(person: Person, id: string): Promise<void> {
      await change(person, async () => {
        const before = await managed(person, id);
        const after = reopenUnit(before, before.parent === null ? null : await units.get(before.parent));
        return after && [{ before, after }];
      });
    },

    /** Adds institutions under a region; a municipality is made when its name is new. Known codes get the new name. */
    async addInstitutions(
      person: Person,
      regionId: string,
      lines: readonly InstitutionLine[],
    ): Promise<{ added: number; renamed: number }> {
      const counts = await retryStale(async () => {
        const region = await managed(person, regionId);
        if (!mayHang('municipality', region.kind)) throw new HubError('not_found');
        const byId = new Map<string, Unit>();
        for await (const unit of units.within(region.path)) byId.set(unit.id, unit);
        const municipalities = [...byId.values()].filter(({ kind }) => kind === 'municipality');
        const before = byId.size;
        const steps: Step[] = [];
        for (const line of lines) {
          let municipality = municipalities.find(({ name }) => name === line.municipality);
          if (!municipality) {
            const order = municipalities.length + 1;
            const id = `${region.id}-m${order}`;
            const made = { id, kind: 'municipality', name: line.municipality, shortName: null, zone: null } as const;
            municipality = openUnit(made, region, order);
            municipalities.push(municipality);
            steps.push({ before: null, after: municipality });
          }
          const known = byId.get(line.id);
          if (known && (known.kind !== 'institution' || known.parent !== municipality.id))
            throw new HubError('bad_input', { field: 'code', reason: 'taken', code: line.id });
          if (known) {
            const { name, ownership } = line;
            const after = editUnit(known, { name, shortName: known.shortName, zone: null, ownership });
            if (after) steps.push({ before: known, after });
            continue;
          }
          const { id, name, ownership = null } = line;
          const made = { id, kind: 'institution', name, shortName: null, zone: null, ownership } as const;
          steps.push({ before: null, after: openUnit(made, municipality, before + steps.length + 1) });
        }
        for (let at = 0; at < steps.length; at += UNITS_PER_TRANSACTION)
          await record(steps.slice(at, at + UNITS_PER_TRANSACTION), { id: person.id, name: person.name, import: null });
        return {
          path: region.path,
          added: steps.filter(({ before: old, after }) => !old && after.kind === 'institution').length,
          renamed: steps.filter(({ before: old }) => old).length,
        };
      });
      const { path, added, renamed } = counts;
      await boards.relist(path);
      return { added, renamed };
    },

    /** The same from a pasted list. */
    addInstitutionLines(person: Person, regionId: string, text: string): Promise<{ added: number; renamed: number }> {
      return actions.addInstitutions(person, regionId, parseInstitutionLines(text));
    },
  };
  return actions;
}

/** Of one unit its fields; of several how many, and where: each has its own history. */
function noteOf(steps: readonly Step[], author: Author): DeedNote | null {
  const [first] = steps;
  if (!first) return null;
  const { after } = first;
  // The unit that was moved or merged comes first, what follows it after.
  const isList = author.import !== null || (steps.length > 1 && steps.every(({ before }) => before === null));
  const kind = isList ? 'units.changed' : unitDeedKind(first);
  const count: Difference[] = steps.length > 1 ? [{ field: 'count', before: null, after: steps.length }] : [];
  if (author.import !== null) count.push({ field: 'import', before: null, after: author.import });
  const paths = steps.flatMap(({ before, after: { path } }) => (before ? [before.path, path] : [path]));
  return {
    kind,
    actorName: author.name,
    path: kind === 'unit.created' ? after.path : commonPath(paths),
    subject: after.id,
    subjectName: after.name,
    differences: kind === 'units.changed' ? count : [...fieldsChanged(first), ...count],
  };
}

const unitDeedKind = (step: Step): DeedKind => `unit.${deedOf(step)}`;

/** The paths whose boards list a changed unit, before and after. What has no board of its own stands on none. */
function boardPaths(steps: readonly Step[]): Set<string> {
  const paths = new Set<string>();
  for (const { before, after } of steps)
    for (const unit of [before, after]) {
      if (!unit || !['institution', 'municipality', 'region'].includes(unit.kind)) continue;
      const above = unit.path.slice(0, unit.path.lastIndexOf('/', unit.path.length - 2) + 1);
      paths.add(unit.kind === 'institution' ? above : unit.path);
    }
  return paths;
}

export type UnitActions = ReturnType<typeof createUnitActions>;
