/** The journal held against itself: every stream contiguous, every entity's revisions rising by one. Pure. */
import type { Findings } from './findings.ts';

export interface RecordedEvent {
  stream: string;
  q: number;
  epoch: string;
  type: string;
  entity: string;
  rev: number;
}

/**
 * What rises, but not by one: what a stream says of many at once, its revision being how many there are; and what is held by a lease, or comes part
 * by part, so that not every revision is told.
 */
const TALLIES: ReadonlySet<string> = new Set(['deedsNoted', 'scanFileChanged', 'uploadChanged', 'printRunChanged']);

/**
 * Feeds on events ordered by stream and sequence. Each deed raises an entity's revision by one and says so in every stream
 * that shows it: a hole in the revisions is a lost fact, a revision twice a doubled one.
 */
export class JournalCheck {
  readonly #findings: Findings;
  #stream = '';
  #seq = 0;
  #revisions = new Map<string, number>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  observe({ stream, q, type, entity, rev }: RecordedEvent): void {
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#seq = 0;
      this.#revisions = new Map();
    }
    if (q !== this.#seq + 1) this.#findings.add('lost', `${stream}: after ${this.#seq} comes ${q} in the journal`);
    this.#seq = q;
    const key = `${type} ${entity}`;
    const before = this.#revisions.get(key) ?? 0;
    if (rev === before) this.#findings.add('doubled', `${stream}: ${key} has revision ${rev} twice`);
    else if (rev < before) this.#findings.add('reordered', `${stream}: ${key} has revision ${rev} after ${before}`);
    else if (rev > before + 1 && !TALLIES.has(type))
      this.#findings.add('lost', `${stream}: ${key} has revision ${rev} after ${before}`);
    this.#revisions.set(key, Math.max(rev, before));
  }
}
