/** The pages' one door at run time: `event.locals.hub`. `server/` fills it; `app/` imports this file as types only. */
import type { HubModels } from '#models/hub.ts';
import type { Limits } from './limits.ts';
import type { OwnSession, SignIn } from './auth.ts';

export type { OwnSession };

export interface Door extends Omit<HubModels, 'journal' | 'live'> {
  signIn: SignIn;
  limits: Limits;
  /** Asked of the first administrator; null once there is one. */
  setupCode: () => string | null;
  setupDone: () => void;
  /** Logs a fault once and returns the id that the user sees. */
  fault: (error: unknown, where: string) => string;
}

declare global {
  /** How `server/` hands the door to the built pages, which are loaded as a module of their own. */
  var svodDoor: Door | undefined;
}
