/** A hub node as the tests hold it: started, stopped and killed as a process, its clock set, its use cases called. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Door } from '#server/door.ts';
import type { Ask, NodeAnswer, NodeQuestion } from './node-contract.ts';

type DoorPart =
  | 'units'
  | 'people'
  | 'appointments'
  | 'procedures'
  | 'participations'
  | 'submissions'
  | 'accountRequests'
  | 'contextualData'
  | 'cannedAnswers'
  | 'forum'
  | 'study'
  | 'surveys'
  | 'scanningCentres'
  | 'rooms'
  | 'scanning'
  | 'safeguards'
  | 'credentials'
  | 'credentialBatches';
type Given<Deed> = Deed extends (...given: infer All) => unknown ? All : never;
type Told<Deed> = Deed extends (...given: never[]) => infer Answer ? Awaited<Answer> : never;

/** A line of the node's log. */
export interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** Level of a pino line that tells of a fault. */
const ERROR_LEVEL = 50;

/** A day on which the window of the scenario is wide open. */
const MIDDLE_OF_WINDOW_MS = Date.parse('2013-11-20T10:00:00+04:00');

export class HubNode {
  /** The node's log since it was opened. */
  log: LogLine[] = [];
  #url = '';
  readonly #process: ChildProcess;
  #questions = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #dataDir: string | null = null;

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (told: NodeAnswer) => {
      const question = this.#questions.get(told.id);
      this.#questions.delete(told.id);
      if ('error' in told) question?.reject(new Error(told.error));
      else question?.resolve(told.value);
    });
    process.on('exit', () => {
      for (const { reject } of this.#questions.values()) reject(new Error('the node is gone'));
      this.#questions.clear();
    });
    if (process.stdout)
      createInterface({ input: process.stdout }).on('line', (line) => {
        if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine);
      });
  }

  /** A process that waits to be opened. */
  static start(): HubNode {
    return new HubNode(
      fork(fileURLToPath(new URL('./node.ts', import.meta.url)), {
        // The test runner's own loader is no business of the hub.
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: '' },
        serialization: 'advanced',
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      }),
    );
  }

  get url(): string {
    return this.#url;
  }

  /** Opens the node over fresh data of its own, or over what the environment names. The clock stands inside the window. */
  async open(environment: Record<string, string> = {}): Promise<void> {
    this.log = [];
    this.#dataDir = await mkdtemp(join(tmpdir(), 'svod-e2e-'));
    await this.setClock(MIDDLE_OF_WINDOW_MS);
    const asked = {
      PORT: '0',
      DATA_DIR: this.#dataDir,
      LOG_LEVEL: 'warn',
      SIGN_IN_PER_MINUTE: '1000',
      // Journeys about something else have no telephone in their hand.
      SECOND_FACTOR: 'offered',
      ...environment,
    };
    this.#url = (await this.#ask({ kind: 'open', environment: asked })) as string;
  }

  async close(): Promise<void> {
    await this.#ask({ kind: 'close' });
    await this.#removeData();
  }

  /** Ends the process without a word, as a machine that loses its power. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the process. */
  async end(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** The clock runs on from a moment. */
  setClock(atMs: number | string): Promise<unknown> {
    return this.#ask({ kind: 'clock', atMs: new Date(atMs).getTime(), isStanding: false });
  }

  /** The clock stands still at a moment, so that a slow machine can't be late. */
  standAt(atMs: number | string): Promise<unknown> {
    return this.#ask({ kind: 'clock', atMs: new Date(atMs).getTime(), isStanding: true });
  }

  async now(): Promise<number> {
    return (await this.#ask({ kind: 'now' })) as number;
  }

  /** The cookies of a person who signed in. */
  async signIn(credentials: { username: string; password: string }): Promise<string[]> {
    return (await this.#ask({ kind: 'signIn', credentials })) as string[];
  }

  /** Calls a use case of the hub. Errors: what the use case throws, as text. */
  async call<Part extends DoorPart, Deed extends keyof Door[Part] & string>(
    part: Part,
    deed: Deed,
    ...given: Given<Door[Part][Deed]>
  ): Promise<Told<Door[Part][Deed]>> {
    return (await this.#ask({ kind: 'deed', part, deed, given })) as Told<Door[Part][Deed]>;
  }

  /** Lines that tell of something unexpected inside the hub. */
  faults(): LogLine[] {
    return this.log.filter(({ level }) => level >= ERROR_LEVEL);
  }

  #ask(ask: Ask): Promise<unknown> {
    const id = ++this.#lastId;
    const question: NodeQuestion = { id, ask };
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.#process.send(question, (error) => {
        if (error) reject(error);
      });
    });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill(signal);
      await gone;
    }
    await this.#removeData();
  }

  async #removeData(): Promise<void> {
    if (this.#dataDir !== null) await rm(this.#dataDir, { recursive: true, force: true });
    this.#dataDir = null;
  }
}
