/**
 * The page's one WebSocket: a shell around the pure follower, which knows what to ask for. Here are the socket, the timers, the
 * page's sleep and waking, and what the page may say of the line. Tabs share nothing: each has its own line, and they agree
 * because each of them is true.
 *
 * What the page shows changes only by what arrives here. Nothing is shown before its fact: a page that wanted to show a deed at
 * once would mark it as its own guess and let the fact of the same entity and revision replace it; no page does so far.
 */
import { version as build } from '$app/env';
import { io, type Socket } from 'socket.io-client';
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Snapshot } from '#models/journal/journal.ts';
import {
  CLOSED_TOO_LARGE,
  CONTRACT_VERSION,
  HEARTBEAT_MS,
  PRESENCE_SAID_EVERY_MS,
  SILENCE_MAX_MS,
  type ClientToServer,
  type PresentPerson,
  type ServerToClient,
} from '#realtime/contract.ts';
import { Follower, type Command } from '#realtime/follower.ts';
import { isLaterBuild, isPresent, lineStatus, onWaking, returnsAfterMs, type LineStatus } from './line.ts';

export type { LineStatus };

/** A stream a page follows: where it starts, and what to do with what comes. */
export interface Followed<State> {
  snapshot: Snapshot<State>;
  /** Events in order, each exactly once. */
  apply: (events: JournalEvent[]) => void;
  /** The state anew, when the missing events can't be had. */
  replace: (state: State) => void;
  /** The reader may not hear the stream any longer: what may not be seen is not shown. */
  revoked?: (code: RefusalCode) => void;
  /** The reader's own: nobody else is there. */
  isOwn?: true;
}

/** A stream beside what the page is about: it says nothing of the page's line, nor that somebody is there. */
export interface FollowedBeside<State> extends Followed<State> {
  isBeside: true;
  /** The page follows the stream itself and is past where this begins: what is between has to be read anew. */
  missed: () => void;
}

/** Where in the subject of the page somebody is, and what he does there. */
export interface Presence {
  where: string | null;
  doing: 'looking' | 'writing';
}

const isBeside = (followed: Followed<unknown> | FollowedBeside<unknown>): boolean => 'isBeside' in followed;

/** How often the page looks at its own clock (ms): a jump is a sleep. */
const TICK_MS = 1_000;
const JUMP_MS = 2 * HEARTBEAT_MS;
/** How long to wait before a busy node is asked again (ms). */
const LATER_MS = 2_000;

export class LiveLink {
  status = $state<LineStatus>('catchingUp');
  /** Changes that are known to be missing. */
  behind = $state(0);
  /** Server time when what is shown was last known to be true. */
  asOfMs = $state(0);
  /** Why nothing is followed any longer, or why the hub has closed the line. */
  refusal = $state<RefusalCode | null>(null);
  /** The hub runs a later build than this page: it offers to reload, and never does it by itself. */
  isLaterBuild = $state(false);
  /** Last applied sequence of each followed stream, added up: rises with every change that is shown. */
  sequence = $state(0);
  /** Who else is here. */
  others = $state.raw<readonly PresentPerson[]>([]);

  #offsetMs = $state(0);
  readonly #ticket: string | null;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- not shown: what is shown are the states above
  readonly #followed = new Map<string, (Followed<unknown> | FollowedBeside<unknown>)[]>();
  readonly #follower: Follower;
  #socket: Socket<ServerToClient, ClientToServer> | null = null;
  /** Answers of a line that ended mean nothing on the next one. */
  #line = 0;
  #isTried = false;
  #cut: RefusalCode | null = null;
  #heardAtMs = Date.now();
  #journalAgeMs = 0;
  #presence: Presence | null = null;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- as above
  readonly #present = new Map<string, readonly PresentPerson[]>();

  /** `serverNowMs` is the server's clock when the page was made. */
  constructor(serverNowMs: number, ticket: string | null = null) {
    this.#offsetMs = serverNowMs - Date.now();
    this.asOfMs = serverNowMs;
    this.#ticket = ticket;
    this.#follower = new Follower({
      send: (command) => void this.#send(command),
      apply: (stream, events) => this.#followed.get(stream)?.forEach((one) => one.apply(events)),
      replace: (stream, state) => this.#followed.get(stream)?.forEach((one) => one.replace(state)),
      revoked: (stream, code) => {
        const followed = this.#followed.get(stream) ?? [];
        this.#followed.delete(stream);
        for (const one of followed) one.revoked?.(code);
        this.#hearPresent(stream, []);
        if (followed.every(isBeside)) return;
        this.refusal = code;
        // What stands beside a page keeps no line for it.
        if (this.#streams.length > 0) return;
        const rest = [...this.#followed.keys()];
        this.#followed.clear();
        this.#follower.unfollow(rest);
      },
      changed: () => this.#show(),
    });
  }

