/** Commands about the server, its connections and its sessions. */
import { doc, documentBytesMax, int, type Doc } from './bson.ts';
import { newUuid } from './catalog.ts';
import { docOf } from './fields.ts';
import type { Request } from './request.ts';
import { sessionId } from './sessions.ts';
import { messageBytesMax } from './wire.ts';
import { statementsMax } from './writes.ts';

/** The replica set of one that this store says it is. */
const setName = 'embedded';
const sessionMinutes = 30;

export function uriOf(port: number): string {
  return `mongodb://127.0.0.1:${port}/svod?replicaSet=${setName}`;
}

export function hello(request: Request): Doc {
  const me = `127.0.0.1:${request.engine.port}`;
  return doc({
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    setName,
    setVersion: int(1),
    hosts: [me],
    primary: me,
    me,
    maxBsonObjectSize: int(documentBytesMax),
    maxMessageSizeBytes: int(messageBytesMax),
    maxWriteBatchSize: int(statementsMax),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: int(sessionMinutes),
    connectionId: int(request.connectionId),
    minWireVersion: int(0),
    maxWireVersion: int(21),
    readOnly: false,
  });
}

export function buildInfo(): Doc {
  return doc({
    version: '7.0.0',
    versionArray: [7, 0, 0, 0].map(int),
    gitVersion: 'embedded',
    bits: int(64),
    debug: false,
    maxBsonObjectSize: int(documentBytesMax),
    modules: [],
  });
}

export function getParameter(request: Request): Doc {
  const known = doc({
    featureCompatibilityVersion: doc({ version: '7.0' }),
    authenticationMechanisms: [],
    requireApiVersion: false,
    enableTestCommands: request.engine.failPoint !== undefined,
  });
  if (request.get('getParameter') === '*') return known;
  return new Map([...known].filter(([name]) => request.body.has(name)));
}

export function connectionStatus(): Doc {
  return doc({ authInfo: doc({ authenticatedUsers: [], authenticatedUserRoles: [] }) });
}

export function nothing(): Doc {
  return doc({});
}

export function startSession(): Doc {
  return doc({ id: doc({ id: newUuid() }), timeoutMinutes: int(sessionMinutes) });
}

/** Ends the open transactions and cursors of the named sessions. */
export function endSessions(request: Request): Doc {
  const { sessions, cursors } = request.engine;
  const ended = new Set(request.list(request.name).map((item) => sessionId(docOf(item))));
  for (const lsid of ended) if (lsid !== undefined) sessions.abort(lsid);
  cursors.killWhere(({ lsid }) => lsid !== undefined && ended.has(lsid));
  return doc({});
}

export function killAllSessions({ engine }: Request): Doc {
  engine.sessions.abortAll();
  engine.cursors.killWhere(({ lsid }) => lsid !== undefined);
  return doc({});
}

export function commitTransaction(request: Request): Doc {
  request.engine.sessions.commit(request.session);
  return doc({});
}

export function abortTransaction(request: Request): Doc {
  request.engine.sessions.abortTransaction(request.session);
  return doc({});
}
