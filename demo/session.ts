/** One browser without its window: keeps cookies, sends forms as pages do, and is told refusals by their code. */
import { readForm, readPage, refusedOf } from './page-data.ts';

/** The hub said no; `code` is that of its refusal. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the hub refused: ${code}`);
    this.name = 'Refused';
    this.code = code;
  }
}

export interface Session {
  /** The data of a page. Errors: Refused, `not_signed_in` where the page leads to the sign-in. */
  page(path: string): Promise<Record<string, unknown>>;
  /** Sends a form. Errors: Refused. */
  form(path: string, fields: Record<string, string>): Promise<{ location: string | null; data: unknown }>;
  download(path: string): Promise<Uint8Array>;
  upload(path: string, bytes: Uint8Array): Promise<void>;
  /** What a script of a page sends and is answered. Errors: Refused. */
  json(path: string, body: unknown): Promise<unknown>;
  /** What it sends as its `cookie` header. */
  cookie(): string;
}

/** No request of a page takes longer on a machine that can still be used (ms). */
const ANSWER_MS = 60_000;

export function createSession(origin: string, stopped: AbortSignal): Session {
  const cookies = new Map<string, string>();

  const cookie = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'Svod demonstration');
    if (cookies.size > 0) headers.set('cookie', cookie());
    // What a browser adds to every form: pages of other sites are turned away by it.
    if (init.method === 'POST') headers.set('origin', origin);
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS)]);
    const response = await fetch(new URL(path, origin), { ...init, headers, signal, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const isEnded = attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute));
    if (isEnded) cookies.delete(pair.slice(0, at));
    else cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  const demandOwn = (location: string): void => {
    if (location.startsWith('/sign-in')) throw new Refused('not_signed_in');
  };

  return {
    cookie,
    async page(path) {
      const answer = readPage(await (await ask(`${path}/__data.json`)).json());
      if (answer.kind === 'refused') throw new Refused(answer.code);
      if (answer.kind === 'data') return answer.data;
      demandOwn(answer.location);
      throw new Refused(`redirected to ${answer.location}`);
    },

    async form(path, fields) {
      const response = await ask(path, {
        method: 'POST',
        headers: { accept: 'application/json', 'x-sveltekit-action': 'true' },
        body: new URLSearchParams(fields),
      });
      if (response.status === 204) return { location: null, data: null };
      const answer = readForm(await response.json());
      if (answer.kind === 'refused') throw new Refused(answer.code);
      if (answer.kind === 'done') return { location: null, data: answer.data };
      // The sign-in form leads on to where the person was; every other form that leads to it wants him to sign in.
      if (!path.startsWith('/sign-in') && !answer.location.startsWith('/sign-in?fresh')) demandOwn(answer.location);
      return { location: answer.location, data: null };
    },

    async download(path) {
      const response = await ask(path);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return bytes;
      demandOwn(response.headers.get('location') ?? '');
      throw new Refused(`status ${response.status}`);
    },

    async upload(path, bytes) {
      const response = await ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: bytes.slice(),
      });
      if (response.ok) await response.arrayBuffer();
      else throw new Refused(refusedOf(await response.json()));
    },

    async json(path, body) {
      const response = await ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const answer: unknown = await response.json();
      if (response.ok) return answer;
      throw new Refused(refusedOf(answer));
    },
  };
}

/** Signs in and tries again when the hub does not know the person, as after a restart or a night. */
export async function signedIn<T>(
  session: Session,
  account: { username: string; password: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused && error.code === 'not_signed_in')) throw error;
  }
  await session.form('/sign-in', { username: account.username, password: account.password });
  return work();
}
