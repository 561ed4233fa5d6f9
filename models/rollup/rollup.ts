/**
 * Rollups: what a territory adds up to. A rollup stream has a row for each part of its territory: municipalities of a region,
 * regions of the federation. A row is the counters of the part's own stream, and says at which sequence of it they are true.
 * Pure, browser-safe.
 */
import { HEAD_COUNTERS, type HeadCounts } from '../participation/board.ts';

export interface RollupRow {
  /** The unit below. */
  unit: string;
  name: string;
  order: number;
  /** Whether the unit has a rollup of its own; otherwise a board. */
  isRollup: boolean;
  /** Revision of the row. */
  rev: number;
  counts: HeadCounts;
  /** The position in the unit's own stream at which the counters are true. */
  epoch: string;
  seq: number;
}

export interface Rollup {
  unit: string;
  /** In their order. */
  rows: RollupRow[];
}

export type RollupFact =
  { type: 'rollupChanged'; body: { row: RollupRow } } | { type: 'countersMended'; body: { counters: HeadCounts } };

export const emptyRollup = (unit: string): Rollup => ({ unit, rows: [] });

/** Applies a fact: the newer revision of a row wins, an older one changes nothing. */
export function applyRollupFact(rollup: Rollup, fact: RollupFact): Rollup {
  switch (fact.type) {
    case 'rollupChanged': {
      const { row } = fact.body;
      const present = rollup.rows.find(({ unit }) => unit === row.unit);
      if (present && present.rev >= row.rev) return rollup;
      return { ...rollup, rows: inOrder([...rollup.rows.filter((other) => other !== present), row]) };
    }
    case 'countersMended':
      return rollup;
    default:
      throw fact satisfies never;
  }
}

export const inOrder = (rows: RollupRow[]): RollupRow[] =>
  rows.sort((a, b) => a.order - b.order || (a.unit < b.unit ? -1 : 1));

/** The figures of the whole territory. */
export function sumCounts(rows: readonly { counts: HeadCounts }[]): HeadCounts {
  const sum = (name: keyof HeadCounts): number => rows.reduce((total, { counts }) => total + counts[name], 0);
  return Object.fromEntries(HEAD_COUNTERS.map((name) => [name, sum(name)])) as Record<keyof HeadCounts, number>;
}
