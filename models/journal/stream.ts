/**
 * Streams: what one audience may see of one thing, so that the filter is the room.
 * Browser-safe.
 */
export type BoardStream = `board:${string}:${string}`;
export type CabinetStream = `cabinet:${string}:${string}`;
export type RegistrationStream = `registration:${string}`;
export type StreamId = BoardStream | CabinetStream | RegistrationStream;

/** Rows of one municipality in one procedure; heard by the coordinators whose territory holds it. */
export const boardStream = (procedure: string, municipality: string): BoardStream =>
  `board:${procedure}:${municipality}`;
/** One institution's own work in one procedure; heard by the institution and by its region. */
export const cabinetStream = (procedure: string, institution: string): CabinetStream =>
  `cabinet:${procedure}:${institution}`;
/** One registration before anybody can sign in; heard by the holder of its ticket. */
export const registrationStream = (participation: string): RegistrationStream => `registration:${participation}`;

export type ParsedStream =
  | { kind: 'board'; procedure: string; municipality: string }
  | { kind: 'cabinet'; procedure: string; institution: string }
  | { kind: 'registration'; participation: string };

/** The parts of a stream's name, or null for a name that no stream has. */
export function parseStream(name: string): ParsedStream | null {
  const [kind, first, second, ...rest] = name.split(':');
  if (rest.length > 0 || !first) return null;
  if (kind === 'board' && second) return { kind, procedure: first, municipality: second };
  if (kind === 'cabinet' && second) return { kind, procedure: first, institution: second };
  // A participation's id is `procedure/institution`: no colon in it.
  if (kind === 'registration' && second === undefined) return { kind, participation: first };
  return null;
}
