import type { Connection } from '#models/contextual-data/contextual-data.ts';
import { m } from '#lib/paraglide/messages.js';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** The state of a connection as a mark: for the centre a request waits for itself, for others it waits for the centre. */
export function connectionMark(connection: Connection, decides: boolean): MarkState {
  switch (connection) {
    case 'none':
      return { state: 'notBegun' };
    case 'requested':
      return decides ? { state: 'waitsForYou' } : { state: 'waitsForAnother', whom: m.the_centre() };
    case 'issued':
      return { state: 'waitsForAnother', whom: m.waits_registration() };
    case 'connected':
      return { state: 'done' };
    default:
      throw connection satisfies never;
  }
}
