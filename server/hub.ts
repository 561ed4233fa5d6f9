/** The composition root: the only place where the parts meet. One process, one port, pages and live. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express, { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Db } from 'mongodb';
import mongoose from 'mongoose';
import { pino, type Logger } from 'pino';
import { startEmbeddedStore, type EmbeddedStore } from '#embedded/index.ts';
import { createWorkbooks } from '#exchange/workbooks.ts';
import type { BlobStore } from '#models/blob/blob.ts';
import { createGridFsBlobs } from '#models/blob/blob.gridfs.ts';
import { createS3Blobs } from '#models/blob/blob.s3.ts';
import type { Collector } from '#collector/reading.ts';
import { createCollector } from '#collector/workers.ts';
import type { Revocation } from '#models/context.ts';
import type { Origin } from '#models/deeds/deed.ts';
import { HubError } from '#models/error.ts';
import { createHub, type Additions, type HubModels, type Ports } from '#models/hub.ts';
import type { Hint } from '#models/journal/journal.ts';
import { createLiveHub } from '#realtime/hub/live-hub.ts';
import { startChores } from './chores.ts';
import { isCommonPassword } from './common-passwords.ts';
import { ConfigError, type Config } from './config.ts';
import type { Door } from './door.ts';
import { connectHints, hintWord, noHints, type Hints } from './hints.ts';
import { createLimits } from './limits.ts';
import { createPost } from './mail.ts';
import { createPushService } from './push.ts';
import { createMetrics } from './metrics.ts';
import { startProcessing } from './processing.ts';
import { startIncidents } from './incidents.ts';
import { startMarks } from './marks.ts';
import { startRollups } from './rollups.ts';
import { createSealing } from './sealing.ts';
import { createAccounts } from './sign-in/accounts.ts';
import { createAccountIndexes, createAuth } from './sign-in/auth.ts';
import { createSessions } from './sign-in/sessions.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { letterWords, pushWords, recordTexts } from './words.ts';
import { createUploadRoute, UPLOAD_PATHS } from './uploads.ts';
import { startUpkeep } from './upkeep.ts';

/** Serves the pages: the built handler in production, Vite's in development, nothing in tests of what lies below. */
export type Pages = (http: Server) => Promise<express.RequestHandler>;

/** What tests put into a hub: purposes of uploads of their own, another reader of pages. */
export interface HubAdditions extends Additions {
  collector?: Collector;
}

export interface HubOptions {
  config: Config;
  pages: Pages;
  /** The server's clock, in milliseconds. */
  now?: () => number;
  logger?: Logger;
  /** Which build the pages are; pages of an older one say that there is a new version. */
  build?: string;
  /** For tests. */
  additions?: HubAdditions;
}

export interface RunningHub {
  url: string;
  door: Door;
  /** The use cases under the door, for what runs beside the pages. */
  models: HubModels;
  /** Where large files are kept. */
  blobs: BlobStore;
  /** Where the database answers; the embedded store's when it is that. */
  storeUri: string;
  stop(): Promise<void>;
}

/** How long open requests may take to end when the hub stops (ms). */
const SHUTDOWN_MS = 10_000;
/** A database that answers slower than this is not ready (ms). */
const READY_MS = 2_000;

