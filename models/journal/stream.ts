/**
 * Streams: what one audience may see of one thing, so that the filter is the room. The names of all kinds, and what the live layer
 * must know of a kind without asking the server. Who hears a kind, and its state, stand in `models/streams.ts`.
 * Browser-safe.
 */

/** What a kind of stream declares of itself. */
interface StreamKindDeclaration {
  /** The parts of its name after the kind, separated by colons. */
  readonly parts: readonly string[];
  /**
   * Whether of several events of one entity only the last need be sent. Only where every event carries the absolute state of
   * its entity, and where many come at once; never for posts and claims, each of which is a fact of its own.
   */
  readonly isFolded: boolean;
  /** How long events are kept after the deadline of the stream's procedure (days); never shorter than the procedure lives. */
  readonly daysKept: number;
}

/** Boards answer questions about the season before last; nothing is forgotten before. */
const SEASONS_KEPT_DAYS = 800;

export const STREAM_KINDS = {
  /** Rows of one municipality in one procedure. */
  board: { parts: ['procedure', 'municipality'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** The parts of a territory with their figures: municipalities of a region, regions of the federation. */
  rollup: { parts: ['procedure', 'unit'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** One institution's own work in one procedure. */
  cabinet: { parts: ['procedure', 'institution'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** One registration before anybody can sign in. A participation's id is `procedure/institution`: no colon in it. */
  registration: { parts: ['participation'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** How far one import of units is; it belongs to no procedure. */
  import: { parts: ['import'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Requests for cabinets in one region. */
  requestQueue: { parts: ['region'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** One request before anybody can sign in. */
  requestTicket: { parts: ['request'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** One institution's information of itself, whatever procedures it takes part in. */
  institution: { parts: ['institution'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** How many entries the journal of deeds has of a territory: said after they were sealed, so that no deed waits for another's. */
  deeds: { parts: ['unit'], isFolded: true, daysKept: 7 },
  /** Questions and answers of one procedure; each message is a fact of its own. */
  forum: { parts: ['procedure'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** How far one person has read them: the same on all of his devices. */
  forumReader: { parts: ['procedure', 'person'], isFolded: true, daysKept: 7 },
  /** The devices on which one person is told while no page of the hub is open; they belong to no procedure. */
  pushDevices: { parts: ['person'], isFolded: true, daysKept: 7 },
  /** How far the institutions directly under one unit are connected. */
  cabinets: { parts: ['parent'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** How far the access data of the institutions directly under one unit were handed down. */
  credentials: { parts: ['parent'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** How far one batch of access data is. */
  credentialBatch: { parts: ['batch'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** The publications that one unit has got. */
  publications: { parts: ['unit'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** The publications that one unit sent, sends on, or plans, with how many got and read them. */
  sentPublications: { parts: ['unit'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Who of those to whom one unit sent a publication got and read it. */
  receipts: { parts: ['publication', 'sender'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** The colleges of one region in one study of SPO students. */
  study: { parts: ['procedure', 'region'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** What one college is told of one study: nothing, unless it is in the sample. */
  studyInvitation: { parts: ['procedure', 'college'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** The rooms of one college in one study, with who answers for each. */
  rooms: { parts: ['procedure', 'college'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Which point of a region scans, and whether it has what is required; it belongs to no procedure. */
  scanningCentre: { parts: ['region'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** How far the institutions of one municipality are with one survey. */
  survey: { parts: ['procedure', 'municipality'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** What one institution answers in one survey. */
  surveyResponse: { parts: ['procedure', 'institution'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** How far the colleges of one scanning centre are in one study: forms, packages, batches. */
  collector: { parts: ['procedure', 'centre'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Errors of uploads that are not settled, and who is on which. */
  scanErrors: { parts: ['procedure', 'centre'], isFolded: false, daysKept: SEASONS_KEPT_DAYS },
  /** Files and pages of one batch. */
  scanBatch: { parts: ['procedure', 'centre', 'batch'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** How far experts are with the works of one centre: figures, and nobody's answers. */
  checking: { parts: ['procedure', 'centre'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** What one college sees of its own pages. */
  ownScans: { parts: ['procedure', 'college'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Who is appointed to what in one unit and in the institutions directly under it. */
  appointments: { parts: ['unit'], isFolded: true, daysKept: SEASONS_KEPT_DAYS },
  /** Large files on their way to one target of a purpose: how far each of them is. */
  uploads: { parts: ['purpose', 'target'], isFolded: true, daysKept: 7 },
} as const satisfies Record<string, StreamKindDeclaration>;

export type StreamKind = keyof typeof STREAM_KINDS;

type Joined<Parts extends readonly string[]> = Parts extends readonly [string, ...infer Rest extends string[]]
  ? Rest extends []
    ? string
    : `${string}:${Joined<Rest>}`
  : never;
/** The name of a stream of one kind, e.g. `board:<procedure>:<municipality>`. */
export type StreamOf<Kind extends StreamKind> = `${Kind}:${Joined<Mutable<(typeof STREAM_KINDS)[Kind]['parts']>>}`;
type Mutable<Parts extends readonly string[]> = [...Parts];
export type StreamId = { [Kind in StreamKind]: StreamOf<Kind> }[StreamKind];

/** The parts of a stream's name, by their names. */
export type StreamParts<Kind extends StreamKind> = Record<(typeof STREAM_KINDS)[Kind]['parts'][number], string>;
export type ParsedStream = { [Kind in StreamKind]: { kind: Kind; parts: StreamParts<Kind> } }[StreamKind];

export type BoardStream = StreamOf<'board'>;
export type RollupStream = StreamOf<'rollup'>;
export type CabinetStream = StreamOf<'cabinet'>;
export type RegistrationStream = StreamOf<'registration'>;
export type ImportStream = StreamOf<'import'>;

/** Rows of one municipality in one procedure; heard by the coordinators whose territory holds it. */
export const boardStream = (procedure: string, municipality: string): BoardStream =>
  `board:${procedure}:${municipality}`;
/** The parts of a territory with their figures; heard by the coordinators of the territory or of what holds it. */
export const rollupStream = (procedure: string, unit: string): RollupStream => `rollup:${procedure}:${unit}`;
/** One institution's own work in one procedure; heard by the institution and by its region. */
export const cabinetStream = (procedure: string, institution: string): CabinetStream =>
  `cabinet:${procedure}:${institution}`;
/** One registration before anybody can sign in; heard by the holder of its ticket. */
export const registrationStream = (participation: string): RegistrationStream => `registration:${participation}`;
/** One import of units; heard by those who manage its territory, the one who sent it among them. */
export const importStream = (id: string): ImportStream => `import:${id}`;
/** Requests for cabinets in one region; heard by its coordinator. */
export const requestQueueStream = (region: string): StreamOf<'requestQueue'> => `requestQueue:${region}`;
/** One request for a cabinet; heard by the holder of its ticket. */
export const requestTicketStream = (request: string): StreamOf<'requestTicket'> => `requestTicket:${request}`;
/** One institution's information of itself; heard by the institution and by its territory. */
export const institutionStream = (institution: string): StreamOf<'institution'> => `institution:${institution}`;
/** How many deeds are known of a unit and below; heard by those who read them. */
export const deedsStream = (unit: string): StreamOf<'deeds'> => `deeds:${unit}`;
/** Questions and answers of one procedure; heard by its organizers, of all regions, and by nobody else. */
export const forumStream = (procedure: string): StreamOf<'forum'> => `forum:${procedure}`;
/** How far one person has read a forum; heard by himself. */
export const forumReaderStream = (procedure: string, person: string): StreamOf<'forumReader'> =>
  `forumReader:${procedure}:${person}`;
/** The devices of one person; heard by himself. */
export const pushDevicesStream = (person: string): StreamOf<'pushDevices'> => `pushDevices:${person}`;
/** How far the institutions directly under one unit are connected; heard by the coordinators whose territory holds it. */
export const cabinetsStream = (parent: string): StreamOf<'cabinets'> => `cabinets:${parent}`;
/** How far accesses under one unit were handed down; heard by the coordinators who hand them down there or above. */
export const credentialsStream = (parent: string): StreamOf<'credentials'> => `credentials:${parent}`;
/** One batch of accesses; heard by those who may make accesses for its territory. */
export const credentialBatchStream = (batch: string): StreamOf<'credentialBatch'> => `credentialBatch:${batch}`;
/** What one unit has got; heard by whoever reads for it or looks into its territory. */
export const publicationsStream = (unit: string): StreamOf<'publications'> => `publications:${unit}`;
/** What one unit sent and plans; heard by whoever sends for it or from above it. */
export const sentPublicationsStream = (unit: string): StreamOf<'sentPublications'> => `sentPublications:${unit}`;
/** Marks of those to whom one unit sent a publication; heard by whoever sends for it or from above it. */
export const receiptsStream = (publication: string, sender: string): StreamOf<'receipts'> =>
  `receipts:${publication}:${sender}`;
/** The colleges of one region in one study; heard by the region and by the federal organizer. */
export const studyStream = (procedure: string, region: string): StreamOf<'study'> => `study:${procedure}:${region}`;
/** What one college is told of one study; heard by the college and by those above it. */
export const studyInvitationStream = (procedure: string, college: string): StreamOf<'studyInvitation'> =>
  `studyInvitation:${procedure}:${college}`;
/** The rooms of one college in one study; heard by the college, its room organizers and those above it. */
export const roomsStream = (procedure: string, college: string): StreamOf<'rooms'> => `rooms:${procedure}:${college}`;
/** The scanning centre of one region; heard by the region and by those above it. */
export const scanningCentreStream = (region: string): StreamOf<'scanningCentre'> => `scanningCentre:${region}`;
/** How far the institutions of one municipality are with one survey; heard by the coordinators whose territory holds it. */
export const surveyStream = (procedure: string, municipality: string): StreamOf<'survey'> =>
  `survey:${procedure}:${municipality}`;
/** What one institution answers in one survey; heard by the institution and by whoever reads its answers. */
export const surveyResponseStream = (procedure: string, institution: string): StreamOf<'surveyResponse'> =>
  `surveyResponse:${procedure}:${institution}`;
/** How far the colleges of one centre are; heard by whoever works there or watches its region. */
export const collectorStream = (procedure: string, centre: string): StreamOf<'collector'> =>
  `collector:${procedure}:${centre}`;
/** Errors of uploads at one centre; heard by its specialists and by whoever controls their work. */
export const scanErrorsStream = (procedure: string, centre: string): StreamOf<'scanErrors'> =>
  `scanErrors:${procedure}:${centre}`;
/** Files and pages of one batch; heard by whoever sees its centre's errors. */
export const scanBatchStream = (procedure: string, centre: string, batch: string): StreamOf<'scanBatch'> =>
  `scanBatch:${procedure}:${centre}:${batch}`;
/** How far experts are; heard by them and by whoever follows the checking. */
export const checkingStream = (procedure: string, centre: string): StreamOf<'checking'> =>
  `checking:${procedure}:${centre}`;
/** A college's own scans; heard by the college. */
export const ownScansStream = (procedure: string, college: string): StreamOf<'ownScans'> =>
  `ownScans:${procedure}:${college}`;
/** Who is appointed to what in one unit and in the institutions directly under it; heard by whoever sees its people. */
export const appointmentsStream = (unit: string): StreamOf<'appointments'> => `appointments:${unit}`;
/** Large files on their way to one target; heard by whom the purpose lets see it. */
export const uploadsStream = (purpose: string, target: string): StreamOf<'uploads'> => `uploads:${purpose}:${target}`;

/** The kind and the parts of a stream's name, or null for a name that no stream has. */
export function parseStream(name: string): ParsedStream | null {
  const [kind = '', ...values] = name.split(':');
  if (!Object.hasOwn(STREAM_KINDS, kind)) return null;
  const { parts } = STREAM_KINDS[kind as StreamKind];
  if (values.length !== parts.length || values.includes('')) return null;
  return { kind, parts: Object.fromEntries(parts.map((part, index) => [part, values[index]])) } as ParsedStream;
}

/** Whether the stream may be folded; a name that no stream has may not. */
export function isFolded(stream: string): boolean {
  const parsed = parseStream(stream);
  return parsed !== null && STREAM_KINDS[parsed.kind].isFolded;
}
