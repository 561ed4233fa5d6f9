/**
 * THE contract: every command, every fact, every frame that travels live. Browser-safe.
 * Commands are imperative and always acknowledged; facts are past tense and never are. JSON as it travels: no Date, no Map.
 */
import { z } from 'zod';
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import type { RowChanged } from '#models/participation/board.ts';
import type { RegistrationView } from '#models/participation/participation.ts';
import type { CabinetFact } from '#models/submission/cabinet.ts';

/** Rises when an old page could misread a new node; a page with another version is told to reload. */
export const CONTRACT_VERSION = 1;

/** How often a node says the heads of a socket's streams (ms). A silence of three of them is a lost line. */
export const HEARTBEAT_MS = 5_000;
export const SILENCE_MAX_MS = 3 * HEARTBEAT_MS;
/** Largest command a socket may send (bytes). */
export const COMMAND_BYTES_MAX = 16_384;
/** Streams one socket may hear. */
export const STREAMS_PER_SOCKET_MAX = 200;
/** Commands a socket may send within ten seconds. */
export const COMMANDS_PER_10S_MAX = 300;
/** Events in one pulled frame. */
export const PULL_EVENTS_MAX = 500;
/** A reader further behind than this takes a new snapshot. */
export const GAP_EVENTS_MAX = 1_000;

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

export type Refused = { ok: false; code: RefusalCode };
export type Subscribed = { ok: true; heads: { stream: string; position: Position }[] } | Refused;
export type Pulled = { ok: true; frame: Frame } | Refused;
export type Snapped = { ok: true; position: Position; state: unknown } | Refused;
export type Unsubscribed = { ok: true } | Refused;

/** Events `f`..`q` of stream `s` in epoch `e`, contiguous. An empty frame (`f` = `q` + 1) says: you have everything up to `q`. */
export interface Frame {
  s: string;
  e: string;
  f: number;
  q: number;
  d: JournalEvent[];
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

export interface ClientToServer {
  subscribe(payload: z.infer<typeof subscribeSchema>, ack: (answer: Subscribed) => void): void;
  unsubscribe(payload: z.infer<typeof unsubscribeSchema>, ack: (answer: Unsubscribed) => void): void;
  pull(payload: z.infer<typeof pullSchema>, ack: (answer: Pulled) => void): void;
  snapshot(payload: z.infer<typeof snapshotSchema>, ack: (answer: Snapped) => void): void;
}

export interface ServerToClient {
  frame(frame: Frame): void;
  heartbeat(heartbeat: Heartbeat): void;
  revoked(revoked: Revoked): void;
}

/** The facts of each kind of stream, as their bodies travel. */
export type BoardFact = { type: 'rowChanged'; body: RowChanged };
export type RegistrationFact = { type: 'registrationChanged'; body: { registration: RegistrationView } };
export type { CabinetFact };
