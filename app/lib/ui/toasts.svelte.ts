export type Toast = {
  id: number;
  text: string;
  kind: 'info' | 'refusal';
  /** Takes the deed back; the toast then stays for ten seconds. */
  undo?: (() => void) | undefined;
  link?: { href: string; label: string } | undefined;
};

type ToastRequest = Omit<Toast, 'id' | 'kind'> & { kind?: Toast['kind'] | undefined; durationMs?: number | undefined };

const DURATION_MS = 10_000;
const TOASTS_MAX = 4;

/** Short messages of what was just done. A refusal that needs reading belongs into the page as a Notice. */
class ToastList {
  list = $state.raw<readonly Toast[]>([]);
  #nextId = 1;
  #timers = new Map<number, { timer: ReturnType<typeof setTimeout>; durationMs: number }>();

  show({ kind = 'info', durationMs = DURATION_MS, ...rest }: ToastRequest): number {
    const id = this.#nextId++;
    this.list = [...this.list, { ...rest, kind, id }].slice(-TOASTS_MAX);
    this.#start(id, durationMs);
    return id;
  }
  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id)?.timer);
    this.#timers.delete(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }
  undo(toast: Toast): void {
    this.dismiss(toast.id);
    toast.undo?.();
  }
  /** Nobody loses a message while reading it. */
  pause(): void {
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
  }
  resume(): void {
    for (const [id, { durationMs }] of this.#timers) this.#start(id, durationMs);
  }
  #start(id: number, durationMs: number): void {
    this.#timers.set(id, { durationMs, timer: setTimeout(() => this.dismiss(id), durationMs) });
  }
}

/** One list for the page; it is only ever filled in the browser. */
export const toasts = new ToastList();
