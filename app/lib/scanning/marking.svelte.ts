/** Marking free answers one after the other: each is taken, marked, and followed by the next; the last mark can be taken back. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import type { CheckTask } from '#models/scanning/check.ts';

type Refused = { code: RefusalCode; params: RefusalParams };
type Told<T> = { ok: true; value: T } | { ok: false; refusal: Refused };

export class Marking {
  task = $state.raw<CheckTask | null>(null);
  /** Nothing is left for this expert now; whatever changes asks again. */
  isIdle = $state(false);
  /** The hub is being asked for the next, or told of a deed. */
  isBusy = $state(false);
  /** It is told of a deed: another one waits for its own press. */
  isDeciding = $state(false);
  /** Answers marked since the page was opened. */
  marked = $state(0);
  /** The last one, while it can be taken back. */
  last = $state.raw<{ id: string; points: number } | null>(null);
  refusal = $state.raw<Refused | null>(null);
  readonly #base: string;

  /** `base` is the address of the page. */
  constructor(base: string) {
    this.#base = base;
  }

  image({ id, token, round }: CheckTask): string {
    return `${this.#base}/${id}/image?token=${token}&round=${round}`;
  }

  /** Something changed while the hub was asked: what it answered may not know of it. */
  #hasChanged = false;

  /** What the page asked last. */
  #asked: Promise<void> = Promise.resolve();

  async next(): Promise<void> {
    // A deed asks for the next by itself.
    if (this.isBusy || this.isDeciding) return;
    this.#asked = this.#ask();
    await this.#asked;
  }

  async #ask(): Promise<void> {
    this.isBusy = true;
    let told: Told<{ task: CheckTask | null }>;
    do {
      this.#hasChanged = false;
      told = await this.#post<{ task: CheckTask | null }>('take');
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- `again` changes it meanwhile
    } while (told.ok && told.value.task === null && this.#hasChanged);
    this.isBusy = false;
    if (!told.ok) {
      this.refusal = told.refusal;
      return;
    }
    this.task = told.value.task;
    this.isIdle = told.value.task === null;
  }

  /** Something changed: whoever had nothing to mark may have something now. */
  async again(): Promise<void> {
    this.#hasChanged = true;
    if (this.isIdle) await this.next();
  }

  async mark(points: number): Promise<void> {
    const { task } = this;
    if (!task || this.isBusy || this.isDeciding || points > task.pointsMax) return;
    const told = await this.#decide(`${task.id}/mark`, {
      ...{ slot: task.slot, token: task.token, round: task.round, points },
    });
    this.refusal = told.ok ? null : told.refusal;
    if (told.ok) {
      this.marked += 1;
      this.last = { id: task.id, points };
    } else if (told.refusal.code === 'line_lost') return;
    await this.next();
  }

  /** The page may be asking by itself in that moment: what somebody wants back waits for it, and is not lost. */
  async takeBack(): Promise<void> {
    const { last } = this;
    if (!last || this.isDeciding) return;
    const told = await this.#decide(`${last.id}/take-back`);
    this.last = null;
    this.refusal = told.ok ? null : told.refusal;
    if (!told.ok) return;
    this.marked -= 1;
    await this.next();
  }

  async #decide(path: string, body: unknown = {}): Promise<Told<unknown>> {
    this.isDeciding = true;
    await this.#asked;
    this.isBusy = true;
    const told = await this.#post(path, body);
    this.isBusy = false;
    this.isDeciding = false;
    return told;
  }

  async #post<T>(path: string, body: unknown = {}): Promise<Told<T>> {
    try {
      const response = await fetch(`${this.#base}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const told = (await response.json()) as T & { refusal?: Refused };
      if (response.ok) return { ok: true, value: told };
      return { ok: false, refusal: told.refusal ?? { code: 'busy', params: {} } };
    } catch {
      return { ok: false, refusal: { code: 'line_lost', params: {} } };
    }
  }
}
