/** Who may hear a stream, and its state from the beginning: the one place the live layer asks. What is true of a kind stands in `streams.ts`. */
import type { Context } from './context.ts';
import { HubError } from './error.ts';
import type { Snapshot } from './journal/journal.ts';
import { parseStream, type StreamKind } from './journal/stream.ts';
import { isWithin } from './org/unit.ts';
import type { Person } from './people/person.ts';
import { isAllowed, type Capability } from './people/rights.ts';
import type { StreamSource, StreamSources } from './streams.ts';

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

export function createLiveStreams({ units, procedures }: Context, sources: StreamSources): LiveStreams {
  async function demand(
    person: Person | null,
    capability: Capability,
    unitId: string,
    procedureId: string,
  ): Promise<Person> {
    if (!person) throw new HubError('not_signed_in');
    const [unit, procedure] = await Promise.all([units.find(unitId), procedures.find(procedureId)]);
    // What is not there and what is not yours look alike from outside.
    if (
      !unit ||
      !procedure ||
      !isWithin(unit.path, procedure.path) ||
      !isAllowed(person, capability, unit.path, procedure.id)
    )
      throw new HubError('not_allowed');
    return person;
  }

  /** Authorizes; what is returned reads the state for this listener. */
  async function open({ person, ticket }: Listener, stream: string): Promise<() => Promise<Snapshot<unknown>>> {
    const parsed = parseStream(stream);
    if (!parsed) throw new HubError('stream_unknown');
    // The table gives each kind the source of its own parts; a union of kinds can't say so.
    const source = sources[parsed.kind] as StreamSource<StreamKind>;
    const parts = parsed.parts as never;
    if (source.heardBy === 'right') {
      const { capability, unit, procedure } = source;
      const allowed = await demand(person, capability, unit(parts), procedure(parts));
      return () => source.snapshot(allowed, parts);
    }
    if (ticket === null) throw new HubError('not_allowed');
    const snapshot = await source.snapshot(ticket, parts);
    return () => Promise.resolve(snapshot);
  }

  return {
    async authorize(listener, stream) {
      await open(listener, stream);
    },
    async snapshot(listener, stream) {
      return (await open(listener, stream))();
    },
  };
}
