/**
 * One viewer: the hub's own client half of the protocol over a light socket, and a record of what he did. He comes back to
 * another node when his line is lost, as a page does behind a balancer.
 */
import { Chance } from '#chance/chance.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import { applyBoardFact, type BoardFact, type BoardPart } from '#models/participation/board.ts';
import { applyRollupFact, type Rollup, type RollupFact } from '#models/rollup/rollup.ts';
import { applyErrorFact, type ScanErrorFact, type ScanErrorsState } from '#models/scanning/scan-error.ts';
import {
  applyBatchFact,
  applyCollectorFact,
  applyOwnScansFact,
  type CollectorFact,
  type CollectorState,
  type OwnScans,
  type OwnScansFact,
  type ScanBatchFact,
  type ScanBatchState,
} from '#models/scanning/scan-views.ts';
import { applyCabinetFact, type CabinetFact, type CabinetState } from '#models/submission/cabinet.ts';
import { applyUploadFact, type UploadFact, type UploadsPart } from '#models/upload/upload.ts';
import {
  CONTRACT_VERSION,
  HEARTBEAT_MS,
  SILENCE_MAX_MS,
  type Cut,
  type Frame,
  type Heartbeat,
  type Hello,
  type Presence,
  type Pulled,
  type Revoked,
  type Snapped,
  type Subscribed,
} from '#realtime/contract.ts';
import { Follower, type Command } from '#realtime/follower.ts';
import type { Step } from './checks/following.ts';
import { leakOf } from './checks/oracle.ts';
import { openLiveSocket, parseEvent, type LiveSocket } from './live-socket.ts';
import type { Home } from './world.ts';

export interface ViewerPlan {
  name: string;
  home: Home;
  cookie: string;
  ticket: string | null;
  streams: string[];
  /** Streams of others: asked for now and then, to be refused. */
  foreign: string[];
  /** The nodes, by what stands before them. */
  urls: string[];
}

/** Someone who heard nothing for two heartbeats knows that he may be behind; until then what he shows must be true (ms). */
const HEARING_GAP_MS = 2 * HEARTBEAT_MS;
/** Pause before the line is tried again (ms). */
const RETRY_MS = [200, 1_000] as const;
/** Pause before a busy node is asked again (ms). */
const RESUBSCRIBE_MS = 1_000;

export class Viewer {
  readonly plan: ViewerPlan;
  readonly states = new Map<string, unknown>();
  readonly steps = new Map<string, Step[]>();
  /** Where the viewer stood from which moment on: [ms, sequence] by stream. */
  readonly progress = new Map<string, [number, number][]>();
  /** Times through which he heard his node: [from, to] (ms). */
  readonly hearing: [number, number][] = [];
  readonly leaks: string[] = [];
  /** Streams that ended for him, and what he was told. */
  readonly revoked = new Map<string, string>();
  /** What the hub refused that nobody expected, by code. */
  readonly refusals = new Map<string, number>();
  /** The builds of the nodes that let him in. */
  readonly builds = new Set<string>();
  frames = 0;
  connections = 0;
  /** Failed to open, by reason. */
  readonly failures = new Map<string, number>();
  readonly #follower: Follower;
  readonly #chance: Chance;
  #socket: LiveSocket | null = null;
  #silence: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isStalled = false;
  #connection = 0;

