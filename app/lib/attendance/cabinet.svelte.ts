/** The live state of a cabinet, and what it asks of the person now. */
import type { Snapshot } from '#models/journal/journal.ts';
import { applyCabinetFact, type CabinetState } from '#models/submission/cabinet.ts';
import type { SubmissionView } from '#models/submission/submission.ts';
import type { CabinetFact } from '#realtime/contract.ts';
import type { Followed } from '#lib/live/live-link.svelte.ts';

type ViewOf<Status extends SubmissionView['status']> = Extract<SubmissionView, { status: Status }>;

export class Cabinet {
  #state: CabinetState;

  constructor(snapshot: Snapshot<CabinetState>) {
    this.#state = $state.raw(snapshot.state);
    this.followed = {
      snapshot,
      apply: (events) => {
        this.#state = events.reduce(
          (state, event) => applyCabinetFact(state, event as unknown as CabinetFact),
          this.#state,
        );
      },
      replace: (state) => {
        this.#state = state;
      },
    };
  }

  readonly followed: Followed<CabinetState>;

  get participation() {
    return this.#state.participation;
  }
  get submissions() {
    return this.#state.submissions;
  }
  get progress() {
    return this.#state.participation.progress;
  }
  /** The latest file that was let in. */
  get current(): SubmissionView | null {
    return this.#state.submissions.find(({ id }) => id === this.progress.current) ?? null;
  }
  /** The submission whose report counts. */
  get standing(): ViewOf<'processed'> | null {
    const found = this.#state.submissions.find(({ id }) => id === this.progress.standing);
    return found?.status === 'processed' ? found : null;
  }
}

/** What the card «Сейчас нужно» asks for. */
export type Need = 'template' | 'file' | 'attest' | 'wait' | 'correct' | 'nothing' | 'late';

export function needOf(cabinet: Cabinet, isOpen: boolean): Need {
  const { phase, standing, templateAtMs } = cabinet.progress;
  if (phase === 'attested' || phase === 'processing') return 'wait';
  if (!isOpen) return standing === null ? 'late' : 'nothing';
  if (phase === 'uploaded') return 'attest';
  if (phase === 'failed') return 'correct';
  if (standing !== null) return 'nothing';
  return templateAtMs === null ? 'template' : 'file';
}
