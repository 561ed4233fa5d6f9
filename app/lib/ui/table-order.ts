/**
 * The order of a table's rows, and how long an old order is kept. Pure.
 *
 * A live table has two orders: the wanted one, which follows every fact, and the shown one, which does not move under
 * the reader's pointer or keys. While it is held, rows that are gone keep their place, new ones wait outside, and
 * `countPending` says how much the reader will see change.
 */
export type Value = string | number | boolean | null | undefined;

export type Direction = 'ascending' | 'descending';
export type Sort = { column: string; direction: Direction };

export type RowGroup<Row> = { key: string; title: string; rows: readonly Row[] };

export type OrderRequest<Row> = {
  keyOf: (row: Row) => string;
  /** What the rows are sorted by; absent: the order they come in. */
  sortValueOf?: ((row: Row) => Value) | undefined;
  direction: Direction;
  groupOf?: ((row: Row) => { key: string; title: string }) | undefined;
  /** What the groups are sorted by; absent: their titles, always ascending. */
  groupSortValueOf?: ((group: RowGroup<Row>) => Value) | undefined;
  collator: Intl.Collator;
  /** The order before: nearly sorted input makes the sort nearly linear, so 40,000 rows can follow every fact. */
  previous?: readonly string[] | undefined;
};

export type Ordered<Row> = {
  keys: readonly string[];
  byKey: ReadonlyMap<string, Row>;
  /** In order; empty when the table has no groups. */
  groups: readonly RowGroup<Row>[];
};

/** Empty values come last in both directions: they are the absence of an answer, not a small one. */
export function compareValues(a: Value, b: Value, direction: Direction, collator: Intl.Collator): number {
  const emptyA = a === null || a === undefined || a === '';
  const emptyB = b === null || b === undefined || b === '';
  if (emptyA || emptyB) return Number(emptyA) - Number(emptyB);
  const order =
    typeof a === 'string' || typeof b === 'string' ? collator.compare(String(a), String(b)) : Number(a) - Number(b);
  return direction === 'ascending' ? order : -order;
}

export function orderRows<Row>(rows: readonly Row[], request: OrderRequest<Row>): Ordered<Row> {
  const { keyOf, sortValueOf, direction, groupOf, groupSortValueOf, collator, previous = [] } = request;
  const byKey = new Map<string, Row>();
  for (const row of rows) byKey.set(keyOf(row), row);
  const keys = sortValueOf === undefined ? [...byKey.keys()] : sortKeys(byKey, sortValueOf, request, previous);
  if (groupOf === undefined) return { keys, byKey, groups: [] };

  const groups = new Map<string, { key: string; title: string; rows: Row[]; keys: string[] }>();
  for (const rowKey of keys) {
    const row = byKey.get(rowKey);
    if (row === undefined) continue;
    const { key, title } = groupOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, title, rows: [row], keys: [rowKey] });
    else {
      group.rows.push(row);
      group.keys.push(rowKey);
    }
  }
  const valued = [...groups.values()].map((group) => ({ group, value: groupSortValueOf?.(group) }));
  valued.sort(
    (a, b) =>
      (groupSortValueOf === undefined ? 0 : compareValues(a.value, b.value, direction, collator)) ||
      collator.compare(a.group.title, b.group.title),
  );
  return {
    keys: valued.flatMap(({ group }) => group.keys),
    byKey,
    groups: valued.map(({ group }) => ({ key: group.key, title: group.title, rows: group.rows })),
  };
}

/** Sorts places, not rows: the values are read once, and what was sorted before is nearly sorted still. */
function sortKeys<Row>(
  byKey: ReadonlyMap<string, Row>,
  sortValueOf: (row: Row) => Value,
  { direction, collator }: Pick<OrderRequest<Row>, 'direction' | 'collator'>,
  previous: readonly string[],
): string[] {
  const keys = [...byKey.keys()];
  const values = [...byKey.values()].map(sortValueOf);
  const placeOf = new Map(keys.map((key, place) => [key, place]));
  const isTaken = new Uint8Array(keys.length);
  const places: number[] = [];
  for (const key of previous) {
    const place = placeOf.get(key);
    if (place === undefined || isTaken[place] === 1) continue;
    isTaken[place] = 1;
    places.push(place);
  }
  for (let place = 0; place < keys.length; place++) if (isTaken[place] === 0) places.push(place);
  places.sort((a, b) => compareValues(values[a], values[b], direction, collator) || a - b);
  return places.map((place) => keys[place] ?? '');
}

