/** What a node does by the clock beside serving people: sends letters, throws away what is forgotten. */
import type { HubModels } from '#models/hub.ts';

/** How often a node looks for letters that wait (ms). */
const LETTERS_LOOK_MS = 2_000;
/** How often old counts and letters are thrown away (ms). */
const FORGET_EVERY_MS = 60 * 60_000;

export interface Chores {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export function startChores(
  { letters, attempts }: Pick<HubModels, 'letters' | 'attempts'>,
  node: string,
  onFault: (error: unknown) => void,
): Chores {
  let isStopped = false;

  async function sendLetters(): Promise<void> {
    while (!isStopped && (await letters.sendNext(node)));
  }

  async function forget(): Promise<void> {
    await attempts.forget();
    await letters.forget();
  }

  /** Runs a chore again and again; never twice at once. */
  function every(everyMs: number, chore: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | null = null;
    const run = (): void => {
      running ??= chore()
        .catch(onFault)
        .finally(() => {
          running = null;
        });
    };
    const timer = setInterval(run, everyMs);
    run();
    return async () => {
      clearInterval(timer);
      await running;
    };
  }

  const stops = [every(LETTERS_LOOK_MS, sendLetters), every(FORGET_EVERY_MS, forget)];
  return {
    async stop() {
      isStopped = true;
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
