/** The pages' one door at run time: `event.locals.hub`. `server/` fills it; `app/` imports this file as types only. */
import type { Origin } from '#models/deeds/deed.ts';
import type { HubModels } from '#models/hub.ts';
import type { Limits } from './limits.ts';
import type { OwnSession } from './sign-in/sessions.ts';
import type { SignIn } from './sign-in/sign-in.ts';

export type { OwnSession };

export interface Door extends Omit<
  HubModels,
  'journal' | 'live' | 'attempts' | 'claims' | 'retention' | 'scanReading' | 'blobSweep'
> {
  signIn: SignIn;
  limits: Limits;
  /** Whether the hub still waits for its first administrator. */
  needsSetup: () => Promise<boolean>;
  /** The first start. Errors: HubError `setup_done`, `setup_code_wrong`. */
  setUp: (code: string, input: Parameters<HubModels['people']['setUp']>[0]) => Promise<void>;
  /** Does the work of a request; what is done in it is told as done from there. */
  from: <T>(origin: Origin, work: () => T) => T;
  /** Logs a fault once and returns the id that the user sees. */
  fault: (error: unknown, where: string) => string;
}

declare global {
  /** How `server/` hands the door to the built pages, which are loaded as a module of their own. */
  var svodDoor: Door | undefined;
}