  /** What the page itself is about. */
  get #streams(): string[] {
    return [...this.#followed].flatMap(([stream, followed]) => (followed.every(isBeside) ? [] : [stream]));
  }

  /** The server's time now: what countdowns go by. */
  serverNowMs = (): number => Date.now() + this.#offsetMs;

  /** Whether what is shown may be taken for the present. */
  get isPresent(): boolean {
    return isPresent(this.status);
  }

  follow<State>(streams: Followed<State>[]): void {
    for (const followed of streams) this.#followed.set(followed.snapshot.stream, [followed as Followed<unknown>]);
    this.#follower.follow(streams.map(({ snapshot: { stream, position } }) => ({ stream, position })));
  }

  /** The same beside what the page follows, which may be the same stream: then by the page's place in it. */
  followBeside<State>(streams: FollowedBeside<State>[]): void {
    const begun = streams.filter(({ snapshot }) => !this.#followed.has(snapshot.stream));
    for (const followed of streams) {
      const { stream, position } = followed.snapshot;
      const others = (this.#followed.get(stream) ?? []).filter((one) => !isBeside(one));
      this.#followed.set(stream, [...others, followed as FollowedBeside<unknown>]);
      const place = this.#follower.place(stream);
      if (place && (place.epoch !== position.epoch || place.seq > position.seq)) followed.missed();
    }
    this.#follower.follow(begun.map(({ snapshot: { stream, position } }) => ({ stream, position })));
  }

  /** Says to the others at these streams that this page is here, until it is closed or hidden. */
  announce(presence: Presence | null): void {
    this.#presence = presence;
    this.#sayPresence();
  }

  /** Opens the line; returns what closes it. */
  connect(): () => void {
    const socket: Socket<ServerToClient, ClientToServer> = io({
      path: '/live',
      transports: ['websocket'],
      reconnectionDelay: 300,
      reconnectionDelayMax: 3_000,
      randomizationFactor: 0.5,
    });
    this.#socket = socket;
    this.#listen(socket);

    let tickedAtMs = Date.now();
    const ticking = setInterval(() => {
      const now = Date.now();
      const hasJumped = Math.abs(now - tickedAtMs - TICK_MS) > JUMP_MS;
      tickedAtMs = now;
      if (hasJumped) this.#wake();
      else if (now - this.#heardAtMs > SILENCE_MAX_MS && socket.connected) this.#reopen();
      this.#show();
    }, TICK_MS);
    const saying = setInterval(() => this.#sayPresence(), PRESENCE_SAID_EVERY_MS);

    const awake = (): void => {
      if (document.visibilityState === 'visible') this.#wake();
      this.#sayPresence();
    };
    const offline = (): void => {
      // The browser knows before the socket does.
      this.#isTried = true;
      this.#follower.disconnected();
    };
    const online = (): void => this.#reopen();
    document.addEventListener('visibilitychange', awake);
    document.addEventListener('resume', awake);
    addEventListener('pageshow', awake);
    addEventListener('offline', offline);
    addEventListener('online', online);
    return () => {
      clearInterval(ticking);
      clearInterval(saying);
      document.removeEventListener('visibilitychange', awake);
      document.removeEventListener('resume', awake);
      removeEventListener('pageshow', awake);
      removeEventListener('offline', offline);
      removeEventListener('online', online);
      this.#socket = null;
      socket.disconnect();
    };
  }

  #listen(socket: Socket<ServerToClient, ClientToServer>): void {
    socket.on('connect', () => {
      this.#line += 1;
      this.#isTried = true;
      this.#heard();
      this.#follower.connected();
      this.#sayPresence();
    });
    socket.on('disconnect', (_reason, details) => {
      this.#line += 1;
      const context = details && 'context' in details ? (details.context as { code?: number } | undefined) : undefined;
      if (context?.code === CLOSED_TOO_LARGE) this.#beCut('message_too_large');
      this.#follower.disconnected();
    });
    socket.on('connect_error', () => {
      this.#isTried = true;
      this.#follower.disconnected();
    });
    socket.on('hello', ({ atMs, build: nodeBuild }) => {
      this.#heard();
      this.#offsetMs = atMs - Date.now();
      if (isLaterBuild(nodeBuild, build)) this.isLaterBuild = true;
    });
    socket.on('frames', (frames) => {
      this.#heard();
      this.#follower.frames(frames);
    });
    socket.on('heartbeat', ({ atMs, asOfMs, heads }) => {
      this.#heard();
      this.#offsetMs = atMs - Date.now();
      this.#journalAgeMs = atMs - asOfMs;
      this.#follower.heartbeat(heads);
      this.#show();
    });
    socket.on('revoked', ({ stream, code }) => this.#follower.revoked(stream, code));
    socket.on('cut', ({ code }) => this.#beCut(code));
    socket.on('presence', (presences) => {
      for (const { s, people } of presences) this.#hearPresent(s, people);
    });
  }

  async #send(command: Command): Promise<void> {
    const line = this.#line;
    const ticket = this.#ticket;
    const isOver = (): boolean => line !== this.#line;
    switch (command.do) {
      case 'subscribe': {
        const answer = await this.#ask('subscribe', { version: CONTRACT_VERSION, ticket, streams: command.streams });
        if (isOver()) return;
        if (answer && !answer.ok) this.refusal = answer.code;
        if (!answer || this.#follower.subscribed(answer) === 'later')
          setTimeout(() => {
            if (!isOver()) this.#follower.resubscribe();
          }, LATER_MS);
        return;
      }
      case 'unsubscribe':
        await this.#ask('unsubscribe', { streams: command.streams });
        return;
      case 'pull': {
        const { stream, epoch, after } = command;
        const answer = await this.#ask('pull', { ticket, stream, epoch, after });
        if (isOver()) return;
        if (answer) this.#follower.pulled(stream, answer);
        else this.#follower.unanswered(stream);
        return;
      }
      case 'snapshot': {
        const { stream } = command;
        const answer = await this.#ask('snapshot', { ticket, stream });
        if (isOver()) return;
        if (answer) this.#follower.snapped(stream, answer);
        else this.#follower.unanswered(stream);
        return;
      }
      default:
        throw command satisfies never;
    }
  }

  /** Sends a command; resolves with its answer, or with null when none came before a line counts as lost. */
  async #ask<Name extends keyof ClientToServer>(
    name: Name,
    payload: Parameters<ClientToServer[Name]>[0],
  ): Promise<Parameters<Parameters<ClientToServer[Name]>[1]>[0] | null> {
    // The types of all commands at once are more than the compiler can follow; each call is checked by this function's own.
    const socket: Socket | null = this.#socket;
    if (!socket) return null;
    try {
      const answer: unknown = await socket.timeout(SILENCE_MAX_MS).emitWithAck(name, payload);
      return answer as Parameters<Parameters<ClientToServer[Name]>[1]>[0];
    } catch {
      return null; // nobody answered in time, or the line went away
    }
  }

  #heard(): void {
    this.#heardAtMs = Date.now();
  }

  /** The page was hidden or asleep, or its clock has jumped: timers may have stood still meanwhile. */
  #wake(): void {
    if (!this.#socket || this.#cut !== null) return;
    if (!this.#socket.connected || onWaking(Date.now() - this.#heardAtMs) === 'reconnect') this.#reopen();
    else this.#follower.resubscribe();
  }

  /** Opens the line anew at once, whatever the socket believes. */
  #reopen(): void {
    const socket = this.#socket;
    if (!socket || this.#cut !== null || this.status === 'ended' || this.status === 'outdated') return;
    this.#heard();
    socket.disconnect().connect();
  }

  #beCut(code: RefusalCode): void {
    const afterMs = returnsAfterMs(code);
    if (afterMs === 0) return; // closed in a moment, and opened again by itself
    this.#cut = code;
    this.refusal = code;
    const socket = this.#socket;
    socket?.disconnect();
    this.#show();
    if (afterMs === null) return;
    setTimeout(() => {
      if (this.#socket !== socket) return;
      this.#cut = null;
      this.refusal = null;
      socket?.connect();
    }, afterMs);
  }

  #sayPresence(): void {
    const socket = this.#socket;
    const streams = this.#streams.filter((stream) => this.#followed.get(stream)?.some((one) => !one.isOwn));
    if (!this.#presence || !socket?.connected || streams.length === 0) return;
    // Who has turned to another tab is not here.
    const isHere = document.visibilityState === 'visible';
    const { where, doing } = this.#presence;
    void this.#ask('present', { streams, where, doing: isHere ? doing : 'gone' });
  }

  #hearPresent(stream: string, people: readonly PresentPerson[]): void {
    if (people.length > 0) this.#present.set(stream, people);
    else this.#present.delete(stream);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives within this computation
    const byId = new Map<string, PresentPerson>();
    for (const one of [...this.#present.values()].flat())
      if (byId.get(one.id)?.doing !== 'writing') byId.set(one.id, one);
    this.others = [...byId.values()];
  }

  #show(): void {
    const before = this.status;
    this.status = lineStatus({
      follower: this.#follower.status,
      isTried: this.#isTried,
      cut: this.#cut,
      journalAgeMs: this.#journalAgeMs,
      silentMs: Date.now() - this.#heardAtMs,
    });
    this.behind = this.#follower.behind;
    this.sequence = this.#follower.sequenceOf(this.#streams);
    // True at the latest look of the node, and, when the line has just gone, until that moment.
    if (this.status === 'live' || (before === 'live' && this.status === 'lost'))
      this.asOfMs = Math.max(this.asOfMs, this.#heardAtMs + this.#offsetMs - this.#journalAgeMs);
    if (!isPresent(this.status) && this.others.length > 0) {
      this.#present.clear();
      this.others = [];
    }
  }
}
