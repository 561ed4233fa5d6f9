/** The accounts' port of the models, filled by the sign-in library. */
import { hash } from '@node-rs/argon2';
import { APIError } from 'better-auth/api';
import { ObjectId, type Db } from 'mongodb';
import type { Accounts, PreparedPassword } from '#models/context.ts';
import { isDuplicateKey } from '#models/duplicate-key.ts';
import { HubError } from '#models/error.ts';
import type { Auth } from './auth.ts';
import type { Sessions } from './sessions.ts';

/** Accounts belong to an owner key of the hub; the sign-in library wants an e-mail, so the key is written as one. */
const emailOf = (owner: string): string => `${owner.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}@accounts.invalid`;

interface UserDocument {
  _id: unknown;
  email: string;
  name: string;
  username?: string;
}

export function createAccounts(auth: Auth, db: Db, sessions: Sessions): Accounts {
  const users = db.collection<UserDocument>('user');
  /** What the password of nobody is compared with: as long as with somebody's. */
  const decoy = hash('nobody has this password');

  return {
    async open({ owner, username: name, name: fullName, password }) {
      const email = emailOf(owner);
      const present = await users.findOne({ email });
      const taken = await users.findOne({ username: name });
      if (taken && taken.email !== email) throw new HubError('username_taken', { username: name });
      const context = await auth.$context;
      if (present) {
        const id = String(present._id);
        // The library takes a name that stays for one that is taken.
        const named = present.username === name ? {} : { username: name, displayUsername: name };
        await context.internalAdapter.updateUser(id, { name: fullName, ...named });
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

    async findByName(username) {
      const user = await users.findOne({ username });
      return user && { id: String(user._id), name: user.name, username };
    },

    async checkPassword(id, password) {
      const context = await auth.$context;
      const key = id ?? 'nobody';
      const [account, user] = await Promise.all([
        context.internalAdapter.findCredentialAccount(key),
        context.internalAdapter.findUserById(key),
      ]);
      // The comparison is made in every case, so that the time tells nothing.
      const isRight = await context.password.verify({ hash: account?.password ?? (await decoy), password });
      const isBlocked = (user as { banned?: boolean | null } | null)?.banned ?? false;
      return account?.password != null && isRight && !isBlocked;
    },

    async setPassword(id, password) {
      const context = await auth.$context;
      await context.internalAdapter.updatePassword(id, await context.password.hash(password));
    },

    async findByOwner(owner) {
      const user = await users.findOne({ email: emailOf(owner) });
      return user && { id: String(user._id), username: user.username ?? '' };
    },

    async prepare(password) {
      const context = await auth.$context;
      return (await context.password.hash(password)) as PreparedPassword;
    },

    async putPassword(id, prepared, session) {
      const context = await auth.$context;
      const account = await context.internalAdapter.findCredentialAccount(id);
      if (!account) throw new Error(`no account ${id}`);
      // The library has no transaction to join: its own document, by its own id.
      const { matchedCount } = await db
        .collection('account')
        .updateOne({ _id: new ObjectId(account.id) }, { $set: { password: prepared } }, { session });
      if (matchedCount !== 1) throw new Error(`no password of ${id}`);
    },

    endSessions: (id, which) => sessions.endAll(id, which),
  };
}