/** Starts a node and resolves when it accepts connections. */
export async function startHub({
  config,
  pages,
  now = Date.now,
  logger,
  build = '',
  additions,
}: HubOptions): Promise<RunningHub> {
  const log = logger ?? pino({ level: config.logLevel, redact: ['req.headers.cookie', 'req.headers.authorization'] });
  const node = randomBytes(6).toString('hex');
  const newId = (): string => randomBytes(18).toString('base64url');
  const started: (() => Promise<unknown>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of started.splice(0).reverse()) await stop();
  };

  try {
    const store = config.mongodbUri ? null : await startOwnStore(config.dataDir);
    if (store) started.push(() => store.stop());
    const uri = config.mongodbUri ?? store?.uri ?? '';
    const secret = config.secret ?? (await keptSecret(config.dataDir));

    const database = new mongoose.Mongoose();
    try {
      await database.connect(uri, { serverSelectionTimeoutMS: 15_000, retryWrites: true, w: 'majority' });
    } catch (error) {
      // The address may carry a password: only the kind of failure is told.
      throw new ConfigError(
        `the database does not answer (${error instanceof Error ? error.name : 'unknown'}): see MONGODB_URI`,
      );
    }
    started.push(() => database.disconnect());
    const client = database.connection.getClient();
    const db = client.db(database.connection.name);

    const workbooks = createWorkbooks({
      threads: config.workbookThreads,
      onFault: (error) => log.error({ err: error, where: 'workbooks' }, 'fault'),
    });
    started.push(() => workbooks.close());

    const isSecure = config.origins?.some((origin) => origin.startsWith('https:')) ?? false;
    const auth = createAuth({ client, db, secret, isSecure, sessionSecondsMax: config.sessionAbsoluteMs / 1000 });
    await createAccountIndexes(db);
    const limits = { idleMs: config.sessionIdleMs, absoluteMs: config.sessionAbsoluteMs };
    const sessions = createSessions({
      auth,
      db,
      now,
      ...limits,
      onEnded(personId) {
        log.info({ person: personId }, 'sessions ended');
        revocation.tell(personId);
      },
      onDismissed: (personId, which) => hub.pushes.dismiss(personId, which),
    });
    const accounts = createAccounts(auth, db, sessions);
    const post = config.mail && createPost(config.mail);
    if (post)
      started.push(() => {
        post.close();
        return Promise.resolve();
      });

    const collector =
      additions?.collector ??
      createCollector({
        threads: config.collectorThreads,
        onFault: (error) => log.error({ err: error, where: 'collector' }, 'fault'),
      });
    started.push(() => collector.close());

    const origins = new AsyncLocalStorage<Origin>();
    const http = createServer();
    const metrics = createMetrics(
      () => liveHub.counts(),
      () => hub.recounts.drifting(),
    );
    const fault = (error: unknown, where: string): string => {
      const id = randomBytes(4).toString('hex');
      metrics.faults.inc({ where });
      log.error({ err: error, where, fault: id }, 'fault');
      return id;
    };

    const revocation: Revocation = {
      tell(person) {
        liveHub.lookAtAccess();
        hints.say({ kind: 'access', person });
      },
    };
    // Known when it listens.
    let ownAddress = `http://localhost:${config.port}`;
    const ports: Ports = {
      now,
      origin: () => origins.getStore() ?? null,
      newId,
      sign: (text) => createHmac('sha256', secret).update(text).digest('hex'),
      sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
      ...createSealing(secret),
      // Whoever sends a Host header of his own must not write the links in other people's letters.
      ownUrl: (path) => new URL(path, config.origins?.[0] ?? ownAddress).href,
      accounts,
      isCommonPassword,
      secondFactorPolicy: config.secondFactor,
      post,
      letterWords,
      pushService: createPushService(() => pushSubject(config)),
      pushWords,
      pushOrigins: config.pushOrigins,
      lettersFor: config.lettersFor,
      workbooks,
      texts: recordTexts,
      observer: {
        processed: (outcome, durationMs) => metrics.files.observe({ outcome }, durationMs / 1000),
        pushed: (outcome) => metrics.pushes.inc({ outcome }),
        fault,
      },
      revocation,
      collector,
      blobs: config.blobs ? createS3Blobs(config.blobs) : createGridFsBlobs(db),
    };
    const hub = await createHub(database, ports, additions);

    const signIn = createSignIn({
      accounts,
      sessions,
      hub,
      limits,
      newId,
      sha256: ports.sha256,
      isSecure,
      onEvent: (event, fields) => log.info(fields, event),
    });

    const liveHub = createLiveHub({
      http,
      journal: hub.journal,
      live: hub.live,
      now,
      build: config.build ?? build,
      identify: (headers) => signIn.session(headers),
      loadPerson: (id) => hub.people.load(id),
      liveSessions: (sessions) => signIn.liveSessions(sessions),
      isOwnOrigin: (request) => isOwnOrigin(request, config.origins),
      tellPresence: (streams) => hints.say({ kind: 'presence', streams }),
      onFault: fault,
    });

    const hints: Hints = config.redisUrl
      ? connectHints({
          url: config.redisUrl,
          node,
          onWord(word, from) {
            switch (word.kind) {
              case 'hint':
                liveHub.hint(word as Hint & { kind: 'hint' });
                break;
              case 'access':
                liveHub.lookAtAccess();
                break;
              case 'presence':
                liveHub.hearPresence(from, word.streams);
                break;
              default:
                throw word satisfies never;
            }
          },
          onUp() {
            log.info('redis is up');
            liveHub.recover();
          },
          onDown: (error) => log.warn({ err: error }, 'redis is down'),
        })
      : noHints;
    started.push(() => hints.close());

    const processing = startProcessing(hub.submissions, node, (error) => fault(error, 'processing'));
    started.push(() => processing.stop());
    const rollups = startRollups(hub.rollups, (error) => fault(error, 'rollups'));
    started.push(() => rollups.stop());
    const importing = startProcessing(hub.imports, node, (error) => fault(error, 'importing'));
    started.push(() => importing.stop());
    const generating = startProcessing(hub.credentialBatches, node, (error) => fault(error, 'credentials'));
    started.push(() => generating.stop());
    const publishing = startProcessing(hub.publications, node, (error) => fault(error, 'publications'));
    started.push(() => publishing.stop());
    const printing = startProcessing(
      { processNext: (self, isStopping) => hub.scanning.printNext(self, isStopping) },
      node,
      (error) => fault(error, 'printing'),
    );
    started.push(() => printing.stop());
    const reading = startProcessing(hub.scanReading, node, (error) => fault(error, 'scans'));
    started.push(() => reading.stop());
    const settling = startProcessing(
      { processNext: (self, isStopping) => hub.scanning.goOnTogether(self, isStopping) },
      node,
      (error) => fault(error, 'settling'),
    );
    started.push(() => settling.stop());
    const storing = startProcessing(hub.uploads, node, (error) => fault(error, 'uploads'));
    started.push(() => storing.stop());
    const marks = startMarks(hub.publications, (error) => fault(error, 'publications'));
    started.push(() => marks.stop());
    const incidents = startIncidents(hub.incidents, (error) => fault(error, 'incidents'));
    started.push(() => incidents.stop());
    const pushing = startProcessing(
      {
        // In turns: the first of thousands who are told have it before the last of them is written to.
        async processNext(self) {
          const isTold = await hub.attention.pushDue();
          return (await hub.pushes.sendNext(self)) || isTold;
        },
      },
      node,
      (error) => fault(error, 'pushing'),
    );
    started.push(() => pushing.stop());
    const chores = startChores(hub, node, {
      onFault: (error) => fault(error, 'chores'),
      // Outside of the database: what is cut off there together with its head is missed here.
      onSealed: ({ n, hash }) => log.info({ n, hash }, 'deeds sealed'),
    });
    started.push(() => chores.stop());
    const upkeep = startUpkeep(hub, node, fault);
    started.push(() => upkeep.stop());

    hub.journal.onRecorded((hint) => {
      metrics.events.inc();
      liveHub.hint(hint);
      hints.say(hintWord(hint));
      rollups.note(hint.s);
      if (hint.event?.type === 'submissionChanged') processing.wake();
      if (hint.event?.type === 'importChanged') importing.wake();
      if (hint.event?.type === 'batchChanged') generating.wake();
      if (hint.event?.type === 'dispatchChanged') publishing.wake();
      if (hint.event?.type === 'uploadChanged') storing.wake();
      if (hint.event?.type === 'printRunChanged') printing.wake();
      if (hint.event?.type === 'scanFileChanged' || hint.event?.type === 'scanCollegeChanged') reading.wake();
      if (hint.event?.type === 'questionChanged') pushing.wake();
      marks.note(hint);
      incidents.note(hint);
    });

    let setupCode = (await hub.people.hasAdministrator()) ? null : await sharedSetupCode(db, newId().slice(0, 10));
    if (setupCode !== null) log.warn({ code: setupCode }, 'first start: open /setup and enter this code');
    // The pages get use cases: neither the journal nor the question who may hear what.
    const { journal, live: _live, ...deeds } = hub;
    const door: Door = {
      ...deeds,
      signIn,
      limits: await createLimits(db, config),
      // Another node may have been set up meanwhile.
      needsSetup: async () => setupCode !== null && !(await hub.people.hasAdministrator()),
      setUp: async (code, input) => {
        if (setupCode === null) throw new HubError('setup_done');
        if (code !== setupCode) throw new HubError('setup_code_wrong');
        await hub.people.setUp(input);
        setupCode = null;
        await db.collection('setup').deleteMany({});
      },
      from: (origin, work) => origins.run(origin, work),
      fault,
    };

    const app = express();
    app.disable('x-powered-by');
    app.set('trust proxy', config.trustedProxies);
    app.use(requestLog(log, metrics));
    app.use(
      helmet({
        contentSecurityPolicy: false,
        strictTransportSecurity: isSecure && { maxAge: 31_536_000, includeSubDomains: false },
        referrerPolicy: { policy: 'same-origin' },
      }),
    );
    app.get('/healthz', (_request, response) => void response.json({ status: 'alive' }));
    app.get('/readyz', async (_request, response) => {
      const redis = config.redisUrl === null ? 'off' : hints.isUp() ? 'up' : 'down';
      const state = { database: 'down', redis, journalLagMs: -1 };
      const beganAtMs = performance.now();
      try {
        await db.command({ ping: 1 }, { timeoutMS: READY_MS });
        await journal.heads([]);
        state.database = 'up';
        state.journalLagMs = Math.round(performance.now() - beganAtMs);
        metrics.journalLag.set(state.journalLagMs / 1000);
      } catch (error) {
        log.warn({ err: error }, 'not ready');
      }
      // Without Redis the hub works on, only slower to tell other nodes: that is said, not failed.
      response.status(state.database === 'up' ? 200 : 503).json(state);
    });
    app.get('/metrics', async (_request, response) => {
      response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    });
    globalThis.svodDoor = door;
    app.use(forKit);
    // Before the pages: their handler takes in a body whole, and ends one that is larger than it takes.
    app.all(
      UPLOAD_PATHS,
      createUploadRoute({ door, now, isOwnOrigin: (request) => isOwnOrigin(request, config.origins) }),
    );
    app.use(await pages(http));
    http.on('request', app);

    await new Promise<void>((resolve, reject) => {
      http.once('error', (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === 'EADDRINUSE';
        reject(isTaken ? new ConfigError(`port ${config.port} is taken by another program: see PORT`) : error);
      });
      http.listen(config.port, config.host, resolve);
    });
    // New connections are refused, sockets are cut (their pages come back to another node), requests under way may end.
    started.push(() => Promise.all([closeServer(http), liveHub.close()]));
    const { port } = http.address() as AddressInfo;
    const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
    ownAddress = url;
    log.info(
      { url, node, database: store ? 'embedded' : 'mongodb', redis: config.redisUrl ? 'on' : 'off' },
      'listening',
    );
    return { url, door, models: hub, blobs: ports.blobs, storeUri: uri, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Whom a push service may ask about what the hub sends: a letter's sender, or the hub's own address (RFC 8292 2.1). */
function pushSubject({ mail, origins }: Config): string {
  const address = mail && /[^\s<>]+@[^\s<>]+/.exec(mail.from)?.[0];
  if (address) return `mailto:${address}`;
  return origins?.find((origin) => origin.startsWith('https:')) ?? 'mailto:nobody@svod.invalid';
}

/** One code for all nodes, whichever of them answers the page: the first one to start writes it. */
async function sharedSetupCode(db: Db, fresh: string): Promise<string> {
  const codes = db.collection<{ _id: string; code: string }>('setup');
  await codes.updateOne({ _id: 'code' }, { $setOnInsert: { code: fresh } }, { upsert: true });
  return (await codes.findOne({ _id: 'code' }))?.code ?? fresh;
}

async function startOwnStore(dataDir: string): Promise<EmbeddedStore> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return startEmbeddedStore({ dataDir: join(dataDir, 'store') });
}

/** The secret of a hub that was given none: made at the first start, kept readable by its owner only. */
async function keptSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'secret');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const secret = randomBytes(32).toString('hex');
    await writeFile(file, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  }
}

