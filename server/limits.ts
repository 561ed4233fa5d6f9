/** Rates by address, counted in the database for all nodes together: against guessing and flooding, not for billing. */
import type { Db } from 'mongodb';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { HubError } from '#models/error.ts';

export interface Limits {
  /** Errors: HubError `rate_limited` with the seconds to wait. */
  signIn(address: string): Promise<void>;
  registration(address: string): Promise<void>;
  upload(personId: string): Promise<void>;
  /** One request of a large file's upload. */
  uploadRequest(personId: string): Promise<void>;
  setup(address: string): Promise<void>;
  forumPost(personId: string): Promise<void>;
}

/** Files one person may send within a minute: tries are free (S2-19), floods are not. */
const UPLOADS_PER_MINUTE = 30;
/** Requests about large files of one person within a minute: three small files at once as fast as a line carries them. */
export const UPLOAD_REQUESTS_PER_MINUTE = 3_000;
const SETUP_TRIES_PER_MINUTE = 10;
/** Messages one person may post within a minute: an outbox that comes back to the line waits for the rest of it. */
export const FORUM_POSTS_PER_MINUTE = 30;

export async function createLimits(
  db: Db,
  rates: { signInPerMinute: number; registrationsPerHour: number },
): Promise<Limits> {
  const limiter = async (what: string, points: number, seconds: number) => {
    const counter = new RateLimiterMongo({
      storeClient: db,
      tableName: 'rates',
      keyPrefix: what,
      points,
      duration: seconds,
      // Made here, where a failure stops the start.
      disableIndexesCreation: true,
    });
    await counter.createIndexes();
    return async (key: string): Promise<void> => {
      try {
        await counter.consume(key);
      } catch (rejected) {
        if (!(rejected instanceof RateLimiterRes)) throw rejected;
        throw new HubError('rate_limited', { seconds: Math.ceil(rejected.msBeforeNext / 1000) });
      }
    };
  };
  return {
    signIn: await limiter('sign-in', rates.signInPerMinute, 60),
    registration: await limiter('registration', rates.registrationsPerHour, 3_600),
    upload: await limiter('upload', UPLOADS_PER_MINUTE, 60),
    uploadRequest: await limiter('upload-request', UPLOAD_REQUESTS_PER_MINUTE, 60),
    forumPost: await limiter('forum-post', FORUM_POSTS_PER_MINUTE, 60),
    setup: await limiter('setup', SETUP_TRIES_PER_MINUTE, 60),
  };
}
