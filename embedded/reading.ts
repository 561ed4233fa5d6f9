/** Queries at work: a plan becomes rows, rows become answers, with pauses on the way. */
import { decode, encode, type Doc } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Filter, MatchTrace } from './matcher.ts';
import type { Plan } from './planner.ts';
import type { Projection } from './projection.ts';
import type { Entry, KeyRange, Row, View } from './storage.ts';

/** A row, or `undefined` where the reader may rest. Whoever resumes sees what was written meanwhile. */
export type Rows = Generator<Row | undefined>;

export function* rowsOf(view: View, collection: Collection, plan: Plan): Rows {
  switch (plan.kind) {
    case 'collection':
      yield* scanCollection(view, collection, plan.forward);
      break;
    case 'index':
      yield* scanIndex(view, plan.index.id, plan.ranges, plan.forward, plan.index.isMultikey || plan.ranges.length > 1);
      break;
    case 'either': {
      const told = new Set<number>();
      for (const each of plan.plans)
        for (const row of rowsOf(view, collection, each)) {
          if (row && told.has(row.key)) continue;
          if (row) told.add(row.key);
          yield row;
        }
      break;
    }
    default:
      plan satisfies never;
  }
}

function* scanCollection(view: View, collection: Collection, forward: boolean): Rows {
  let from = collection.firstKey;
  let to = collection.lastKey;
  for (;;) {
    const rows = view.documents(from, to, forward);
    const last = rows.at(-1);
    if (!last) return;
    yield* rows;
    yield undefined;
    if (forward) from = last.key + 1;
    else to = last.key - 1;
  }
}

function* scanIndex(view: View, index: number, ranges: KeyRange[], forward: boolean, mayRepeat: boolean): Rows {
  const told = new Set<number>();
  for (const range of ranges) {
    let after: Entry | undefined;
    for (;;) {
      const entries = view.entries(index, range, forward, after);
      after = entries.at(-1);
      if (!after) break;
      for (const { document } of entries) {
        if (mayRepeat && told.has(document)) continue;
        if (mayRepeat) told.add(document);
        // Gone meanwhile, when the reader rested between its entry and now.
        const bytes = view.document(document);
        if (bytes) yield { key: document, bytes };
      }
      yield undefined;
    }
  }
}

export interface Found extends Row {
  fields: Doc;
  trace: MatchTrace;
}

/** What a sort looks at. */
export function measured({ fields, bytes }: Found): { fields: Doc; bytes: number } {
  return { fields, bytes: bytes.length };
}

/** The rows that match, decoded. */
export function* matching(rows: Rows, filter: Filter): Generator<Found | undefined> {
  const { roots } = filter;
  const isPartial = roots !== undefined && roots.size < 8;
  for (const row of rows) {
    if (!row) {
      yield undefined;
      continue;
    }
    const trace: MatchTrace = {};
    if (isPartial && !filter.matches(decode(row.bytes, roots), trace)) continue;
    const fields = decode(row.bytes);
    if (!isPartial && !filter.matches(fields, trace)) continue;
    yield { ...row, fields, trace };
  }
}

/** Like `matching`, when only the bytes are wanted. */
export function* matchingBytes(rows: Rows, filter: Filter): Generator<Row | undefined> {
  const { roots, matches } = filter;
  for (const row of rows) if (!row || roots?.size === 0 || matches(decode(row.bytes, roots))) yield row;
}

/** Skips, limits and projects into the bytes that travel. */
export function* answers(
  rows: Iterable<Found | Row | undefined>,
  skip: number,
  limit: number,
  projection?: Projection,
): Generator<Buffer | undefined> {
  let toSkip = skip;
  let left = limit === 0 ? Infinity : limit;
  for (const row of rows) {
    if (!row) {
      yield undefined;
      continue;
    }
    if (toSkip > 0) {
      toSkip--;
      continue;
    }
    yield projection && 'fields' in row ? encode(projection.apply(row.fields, row.trace)) : row.bytes;
    if (--left <= 0) return;
  }
}
