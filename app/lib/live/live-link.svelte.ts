/**
 * The page's one WebSocket: follows streams from the position of their snapshots, mends what is missing, and says plainly
 * when the line is lost. What the page shows changes only by what arrives here.
 */
import { io, type Socket } from 'socket.io-client';
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Position, Snapshot } from '#models/journal/journal.ts';
import {
  CONTRACT_VERSION,
  SILENCE_MAX_MS,
  type ClientToServer,
  type Frame,
  type Pulled,
  type ServerToClient,
  type Snapped,
  type Subscribed,
} from '#realtime/contract.ts';
import { compare, receive, startReader, type Reader, type Reading } from '#realtime/reader.ts';

/** `catchingUp`: connected, but something may be missing. `lost`: what is shown is true as of `lostAtMs`. */
export type LinkStatus = 'catchingUp' | 'live' | 'lost' | 'signedOut' | 'outdated';

/** A stream a page follows: where it starts, and what to do with what comes. */
export interface Followed<State> {
  snapshot: Snapshot<State>;
  /** Events in order, each exactly once. */
  apply: (events: JournalEvent[]) => void;
  /** The state anew, when the missing events can't be had. */
  replace: (state: State) => void;
  /** The reader may not hear the stream any longer. */
  revoked?: (code: RefusalCode) => void;
}

interface Entry {
  reader: Reader;
  followed: Followed<unknown>;
  /** A request for what is missing is under way. */
  isAsking: boolean;
}

export class LiveLink {
  status = $state<LinkStatus>('catchingUp');
  /** Server time when the line was lost. */
  lostAtMs = $state<number | null>(null);
  #offsetMs = $state(0);
  #socket: Socket<ServerToClient, ClientToServer> | null = null;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- not shown: what is shown are the states above
  readonly #entries = new Map<string, Entry>();
  #ticket: string | null;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `serverNowMs` is the server's clock when the page was made. */
  constructor(serverNowMs: number, ticket: string | null = null) {
    this.#offsetMs = serverNowMs - Date.now();
    this.asOfMs = serverNowMs;
    this.#ticket = ticket;
  }

  /** The server's time now: what countdowns go by. */
  serverNowMs = (): number => Date.now() + this.#offsetMs;

  /** The server's time at which everything shown was true. */
  asOfMs = $state(0);

  /** Last applied sequence of each followed stream, added up: rises with every change that is shown. */
  sequence = $state(0);

