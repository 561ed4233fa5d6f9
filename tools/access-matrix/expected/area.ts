/** The shape of what is expected of one area of the hub. */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Door } from '#server/door.ts';

/** Everyone, everyone who is signed in, the holder of a ticket, or those who hold one of the roles over the unit. */
export type Audience = 'everyone' | 'signedIn' | 'ticket' | readonly Role[];

export interface Asked {
  may: Audience;
  /** The unit that is asked about. */
  unit?: string;
  /** Whether the deed belongs to the procedure, so that a role bound to it is enough. */
  isOfProcedure?: boolean;
  /** Whoever holds the role anywhere in the unit may, and sees all of it: what all organizers of a procedure have in common (S1-42). */
  isOfOrganizers?: boolean;
  /** Whoever holds the role anywhere in the region may, and sees his own part. */
  isOfAnyPart?: boolean;
  /** Whoever holds the role in any region may, and sees what is his. */
  isOfAnyRegion?: boolean;
}

export interface RouteExpectation extends Asked {
  /** The route's id and what is asked of it: `GET`, `POST`, or the name of a form. */
  target: string;
  path: string;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** What stands on the page is for everybody: the names of institutions too (S2-24). */
  isPublic?: boolean;
}

export interface StreamExpectation extends Asked {
  stream: string;
}

export interface DeedExpectation extends Asked {
  /** The codes that mean a missing right, where `not_found` is what somebody with the right is told. */
  refusals?: readonly string[];
  call: (door: Door, person: Person) => Promise<unknown>;
}

/** What the probes ask of, made before them. */
export interface Made {
  /** A large file on its way to the first municipality. */
  upload: string;
  /** The processed file of the school, and a later one with errors. */
  submission: string;
  failed: string;
  /** Of the declined institution's registration. */
  ticket: string;
  /** A coordinator of the first municipality: in the charge of his region's administrator. */
  charge: string;
  /** An appointment to the first municipality that nobody has taken yet. */
  invited: string;
  /** An import of units of the first region. */
  import: string;
  /** A batch of accesses of the first region. */
  batch: string;
  /** A publication of the first region for the school, its file, and another for the municipalities. */
  publication: string;
  publicationFile: string;
  guidance: string;
  /** A question of the school that nobody has answered. */
  question: string;
  /** A request for a cabinet that waits for the first region's centre. */
  request: string;
  /** An entry of the journal of deeds, within the first municipality. */
  noted: string;
  /** Printed forms of the college, the batch in which they came back, one page of it, and an error of another. */
  printRun: string;
  scanBatch: string;
  scanPage: string;
  scanError: string;
}

/** Every route, form, stream and use case of an area; what has no probe stands with its reason. */
export interface Area {
  routes?: (made: Made) => readonly RouteExpectation[];
  streams?: (made: Made) => readonly StreamExpectation[];
  deeds?: (made: Made) => Readonly<Record<string, DeedExpectation>>;
  routesLeftOut?: Readonly<Record<string, string>>;
  deedsLeftOut?: Readonly<Record<string, string>>;
}
