/**
 * THE contract: every command, every fact, every frame that travels live. Browser-safe. The rules behind it are in PROTOCOL.md.
 * Commands are imperative and always acknowledged; facts are past tense and never are. JSON as it travels: no Date, no Map.
 */
import { z } from 'zod';
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import type { RowChanged } from '#models/participation/board.ts';
import type { RegistrationView } from '#models/participation/participation.ts';
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
/** Largest command a socket may send (bytes). */
export const COMMAND_BYTES_MAX = 16_384;
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
/** How long a presence counts that is not said again (ms). */
export const PRESENCE_TTL_MS = 15_000;

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
/** "I look at this": volatile, never journalled. `where` narrows it to a part of the stream's subject, e.g. one question. */
export const presentSchema = z.strictObject({
  stream: streamName,
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

/** The heads of the streams a socket hears, and the server's clock. */
export interface Heartbeat {
  atMs: number;
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

/** Who else is at the subject of a stream; replaces what was said before. */
export interface Presence {
  s: string;
  people: { id: string; name: string; where: string | null; doing: 'looking' | 'writing' }[];
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
  presence(presence: Presence): void;
}

/** The facts of each kind of stream, as their bodies travel. */
export type BoardFact = { type: 'rowChanged'; body: RowChanged };
export type RegistrationFact = { type: 'registrationChanged'; body: { registration: RegistrationView } };
export type { CabinetFact };
