/** The live marks of a publication: one part a list, each from a stream of its own. */
import type { Snapshot } from '#models/journal/journal.ts';
import { applyReceiptsFact, type ReceiptRow, type ReceiptsPart } from '#models/publication/publication-dispatch.ts';
import type { ReceiptsFact } from '#realtime/contract.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';

/** A row with the list that it stands on, as the table gathers it. */
export interface ReceiptLine extends ReceiptRow {
  sender: string;
  senderName: string;
}

interface Given {
  sender: string;
  senderName: string;
  marks: Snapshot<ReceiptsPart>;
}

export class LiveReceipts {
  readonly #lists: readonly { sender: string; senderName: string; live: LiveState<ReceiptsPart, ReceiptsFact> }[];

  constructor(lists: readonly Given[]) {
    this.#lists = lists.map(({ sender, senderName, marks }) => ({
      ...{ sender, senderName },
      live: new LiveState<ReceiptsPart, ReceiptsFact>(marks, applyReceiptsFact),
    }));
  }

  get followed() {
    return this.#lists.map(({ live }) => live.followed);
  }

  /** The list of the unit for which it is looked at first, then those of the units below that sent it on. */
  readonly lists = $derived.by(() =>
    this.#lists
      .filter(({ live }) => !live.isRevoked)
      .map(({ sender, senderName, live }) => ({ sender, senderName, part: live.now })),
  );

  readonly lines: readonly ReceiptLine[] = $derived.by(() =>
    this.lists.flatMap(({ sender, senderName, part }) => part.rows.map((row) => this.#line(row, sender, senderName))),
  );

  /** Lines of unchanged rows stay the same objects, so that the table draws only what changed. */
  #known = new WeakMap<ReceiptRow, ReceiptLine>();
  #line(row: ReceiptRow, sender: string, senderName: string): ReceiptLine {
    const known = this.#known.get(row);
    if (known) return known;
    const line = { ...row, sender, senderName };
    this.#known.set(row, line);
    return line;
  }
}
