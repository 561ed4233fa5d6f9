/** A transaction's own writes over the snapshot it reads. */
import type { Entry, KeyRange, Row, View, WritableView } from './storage.ts';

/** Added entries in order, and the removed ones of the snapshot. */
interface EntryChanges {
  added: Entry[];
  removed: Set<string>;
}

function compareEntries(a: Entry, b: Entry): number {
  return Buffer.compare(a.key, b.key) || a.document - b.document;
}

function entryId(entry: Entry): string {
  return `${entry.document}:${entry.key.toString('latin1')}`;
}

/** The first place whose entry does not stand before this one. */
function placeOf(entries: Entry[], entry: Entry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = entries[middle];
    if (at && compareEntries(at, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Overlay implements WritableView {
  readonly #base: View;
  readonly #documents = new Map<number, Buffer | undefined>();
  readonly #entries = new Map<number, EntryChanges>();

  constructor(base: View) {
    this.#base = base;
  }

  get isEmpty(): boolean {
    return this.#documents.size === 0;
  }

  document(key: number): Buffer | undefined {
    return this.#documents.has(key) ? this.#documents.get(key) : this.#base.document(key);
  }

  documents(from: number, to: number, forward: boolean): Row[] {
    for (let low = from, high = to; ;) {
      const chunk = this.#base.documents(low, high, forward);
      const last = chunk.at(-1)?.key;
      // The chunk speaks for the keys up to its last one; what the overlay holds there is merged in.
      const [start, end] = last === undefined ? [low, high] : forward ? [low, last] : [last, high];
      const rows = chunk.filter((row) => !this.#documents.has(row.key));
      for (const [key, bytes] of this.#documents) if (bytes && key >= start && key <= end) rows.push({ key, bytes });
      if (rows.length > 0 || last === undefined) return rows.sort((a, b) => (forward ? a.key - b.key : b.key - a.key));
      if (forward) low = last + 1;
      else high = last - 1;
    }
  }

  entries(index: number, range: KeyRange, forward: boolean, after?: Entry): Entry[] {
    const changes = this.#entries.get(index);
    if (!changes) return this.#base.entries(index, range, forward, after);
    for (let behind = after; ;) {
      const chunk = this.#base.entries(index, range, forward, behind);
      const last = chunk.at(-1);
      const entries = chunk.filter((entry) => !changes.removed.has(entryId(entry)));
      entries.push(...this.#addedBetween(changes.added, range, forward, behind, last));
      if (entries.length > 0 || !last)
        return entries.sort((a, b) => (forward ? compareEntries(a, b) : compareEntries(b, a)));
      behind = last;
    }
  }

  #addedBetween(
    added: Entry[],
    range: KeyRange,
    forward: boolean,
    after: Entry | undefined,
    last: Entry | undefined,
  ): Entry[] {
    const [first, end] = forward ? [after, last] : [last, after];
    let from = placeOf(added, first ?? { key: range.from, document: -1 });
    let to = placeOf(added, end ?? { key: range.to, document: -1 });
    // `after` itself was told already; an added entry never equals one of the snapshot.
    const sameAs = (entry: Entry | undefined, other: Entry | undefined) =>
      entry && other && compareEntries(entry, other) === 0;
    if (forward && sameAs(added[from], after)) from++;
    if (!forward && sameAs(added[to - 1], after)) to--;
    return added.slice(from, to);
  }

  putDocument(key: number, bytes: Buffer): void {
    this.#documents.set(key, bytes);
  }

  removeDocument(key: number): void {
    this.#documents.set(key, undefined);
  }

  #changesOf(index: number): EntryChanges {
    let changes = this.#entries.get(index);
    if (!changes) this.#entries.set(index, (changes = { added: [], removed: new Set() }));
    return changes;
  }

  addEntry(index: number, key: Buffer, document: number): void {
    const entry = { key, document };
    const { added, removed } = this.#changesOf(index);
    if (removed.delete(entryId(entry))) return;
    added.splice(placeOf(added, entry), 0, entry);
  }

  removeEntry(index: number, key: Buffer, document: number): void {
    const entry = { key, document };
    const { added, removed } = this.#changesOf(index);
    const place = placeOf(added, entry);
    const held = added[place];
    if (held && compareEntries(held, entry) === 0) added.splice(place, 1);
    else removed.add(entryId(entry));
  }

  /** Makes the same changes elsewhere. */
  replay(target: WritableView): void {
    for (const [key, bytes] of this.#documents) {
      if (bytes) target.putDocument(key, bytes);
      else target.removeDocument(key);
    }
    for (const [index, { added, removed }] of this.#entries) {
      for (const id of removed) {
        const colon = id.indexOf(':');
        target.removeEntry(index, Buffer.from(id.slice(colon + 1), 'latin1'), Number(id.slice(0, colon)));
      }
      for (const entry of added) target.addEntry(index, entry.key, entry.document);
    }
  }
}
