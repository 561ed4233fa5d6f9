/** What pages read of the analytical base (S0-08): by institution, territory, procedure, kind and year, within the reader's own reach. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { Filter } from '../entity.store.ts';
import { HubError } from '../error.ts';
import { isMatch, SEARCH_CHARS_MAX, termsOf } from '../org/unit-search.ts';
import { startingWith } from '../org/unit.store.ts';
import { isWithin, pathIds, unitIdSchema, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { RIGHTS } from '../people/rights.ts';
import {
  gather,
  indicatorsOf,
  isOfKind,
  RESULT_KINDS,
  type Gathered,
  type KnownIndicator,
  type Result,
  type ResultKind,
} from './result.ts';

/** Results read at a time, for a page and for a file alike; what is more has to be narrowed, and is not summed up in part. */
export const RESULTS_MAX = 5_000;
/** Institutions that a part of a name may mean before it says too little. */
export const NAMED_MAX = 2_000;
/** Territories offered to narrow by. */
export const TERRITORIES_OFFERED_MAX = 500;
const WORDS_MAX = 500;

/** What stands in the address of the page. */
export const resultSearchSchema = z.strictObject({
  year: z.coerce.number().int().min(2000).max(2100).optional(),
  kind: z.enum(RESULT_KINDS as [ResultKind, ...ResultKind[]]).optional(),
  procedure: z.string().max(100).optional(),
  territory: unitIdSchema.optional(),
  institution: unitIdSchema.optional(),
  /** A part of an institution's name or code. */
  name: z.string().trim().min(1).max(SEARCH_CHARS_MAX).optional(),
});
export type ResultSearch = z.infer<typeof resultSearchSchema>;

export interface ResultRow extends Omit<Result, 'path' | 'rev'> {
  institutionName: string;
  /** The unit that the institution stands under. */
  territory: string;
  territoryName: string;
}

/** A procedure with its results together. */
export interface ProcedureSum {
  procedure: string;
  title: string;
  academicYear: number;
  kind: ResultKind;
  results: number;
  gathered: Gathered[];
}

interface Choice {
  id: string;
  name: string;
}

export interface ResultPage {
  rows: ResultRow[];
  /** By procedure, later years first; empty when there are more results than are read. */
  sums: ProcedureSum[];
  indicators: { kind: ResultKind; indicators: KnownIndicator[] }[];
  /** Whether there are more than `max`: then nothing is summed up. */
  isCut: boolean;
  max: number;
  /** What is read, as the page calls it. */
  territory: string;
  /** The one institution that was asked for. */
  institution: Choice | null;
  /** Whose results the reader sees at the most, and what he may narrow by. */
  own: Choice[];
  choices: {
    years: number[];
    kinds: ResultKind[];
    procedures: (Choice & { academicYear: number })[];
    territories: Choice[];
  };
}

interface Reach {
  path: string;
  /** Null: every procedure. */
  procedure: string | null;
}