  constructor(plan: ViewerPlan, seed: number) {
    this.plan = plan;
    this.#chance = new Chance(seed, `viewer ${plan.name}`);
    this.#follower = new Follower({
      send: (command) => void this.#send(command),
      apply: (stream, events) => this.#apply(stream, events),
      replace: (stream, state) => this.#replace(stream, state),
      revoked: (stream, code) => this.#end(stream, `${code}, told`),
      changed: () => undefined,
    });
  }

  /** Whether nothing that the viewer knows of is missing. */
  get isLive(): boolean {
    return this.#follower.status === 'live';
  }

  get status(): string {
    return this.#follower.status;
  }

  /** Whether he may hear nothing any longer. */
  get isOver(): boolean {
    return this.#follower.status === 'signedOut' || this.#follower.status === 'outdated';
  }

  place(stream: string): Position | null {
    return this.#follower.place(stream);
  }

  async start(): Promise<void> {
    while (!this.#isClosed && !this.isOver && this.revoked.size < this.plan.streams.length) {
      try {
        await this.#live();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
      }
      this.#follower.disconnected();
      await new Promise((resolve) => setTimeout(resolve, this.#chance.whole(...RETRY_MS)));
    }
  }

  /** Stops reading for a while, as a laptop that sleeps does: the node keeps writing. */
  stall(ms: number): void {
    if (!this.#socket || this.#isStalled) return;
    const socket = this.#socket;
    this.#isStalled = true;
    clearTimeout(this.#silence);
    socket.pause();
    setTimeout(() => {
      this.#isStalled = false;
      // Reading again is not hearing yet: his node may stand still meanwhile.
      this.#waitForSound();
      socket.resume();
    }, ms);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#silence);
    this.#socket?.drop();
  }

  /** The state anew from the hub, to be held against what was replayed. */
  async freshSnapshot(stream: string): Promise<Snapped | null> {
    return (await this.#command('snapshot', { ticket: this.plan.ticket, stream })) as Snapped | null;
  }

  /** One connection from its opening to its end. */
  async #live(): Promise<void> {
    const connection = ++this.#connection;
    let ended: (reason: string) => void = () => undefined;
    const end = new Promise<string>((resolve) => (ended = resolve));
    const socket = await openLiveSocket({
      url: this.#chance.oneOf(this.plan.urls),
      cookie: this.plan.cookie,
      onEvent: (message) => {
        if (connection === this.#connection) this.#hear(message);
      },
      onClose: ended,
    });
    if (this.#isClosed) {
      socket.drop();
      return;
    }
    this.#socket = socket;
    this.connections += 1;
    this.hearing.push([Date.now(), Date.now()]);
    this.#listen();
    await this.#begin();
    if (this.plan.streams.every((stream) => this.#follower.place(stream) || this.revoked.has(stream)))
      this.#follower.connected();
    else socket.drop(); // a busy node: another may know
    if (this.#chance.happens(0.5))
      await this.#command('present', { streams: this.plan.streams, where: null, doing: 'looking' });
    if (this.#chance.happens(0.3)) await this.#intrude();
    await end;
    this.#socket = null;
    this.#isStalled = false;
    clearTimeout(this.#silence);
  }

  /** Takes the first snapshots; the streams that have one are followed already. */
  async #begin(): Promise<void> {
    for (const stream of this.plan.streams) {
      if (this.#follower.place(stream) || this.revoked.has(stream)) continue;
      const snapped = await this.freshSnapshot(stream);
      if (snapped?.ok) {
        this.#follower.follow([{ stream, position: snapped.position }]);
        this.#replace(stream, snapped.state);
      } else if (snapped) {
        this.#refused(snapped.code);
        if (snapped.code !== 'busy' && snapped.code !== 'rate_limited')
          this.#end(stream, `${snapped.code} to a snapshot`);
      }
    }
  }

  /** Asks for what belongs to others. Whatever is not refused is a leak. */
  async #intrude(): Promise<void> {
    if (this.plan.foreign.length === 0) return;
    const stream = this.#chance.oneOf(this.plan.foreign);
    const { ticket } = this.plan;
    const subscribed = (await this.#command('subscribe', {
      version: CONTRACT_VERSION,
      ticket,
      streams: [stream],
    })) as Subscribed | null;
    if (subscribed?.ok && subscribed.heads.length > 0) this.#leak(`${this.plan.name} subscribed to ${stream}`);
    const snapped = await this.freshSnapshot(stream);
    if (snapped?.ok) this.#leak(`${this.plan.name} got the state of ${stream}`);
    const pulled = (await this.#command('pull', { ticket, stream, epoch: 'any', after: 0 })) as Pulled | null;
    if (pulled?.ok) this.#leak(`${this.plan.name} pulled ${stream}`);
    // Not told apart from a stream that can't be caught up with: the right is asked first.
    else if (pulled?.code === 'resnapshot') this.#leak(`${this.plan.name} was told of ${stream}`);
  }

  #hear(message: Buffer): void {
    this.#listen();
    const { name, payload } = parseEvent(message);
    if (name === 'frames') {
      const frames = payload as Frame[];
      this.frames += frames.length;
      const text = message.toString();
      for (const { s } of frames) this.#watch(s, text);
      this.#follower.frames(frames);
    } else if (name === 'heartbeat') this.#follower.heartbeat((payload as Heartbeat).heads);
    else if (name === 'revoked') {
      const { stream, code } = payload as Revoked;
      this.#follower.revoked(stream, code);
    } else if (name === 'presence') {
      for (const presence of payload as Presence[]) this.#watch(presence.s, JSON.stringify(presence));
    } else if (name === 'hello') this.builds.add((payload as Hello).build);
    else if (name === 'cut') this.#refused(`cut: ${(payload as Cut).code}`);
  }

  async #send(command: Command): Promise<void> {
    const { ticket } = this.plan;
    const connection = this.#connection;
    const { do: name, ...payload } = command;
    const version = command.do === 'subscribe' ? { version: CONTRACT_VERSION } : {};
    const answer = await this.#command(
      name,
      command.do === 'unsubscribe' ? payload : { ...version, ticket, ...payload },
    );
    // What belongs to a line that ended is not passed on.
    if (connection === this.#connection) this.#answered(command, answer);
  }

  #answered(command: Command, answer: unknown): void {
    const refused = answer as { ok: boolean; code: string } | null;
    if (refused && !refused.ok) this.#refused(refused.code);
    switch (command.do) {
      case 'subscribe':
        if (answer && this.#follower.subscribed(answer as Subscribed) === 'later')
          setTimeout(() => this.#follower.resubscribe(), RESUBSCRIBE_MS);
        return;
      case 'unsubscribe':
        return;
      case 'pull':
        if (answer) {
          this.#watch(command.stream, JSON.stringify(answer));
          this.#follower.pulled(command.stream, answer as Pulled);
        } else this.#follower.unanswered(command.stream);
        return;
      case 'snapshot':
        if (answer) this.#follower.snapped(command.stream, answer as Snapped);
        else this.#follower.unanswered(command.stream);
        return;
      default:
        throw command satisfies never;
    }
  }

  #command(name: string, payload: unknown): Promise<unknown> {
    return this.#socket?.command(name, payload, SILENCE_MAX_MS) ?? Promise.resolve(null);
  }

  #replace(stream: string, state: unknown): void {
    this.#watch(stream, JSON.stringify(state));
    this.states.set(stream, state);
    const place = this.#follower.place(stream);
    if (!place) return;
    this.#stepsOf(stream).push({ kind: 'snapshot', epoch: place.epoch, seq: place.seq });
    this.#advance(stream, place.seq);
  }

  #apply(stream: string, events: readonly JournalEvent[]): void {
    const place = this.#follower.place(stream);
    if (!place) return;
    this.#stepsOf(stream).push({
      kind: 'applied',
      epoch: place.epoch,
      last: place.seq,
      events: events.map(({ q }) => q),
    });
    for (const event of events) this.states.set(stream, applied(stream, this.states.get(stream), event));
    this.#advance(stream, place.seq);
  }

  #stepsOf(stream: string): Step[] {
    const steps = this.steps.get(stream) ?? [];
    this.steps.set(stream, steps);
    return steps;
  }

  #advance(stream: string, seq: number): void {
    const progress = this.progress.get(stream) ?? [];
    this.progress.set(stream, progress);
    progress.push([Date.now(), seq]);
  }

  #watch(stream: string, text: string): void {
    const leak = leakOf(this.plan.home, stream, text);
    if (leak) this.#leak(`${this.plan.name}: ${leak}`);
  }

  #end(stream: string, why: string): void {
    this.revoked.set(stream, `${why} at ${new Date().toISOString().slice(11, 23)}`);
  }

  #leak(what: string): void {
    this.leaks.push(what);
  }

  #refused(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  #listen(): void {
    const nowMs = Date.now();
    const current = this.hearing.at(-1);
    if (current && nowMs - current[1] <= HEARING_GAP_MS && this.#socket && !this.#isStalled) current[1] = nowMs;
    else this.hearing.push([nowMs, nowMs]);
    this.#waitForSound();
  }

  #waitForSound(): void {
    clearTimeout(this.#silence);
    if (!this.#isStalled) this.#silence = setTimeout(() => this.#socket?.drop(), SILENCE_MAX_MS);
  }
}

