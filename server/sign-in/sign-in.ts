/** What the pages ask of sign-in. Cookies come back as `Set-Cookie` lines for the response. */
import type { IncomingHttpHeaders } from 'node:http';
import { fromNodeHeaders } from 'better-auth/node';
import { ATTEMPT_POLICIES } from '#models/attempts/attempts.ts';
import type { Accounts } from '#models/context.ts';
import { HubError } from '#models/error.ts';
import type { HubModels } from '#models/hub.ts';
import type { Language } from '#models/letter/letter.actions.ts';
import { normalizePassword } from '#models/password/password.ts';
import { usernameSchema } from '#models/people/person.ts';
import { LINK_LIFE_MS } from '#models/safeguard/safeguard.ts';
import { cookiePairs, type OwnSession, type SessionLimits, type Sessions, type Visit } from './sessions.ts';

export type SignInStep =
  /** The session is open; it may still have duties. */
  | { status: 'open'; cookies: string[] }
  /** The password was right; the code of the second factor follows. */
  | { status: 'code'; cookies: string[] };

export interface SignIn {
  /**
   * Errors: HubError `wrong_credentials`, the same for an unknown name, a wrong password and a blocked account; `rate_limited`, the
   * same for known and unknown names.
   */
  begin(
    credentials: { username: string; password: string },
    headers: Headers,
    language?: Language,
  ): Promise<SignInStep>;
  /** Whether a password was given and its code is awaited. */
  awaitsCode(headers: Headers): Promise<boolean>;
  /** Errors: HubError `code_wrong`, `link_over`, `rate_limited`. */
  finish(code: string, headers: Headers, language?: Language): Promise<string[]>;
  /** The same session with a new token and what is still to be done: after its rights or the password changed. */
  reopen(personId: string, headers: Headers, language?: Language): Promise<string[]>;
  signOut(headers: Headers): Promise<string[]>;
  /** The browser's own mark, the same for whoever signs in there; empty for one that nobody has signed in on. */
  browserOf(headers: Headers): string;
  /** After what a session ends by itself. */
  limits: SessionLimits;
  /** The session of a page's request: in use from now on, renewed in the browser by `cookies`. */
  use(headers: Headers): Promise<(Visit & { cookies: string[] }) | null>;
  sessions(personId: string, current: string): Promise<OwnSession[]>;
  endSession(personId: string, sessionId: string): Promise<void>;
  endOtherSessions(personId: string, current: string): Promise<void>;
  endAllSessions(personId: string): Promise<void>;
  /** The person's id behind a session cookie, if the session may do anything, or null. Asking does not use the session. */
  identify(headers: Headers | IncomingHttpHeaders): Promise<string | null>;
  /** The same as the live layer knows it: with a key that `liveSessions` reads; of one that looks through another's eyes that other. */
  session(
    headers: Headers | IncomingHttpHeaders,
  ): Promise<{ session: string; person: string; isViewing: boolean } | null>;
  /** Which of the keys have not ended: one query for all sessions, and one for views. */
  liveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Between a session and the view it looks through, in a key of the live layer; no id has such a sign. */
const VIEW_MARK = '~';
/** A browser stays known for so long after its last sign-in (s): the longest that browsers keep a cookie. */
const DEVICE_SECONDS = 400 * 24 * 60 * 60;

export interface SignInOptions {
  accounts: Accounts;
  sessions: Sessions;
  hub: Pick<HubModels, 'people' | 'safeguards' | 'attempts' | 'credentials' | 'deeds' | 'viewings' | 'pushes'>;
  limits: SessionLimits;
  newId: () => string;
  sha256: (text: string) => string;
  isSecure: boolean;
  /** Security events for the log, without secrets. */
  onEvent: (event: string, fields: Record<string, string>) => void;
}

export function createSignIn({
  accounts,
  sessions,
  hub,
  limits,
  newId,
  sha256,
  isSecure,
  onEvent,
}: SignInOptions): SignIn {
  const { people, safeguards, attempts, credentials, deeds, viewings, pushes } = hub;
  // `__Host-`: no other site under the same domain can set it.
  const nameOf = (what: string): string => `${isSecure ? '__Host-' : ''}svod.${what}`;
  const cookie = (what: string, value: string, seconds: number): string =>
    `${nameOf(what)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
  const cookieOf = (what: string, headers: Headers): string | null =>
    cookiePairs(headers).find(([name]) => name === nameOf(what))?.[1] ?? null;
  const markOf = (token: string): string => sha256(`browser ${token}`).slice(0, 32);
  const addressOf = (headers: Headers): string => headers.get('x-svod-address') ?? '';

  const visitOf = async (headers: Headers | IncomingHttpHeaders): Promise<Visit | null> => {
    const visit = await sessions.find(headers instanceof Headers ? headers : fromNodeHeaders(headers));
    return visit?.duties.length === 0 ? visit : null;
  };

  const sessionOf: SignIn['session'] = async (headers) => {
    const visit = await visitOf(headers);
    if (!visit) return null;
    const { sessionId, personId } = visit;
    const through = await viewings.through(sessionId, personId);
    return through
      ? { session: `${sessionId}${VIEW_MARK}${through.id}`, person: through.owner.id, isViewing: true }
      : { session: sessionId, person: personId, isViewing: false };
  };

  const noteEnded = (personId: string, which: 'this' | 'one' | 'others' | 'all'): Promise<void> =>
    deeds.noteOnPerson(personId, {
      actor: personId,
      kind: 'session.ended',
      differences: [{ field: 'sessions', before: which, after: null }],
    });

  async function open(personId: string, headers: Headers, language: Language): Promise<string[]> {
    // Before the person is read: the first entrance with a password of one's own gives the role.
    await credentials.noteEntrance(personId, addressOf(headers));
    const person = await people.load(personId);
    if (!person) throw new HubError('wrong_credentials');
    const token = cookieOf('device', headers) ?? newId();
    const agent = headers.get('user-agent') ?? '';
    const device = await safeguards.noteDevice(personId, { token, agent, address: addressOf(headers) }, language);
    await pushes.takeOver(markOf(token), personId);
    // Sessions are kept by another library, in writes of its own: the entry comes first.
    await deeds.noteOnPerson(personId, { actor: personId, kind: 'session.opened' });
    const opened = await sessions.open({ personId, device, duties: await safeguards.duties(person) }, headers);
    onEvent('signed in', { person: personId, address: addressOf(headers) });
    return [...opened, cookie('device', token, DEVICE_SECONDS), cookie('entrance', '', 0)];
  }

  return {
    async begin({ username, password }, headers, language = 'ru') {
      const parsed = usernameSchema.safeParse(username);
      const name = parsed.success ? parsed.data : username.slice(0, 100);
      const pair = `${addressOf(headers)} ${name}`;
      // Counted before anything is known of the account, by the name as it was typed: unknown names wait like known ones.
      const tries = await attempts.begin('pair', pair);
      const account = parsed.success ? await accounts.findByName(name) : null;
      const isKnown = await safeguards.knowsDevice(account?.id ?? null, cookieOf('device', headers));
      // Whoever guesses from everywhere slows down strangers only: the owner's own devices do not wait.
      if (!isKnown) await attempts.begin('name', name);
      const isRight = await accounts.checkPassword(account?.id ?? null, normalizePassword(password));
      if (!account || !isRight || (await safeguards.isPasswordOver(account.id))) {
        // Tries over the free ones are slow: however long somebody guesses, the journal does not fill.
        if (account && tries >= ATTEMPT_POLICIES.pair.freeTries)
          await deeds.noteOnPerson(account.id, {
            actor: 'public',
            kind: 'session.refused',
            differences: [{ field: 'count', before: null, after: tries }],
          });
        onEvent('sign-in refused', { person: account?.id ?? '', address: addressOf(headers) });
        throw new HubError('wrong_credentials');
      }
      await attempts.succeeded('pair', pair);
      if (!isKnown) await attempts.succeeded('name', name);
      const entrance = await safeguards.enter(account.id);
      if (entrance !== null)
        return { status: 'code', cookies: [cookie('entrance', entrance, LINK_LIFE_MS.entrance / 1000)] };
      return { status: 'open', cookies: await open(account.id, headers, language) };
    },

    async awaitsCode(headers) {
      const token = cookieOf('entrance', headers);
      if (token === null || token === '') return false;
      return safeguards.entrance(token).then(
        () => true,
        (error: unknown) => {
          if (error instanceof HubError) return false;
          throw error;
        },
      );
    },

    async finish(code, headers, language = 'ru') {
      const token = cookieOf('entrance', headers);
      if (token === null) throw new HubError('link_over');
      try {
        const { personId } = await safeguards.finishEntrance(token, code, language);
        return await open(personId, headers, language);
      } catch (error) {
        if (error instanceof HubError) onEvent('code refused', { code: error.code, address: addressOf(headers) });
        throw error;
      }
    },

    limits,
    reopen: (personId, headers, language = 'ru') => open(personId, headers, language),
    async signOut(headers) {
      const visit = await sessions.find(headers);
      if (visit) {
        await viewings.endOfSession(visit.sessionId, visit.personId, 'signedOut');
        await noteEnded(visit.personId, 'this');
      }
      return sessions.signOut(headers);
    },
    browserOf(headers) {
      const token = cookieOf('device', headers);
      return token === null ? '' : markOf(token);
    },
    use: (headers) => sessions.use(headers),
    sessions: (personId, current) => sessions.list(personId, current),
    async endSession(personId, sessionId) {
      await viewings.endOfSession(sessionId, personId, 'signedOut');
      await noteEnded(personId, 'one');
      await sessions.end(personId, sessionId);
    },
    async endOtherSessions(personId, current) {
      await viewings.endOfOtherSessions(personId, current);
      await noteEnded(personId, 'others');
      await sessions.endAll(personId, { except: current });
    },
    async endAllSessions(personId) {
      await viewings.endOfOtherSessions(personId, null);
      await noteEnded(personId, 'all');
      await sessions.endAll(personId);
    },

    identify: async (headers) => (await visitOf(headers))?.personId ?? null,
    session: sessionOf,
    async liveSessions(asked) {
      const keys = asked.map((key) => {
        const [session = '', view] = key.split(VIEW_MARK);
        return { key, session, view };
      });
      const views = keys.flatMap(({ view }) => view ?? []);
      const [alive, going] = await Promise.all([
        sessions.alive([...new Set(keys.map(({ session }) => session))]),
        views.length > 0 ? viewings.going(views) : new Set<string>(),
      ]);
      return new Set(
        keys
          .filter(({ session, view }) => alive.has(session) && (view === undefined || going.has(view)))
          .map(({ key }) => key),
      );
    },
  };
}
