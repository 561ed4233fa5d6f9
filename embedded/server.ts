/** The store as a server on the loopback interface. */
import { createServer, type Server, type Socket } from 'node:net';
import { Catalog } from './catalog.ts';
import { perform } from './commands.ts';
import { Cursors } from './cursors.ts';
import { removeExpired } from './expiry.ts';
import { FailPoint } from './failpoint.ts';
import { docOf } from './fields.ts';
import type { Engine } from './request.ts';
import { Sessions } from './sessions.ts';
import { Storage } from './storage.ts';
import { EmbeddedStoreError } from './store-error.ts';
import { Direct } from './transactions.ts';
import { nameOf } from './values.ts';
import { readMessage, Splitter, writeReply } from './wire.ts';

/** Messages of one connection that may wait for their turn; then it is read no further. */
const waitingMax = 64;

/**
 * A transaction without a command for so long is ended (ms). Its client may have been killed in the midst, and holds documents that
 * everybody else waits for: MongoDB's minute is too long for that.
 */
const TRANSACTION_IDLE_MS = 5_000;

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

/** Errors: EmbeddedStoreError when the folder or the port cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const storage = new Storage(options.dataDir);
  const engine = assemble(storage, options);
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
  engine.catalog.sweep();
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
      engine.catalog.stop();
      storage.close();
    },
  };
}

function assemble(storage: Storage, { transactionIdleMs = TRANSACTION_IDLE_MS, testCommands }: ServerOptions): Engine {
  const catalog = new Catalog(storage);
  const direct = new Direct(storage, catalog);
  const sessions = new Sessions(storage, direct, transactionIdleMs);
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
  const failPoint = testCommands ? new FailPoint() : undefined;
  return { storage, catalog, direct, sessions, cursors, port: 0, failPoint };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const message = isTaken ? `The port ${port} is taken. Choose another one, or none.` : error.message;
      reject(new EmbeddedStoreError(isTaken ? 'port_taken' : 'store_failed', message));
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
  let appName = '';
  let waiting = 0;
  let isBroken = false;
  let last: Promise<void> = Promise.resolve();
  const reply = async (bytes: Buffer) => {
    if (isBroken) return;
    const message = readMessage(bytes);
    appName ||= nameOf(docOf(docOf(message.body.get('client')).get('application')).get('name'));
    const told = await perform(engine, message.body, connectionId, appName);
    if (!told) hangUp();
    // Who does not read his replies gets no more of them.
    else if (message.wantsReply)
      await new Promise<void>((resolve) => socket.write(writeReply(message, told), () => resolve()));
    if (--waiting < waitingMax) socket.resume();
  };
  const hangUp = () => {
    isBroken = true;
    socket.destroy();
  };
  socket.on('error', hangUp);
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of splitter.push(chunk)) {
        if (++waiting >= waitingMax) socket.pause();
        last = last.then(() => reply(bytes)).catch(hangUp);
      }
    } catch {
      hangUp();
    }
  });
}

function keepHouse(engine: Engine): void {
  engine.cursors.killIdle(Date.now());
  engine.sessions.forgetOld(Date.now());
  removeExpired(engine, Date.now()).catch((error: unknown) => {
    process.stderr.write(`embedded: expiry failed: ${String(error)}\n`);
  });
}
