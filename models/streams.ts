/** The one table of streams: for each kind who may hear it and what its state is. A new capability adds its entry here and its name in `journal/stream.ts`. */
import { HubError } from './error.ts';
import type { Snapshot } from './journal/journal.ts';
import { registrationStream, type StreamKind, type StreamParts } from './journal/stream.ts';
import type { ParticipationQueries } from './participation/participation.queries.ts';
import type { Person } from './people/person.ts';
import type { Capability } from './people/rights.ts';
import type { SubmissionQueries } from './submission/submission.queries.ts';

type Parts<Kind extends StreamKind> = Readonly<StreamParts<Kind>>;

/** Heard by whoever holds the capability over the unit, in a procedure whose territory holds the unit. */
interface HeardByRight<Kind extends StreamKind> {
  heardBy: 'right';
  capability: Capability;
  /** The parts of the name that are the unit and the procedure. */
  unit: (parts: Parts<Kind>) => string;
  procedure: (parts: Parts<Kind>) => string;
  /** What one must hold over the unit to be told the names of those who are present; the others are told roles. */
  namesFor: Capability;
  snapshot: (person: Person, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

/** Heard by the holder of a ticket; a ticket of something else is HubError `not_allowed`. */
interface HeardByTicket<Kind extends StreamKind> {
  heardBy: 'ticket';
  snapshot: (ticket: string, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

export type StreamSource<Kind extends StreamKind> = HeardByRight<Kind> | HeardByTicket<Kind>;
export type StreamSources = { readonly [Kind in StreamKind]: StreamSource<Kind> };

export function createStreamSources(participation: ParticipationQueries, submission: SubmissionQueries): StreamSources {
  return {
    board: {
      heardBy: 'right',
      capability: 'board.view',
      unit: ({ municipality }) => municipality,
      procedure: ({ procedure }) => procedure,
      namesFor: 'board.view',
      snapshot: (person, { procedure, municipality }) => participation.boardPart(person, procedure, municipality),
    },
    cabinet: {
      heardBy: 'right',
      capability: 'submission.view',
      unit: ({ institution }) => institution,
      procedure: ({ procedure }) => procedure,
      // An institution need not know which specialist looks at its work, only that the centre does.
      namesFor: 'access.grant',
      snapshot: (person, place) => submission.cabinet(person, place),
    },
    registration: {
      heardBy: 'ticket',
      snapshot: async (ticket, { participation: id }) => {
        const snapshot = await participation.registration(ticket);
        if (snapshot.stream !== registrationStream(id)) throw new HubError('not_allowed');
        return snapshot;
      },
    },
  };
}
