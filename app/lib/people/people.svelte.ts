/** The live page «Люди»: one part a unit, each from a stream of its own. */
import type { Snapshot } from '#models/journal/journal.ts';
import { applyAppointmentsFact, type AppointmentsPart, type AppointmentView } from '#models/people/appointment.ts';
import type { AppointmentsFact } from '#realtime/contract.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';

export interface PersonLine {
  appointment: AppointmentView;
  part: string;
  partName: string;
}

export class LivePeople {
  readonly #parts: readonly LiveState<AppointmentsPart, AppointmentsFact>[];
  readonly #names: Readonly<Record<string, string>>;

  constructor(snapshots: readonly Snapshot<AppointmentsPart>[], names: Readonly<Record<string, string>>) {
    this.#parts = snapshots.map((snapshot) => new LiveState(snapshot, applyAppointmentsFact));
    this.#names = names;
  }

  get followed() {
    return this.#parts.map(({ followed }) => followed);
  }
  get units(): string[] {
    return this.#parts.map(({ now }) => now.unit);
  }

  readonly lines: readonly PersonLine[] = $derived.by(() =>
    // What may not be seen any longer is not shown any longer.
    this.#parts.flatMap(({ now: { unit, rows }, isRevoked }) =>
      isRevoked ? [] : rows.map((appointment) => this.#line(appointment, unit)),
    ),
  );

  /** Lines of unchanged appointments stay the same objects, so that the table draws only what changed. */
  #known = new WeakMap<AppointmentView, PersonLine>();
  #line(appointment: AppointmentView, part: string): PersonLine {
    const known = this.#known.get(appointment);
    if (known) return known;
    const line = { appointment, part, partName: this.#names[part] ?? part };
    this.#known.set(appointment, line);
    return line;
  }
}
