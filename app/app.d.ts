import type { Person } from '#models/people/person.ts';
import type { Duty } from '#models/safeguard/safeguard.ts';
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import type { Door } from '#server/door.ts';

declare global {
  namespace App {
    interface Locals {
      hub: Door;
      person: Person | null;
      /** Signed in, but with something to do before he may do anything else. */
      entrant: { person: Person; duties: Duty[] } | null;
      sessionId: string | null;
      /** The session looks through the eyes of `person`; null while it looks with its own, and where the viewer acts as himself. */
      viewing: { id: string; viewer: { id: string; name: string }; ownerName: string; untilMs: number } | null;
      /** The device of the session. */
      device: string;
      /** The address of the client, for rates. */
      address: string;
    }
    interface Error {
      message: string;
      code?: RefusalCode;
      params?: RefusalParams;
      /** Id of a fault in the log. */
      fault?: string;
    }
  }
}
