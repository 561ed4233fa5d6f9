/**
 * THE contract: every command, every fact, every frame that travels live. Browser-safe. The rules behind it are in PROTOCOL.md.
 * Commands are imperative and always acknowledged; facts are past tense and never are. JSON as it travels: no Date, no Map.
 */
import { z } from 'zod';
import type { RequestQueueFact, RequestTicketFact } from '#models/account-request/account-request.ts';
import type { DeedsFact } from '#models/deeds/deed.live.ts';
import type { CabinetsFact, InstitutionFact } from '#models/contextual-data/contextual-data.ts';
import type { BatchFact } from '#models/credential/credential-batch.ts';
import type { HandoverFact } from '#models/credential/credential-handover.ts';
import type { ForumFact, ReaderFact } from '#models/forum/forum-state.ts';
import type { RoomsFact } from '#models/room/room.ts';
import type { ScanningCentreFact } from '#models/scanning-centre/scanning-centre.ts';
import type { ScanErrorFact } from '#models/scanning/scan-error.ts';
import type { CheckingFact, CollectorFact, OwnScansFact, ScanBatchFact } from '#models/scanning/scan-views.ts';
import type { InvitationFact, StudyFact } from '#models/study/study.ts';
import type { ResponseFact, SurveyFact } from '#models/survey/survey.ts';
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import type { ImportFact } from '#models/org/unit-import.ts';
import type { AppointmentsFact } from '#models/people/appointment.ts';
import type { BoardFact } from '#models/participation/board.ts';
import type { RegistrationFact } from '#models/participation/participation.ts';
import type { Role } from '#models/people/rights.ts';
import type { BoxFact, OutboxFact, ReceiptsFact } from '#models/publication/publication-dispatch.ts';
import type { RollupFact } from '#models/rollup/rollup.ts';
import type { PushDevicesFact } from '#models/push/push.ts';
import type { UploadFact } from '#models/upload/upload.ts';
import type { CabinetFact } from '#models/submission/cabinet.ts';

/** Rises when an old page could misread a new node. A node serves the versions from MIN to this one, so that old and new builds run side by side. */
export const CONTRACT_VERSION = 2;
/** The oldest page that this build still serves. */
export const CONTRACT_VERSION_MIN = 2;

/** How often a node says the heads of a socket's streams (ms). A silence of three of them is a lost line. */
export const HEARTBEAT_MS = 5_000;
export const SILENCE_MAX_MS = 3 * HEARTBEAT_MS;
/** Shortest time between two folded frames to one socket (ms): at most 4 a second, whatever comes in. */
export const FOLD_MS = 300;
/** Largest command a socket may send (bytes): a subscription to as many streams as there may be. A larger one ends the socket. */
export const COMMAND_BYTES_MAX = 49_152;
/** How a WebSocket is closed over a message that is too large (RFC 6455): the one cut that can't be told before. */
export const CLOSED_TOO_LARGE = 1009;
/** Streams one socket may hear. */
export const STREAMS_PER_SOCKET_MAX = 200;
/** Sockets one person may hold on one node: tabs, devices, and what an old page forgot to close. */
export const SOCKETS_PER_PERSON_MAX = 20;
/** Commands a socket may send within ten seconds. */
export const COMMANDS_PER_10S_MAX = 300;
/** Events in one pulled frame. */
export const PULL_EVENTS_MAX = 500;
/** A reader further behind than this takes a new snapshot. */
export const GAP_EVENTS_MAX = 1_000;
/** How old what a node knows of the journal may be before its pages say so (ms). */
export const STALE_MS = 5_000;
/** Bytes that may wait for one socket: above, it gets no frames until all of them are gone, and then catches up. */
export const BUFFERED_BYTES_SLOW = 262_144;
/** Above this the socket is cut with `slow_reader` (bytes). */
export const BUFFERED_BYTES_MAX = 1_048_576;
/** How long a socket may stay slow before it is cut (ms): shorter than a silence that counts as a lost line. */
export const SLOW_MAX_MS = 10_000;
/** How long a visitor's socket may hear nothing: whoever is not signed in needs a ticket (ms). */
export const UNHEARING_MAX_MS = 30_000;
/** How long a presence counts that is not said again (ms); a page says it three times as often. */
export const PRESENCE_TTL_MS = 15_000;
export const PRESENCE_SAID_EVERY_MS = PRESENCE_TTL_MS / 3;
/** Shortest time between two words to one socket about who is present (ms). */
export const PRESENCE_EVERY_MS = 1_000;
/** People named at one stream: more of them help nobody. */
export const PRESENT_PEOPLE_MAX = 50;

