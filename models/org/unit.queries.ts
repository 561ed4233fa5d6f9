/** What pages read of the tree: its lines, one unit, search, imports, and the territory as rows of a file. */
import type { Context } from '../context.ts';
import type { DeedActions } from '../deeds/deed.actions.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { importStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import type { UnitChange } from './unit-change.ts';
import type { ImportLine, LineKind } from './unit-difference.ts';
import { importView, type ImportView } from './unit-import.ts';
import { isMatch, rankOf, termsOf } from './unit-search.ts';
import type { UnitRow } from './unit.form.ts';
import { startingWith, type FoundUnit } from './unit.store.ts';
import { pathIds, successorOf, type Unit, type UnitKind } from './unit.ts';

/** Children shown under one unit; a larger unit is searched, not scrolled. */
export const CHILDREN_MAX = 2_000;
export const CHANGES_SHOWN_MAX = 100;
export const IMPORTS_SHOWN_MAX = 20;
export const FOUND_MAX = 20;
/** Words that a term may be a part of before it says too little to begin with. */
const WORDS_MAX = 500;
/** Units looked at for one term; more of them, and another term may narrow better. */
const PROBED_MAX = 200;
/** Units looked at, one after another, when no term narrows. */
const SCANNED_MAX = 2_000;
const ROWS_PER_PIECE = 500;

type Counts = Partial<Record<UnitKind, number>>;

/** A line of the tree. */
export interface TreeLine {
  unit: Unit;
  /** Active units directly under it, by kind. */
  counts: Counts;
}

export interface UnitHit {
  id: string;
  kind: UnitKind;
  name: string;
  shortName: string | null;
  isActive: boolean;
  /** Names of the units above, from the region down. */
  place: string[];
}

export interface UnitFound {
  units: UnitHit[];
  /** Whether there are more than these: the person says more of what he seeks. */
  isMore: boolean;
}

export interface UnitPage {
  unit: Unit;
  /** Units above that the person may see, from the top. */
  above: Unit[];
  children: TreeLine[];
  successor: { id: string; name: string } | null;
  history: UnitChange[];
  /** Names of the units that the history speaks of. */
  names: Record<string, string>;
  canManage: boolean;
}

