/** Accounts and sessions, by better-auth: username and password, argon2id, sessions in the database. */
import type { IncomingHttpHeaders } from 'node:http';
import { hash, verify } from '@node-rs/argon2';
import { betterAuth } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { APIError } from 'better-auth/api';
import { fromNodeHeaders } from 'better-auth/node';
import { admin, username } from 'better-auth/plugins';
import type { Db, MongoClient } from 'mongodb';
import type { Accounts } from '#models/context.ts';
import { isDuplicateKey } from '#models/duplicate-key.ts';
import { HubError } from '#models/error.ts';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, usernameSchema } from '#models/people/person.ts';

export interface AuthOptions {
  client: MongoClient;
  db: Db;
  secret: string;
  /** Whether the pages are served over https: cookies are then sent over nothing else. */
  isSecure: boolean;
}

/** A signed-in session as the person sees it in the list of his own. */
export interface OwnSession {
  id: string;
  startedAtMs: number;
  address: string;
  device: string;
  isCurrent: boolean;
}

/** What the pages ask of sign-in. Cookies come back as `Set-Cookie` lines for the response. */
export interface SignIn {
  /** Errors: HubError `wrong_credentials`, the same for an unknown name and a wrong password. */
  signIn(credentials: { username: string; password: string }, headers: Headers): Promise<string[]>;
  signOut(headers: Headers): Promise<string[]>;
  signOutEverywhere(headers: Headers): Promise<void>;
  sessions(headers: Headers): Promise<OwnSession[]>;
  /** Ends every other session too. Errors: HubError `wrong_credentials` for a wrong present password. */
  changePassword(change: { present: string; next: string }, headers: Headers): Promise<string[]>;
  /** The person's id behind a session cookie, or null. */
  identify(headers: Headers | IncomingHttpHeaders): Promise<string | null>;
  /** The session behind a cookie with the id of its person, or null. */
  session(headers: Headers | IncomingHttpHeaders): Promise<{ session: string; person: string } | null>;
  /** Which of the sessions have not ended: one query for all. */
  liveSessions(sessions: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Session length (s): a working day with its evening; a session in use is renewed. */
export const SESSION_SECONDS = 12 * 60 * 60;

export function createAuth({ client, db, secret, isSecure }: AuthOptions) {
  const auth = betterAuth({
    database: mongodbAdapter(db, { client }),
    secret,
    baseURL: isSecure ? 'https://localhost' : 'http://localhost',
    telemetry: { enabled: false },
    // The hub's own pages are the only callers, and SvelteKit has checked their origin before.
    advanced: {
      cookiePrefix: 'svod',
      useSecureCookies: isSecure,
      disableOriginCheck: true,
      // Written by the hub itself: what a client claims in a header of its own is not believed.
      ipAddress: { ipAddressHeaders: ['x-svod-address'] },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
      password: {
        hash: (password) => hash(password),
        verify: ({ hash: stored, password }) => verify(stored, password),
      },
    },
    session: { expiresIn: SESSION_SECONDS, updateAge: 60 * 60 },
    plugins: [
      username({
        minUsernameLength: 3,
        maxUsernameLength: 40,
        usernameValidator: (name) => usernameSchema.safeParse(name).success,
      }),
      admin(),
    ],
  });
  return auth;
}

export type Auth = ReturnType<typeof createAuth>;

/** Accounts belong to an owner key of the hub; the sign-in library wants an e-mail, so the key is written as one. */
const emailOf = (owner: string): string => `${owner.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}@accounts.invalid`;

interface UserDocument {
  _id: unknown;
  email: string;
  name: string;
  username?: string;
}

export function createAccounts(auth: Auth, db: Db): Accounts {
  const users = db.collection<UserDocument>('user');
  return {
    async open({ owner, username: name, name: fullName, password }) {
      const email = emailOf(owner);
      const present = await users.findOne({ email });
      const taken = await users.findOne({ username: name });
      if (taken && taken.email !== email) throw new HubError('username_taken', { username: name });
      const context = await auth.$context;
      if (present) {
        const id = String(present._id);
        await context.internalAdapter.updateUser(id, { name: fullName, username: name, displayUsername: name });
        await context.internalAdapter.updatePassword(id, await context.password.hash(password));
        return id;
      }
      try {
        const { user } = await auth.api.createUser({
          body: { email, name: fullName, password, data: { username: name, displayUsername: name } },
        });
        return user.id;
      } catch (error) {
        // The unique index speaks when two ask for the same name in the same moment.
        if (error instanceof APIError || isDuplicateKey(error))
          throw new HubError('username_taken', { username: name });
        throw error;
      }
    },
    async find(id) {
      const context = await auth.$context;
      const user = await context.internalAdapter.findUserById(id);
      return user && { id, name: user.name, username: (user as { username?: string }).username ?? '' };
    },
  };
}

/**
 * One name, one account: the library checks before it writes, the index holds when two write at once. Its adapter makes the
 * indexes of its own unique fields; the name comes from a plugin.
 */
export async function createAccountIndexes(db: Db): Promise<void> {
  await db.collection('user').createIndex({ username: 1 }, { unique: true, sparse: true, name: 'username_unique' }, {});
  await db.collection('session').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, name: 'session_expiry' }, {});
}

