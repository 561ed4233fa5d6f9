/**
 * Accounts and session tokens, by better-auth: argon2id, unguessable tokens in signed cookies, sessions in the database. None of its
 * routes is mounted: the hub's own pages are the only callers.
 */
import { hash, verify } from '@node-rs/argon2';
import { betterAuth, type BetterAuthPlugin } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { admin, username } from 'better-auth/plugins';
import type { Db, MongoClient } from 'mongodb';
import { z } from 'zod';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '#models/password/password.ts';
import { usernameSchema } from '#models/people/person.ts';

export interface AuthOptions {
  client: MongoClient;
  db: Db;
  secret: string;
  /** Whether the pages are served over https: cookies are then sent over nothing else. */
  isSecure: boolean;
  /** However much it is used, a session ends after this (s). */
  sessionSecondsMax: number;
}

/** What the hub keeps of a session beside what the library does: by the hub's clock, not the machine's. */
const sessionFields = {
  startedAtMs: { type: 'number', required: false, input: false },
  seenAtMs: { type: 'number', required: false, input: false },
  device: { type: 'string', required: false, input: false },
  /** What is still to be done before the session may do anything, separated by blanks. */
  duties: { type: 'string', required: false, input: false },
} as const;

const openSchema = z.object({
  personId: z.string(),
  device: z.string(),
  duties: z.string(),
  nowMs: z.number(),
  cookieSeconds: z.number(),
});

/** Opens a session for a person whom the hub has identified: always a new token, never one that a browser brought. */
const opening = {
  id: 'svod-opening',
  endpoints: {
    openSession: createAuthEndpoint(
      '/svod/open-session',
      { method: 'POST', body: openSchema, requireHeaders: true },
      async (call) => {
        const { personId, device, duties, nowMs, cookieSeconds } = call.body;
        const user = await call.context.internalAdapter.findUserById(personId);
        if (!user) throw new Error(`no account ${personId}`);
        const own = { startedAtMs: nowMs, seenAtMs: nowMs, device, duties };
        const session = await call.context.internalAdapter.createSession(personId, false, own);
        await setSessionCookie(call, { session, user }, false, { maxAge: cookieSeconds });
        return { token: session.token };
      },
    ),
  },
} satisfies BetterAuthPlugin;

export function createAuth({ client, db, secret, isSecure, sessionSecondsMax }: AuthOptions) {
  return betterAuth({
    database: mongodbAdapter(db, { client }),
    secret,
    baseURL: isSecure ? 'https://localhost' : 'http://localhost',
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: 'svod',
      useSecureCookies: isSecure,
      // SvelteKit has checked the origin of the form before.
      disableOriginCheck: true,
      // Written by the hub itself: what a client claims in a header of its own is not believed.
      ipAddress: { ipAddressHeaders: ['x-svod-address'] },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      // Counted in UTF-16 units there, in signs by the rules of the hub, which have been asked before.
      maxPasswordLength: PASSWORD_LENGTH_MAX * 8,
      password: {
        hash: (password) => hash(password),
        verify: ({ hash: stored, password }) => verify(stored, password),
      },
    },
    session: {
      expiresIn: sessionSecondsMax,
      disableSessionRefresh: true,
      additionalFields: sessionFields,
    },
    plugins: [
      username({
        minUsernameLength: 3,
        maxUsernameLength: 40,
        usernameValidator: (name) => usernameSchema.safeParse(name).success,
      }),
      admin(),
      opening,
    ],
  });
}

export type Auth = ReturnType<typeof createAuth>;

/**
 * One name, one account: the library checks before it writes, the index holds when two write at once. Its adapter makes the
 * indexes of its own unique fields; the name comes from a plugin.
 */
export async function createAccountIndexes(db: Db): Promise<void> {
  await db.collection('user').createIndex({ username: 1 }, { unique: true, sparse: true, name: 'username_unique' }, {});
  await db.collection('session').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 0, name: 'session_expiry' }, {});
}
