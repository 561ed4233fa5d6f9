/** Sessions by the hub's clock: idle and absolute limits, the list of one's own, their end. */
import type { Db } from 'mongodb';
import type { Duty } from '#models/safeguard/safeguard.ts';
import type { Auth } from './auth.ts';

export interface SessionLimits {
  /** A session that nobody used for so long ends (ms). */
  idleMs: number;
  /** However much it is used, it ends after this (ms). */
  absoluteMs: number;
}

/** A session is noted as used, and its cookie renewed, not more often than this (ms). */
export const USE_NOTED_EVERY_MS = 60_000;

/** A live session behind a request. */
export interface Visit {
  personId: string;
  sessionId: string;
  device: string;
  /** What is to be done before it may do anything else. */
  duties: Duty[];
}

/** A session as its owner sees it. */
export interface OwnSession {
  id: string;
  startedAtMs: number;
  seenAtMs: number;
  address: string;
  /** As the browser names itself. */
  agent: string;
  /** The device it was opened on. */
  device: string;
  isCurrent: boolean;
}

interface SessionDocument {
  id: string;
  token: string;
  userId: string;
  ipAddress?: string | null | undefined;
  userAgent?: string | null | undefined;
  startedAtMs?: number | null | undefined;
  seenAtMs?: number | null | undefined;
  device?: string | null | undefined;
  duties?: string | null | undefined;
}

export interface Sessions {
  /** Opens a session with a new token and ends the one that the browser had. Returns `Set-Cookie` lines. */
  open(opened: { personId: string; device: string; duties: readonly Duty[] }, headers: Headers): Promise<string[]>;
  /** The session behind a cookie, if it lives. Asking does not use it. */
  find(headers: Headers): Promise<Visit | null>;
  /** The same for a request of a page: the session is in use. `cookies` renew it in the browser. */
  use(headers: Headers): Promise<(Visit & { cookies: string[] }) | null>;
  /** Which of the sessions live and may do anything; one query for all. */
  alive(sessions: readonly string[]): Promise<ReadonlySet<string>>;
  list(personId: string, current: string): Promise<OwnSession[]>;
  end(personId: string, sessionId: string): Promise<void>;
  endAll(personId: string, which?: { device?: string; except?: string }): Promise<void>;
  /** Ends the session behind a cookie and clears the cookie. */
  signOut(headers: Headers): Promise<string[]>;
}

export interface SessionsOptions extends SessionLimits {
  auth: Auth;
  db: Db;
  now: () => number;
  /** The one place that hears of every session that ended before its time: open sockets of it are to be cut. */
  onEnded: (personId: string) => void;
  /** Somebody is sent away from his devices: from one, from all, or from all but one. What only the clock ended is no such thing. */
  onDismissed: (personId: string, which: { device?: string; except?: string }) => Promise<void>;
}

