/** Commands about the server, its connections and sessions. */
import { randomUUID } from 'node:crypto';
import { doc, documentBytesMax, int, isDoc, kinds, Opaque, type Doc, type Value } from './bson.ts';
import { messageBytesMax } from './wire.ts';
import type { Request } from './request.ts';

export const setName = 'embedded';
const version = '7.0.0';

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
    maxWriteBatchSize: int(100_000),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: int(30),
    connectionId: int(request.connectionId),
    minWireVersion: int(0),
    maxWireVersion: int(21),
    readOnly: false,
  });
}

export function buildInfo(): Doc {
  return doc({
    version,
    versionArray: [7, 0, 0, 0].map(int),
    gitVersion: 'embedded',
    bits: int(64),
    debug: false,
    maxBsonObjectSize: int(documentBytesMax),
    modules: [],
  });
}

export function getParameter(request: Request): Doc {
  const known: Doc = doc({
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

export function startSession(): Doc {
  const bytes = Buffer.concat([Buffer.from([16, 0, 0, 0, 4]), Buffer.from(randomUUID().replaceAll('-', ''), 'hex')]);
  return doc({ id: doc({ id: new Opaque(kinds.binData, bytes) }), timeoutMinutes: int(30) });
}

export function touchSessions(): Doc {
  return doc({});
}

/** Ends the open transactions of the named sessions. */
export function endSessions(request: Request): Doc {
  const named = request.get(request.name);
  for (const item of Array.isArray(named) ? named : []) {
    const id: Value | undefined = isDoc(item) ? item.get('id') : undefined;
    if (!(id instanceof Opaque)) continue;
    const lsid = id.bytes.toString('hex');
    request.engine.sessions.abortSession(lsid);
    request.engine.cursors.killWhere((cursor) => cursor.lsid === lsid);
  }
  return doc({});
}

export function killAllSessions(request: Request): Doc {
  request.engine.sessions.abortAll();
  request.engine.cursors.killWhere((cursor) => cursor.lsid !== undefined);
  return doc({});
}

export function commitTransaction(request: Request): Doc {
  request.engine.sessions.commit(request.session);
  return doc({});
}

export function abortTransaction(request: Request): Doc {
  request.engine.sessions.abort(request.session);
  return doc({});
}
