/** A form in a dialog: busy while it is on its way, a refusal stays in it, and what was done is told to whoever opened it. */
import type { SubmitFunction } from '$app/forms';
import type { Refusal } from './refusal.server.ts';

/** What the deed answered. */
type Answer = Record<string, unknown> | undefined;

export class DialogForm {
  refusal = $state.raw<Refusal | null>(null);
  isBusy = $state(false);

  /** For `use:enhance`: `done` is told of a success, `settled` of any end. An answer that leads elsewhere is followed by the whole page. */
  sent(done: (answer: Answer) => void, settled: () => void = () => undefined): SubmitFunction {
    return () => {
      this.isBusy = true;
      this.refusal = null;
      return ({ result }) => {
        if (result.type === 'redirect') {
          location.assign(result.location);
          return;
        }
        this.isBusy = false;
        settled();
        if (result.type === 'success') done(result.data);
        else this.refusal = refusalIn(result.type === 'failure' ? result.data : undefined);
      };
    };
  }
}

/** Without a word of the hub it was the line. */
const refusalIn = (answer: Answer): Refusal =>
  (answer?.['refusal'] as Refusal | undefined) ?? { code: 'line_lost', params: {} };
