/** Use cases of the tree: what a region needs before its first monitoring. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { BoardListActions } from '../participation/board-list.actions.ts';
import { type Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { childPath, unitIdSchema, unitNameSchema, type Unit } from './unit.ts';

export const regionSchema = z.strictObject({
  id: unitIdSchema,
  name: unitNameSchema,
  zone: z.string().refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone)),
});
export type RegionInput = z.infer<typeof regionSchema>;

/** How many institutions one list may bring. */
export const INSTITUTIONS_LISTED_MAX = 5_000;

export interface InstitutionLine {
  municipality: string;
  id: string;
  name: string;
}

/**
 * A pasted list, one institution a line: municipality, code, name, separated by tabs or semicolons.
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
    const [municipality = '', id = '', name = ''] = line.split(/[\t;]/).map((part) => part.trim());
    const parsed = z
      .object({ municipality: unitNameSchema, id: unitIdSchema, name: unitNameSchema })
      .safeParse({ municipality, id: id.toLowerCase(), name });
    if (!parsed.success) throw new HubError('bad_input', { field: 'line', line: number, reason: 'unreadable' });
    if (seen.has(parsed.data.id)) throw new HubError('bad_input', { field: 'line', line: number, reason: 'repeated' });
    seen.add(parsed.data.id);
    return parsed.data;
  });
}

export function createUnitActions({ units }: Context, boards: Pick<BoardListActions, 'relist'>) {
  const actions = {
    /** The top of a hub that serves one region. */
    async createRegion(input: RegionInput): Promise<Unit> {
      const { id, name, zone } = regionSchema.parse(input);
      const region: Unit = { id, rev: 1, kind: 'region', name, parent: null, path: `/${id}/`, order: 0, zone };
      await units.save(region);
      return region;
    },

    /** Adds institutions under a region; a municipality is made when its name is new. Known codes get the new name and place. */
    async addInstitutions(
      person: Person,
      regionId: string,
      lines: readonly InstitutionLine[],
    ): Promise<{ added: number; renamed: number }> {
      const region = await units.get(regionId);
      if (!isAllowed(person, 'units.manage', region.path)) throw new HubError('not_allowed');
      const present = await units.list({ path: { $gte: region.path, $lt: `${region.path}\uffff` } });
      const byId = new Map(present.map((unit) => [unit.id, unit]));
      const municipalities = present.filter(({ kind }) => kind === 'municipality');
      const fresh: Unit[] = [];
      const renamed: Unit[] = [];
      for (const line of lines) {
        let municipality = municipalities.find(({ name }) => name === line.municipality);
        if (!municipality) {
          const order = municipalities.length + 1;
          const id = `${region.id}-m${order}`;
          municipality = {
            id,
            rev: 1,
            kind: 'municipality',
            name: line.municipality,
            parent: region.id,
            path: childPath(region.path, id),
            order,
            zone: null,
          };
          municipalities.push(municipality);
          fresh.push(municipality);
        }
        const known = byId.get(line.id);
        if (known && (known.kind !== 'institution' || known.parent !== municipality.id))
          throw new HubError('bad_input', { field: 'code', reason: 'taken', code: line.id });
        if (known) {
          if (known.name !== line.name) renamed.push({ ...known, name: line.name, rev: known.rev + 1 });
          continue;
        }
        fresh.push({
          id: line.id,
          rev: 1,
          kind: 'institution',
          name: line.name,
          parent: municipality.id,
          path: childPath(municipality.path, line.id),
          order: present.length + fresh.length + 1,
          zone: null,
        });
      }
      if (fresh.length > 0) await units.insertMany(fresh);
      for (const unit of renamed) await units.save(unit);
      await boards.relist(region.path);
      return { added: fresh.filter(({ kind }) => kind === 'institution').length, renamed: renamed.length };
    },

    /** The same from a pasted list. */
    addInstitutionLines(person: Person, regionId: string, text: string): Promise<{ added: number; renamed: number }> {
      return actions.addInstitutions(person, regionId, parseInstitutionLines(text));
    },

    /** A region and its municipalities, to manage or to choose from. */
    async tree(person: Person): Promise<Unit[]> {
      const all = await units.list({ kind: { $in: ['region', 'municipality'] } }, { sort: { path: 1 } });
      return all.filter(({ path }) => isAllowed(person, 'units.manage', path));
    },

    countInstitutions: (): Promise<number> => units.count({ kind: 'institution' }),
  };
  return actions;
}
