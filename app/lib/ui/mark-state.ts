/**
 * The states a mark can show (interface.md, «Look»). A closed union: each variant carries only what is true then.
 * States without particulars may be written as a bare word: `<StateMark mark="done" />`.
 */
export type BareMark = 'notBegun' | 'waitsForYou' | 'done' | 'doneLate' | 'problem' | 'overdue' | 'refused' | 'locked';

export type KnownMark =
  | { state: BareMark }
  /** `share` from 0 to 1; null when it can't be told. */
  | { state: 'underWay'; share: number | null }
  | { state: 'waitsForAnother'; whom: string };

/** The line is lost: `asOf` («12:04:31») is when `last` was known to be true. */
export type UnknownMark = { state: 'unknown'; last: KnownMark; asOf: string };

export type MarkState = KnownMark | UnknownMark;
export type StateName = MarkState['state'];

export type ColourRole = 'neutral' | 'blue' | 'accent' | 'green' | 'amber' | 'red';

export const markRole: Record<StateName, ColourRole> = {
  notBegun: 'neutral',
  underWay: 'blue',
  waitsForYou: 'accent',
  waitsForAnother: 'neutral',
  done: 'green',
  doneLate: 'green',
  problem: 'amber',
  overdue: 'red',
  refused: 'red',
  locked: 'neutral',
  unknown: 'neutral',
};

export function toMark(mark: MarkState | BareMark): MarkState {
  return typeof mark === 'string' ? { state: mark } : mark;
}