export function createSignIn(auth: Auth): SignIn {
  const cookiesOf = (headers: Headers): string[] => headers.getSetCookie();
  const sessionOf: SignIn['session'] = async (headers) => {
    const web = headers instanceof Headers ? headers : fromNodeHeaders(headers);
    if (!web.has('cookie')) return null;
    const found = await auth.api.getSession({ headers: web });
    return found && { session: found.session.id, person: found.user.id };
  };

  return {
    async signIn({ username: name, password }, headers) {
      const parsed = usernameSchema.safeParse(name);
      try {
        const { headers: answer } = await auth.api.signInUsername({
          body: { username: parsed.success ? parsed.data : 'nobody', password, rememberMe: true },
          headers,
          returnHeaders: true,
        });
        return cookiesOf(answer);
      } catch (error) {
        if (error instanceof APIError) throw new HubError('wrong_credentials');
        throw error;
      }
    },
    async signOut(headers) {
      const { headers: answer } = await auth.api.signOut({ headers, returnHeaders: true });
      return cookiesOf(answer);
    },
    async signOutEverywhere(headers) {
      await auth.api.revokeSessions({ headers });
    },
    async sessions(headers) {
      const [own, current] = await Promise.all([auth.api.listSessions({ headers }), auth.api.getSession({ headers })]);
      return own.map(({ id, createdAt, ipAddress, userAgent }) => ({
        id,
        startedAtMs: createdAt.getTime(),
        address: ipAddress ?? '',
        device: userAgent ?? '',
        isCurrent: id === current?.session.id,
      }));
    },
    async changePassword({ present, next }, headers) {
      try {
        const { headers: answer } = await auth.api.changePassword({
          body: { currentPassword: present, newPassword: next, revokeOtherSessions: true },
          headers,
          returnHeaders: true,
        });
        return cookiesOf(answer);
      } catch (error) {
        if (error instanceof APIError) throw new HubError('wrong_credentials');
        throw error;
      }
    },
    identify: async (headers) => (await sessionOf(headers))?.person ?? null,
    session: sessionOf,
    async liveSessions(sessions) {
      const { adapter } = await auth.$context;
      const found = await adapter.findMany<{ id: string; expiresAt: Date }>({
        model: 'session',
        where: [{ field: 'id', operator: 'in', value: [...sessions] }],
        limit: sessions.length,
      });
      return new Set(found.filter(({ expiresAt }) => expiresAt.getTime() > Date.now()).map(({ id }) => id));
    },
  };
}