  follow<State>(streams: Followed<State>[]): void {
    for (const followed of streams)
      this.#entries.set(followed.snapshot.stream, {
        reader: startReader(followed.snapshot.position),
        followed: followed as Followed<unknown>,
        isAsking: false,
      });
    this.#countSequence();
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
    socket.on('connect', () => void this.#subscribe());
    socket.on('disconnect', () => this.#lose());
    socket.on('connect_error', () => this.#lose());
    socket.on('frames', (frames) => frames.forEach((frame) => this.#receive(frame)));
    socket.on('heartbeat', ({ atMs, heads }) => {
      this.#offsetMs = atMs - Date.now();
      this.#listen();
      for (const { s, e, q } of heads) this.#compare(s, { epoch: e, seq: q });
      if (this.status === 'live') this.asOfMs = atMs;
    });
    socket.on('revoked', ({ stream, code }) => this.#revoke(stream, code));
    const offline = (): void => this.#lose();
    // A line that came back is tried at once instead of after the next pause.
    const online = (): void => void socket.disconnect().connect();
    addEventListener('offline', offline);
    addEventListener('online', online);
    return () => {
      removeEventListener('offline', offline);
      removeEventListener('online', online);
      clearTimeout(this.#silence);
      socket.disconnect();
    };
  }

  async #subscribe(): Promise<void> {
    const socket = this.#socket;
    if (!socket) return;
    this.status = 'catchingUp';
    this.#listen();
    for (const entry of this.#entries.values()) entry.isAsking = false;
    if (this.#entries.size === 0) {
      this.#settle();
      return;
    }
    const streams = [...this.#entries.keys()];
    const answer = await this.#command<Subscribed>((acknowledge) =>
      socket.emit('subscribe', { version: CONTRACT_VERSION, ticket: this.#ticket, streams }, acknowledge),
    );
    if (!answer) return; // the line went away meanwhile; connecting again subscribes again
    if (!answer.ok) {
      if (answer.code === 'contract_old') this.status = 'outdated';
      else if (answer.code === 'busy' || answer.code === 'rate_limited')
        setTimeout(() => void this.#subscribe(), 2_000);
      else this.status = 'signedOut';
      return;
    }
    for (const { stream, position } of answer.heads) this.#compare(stream, position);
    for (const { stream, code } of answer.refused) this.#revoke(stream, code);
    this.#settle();
  }

  /** Sends a command; resolves with its answer, or with null when none came before the line counts as lost. */
  #command<Answer>(send: (acknowledge: (answer: Answer) => void) => void): Promise<Answer | null> {
    return new Promise((resolve) => {
      const silence = setTimeout(() => resolve(null), SILENCE_MAX_MS);
      send((answer) => {
        clearTimeout(silence);
        resolve(answer);
      });
    });
  }

  #receive(frame: Frame): void {
    const entry = this.#entries.get(frame.s);
    if (entry) this.#act(frame.s, entry, receive(entry.reader, frame));
  }

  #compare(stream: string, head: Position): void {
    const entry = this.#entries.get(stream);
    if (entry) this.#ask(stream, entry, compare(entry.reader, head));
  }

  #act(stream: string, entry: Entry, reading: Reading): void {
    entry.reader = reading.reader;
    if (reading.apply.length > 0) {
      entry.followed.apply(reading.apply);
      this.asOfMs = Math.max(this.asOfMs, this.serverNowMs());
    }
    this.#countSequence();
    this.#ask(stream, entry, reading.ask);
  }

  #ask(stream: string, entry: Entry, ask: Reading['ask']): void {
    if (ask === 'nothing' || entry.isAsking) return;
    entry.isAsking = true;
    if (this.status === 'live') this.status = 'catchingUp';
    void (ask === 'pull' ? this.#pull(stream, entry) : this.#snapshot(stream, entry));
  }

  async #pull(stream: string, entry: Entry): Promise<void> {
    const { epoch, last } = entry.reader;
    const answer = await this.#command<Pulled>((acknowledge) =>
      this.#socket?.emit('pull', { ticket: this.#ticket, stream, epoch, after: last }, acknowledge),
    );
    entry.isAsking = false;
    if (!answer) return; // lost: connecting again compares again
    if (answer.ok) this.#act(stream, entry, receive(entry.reader, answer.frame));
    else if (answer.code === 'resnapshot') this.#ask(stream, entry, 'snapshot');
    else this.#refused(stream, answer.code);
    this.#settle();
  }

  async #snapshot(stream: string, entry: Entry): Promise<void> {
    const answer = await this.#command<Snapped>((acknowledge) =>
      this.#socket?.emit('snapshot', { ticket: this.#ticket, stream }, acknowledge),
    );
    entry.isAsking = false;
    if (!answer) return;
    if (answer.ok) {
      entry.reader = startReader(answer.position);
      entry.followed.replace(answer.state);
      this.#countSequence();
    } else this.#refused(stream, answer.code);
    this.#settle();
  }

  /** A busy node is asked again by the next heartbeat; any other refusal ends the stream here. */
  #refused(stream: string, code: RefusalCode): void {
    if (code !== 'busy' && code !== 'rate_limited') this.#revoke(stream, code);
  }

  #revoke(stream: string, code: RefusalCode): void {
    this.#entries.get(stream)?.followed.revoked?.(code);
    this.#entries.delete(stream);
    this.status = 'signedOut';
  }

  /** Live again once nothing is being asked for. */
  #settle(): void {
    if (this.status !== 'catchingUp' || !this.#socket?.connected) return;
    if ([...this.#entries.values()].some(({ isAsking }) => isAsking)) return;
    this.status = 'live';
    this.lostAtMs = null;
    this.asOfMs = this.serverNowMs();
  }

  #lose(): void {
    if (this.status === 'signedOut' || this.status === 'outdated') return;
    if (this.status !== 'lost') this.lostAtMs = this.serverNowMs();
    this.status = 'lost';
  }

  /** A line that says nothing for three heartbeats is a lost one, whatever the socket believes. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#lose();
      this.#socket?.disconnect().connect();
    }, SILENCE_MAX_MS);
  }

  #countSequence(): void {
    this.sequence = [...this.#entries.values()].reduce((sum, { reader }) => sum + reader.last, 0);
  }
}
