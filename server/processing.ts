/** Keeps doing what waits in the database, files to be read or imports to be written: at once when it came here, and by the clock for what other nodes left behind. */
/** How often a node looks for what nobody does (ms). */
const LOOK_MS = 2_000;

export interface Processing {
  /** Something may be waiting: look now. */
  wake(): void;
  stop(): Promise<void>;
}

export function startProcessing(
  /** Does the next of what waits; false when nothing does. A long one looks now and then whether the node stops. */
  queue: { processNext(node: string, isStopping: () => boolean): Promise<boolean> },
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
      while (!isStopped && (await queue.processNext(node, () => isStopped)));
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