/** How many rows would be seen to move, come or go if the wanted order were shown now. */
export function countPending(shown: readonly string[], wanted: readonly string[]): number {
  if (shown === wanted) return 0;
  const place = new Map(wanted.map((key, index) => [key, index]));
  const places = shown.map((key) => place.get(key)).filter((at) => at !== undefined);
  const gone = shown.length - places.length;
  const come = wanted.length - places.length;
  return gone + come + (places.length - longestRise(places));
}

/** Length of the longest rising subsequence: the rows that may stay where they are. */
function longestRise(numbers: readonly number[]): number {
  const tails: number[] = [];
  for (const number of numbers) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tails[middle] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    tails[low] = number;
  }
  return tails.length;
}

export type Line<Row> =
  | { kind: 'group'; key: string; group: RowGroup<Row>; isOpen: boolean }
  | { kind: 'row'; key: string; row: Row; isGone: boolean; groupKey: string | null };

export type LinesRequest<Row> = {
  /** Row keys in the order to show. */
  keys: readonly string[];
  ordered: Ordered<Row>;
  /** Rows that were there when the order was held, to show the gone ones at their place. */
  heldRows?: ReadonlyMap<string, Row> | undefined;
  groupOf?: ((row: Row) => { key: string; title: string }) | undefined;
  isOpen: (groupKey: string) => boolean;
};

/** The lines of the table from top to bottom: rows, or groups with the rows of the open ones. */
export function layOut<Row>({ keys, ordered, heldRows, groupOf, isOpen }: LinesRequest<Row>): Line<Row>[] {
  const lines: Line<Row>[] = [];
  const inGroup = new Map<string, { title: string; lines: Line<Row>[] }>();
  for (const key of keys) {
    const present = ordered.byKey.get(key);
    const row = present ?? heldRows?.get(key);
    if (row === undefined) continue;
    const isGone = present === undefined;
    if (groupOf === undefined) {
      lines.push({ kind: 'row', key: `r:${key}`, row, isGone, groupKey: null });
      continue;
    }
    const { key: groupKey, title } = groupOf(row);
    let group = inGroup.get(groupKey);
    if (group === undefined) {
      group = { title, lines: [] };
      inGroup.set(groupKey, group);
    }
    if (isOpen(groupKey)) group.lines.push({ kind: 'row', key: `r:${key}`, row, isGone, groupKey });
  }
  if (groupOf === undefined) return lines;

  const current = new Map(ordered.groups.map((group) => [group.key, group]));
  for (const [key, { title, lines: members }] of inGroup) {
    const group = current.get(key) ?? { key, title, rows: [] };
    lines.push({ kind: 'group', key: `g:${key}`, group, isOpen: isOpen(key) });
    for (const line of members) lines.push(line);
  }
  return lines;
}

/** What a press on a heading does: its first direction, then the other, then the table's own order again. */
export function nextSort(sort: Sort | null, column: string, first: Direction = 'ascending'): Sort | null {
  if (sort?.column !== column) return { column, direction: first };
  if (sort.direction !== first) return null;
  return { column, direction: first === 'ascending' ? 'descending' : 'ascending' };
}

/** The lines to draw for a scroll position, with some above and below. */
export function visibleRange(
  {
    scrollTopPx,
    heightPx,
    rowHeightPx,
    overscan,
  }: Record<'scrollTopPx' | 'heightPx' | 'rowHeightPx' | 'overscan', number>,
  count: number,
): { start: number; end: number } {
  const start = Math.max(0, Math.min(count, Math.floor(scrollTopPx / rowHeightPx) - overscan));
  const end = Math.min(count, Math.ceil((scrollTopPx + heightPx) / rowHeightPx) + overscan);
  return { start, end: Math.max(start, end) };
}

/** An order as an address keeps it: `name.descending`. */
export const sortText = (sort: Sort | null): string | null =>
  sort === null ? null : `${sort.column}.${sort.direction}`;

/** The order that an address names; null when it names none. */
export function sortFrom(text: string | null): Sort | null {
  const [column = '', direction] = (text ?? '').split('.');
  return column === '' ? null : { column, direction: direction === 'descending' ? 'descending' : 'ascending' };
}