export function createResultQueries({ results, procedures, units }: Context) {
  /** Territories of the reader, each with the one procedure that his role may be bound to: outside of it he reaches nothing. */
  async function reachOf(person: Person): Promise<Reach[]> {
    const all = person.assignments
      .filter(({ role }) => RIGHTS[role].includes('results.view'))
      .map(({ path, procedure }) => ({ path, procedure: procedure ?? null }));
    const bound = all.flatMap(({ procedure }) => procedure ?? []);
    const found = bound.length === 0 ? [] : await procedures.list({ _id: { $in: bound } });
    const reach = all.filter(
      (one) =>
        one.procedure === null ||
        found.some(({ id, path }) => id === one.procedure && (isWithin(path, one.path) || isWithin(one.path, path))),
    );
    if (reach.length === 0) throw new HubError('not_allowed');
    return reach;
  }

  const filterOf = (reach: readonly Reach[]): Filter => {
    const each = reach.map(({ path, procedure }) => ({
      path: startingWith(path),
      ...(procedure === null ? {} : { procedure }),
    }));
    return each.length === 1 && each[0] ? each[0] : { $or: each };
  };

  /** What is not there and what is not the reader's look alike. */
  async function demandReached(reach: readonly Reach[], id: string): Promise<Unit> {
    const unit = await units.find(id);
    if (!unit || !reach.some(({ path }) => isWithin(unit.path, path))) throw new HubError('not_allowed');
    return unit;
  }

  /** Institutions with a part of a name, as the search over units finds them; null when it says too little. */
  async function named(paths: readonly string[], name: string): Promise<string[] | null> {
    const terms = termsOf(name).sort((a, b) => b.length - a.length);
    const [longest] = terms;
    if (longest === undefined) return [];
    const words = await units.wordsWith(longest, WORDS_MAX + 1);
    if (words.length > WORDS_MAX) return null;
    const found = await Promise.all(paths.map((path) => units.withWords(words, path, NAMED_MAX + 1)));
    if (found.some(({ length }) => length > NAMED_MAX)) return null;
    return found.flat().flatMap(({ unit, words: own }) => (isMatch(own, terms) ? [unit.id] : []));
  }

  async function namesOf(ids: Iterable<string>): Promise<Map<string, string>> {
    const wanted = [...new Set(ids)];
    const found = wanted.length === 0 ? [] : await units.list({ _id: { $in: wanted } });
    return new Map(found.map(({ id, name }) => [id, name]));
  }

  async function toRows(found: readonly Result[]): Promise<ResultRow[]> {
    const names = await namesOf(found.flatMap(({ path }) => pathIds(path).slice(-2)));
    return found.map(({ path, rev: _rev, ...result }) => {
      const territory = pathIds(path).at(-2) ?? '';
      return {
        ...result,
        institutionName: names.get(result.institution) ?? result.institution,
        territory,
        territoryName: names.get(territory) ?? territory,
      };
    });
  }

  async function choicesOf(reach: readonly Reach[]): Promise<ResultPage['choices'] & { own: Choice[] }> {
    const ids = [...new Set(reach.flatMap(({ path }) => pathIds(path).at(-1) ?? []))];
    const [all, own, below] = await Promise.all([
      procedures.list({ kind: { $in: RESULT_KINDS } }, { sort: { deadlineMs: -1 } }),
      units.list({ _id: { $in: ids } }),
      Promise.all(
        [...new Set(reach.map(({ path }) => path))].map((path) =>
          units.list(
            { path: startingWith(path), kind: { $in: ['federation', 'region', 'municipality'] } },
            { sort: { path: 1 }, limit: TERRITORIES_OFFERED_MAX },
          ),
        ),
      ),
    ]);
    const offered = all.filter(({ id, path }) =>
      reach.some(
        (one) =>
          (one.procedure === null || one.procedure === id) && (isWithin(path, one.path) || isWithin(one.path, path)),
      ),
    );
    const toChoice = ({ id, name }: Unit): Choice => ({ id, name });
    return {
      own: own.map(toChoice),
      years: [...new Set(offered.map(({ academicYear }) => academicYear))].sort((a, b) => b - a),
      kinds: RESULT_KINDS.filter((kind) => offered.some((procedure) => isOfKind(procedure, kind))),
      procedures: offered.map(({ id, title, academicYear }) => ({ id, name: title, academicYear })),
      territories: [...new Map(below.flat().map((unit) => [unit.id, toChoice(unit)])).values()],
    };
  }

  return {
    /** Results with their sums by procedure. Errors: HubError `not_allowed` where the reader sees nothing of what is asked. */
    async page(person: Person, given: unknown): Promise<ResultPage> {
      const search = resultSearchSchema.parse(given);
      const reach = await reachOf(person);
      const [territory, institution] = await Promise.all([
        search.territory === undefined ? null : demandReached(reach, search.territory),
        search.institution === undefined ? null : demandReached(reach, search.institution),
      ]);
      const paths = territory ? [territory.path] : reach.map(({ path }) => path);
      const sought = search.name === undefined ? undefined : await named(paths, search.name);
      const filter: Filter[] = [
        filterOf(reach),
        ...(territory ? [{ path: startingWith(territory.path) }] : []),
        ...(institution ? [{ institution: institution.id }] : []),
        ...(search.year === undefined ? [] : [{ academicYear: search.year }]),
        ...(search.kind === undefined ? [] : [{ kind: search.kind }]),
        ...(search.procedure === undefined ? [] : [{ procedure: search.procedure }]),
        ...(sought ? [{ institution: { $in: sought } }] : []),
      ];
      const found =
        sought === null || sought?.length === 0
          ? []
          : await results.list(
              { $and: filter },
              { sort: { academicYear: -1, procedure: 1, path: 1 }, limit: RESULTS_MAX + 1 },
            );
      const isCut = sought === null || found.length > RESULTS_MAX;
      const { own, ...choices } = await choicesOf(reach);
      const kinds = RESULT_KINDS.filter((kind) => found.some((result) => isOfKind(result, kind)));
      return {
        rows: await toRows(found.slice(0, RESULTS_MAX)),
        sums: isCut ? [] : sumsOf(found),
        indicators: kinds.map((kind) => ({
          kind,
          indicators: indicatorsOf(
            kind,
            found.filter((result) => isOfKind(result, kind)),
          ),
        })),
        isCut,
        max: RESULTS_MAX,
        territory: territory?.name ?? own.map(({ name }) => name).join(', '),
        institution: institution && { id: institution.id, name: institution.name },
        own,
        choices,
      };
    },
  };
}

function sumsOf(found: readonly Result[]): ProcedureSum[] {
  const byProcedure = new Map<string, Result[]>();
  for (const result of found) {
    const others = byProcedure.get(result.procedure);
    if (others) others.push(result);
    else byProcedure.set(result.procedure, [result]);
  }
  return [...byProcedure.values()].flatMap((ofProcedure) => {
    const [first] = ofProcedure;
    if (!first) return [];
    const { procedure, title, academicYear, kind } = first;
    return {
      ...{ procedure, title, academicYear, kind, results: ofProcedure.length },
      gathered: gather(indicatorsOf(kind, ofProcedure), ofProcedure),
    };
  });
}

export type ResultQueries = ReturnType<typeof createResultQueries>;
