/** Rates by address, per node: against guessing and flooding, not for billing. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HubError } from '#models/error.ts';

export interface Limits {
  /** Errors: HubError `rate_limited` with the seconds to wait. */
  signIn(address: string): Promise<void>;
  registration(address: string): Promise<void>;
  upload(personId: string): Promise<void>;
  setup(address: string): Promise<void>;
}

/** Files one person may send within a minute: tries are free (S2-19), floods are not. */
const UPLOADS_PER_MINUTE = 30;
const SETUP_TRIES_PER_MINUTE = 10;

export function createLimits(rates: { signInPerMinute: number; registrationsPerHour: number }): Limits {
  const limiter = (points: number, seconds: number) => {
    const counter = new RateLimiterMemory({ points, duration: seconds });
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
    signIn: limiter(rates.signInPerMinute, 60),
    registration: limiter(rates.registrationsPerHour, 3_600),
    upload: limiter(UPLOADS_PER_MINUTE, 60),
    setup: limiter(SETUP_TRIES_PER_MINUTE, 60),
  };
}