/** A page may open a socket when it comes from the hub itself. A client without an Origin is no page. */
function isOwnOrigin(request: IncomingMessage, origins: string[] | null): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (origins) return origins.includes(origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** What the pages' handler reads of the connection, told by express, which knows which proxies to believe. */
function forKit(request: Request, _response: Response, next: NextFunction): void {
  request.headers['x-svod-protocol'] = request.protocol;
  request.headers['x-svod-address'] = request.ip ?? '';
  request.headers['x-svod-request'] = request.id;
  next();
}

declare module 'express-serve-static-core' {
  interface Request {
    id: string;
  }
}

/** One line a request with its id; the id goes back to the caller, so that a person can name it. */
function requestLog(log: Logger, metrics: ReturnType<typeof createMetrics>): express.RequestHandler {
  return (request, response, next) => {
    const beganAtMs = performance.now();
    request.id = randomBytes(8).toString('hex');
    response.setHeader('x-request-id', request.id);
    response.on('finish', () => {
      const ms = Math.round(performance.now() - beganAtMs);
      const { method } = request;
      metrics.requests.observe({ method, status: `${Math.floor(response.statusCode / 100)}xx` }, ms / 1000);
      // The path without its query and without keys: tickets, links of letters and searches do not belong in logs.
      const path = request.originalUrl
        .split('?')[0]
        ?.replace(/\/(registration|cabinet-request|link|address)\/[^/]+/, '/$1/…');
      const level = path?.startsWith('/_app/') ? 'debug' : 'info';
      log[level]({ id: request.id, method, path, status: response.statusCode, ms }, 'request');
    });
    next();
  };
}

async function closeServer(http: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  const timer = setTimeout(() => http.closeAllConnections(), SHUTDOWN_MS);
  await closed;
  clearTimeout(timer);
}
