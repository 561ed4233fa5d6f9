/** The thread in which the store lives: its waiting for the disk stalls nobody else's event loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { startServer, type ServerOptions } from './server.ts';
import { EmbeddedStoreError } from './store-error.ts';

export type FromWorker =
  | { kind: 'ready'; port: number }
  | { kind: 'failed'; code: EmbeddedStoreError['code']; message: string }
  | { kind: 'stopped' };

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

try {
  const server = await startServer(workerData as ServerOptions);
  parentPort?.once('message', () => {
    void server.stop().then(() => {
      tell({ kind: 'stopped' });
      parentPort?.close();
    });
  });
  tell({ kind: 'ready', port: server.port });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tell({ kind: 'failed', code: error instanceof EmbeddedStoreError ? error.code : 'data_folder_unusable', message });
  parentPort?.close();
}
