/** The embedded store: a MongoDB-compatible server on this machine, for running without one. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EmbeddedStoreError } from './store-error.ts';
import type { FromWorker } from './worker.ts';

export { EmbeddedStoreError, type EmbeddedStoreErrorCode } from './store-error.ts';

export interface EmbeddedStore {
  uri: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Starts the store in a worker thread, so that SQLite's fsync never stalls the caller's event loop.
 * Errors: EmbeddedStoreError with a code and a readable message.
 */
export async function startEmbeddedStore(options: { dataDir: string; port?: number }): Promise<EmbeddedStore> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: { dataDir: options.dataDir, port: options.port ?? 0 },
    execArgv: [],
  });
  const [first] = (await once(worker, 'message')) as [FromWorker];
  if (first.kind === 'failed') throw new EmbeddedStoreError(first.code, first.message);
  if (first.kind !== 'ready') throw new EmbeddedStoreError('store_failed', 'The store stopped before it was ready.');
  const { port } = first;
  let stopping: Promise<unknown> | undefined;
  return {
    uri: `mongodb://127.0.0.1:${port}/svod?replicaSet=embedded`,
    port,
    stop: async () => {
      if (!stopping) {
        stopping = once(worker, 'exit');
        worker.postMessage('stop');
      }
      await stopping;
    },
  };
}