const streamName = z.string().min(3).max(200);
const ticket = z.string().max(100).nullable();

export const subscribeSchema = z.strictObject({
  version: z.number().int(),
  ticket,
  streams: z.array(streamName).min(1).max(STREAMS_PER_SOCKET_MAX),
});
export const unsubscribeSchema = z.strictObject({ streams: z.array(streamName).max(STREAMS_PER_SOCKET_MAX) });
export const pullSchema = z.strictObject({
  ticket,
  stream: streamName,
  epoch: z.string().max(100),
  after: z.number().int().min(0),
});
export const snapshotSchema = z.strictObject({ ticket, stream: streamName });
/**
 * "I look at this": volatile, never journalled, replaces what this socket said before of these streams. `where` narrows it to a
 * part of the stream's subject, e.g. one question. Whoever says it is told who else is there.
 */
export const presentSchema = z.strictObject({
  streams: z.array(streamName).min(1).max(STREAMS_PER_SOCKET_MAX),
  where: z.string().max(100).nullable(),
  doing: z.enum(['looking', 'writing', 'gone']),
});

export type Refused = { ok: false; code: RefusalCode };
/** Streams that the listener may not hear are told one by one; the others are heard. */
export type Subscribed =
  | { ok: true; heads: { stream: string; position: Position }[]; refused: { stream: string; code: RefusalCode }[] }
  | Refused;
export type Pulled = { ok: true; frame: Frame } | Refused;
export type Snapped = { ok: true; position: Position; state: unknown } | Refused;
export type Done = { ok: true } | Refused;

/**
 * Events `f`..`q` of stream `s` in epoch `e`. Of a stream that is not folded every one of them is in `d`; of a folded one
 * the last of each entity is. An empty frame (`f` = `q` + 1) says: the stream is at `q`.
 */
export interface Frame {
  s: string;
  e: string;
  f: number;
  q: number;
  d: JournalEvent[];
}

/** The first word of a node: its clock, and which program it runs. A page of another build offers to reload. */
export interface Hello {
  atMs: number;
  build: string;
}

/**
 * The heads of streams that the socket hears (of all of them, over one or two heartbeats), and the server's clock. `asOfMs` is when this
 * node last saw the journal: older than STALE_MS, the page says so.
 */
export interface Heartbeat {
  atMs: number;
  asOfMs: number;
  heads: { s: string; e: string; q: number }[];
}

/** The listener may not hear a stream any longer. */
export interface Revoked {
  stream: string;
  code: RefusalCode;
}

/** The node is about to close this socket, and why: the page says it, or comes back and takes new snapshots. */
export interface Cut {
  code: RefusalCode;
}

/** Somebody at the subject of a stream. The name is null for whoever may know only the role. */
export interface PresentPerson {
  id: string;
  name: string | null;
  role: Role;
  where: string | null;
  doing: 'looking' | 'writing';
}

/** Who else is at the subject of a stream; replaces what was said of the stream before. */
export interface Presence {
  s: string;
  people: PresentPerson[];
}

export interface ClientToServer {
  subscribe(payload: z.infer<typeof subscribeSchema>, ack: (answer: Subscribed) => void): void;
  unsubscribe(payload: z.infer<typeof unsubscribeSchema>, ack: (answer: Done) => void): void;
  pull(payload: z.infer<typeof pullSchema>, ack: (answer: Pulled) => void): void;
  snapshot(payload: z.infer<typeof snapshotSchema>, ack: (answer: Snapped) => void): void;
  present(payload: z.infer<typeof presentSchema>, ack: (answer: Done) => void): void;
}

export interface ServerToClient {
  hello(hello: Hello): void;
  frames(frames: Frame[]): void;
  heartbeat(heartbeat: Heartbeat): void;
  revoked(revoked: Revoked): void;
  cut(cut: Cut): void;
  presence(presences: Presence[]): void;
}

/** The facts of each kind of stream, as their bodies travel. */
export type {
  BatchFact,
  AppointmentsFact,
  BoardFact,
  BoxFact,
  CabinetFact,
  CabinetsFact,
  CheckingFact,
  CollectorFact,
  HandoverFact,
  DeedsFact,
  ForumFact,
  ReaderFact,
  PushDevicesFact,
  ImportFact,
  InstitutionFact,
  InvitationFact,
  ResponseFact,
  StudyFact,
  ScanningCentreFact,
  SurveyFact,
  RoomsFact,
  OutboxFact,
  OwnScansFact,
  ScanBatchFact,
  ScanErrorFact,
  ReceiptsFact,
  RegistrationFact,
  RequestQueueFact,
  RequestTicketFact,
  RollupFact,
  UploadFact,
};
