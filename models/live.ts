/** Who may hear a stream, and its state from the beginning: the one place the live layer asks. */
import type { Context } from './context.ts';
import { HubError } from './error.ts';
import type { Snapshot } from './journal/journal.ts';
import { parseStream } from './journal/stream.ts';
import { isWithin } from './org/unit.ts';
import type { ParticipationQueries } from './participation/participation.queries.ts';
import { isAllowed, type Capability, type Person } from './people/person.ts';
import type { SubmissionQueries } from './submission/submission.queries.ts';

/** Whoever is at the other end: a person who signed in, the holder of a ticket, or both. */
export interface Listener {
  person: Person | null;
  ticket: string | null;
}

export interface LiveStreams {
  /** Resolves when the listener may hear the stream; otherwise HubError `not_signed_in`, `not_allowed`, `not_found` or `stream_unknown`. */
  authorize(listener: Listener, stream: string): Promise<void>;
  /** The state with its position, authorized anew. */
  snapshot(listener: Listener, stream: string): Promise<Snapshot<unknown>>;
}

export function createLiveStreams(
  { units, procedures }: Context,
  participation: ParticipationQueries,
  submission: SubmissionQueries,
): LiveStreams {
  async function demand(
    person: Person | null,
    capability: Capability,
    unitId: string,
    procedureId: string,
  ): Promise<Person> {
    if (!person) throw new HubError('not_signed_in');
    const [unit, procedure] = await Promise.all([units.find(unitId), procedures.find(procedureId)]);
    // What is not there and what is not yours look alike from outside.
    if (!unit || !procedure || !isWithin(unit.path, procedure.path) || !isAllowed(person, capability, unit.path))
      throw new HubError('not_allowed');
    return person;
  }

  async function registrationOf({ ticket }: Listener, stream: string) {
    if (ticket === null) throw new HubError('not_allowed');
    const snapshot = await participation.registration(ticket);
    if (snapshot.stream !== stream) throw new HubError('not_allowed');
    return snapshot;
  }

  return {
    async authorize(listener, stream) {
      const parsed = parseStream(stream);
      switch (parsed?.kind) {
        case 'board':
          await demand(listener.person, 'board.view', parsed.municipality, parsed.procedure);
          return;
        case 'cabinet':
          await demand(listener.person, 'submission.view', parsed.institution, parsed.procedure);
          return;
        case 'registration':
          await registrationOf(listener, stream);
          return;
        case undefined:
          throw new HubError('stream_unknown');
        default:
          throw parsed satisfies never;
      }
    },

    async snapshot(listener, stream) {
      const parsed = parseStream(stream);
      switch (parsed?.kind) {
        case 'board': {
          const person = await demand(listener.person, 'board.view', parsed.municipality, parsed.procedure);
          return participation.boardPart(person, parsed.procedure, parsed.municipality);
        }
        case 'cabinet': {
          const person = await demand(listener.person, 'submission.view', parsed.institution, parsed.procedure);
          return submission.cabinet(person, parsed);
        }
        case 'registration':
          return registrationOf(listener, stream);
        case undefined:
          throw new HubError('stream_unknown');
        default:
          throw parsed satisfies never;
      }
    },
  };
}
