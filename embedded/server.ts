/** The store as a server on the loopback interface. */
import { createServer, type Server, type Socket } from 'node:net';
import { isDoc, type Doc } from './bson.ts';
import { Catalog } from './catalog.ts';
import { Clock } from './clock.ts';
import { perform } from './commands.ts';
import { Cursors } from './cursors.ts';
import { removeExpired } from './expiry.ts';
import { FailPoint } from './failpoint.ts';
import type { Engine } from './request.ts';
import { Conflicts, Direct } from './scope.ts';
import { Sessions } from './sessions.ts';
import { Storage } from './storage.ts';
import { EmbeddedStoreError } from './store-error.ts';
import { nameOf } from './values.ts';
import { readMessage, Splitter, writeReply } from './wire.ts';

export interface ServerOptions {
  dataDir: string;
  port: number;
  transactionIdleMs?: number;
  /** How often cursors, sessions and TTL indexes are looked after. */
  housekeepingMs?: number;
  /** Lets the drivers' specification tests arm fail points. */
  testCommands?: boolean;
}

export interface RunningServer {
  port: number;
  stop(): Promise<void>;
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const storage = new Storage(options.dataDir);
  const engine = assemble(storage, options.transactionIdleMs ?? 60_000);
  if (options.testCommands) engine.failPoint = new FailPoint();
  const sockets = new Set<Socket>();
  let lastConnection = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, engine, ++lastConnection);
  });
  try {
    engine.port = await listen(server, options.port);
  } catch (error) {
    storage.close();
    throw error;
  }
  const housekeeping = setInterval(() => keepHouse(engine), options.housekeepingMs ?? 60_000).unref();
  return {
    port: engine.port,
    stop: async () => {
      clearInterval(housekeeping);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      engine.sessions.abortAll();
      engine.cursors.killWhere(() => true);
      storage.close();
    },
  };
}

function assemble(storage: Storage, transactionIdleMs: number): Engine {
  const catalog = new Catalog(storage);
  const conflicts = new Conflicts();
  const sessions = new Sessions(storage, catalog, conflicts, transactionIdleMs);
  const cursors = new Cursors();
  sessions.afterEnd = (lsid) => cursors.killWhere((cursor) => cursor.inTransaction === lsid);
  storage.beforeCommit = () => {
    catalog.writeChanges();
    sessions.writeChanges(Date.now());
  };
  storage.afterRollback = () => {
    sessions.abortAll();
    catalog.load();
    sessions.load();
  };
  catalog.sweepSoon();
  return {
    storage,
    catalog,
    direct: new Direct(storage, catalog, conflicts),
    sessions,
    cursors,
    clock: new Clock(),
    port: 0,
    failPoint: undefined,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new EmbeddedStoreError(
          taken ? 'port_taken' : 'store_failed',
          taken ? `The port ${port} is taken. Choose another one, or none.` : error.message,
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Answers one connection's messages in their order; what cannot be read ends this connection only. */
function serve(socket: Socket, engine: Engine, connectionId: number): void {
  const splitter = new Splitter();
  let appName: string | undefined;
  let last: Promise<void> = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of splitter.push(chunk)) {
        const message = readMessage(bytes);
        last = last.then(async () => {
          const client = clientNameIn(message.body);
          if (client !== undefined) appName = client;
          const reply = await perform(engine, message.body, connectionId, appName);
          if (!reply) {
            socket.destroy();
            return;
          }
          if (message.wantsReply && !socket.destroyed) socket.write(writeReply(message, reply));
        });
        last.catch(() => socket.destroy());
      }
    } catch {
      socket.destroy();
    }
  });
}

/** The name that an application gives itself when it greets. */
function clientNameIn(body: Doc): string | undefined {
  const client = body.get('client');
  const application = isDoc(client) ? client.get('application') : undefined;
  return isDoc(application) ? nameOf(application.get('name')) : undefined;
}

function keepHouse(engine: Engine): void {
  engine.cursors.killIdle(Date.now());
  engine.sessions.forgetOld(Date.now());
  removeExpired(engine, Date.now()).catch((error: unknown) => {
    process.stderr.write(`embedded: expiry failed: ${String(error)}\n`);
  });
}
