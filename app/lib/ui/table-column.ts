import type { Snippet } from 'svelte';
import type { Direction, RowGroup, Value } from './table-order.ts';

export type { Direction, RowGroup, Sort, Value } from './table-order.ts';

export type TableColumn<Row> = {
  id: string;
  title: string;
  /** What stands in the heading when the title is too long for it; the title is then its tooltip. */
  short?: string | undefined;
  /** A CSS length. The first column's is a wish: on a narrow screen it shrinks. */
  width?: string | undefined;
  align?: 'start' | 'center' | 'end' | undefined;
  /** What the column sorts by and what marks a cell as changed. Without it the column does not sort. */
  value?: ((row: Row) => Value) | undefined;
  /** A column of numbers or dates may begin with the greatest. */
  firstSort?: Direction | undefined;
  /** Plain text of a cell; without it, the value. */
  text?: ((row: Row) => string) | undefined;
  /** Draws the cell; else the table's `cell`, else the text. */
  cell?: Snippet<[Row]> | undefined;
  /** The same for a group's line. */
  groupValue?: ((group: RowGroup<Row>) => Value) | undefined;
  groupText?: ((group: RowGroup<Row>) => string) | undefined;
};