export function createSessions({ auth, db, now, idleMs, absoluteMs, onEnded, onDismissed }: SessionsOptions): Sessions {
  const sessions = db.collection('session');

  const startOf = ({ startedAtMs }: SessionDocument): number => startedAtMs ?? 0;
  const useOf = ({ seenAtMs }: SessionDocument): number => seenAtMs ?? 0;
  const isAlive = (session: SessionDocument): boolean =>
    now() < useOf(session) + idleMs && now() < startOf(session) + absoluteMs;

  async function kill(ended: readonly SessionDocument[]): Promise<void> {
    const context = await auth.$context;
    for (const { token } of ended) await context.internalAdapter.deleteSession(token);
    for (const personId of new Set(ended.map(({ userId }) => userId))) onEnded(personId);
  }

  async function load(headers: Headers): Promise<SessionDocument | null> {
    if (!headers.has('cookie')) return null;
    const found = await auth.api.getSession({ headers, query: { disableRefresh: true } });
    const session = found?.session as SessionDocument | undefined;
    if (!session) return null;
    if (isAlive(session)) return session;
    await kill([session]);
    return null;
  }

  const visitOf = (session: SessionDocument): Visit => ({
    personId: session.userId,
    sessionId: session.id,
    device: session.device ?? '',
    duties: (session.duties ?? '').split(' ').filter((duty): duty is Duty => duty !== ''),
  });

  async function listAlive(personId: string): Promise<SessionDocument[]> {
    const context = await auth.$context;
    const own = (await context.internalAdapter.listSessions(personId)) as unknown as SessionDocument[];
    return own.filter(isAlive);
  }

  return {
    async open({ personId, device, duties }, headers) {
      const former = await load(headers);
      const { headers: answer } = await auth.api.openSession({
        body: {
          personId,
          device,
          duties: duties.join(' '),
          nowMs: now(),
          cookieSeconds: Math.ceil(Math.min(idleMs, absoluteMs) / 1000),
        },
        headers,
        returnHeaders: true,
      });
      if (former) await kill([former]);
      return answer.getSetCookie();
    },

    async find(headers) {
      const session = await load(headers);
      return session && visitOf(session);
    },

    async use(headers) {
      const session = await load(headers);
      if (!session) return null;
      const visit = visitOf(session);
      if (now() < useOf(session) + USE_NOTED_EVERY_MS) return { ...visit, cookies: [] };
      await sessions.updateOne({ token: session.token }, { $set: { seenAtMs: now() } });
      const leftMs = Math.min(idleMs, startOf(session) + absoluteMs - now());
      return { ...visit, cookies: await renewed(headers, Math.ceil(leftMs / 1000)) };
    },

    async alive(asked) {
      const { adapter } = await auth.$context;
      const found = await adapter.findMany<SessionDocument>({
        model: 'session',
        where: [{ field: 'id', operator: 'in', value: [...asked] }],
        limit: asked.length,
      });
      return new Set(found.filter((one) => isAlive(one) && (one.duties ?? '') === '').map(({ id }) => id));
    },

    async list(personId, current) {
      const own = await listAlive(personId);
      return own
        .map((session) => ({
          id: session.id,
          startedAtMs: startOf(session),
          seenAtMs: useOf(session),
          address: session.ipAddress ?? '',
          agent: session.userAgent ?? '',
          device: session.device ?? '',
          isCurrent: session.id === current,
        }))
        .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.seenAtMs - a.seenAtMs);
    },

    async end(personId, sessionId) {
      const ended = (await listAlive(personId)).filter(({ id }) => id === sessionId);
      await kill(ended);
      for (const { device } of ended) if (device) await onDismissed(personId, { device });
    },

    async endAll(personId, { device, except } = {}) {
      const own = await listAlive(personId);
      await kill(own.filter((one) => one.id !== except && (device === undefined || one.device === device)));
      const stays = own.find(({ id }) => id === except)?.device;
      await onDismissed(personId, { ...(device !== undefined && { device }), ...(stays && { except: stays }) });
    },

    async signOut(headers) {
      const session = await load(headers);
      const { headers: answer } = await auth.api.signOut({ headers, returnHeaders: true });
      if (session) {
        onEnded(session.userId);
        if (session.device) await onDismissed(session.userId, { device: session.device });
      }
      return answer.getSetCookie();
    },
  };

  /** The cookie as the browser sent it, with a later end. */
  async function renewed(headers: Headers, seconds: number): Promise<string[]> {
    const { name, attributes } = (await auth.$context).authCookies.sessionToken;
    const pair = cookiePairs(headers).find(([key]) => key === name);
    if (!pair) return [];
    const secure = attributes.secure === true ? '; Secure' : '';
    return [`${name}=${pair[1]}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`];
  }
}

/** Names and values of the cookies of a request, as they were sent. */
export function cookiePairs(headers: Headers): [string, string][] {
  return (headers.get('cookie') ?? '').split(';').flatMap((part): [string, string][] => {
    const at = part.indexOf('=');
    return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]];
  });
}
