/**
 * Large files over HTTP: the tus protocol 1.0, so that a browser, a scanner's command and any client of the protocol go on where a
 * line broke, on whichever node answers. `GET` beside it tells what became of a file, for a command that has no live line. Who may
 * send what, and what is kept, decides `models/upload`.
 */
import { DataStore, Server, Upload, type Locker } from '@tus/server';
import { fromNodeHeaders } from 'better-auth/node';
import type { Request, RequestHandler, Response } from 'express';
import { HubError } from '#models/error.ts';
import type { Person } from '#models/people/person.ts';
import { demandKept, UNFINISHED_KEPT_MS, UPLOAD_BYTES_MAX } from '#models/upload/upload.ts';
import { refusalOf, statusOf } from '#lib/refusal/status.ts';
import type { Door } from './door.ts';

const PATH = '/uploads';
export const UPLOAD_PATHS = [PATH, `${PATH}/:upload`];
/** Characters of `Upload-Metadata`: a name of a file in any script, encoded, and the few words beside it. */
const METADATA_CHARS_MAX = 8_192;

/** Two at one upload need no lock, which would not reach the other nodes: each part is kept only over the offset that was read. */
const FREE: Locker = {
  newLock: () => ({ lock: () => Promise.resolve(), unlock: () => Promise.resolve() }),
};

/** What the client says of a file, as `beginSchema` reads it. */
function inputOf({ size, metadata }: Upload): Record<string, unknown> {
  const said = metadata ?? {};
  return {
    purpose: said['purpose'],
    target: said['target'],
    name: said['filename'] ?? said['name'],
    bytes: size,
    ...(said['sha256'] ? { sha256: said['sha256'] } : {}),
    ...(said['fingerprint'] ? { fingerprint: said['fingerprint'] } : {}),
    ...(said['again'] === '1' ? { isAgain: true } : {}),
  };
}

/** The library's view of uploads, for one person. */
class UploadStore extends DataStore {
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  readonly #uploads: Door['uploads'];
  readonly #person: Person;
  readonly #now: () => number;

  constructor(uploads: Door['uploads'], person: Person, now: () => number) {
    super();
    this.#uploads = uploads;
    this.#person = person;
    this.#now = now;
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id } = await this.#uploads.begin(this.#person, inputOf(upload));
    // The address is made of it after this.
    upload.id = id;
    return upload;
  }

  override async write(source: AsyncIterable<Uint8Array>, id: string, offset: number): Promise<number> {
    return this.#uploads.append(this.#person, id, offset, source);
  }

  override async getUpload(id: string): Promise<Upload> {
    const view = await this.#uploads.find(this.#person, id);
    demandKept(view, this.#now());
    return new Upload({
      ...{ id, size: view.bytes, offset: view.offset },
      metadata: { filename: view.name, purpose: view.purpose, target: view.target },
      // The library counts from here with a clock of its own: what matters is how long ago the last part came.
      creation_date: new Date(Date.now() - (this.#now() - view.touchedAtMs)).toISOString(),
    });
  }

  override remove(id: string): Promise<void> {
    return this.#uploads.abandon(this.#person, id);
  }

  override getExpiration(): number {
    return UNFINISHED_KEPT_MS;
  }
}

export interface UploadRoute {
  door: Pick<Door, 'signIn' | 'people' | 'viewings' | 'uploads' | 'limits' | 'from' | 'fault'>;
  now: () => number;
  isOwnOrigin: (request: Request) => boolean;
}

export function createUploadRoute({ door, now, isOwnOrigin }: UploadRoute): RequestHandler {
  /** What is told to whoever sends: a refusal with its code, or the id of a fault. */
  function told(error: unknown): { status_code: number; body: string } {
    const refusal = refusalOf(error);
    if (refusal) return { status_code: statusOf(refusal.code), body: JSON.stringify({ refusal }) };
    // The protocol's own: a missing header, an offset that is not there, a line that broke.
    if (typeof error === 'object' && error !== null && 'status_code' in error && 'body' in error)
      return { status_code: Number(error.status_code), body: String(error.body) };
    return { status_code: 500, body: JSON.stringify({ fault: door.fault(error, 'uploads') }) };
  }

  async function serve(request: Request, response: Response): Promise<void> {
    const { method } = request;
    if (!['GET', 'HEAD', 'OPTIONS'].includes(method) && !isOwnOrigin(request)) throw new HubError('not_allowed');
    const headers = fromNodeHeaders(request.headers);
    const visit = await door.signIn.use(headers);
    const person = visit?.duties.length === 0 ? await door.people.load(visit.personId) : null;
    if (!visit || !person) throw new HubError('not_signed_in');
    for (const cookie of visit.cookies) response.append('set-cookie', cookie);
    if (await door.viewings.through(visit.sessionId, visit.personId)) throw new HubError('viewing_only');
    await door.limits.uploadRequest(person.id);
    response.setHeader('cache-control', 'private, no-store');
    const { upload } = request.params;
    if (method === 'GET' && typeof upload === 'string') {
      response.json({ outcome: await door.uploads.outcome(person, upload) });
      return;
    }
    const metadata = request.headers['upload-metadata'];
    if (typeof metadata === 'string' && metadata.length > METADATA_CHARS_MAX)
      throw new HubError('bad_input', { field: 'metadata', reason: 'too_big' });
    const server = new Server({
      path: PATH,
      datastore: new UploadStore(door.uploads, person, now),
      locker: FREE,
      maxSize: UPLOAD_BYTES_MAX,
      relativeLocation: true,
      // No page of another site has a word with it.
      allowedOrigins: [],
      onResponseError: (_request, error) => told(error),
    });
    const origin = {
      person: { id: person.id, name: person.name },
      address: request.ip ?? '',
      agent: request.get('user-agent') ?? '',
      ...{ device: visit.device, session: visit.sessionId },
    };
    await door.from(origin, () => server.handle(request, response));
  }

  return async (request, response) => {
    try {
      await serve(request, response);
    } catch (error) {
      const { status_code, body } = told(error);
      if (response.headersSent) response.destroy();
      // What is still on its way is not wanted: the connection ends with the answer.
      else response.status(status_code).set('connection', 'close').type('json').send(body);
    }
  };
}
