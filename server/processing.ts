/** Keeps reading attested files: at once when one was sent here, and by the clock for what other nodes left behind. */
import type { HubModels } from '#models/hub.ts';

/** How often a node looks for files that nobody reads (ms). */
const LOOK_MS = 2_000;

export interface Processing {
  /** A file may be waiting: look now. */
  wake(): void;
  stop(): Promise<void>;
}

export function startProcessing(
  submissions: Pick<HubModels['submissions'], 'processNext'>,
  node: string,
  onFault: (error: unknown) => void,
): Processing {
  let isStopped = false;
  let isWanted = false;
  let running: Promise<void> | null = null;

  async function drain(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false;
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- stop() changes it meanwhile
      while (!isStopped && (await submissions.processNext(node)));
    }
  }

  function wake(): void {
    isWanted = true;
    running ??= drain()
      .catch(onFault)
      .finally(() => {
        running = null;
      });
  }

  const timer = setInterval(wake, LOOK_MS);
  wake();
  return {
    wake,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