/** The state after an event, by the same rules as the pages. */
function applied(stream: string, state: unknown, event: JournalEvent): unknown {
  const fact = { type: event.type, body: event.body };
  if (stream.startsWith('board:')) return applyBoardFact(state as BoardPart, fact as BoardFact);
  if (stream.startsWith('rollup:')) return applyRollupFact(state as Rollup, fact as RollupFact);
  if (stream.startsWith('cabinet:')) return applyCabinetFact(state as CabinetState, fact as CabinetFact);
  if (stream.startsWith('collector:')) return applyCollectorFact(state as CollectorState, fact as CollectorFact);
  if (stream.startsWith('scanBatch:')) return applyBatchFact(state as ScanBatchState, fact as ScanBatchFact);
  if (stream.startsWith('uploads:')) return applyUploadFact(state as UploadsPart, fact as UploadFact);
  const { entity, rev } = event;
  if (stream.startsWith('scanErrors:'))
    return applyErrorFact(state as ScanErrorsState, { ...fact, entity, rev } as ScanErrorFact);
  if (stream.startsWith('ownScans:'))
    return applyOwnScansFact(state as OwnScans, { ...fact, entity, rev } as OwnScansFact);
  const { registration } = event.body as { registration: { rev: number } };
  return registration.rev > (state as { rev: number }).rev ? registration : state;
}