export function createUnitQueries(context: Context, deeds: Pick<DeedActions, 'noteExport'>) {
  const { units, unitImports, importLines, journal, workbooks } = context;

  async function viewed(person: Person, id: string): Promise<Unit> {
    const unit = await units.find(id);
    if (!unit || !isAllowed(person, 'units.view', unit.path)) throw new HubError('not_found');
    return unit;
  }

  async function withCounts(found: readonly Unit[]): Promise<TreeLine[]> {
    const counts = await units.childCounts(found.map(({ id }) => id));
    return found.map((unit) => ({ unit, counts: counts.get(unit.id) ?? {} }));
  }

  const childrenOf = async (id: string): Promise<TreeLine[]> =>
    withCounts(await units.list({ parent: id }, { sort: { order: 1 }, limit: CHILDREN_MAX }));

  async function namesOf(ids: Iterable<string>): Promise<Map<string, string>> {
    const found = await units.list({ _id: { $in: [...new Set(ids)] } });
    return new Map(found.map(({ id, name, shortName }) => [id, shortName ?? name]));
  }

  /**
   * Units of one territory that match all terms. A term that few words hold leads to its units by their words; when a term's
   * units are few, the others are tried on them, and the answer is whole. Where every term is common, what is found at once is
   * enough, and the answer says that there is more.
   */
  async function searchIn(
    territory: string,
    terms: readonly string[],
  ): Promise<{ found: FoundUnit[]; isMore: boolean }> {
    const words = await Promise.all(terms.map((term) => units.wordsWith(term, WORDS_MAX + 1)));
    if (words.some(({ length }) => length === 0)) return { found: [], isMore: false };
    const matching = (candidates: readonly FoundUnit[]): FoundUnit[] =>
      candidates.filter((candidate) => isMatch(candidate.words, terms));
    const some = new Map<string, FoundUnit>();
    // The longest term first: it is the likeliest to narrow.
    const order = terms.map((term, at) => ({ term, words: words[at] ?? [] }));
    order.sort((a, b) => b.term.length - a.term.length);
    for (const { term, words: holding } of order) {
      const isNarrow = holding.length <= WORDS_MAX;
      const candidates = await units.withWords(isNarrow ? holding : [term], territory, PROBED_MAX + 1);
      if (isNarrow && candidates.length <= PROBED_MAX) return { found: matching(candidates), isMore: false };
      for (const candidate of matching(candidates)) some.set(candidate.unit.id, candidate);
    }
    if (some.size >= FOUND_MAX) return { found: [...some.values()], isMore: true };
    let looked = 0;
    for await (const candidate of units.scan(territory, SCANNED_MAX + 1)) {
      looked += 1;
      if (looked > SCANNED_MAX) break;
      if (isMatch(candidate.words, terms)) some.set(candidate.unit.id, candidate);
      if (some.size >= PROBED_MAX) break;
    }
    return { found: [...some.values()], isMore: looked > SCANNED_MAX || some.size >= PROBED_MAX };
  }

  const rowOf = (unit: Unit): UnitRow => ({
    code: unit.id,
    kind: unit.kind,
    name: unit.name,
    shortName: unit.shortName,
    parent: unit.parent,
    zone: unit.zone,
    status: unit.status.status,
    successor: successorOf(unit),
    ownership: unit.ownership ?? null,
  });

  async function* rowsOf(paths: readonly string[]): AsyncGenerator<UnitRow[]> {
    let piece: UnitRow[] = [];
    for (const path of paths)
      for await (const unit of units.within(path)) {
        piece.push(rowOf(unit));
        if (piece.length < ROWS_PER_PIECE) continue;
        yield piece;
        piece = [];
      }
    if (piece.length > 0) yield piece;
  }

  return {
    /** A region and its municipalities, to manage or to choose from. */
    async tree(person: Person): Promise<Unit[]> {
      const all = await units.list({ kind: { $in: ['region', 'municipality'] } }, { sort: { path: 1 } });
      return all.filter(({ path }) => isAllowed(person, 'units.manage', path));
    },

    countInstitutions: (path: string): Promise<number> =>
      units.count({ kind: 'institution', path: startingWith(path) }),

    /** The tops of what the person sees, each with what hangs under it: the tree as it is first shown. */
    async roots(person: Person): Promise<{ root: TreeLine; children: TreeLine[]; canManage: boolean }[]> {
      const ids = territories(person, 'units.view').flatMap((path) => pathIds(path).at(-1) ?? []);
      if (ids.length === 0) throw new HubError('not_allowed');
      const found = await units.list({ _id: { $in: ids } }, { sort: { path: 1 } });
      return Promise.all(
        (await withCounts(found)).map(async (root) => ({
          root,
          children: await childrenOf(root.unit.id),
          canManage: isAllowed(person, 'units.manage', root.unit.path),
        })),
      );
    },

    /** What hangs under a unit. */
    async children(person: Person, id: string): Promise<TreeLine[]> {
      return childrenOf((await viewed(person, id)).id);
    },

    /** Everything about one unit. */
    async unit(person: Person, id: string): Promise<UnitPage> {
      const unit = await viewed(person, id);
      const aboveIds = pathIds(unit.path).slice(0, -1);
      const [above, children, history] = await Promise.all([
        units.list({ _id: { $in: aboveIds } }, { sort: { path: 1 } }),
        childrenOf(id),
        units.changes.of(id, CHANGES_SHOWN_MAX),
      ]);
      const spokenOf = history.flatMap(({ fields }) =>
        fields
          .filter(({ field }) => field === 'parent' || field === 'successor')
          .flatMap(({ before, after }) => [before, after]),
      );
      const heir = successorOf(unit);
      const names = await namesOf([...spokenOf, heir].filter((one) => one !== null));
      return {
        unit,
        above: above.filter(({ path }) => isAllowed(person, 'units.view', path)),
        children,
        successor: heir === null ? null : { id: heir, name: names.get(heir) ?? heir },
        history,
        names: Object.fromEntries(names),
        canManage: isAllowed(person, 'units.manage', unit.path),
      };
    },

    /** Units of the person's territory that have every term in their name or code, the closest first. */
    async search(person: Person, sought: string): Promise<UnitFound> {
      const terms = termsOf(sought);
      const mine = territories(person, 'units.view');
      if (terms.length === 0 || mine.length === 0) return { units: [], isMore: false };
      const answers = await Promise.all(mine.map((territory) => searchIn(territory, terms)));
      const ranked = answers
        .flatMap(({ found }) => found)
        .map(({ unit, words }) => ({ unit, rank: rankOf(unit, words, terms) }))
        .sort((a, b) => a.rank - b.rank || (a.unit.path < b.unit.path ? -1 : 1));
      const shown = ranked.slice(0, FOUND_MAX).map(({ unit }) => unit);
      const names = await namesOf(shown.flatMap(({ path }) => pathIds(path).slice(0, -1)));
      return {
        units: shown.map(({ id, kind, name, shortName, status, path }) => ({
          ...{ id, kind, name, shortName, isActive: status.status === 'active' },
          place: pathIds(path)
            .slice(0, -1)
            .map((above) => names.get(above) ?? above),
        })),
        isMore: answers.some(({ isMore }) => isMore) || ranked.length > FOUND_MAX,
      };
    },

    /** The territory of a unit, or everything the person sees, as a file that can be imported again. */
    async export(person: Person, format: 'xlsx' | 'csv', id: string | null): Promise<Uint8Array> {
      const paths = id === null ? territories(person, 'units.view') : [(await viewed(person, id)).path];
      if (paths.length === 0) throw new HubError('not_allowed');
      await deeds.noteExport(
        person,
        paths.flatMap((path) => pathIds(path).at(-1) ?? []),
        'units',
        null,
      );
      return workbooks.unitsFile(format, rowsOf(paths));
    },

    /** The empty form. */
    template: (format: 'xlsx' | 'csv'): Promise<Uint8Array> => workbooks.unitsFile(format, rowsOf([])),

    /** Imports of the territories that the person manages, the latest first. */
    async imports(person: Person): Promise<ImportView[]> {
      const lists = await Promise.all(
        territories(person, 'units.manage').map((path) =>
          unitImports.list(
            { path: { $gte: path, $lt: `${path}\uffff` } },
            { sort: { sentAtMs: -1 }, limit: IMPORTS_SHOWN_MAX },
          ),
        ),
      );
      return lists.flat().map(importView);
    },

    /** One import with its position. */
    async import(person: Person, id: string): Promise<Snapshot<ImportView>> {
      const known = await unitImports.find(id);
      if (!known || !isAllowed(person, 'units.manage', known.path)) throw new HubError('not_allowed');
      const stream = importStream(id);
      const position = await positionOf(journal, stream);
      const one = await unitImports.get(id);
      return { stream, position, state: importView(one) };
    },

    /** A page of an import's difference. */
    async importLines(person: Person, id: string, kind: LineKind, page: number): Promise<ImportLine[]> {
      const one = await unitImports.find(id);
      if (!one || !isAllowed(person, 'units.manage', one.path)) throw new HubError('not_allowed');
      return 'comparison' in one ? importLines.page(one.comparison.edition, kind, page) : [];
    },
  };
}

export type UnitQueries = ReturnType<typeof createUnitQueries>;
