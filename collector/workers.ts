/** The `Collector` over worker threads: bounded in time, memory and queue; a page that breaks its thread costs that page alone. */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { CollectorFinding } from './finding.ts';
import { createGate, type NativeGate, shut } from './native-gate.ts';
import type { Assignment, FileNews, WorkerResult, WorkerTask } from './page.worker.ts';
import {
  type Collector,
  CollectorBusy,
  type FileOutcome,
  PageRefused,
  type PageReading,
  type PrintItem,
  type PrintJob,
  READING_LIMITS,
  type PageSetAside,
  type ReadFileRequest,
  type ReadPage,
} from './reading.ts';

const WAITING_MAX = 500;
const IDLE_TIMEOUT_MS = 60_000;
const HEAP_MB_MAX = 512;
const YOUNG_HEAP_MB = 64;
/** Until the pages of a file are known: a large PDF is parsed as a whole. */
const OPEN_MS_MAX = 120_000;
/** Pages of one file that may break their thread; a file that does so more often is given up. */
const SET_ASIDE_MAX = 20;
const PRINT_MS_MAX = 30 * 60_000;
/** Items handed to the printing thread at once. */
const PRINT_ITEMS = 50;

export interface CollectorOptions {
  /** Files worked on at the same time; by default one processor is left to the rest of the program. Single pages have a thread of their own. */
  threads?: number;
  /** Who comes when so many wait already is refused. */
  waitingMax?: number;
  openMsMax?: number;
  heapMbMax?: number;
  /** Another worker, for tests. */
  worker?: URL;
  /** Told when a thread fails with no page to blame. */
  onFault?: (error: unknown) => void;
}

export function createCollector(options: CollectorOptions = {}): Collector {
  const poolOf = (least: number, most: number): Piscina => {
    const pool = new Piscina({
      filename: (options.worker ?? new URL('./page.worker.ts', import.meta.url)).href,
      ...{ minThreads: least, maxThreads: most },
      maxQueue: options.waitingMax ?? WAITING_MAX,
      idleTimeout: IDLE_TIMEOUT_MS,
      resourceLimits: {
        maxOldGenerationSizeMb: options.heapMbMax ?? HEAP_MB_MAX,
        maxYoungGenerationSizeMb: YOUNG_HEAP_MB,
      },
    });
    // A thread that dies between tasks is replaced by the pool; without a listener its error would end the program.
    pool.on('error', options.onFault ?? (() => undefined));
    return pool;
  };
  const files = poolOf(1, options.threads ?? Math.max(1, Math.min(8, availableParallelism() - 1)));
  // A file takes its thread for minutes: who looks at one of its pages, or has it read again, does not wait behind it.
  const pages = poolOf(0, 1);

  const gates = new Set<NativeGate>();
  const run: Run = (task, signal, ports) => runIn(files, gates, task, signal, ports);
  const one = async <Value>(task: WorkerTask): Promise<Value> => {
    let result: WorkerResult;
    try {
      result = await runIn(pages, gates, task, AbortSignal.timeout(READING_LIMITS.pageMsMax));
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null || error instanceof CollectorBusy) throw error;
      throw new PageRefused({ code: 'PAGE_SET_ASIDE', data: { reason, path: null, page: 1 } });
    }
    if (result.kind === 'refused') throw new PageRefused(result.finding);
    return result.value as Value;
  };

  return {
    readFile: (source, request, take) => readFile(run, source, request, take, options.openMsMax ?? OPEN_MS_MAX),
    readPage: (bytes, { forms, hints = {} }) => one<PageReading>({ kind: 'page', bytes, forms, hints }),
    cropPage: (bytes, part) => one<Uint8Array>({ kind: 'crop', bytes, part }),
    renderPage: (bytes, renderOptions) => one<Uint8Array>({ kind: 'render', bytes, options: renderOptions }),
    print: (job, take) => print(run, job, take),
    close: async () => {
      await Promise.all([...gates].map(shut));
      await Promise.all([files.destroy(), pages.destroy()]);
    },
  };
}

/** A task is ended by the signal, but not in the midst of a call that its thread can't be ended in. */
async function runIn(
  pool: Piscina,
  gates: Set<NativeGate>,
  task: WorkerTask,
  signal: AbortSignal,
  ports: MessagePort[] = [],
): Promise<WorkerResult> {
  const gate = createGate();
  const end = new AbortController();
  const onAbort = (): void => void shut(gate).then(() => end.abort());
  if (signal.aborted) end.abort();
  signal.addEventListener('abort', onAbort);
  gates.add(gate);
  try {
    const assignment: Assignment = { task, gate };
    return (await pool.run(assignment, { signal: end.signal, transferList: ports as never })) as WorkerResult;
  } catch (error) {
    if (error instanceof Error && /queue.*(limit|full)/i.test(error.message)) throw new CollectorBusy('busy');
    throw error;
  } finally {
    gates.delete(gate);
    signal.removeEventListener('abort', onAbort);
  }
}

type Run = (task: WorkerTask, signal: AbortSignal, ports?: MessagePort[]) => Promise<WorkerResult>;

/** Why a thread was ended, as far as a page can be blamed for it; null for anything else. */
function reasonOf(error: unknown): 'slow' | 'heavy' | 'crashed' | null {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  if (name === 'AbortError' || name === 'TimeoutError') return 'slow';
  if (
    code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    /allocation failed|out of memory|Invalid typed array length/i.test(message ?? '')
  )
    return 'heavy';
  return name === 'CollectorBusy' ? null : 'crashed';
}

async function readFile(
  run: Run,
  source: Parameters<Collector['readFile']>[0],
  { forms, limits = {}, fromPage = 1, signal, setAside }: ReadFileRequest,
  take: (page: ReadPage) => void | Promise<void>,
  openMsMax: number,
): Promise<FileOutcome> {
  const outcome: FileOutcome = { kind: null, pages: null, findings: [] };
  const pageMsMax = limits.pageMsMax ?? READING_LIMITS.pageMsMax;
  let from = fromPage;
  for (let broken = 0; ; broken++) {
    const attempt = await readOnce(
      run,
      { kind: 'file', source, forms, fromPage: from, limits },
      { pageMsMax, openMsMax, signal },
      async (news) => {
        if (news.kind === 'opened') {
          outcome.kind = news.file;
          outcome.pages = news.pages;
        } else if (news.kind === 'finding') addOnce(outcome.findings, news.finding);
        else if (news.kind === 'page') await take(news.page);
      },
    );
    outcome.pages ??= attempt.isBroken ? null : attempt.lastPage;
    if (!attempt.isBroken) return outcome;
    // Not a page was begun: the file itself is what broke the thread, and would again.
    if (attempt.begun === null || broken >= SET_ASIDE_MAX) {
      outcome.findings.push({ code: 'FILE_CORRUPT', data: { reason: 'damaged', path: null, page: null } });
      return outcome;
    }
    const { number, path } = attempt.begun;
    const finding: PageSetAside = { code: 'PAGE_SET_ASIDE', data: { reason: attempt.reason, path, page: number } };
    outcome.findings.push(finding);
    await setAside?.(finding);
    from = number + 1;
  }
}

/** An archive that is gone through again tells again of what lies before the page where it goes on. */
function addOnce(findings: CollectorFinding[], finding: CollectorFinding): void {
  const text = JSON.stringify(finding);
  if (!findings.some((other) => JSON.stringify(other) === text)) findings.push(finding);
}

type Attempt =
  | { isBroken: false; lastPage: number | null }
  | { isBroken: true; reason: 'slow' | 'heavy' | 'crashed'; begun: { number: number; path: string | null } | null };

/** Goes through a file once; the time of a page begins when it is begun and stands still while the listener stores it. */
async function readOnce(
  run: Run,
  task: Omit<Extract<WorkerTask, { kind: 'file' }>, 'port'>,
  { pageMsMax, openMsMax, signal }: { pageMsMax: number; openMsMax: number; signal: AbortSignal | undefined },
  hear: (news: FileNews) => Promise<void>,
): Promise<Attempt> {
  const { port1: port, port2: workerPort } = new MessageChannel();
  const limit = new AbortController();
  const listener: { fault: unknown } = { fault: undefined };
  let begun: { number: number; path: string | null } | null = null;
  let lastPage: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const watch = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => limit.abort(), ms);
  };
  port.on('message', (news: FileNews) => {
    clearTimeout(timer);
    void (async () => {
      try {
        if (news.kind === 'begun') begun = { number: news.number, path: news.path };
        if (news.kind === 'page') lastPage = news.page.number;
        await hear(news);
      } catch (error) {
        listener.fault = error;
        limit.abort();
        return;
      }
      watch(begun === null ? openMsMax : pageMsMax);
      port.postMessage(null);
    })();
  });
  const onAbort = (): void => limit.abort();
  signal?.addEventListener('abort', onAbort);
  try {
    signal?.throwIfAborted();
    await run({ ...task, port: workerPort }, limit.signal, [workerPort]);
    return { isBroken: false, lastPage };
  } catch (error) {
    if (listener.fault !== undefined) throw listener.fault;
    signal?.throwIfAborted();
    const reason = reasonOf(error);
    if (reason === null) throw error;
    return { isBroken: true, reason, begun };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    port.close();
  }
}

async function print(
  run: Run,
  { words, items, pagesMax, signal }: PrintJob,
  take: (piece: Uint8Array, pagesDone: number) => void | Promise<void>,
): Promise<{ pages: number }> {
  const { port1: port, port2: workerPort } = new MessageChannel();
  const stop = new AbortController();
  const listener: { fault: unknown } = { fault: undefined };
  const given = batches(items);
  port.on('message', (news: { kind: 'next' } | { kind: 'piece'; piece: Uint8Array; pagesDone: number }) => {
    void (async () => {
      try {
        if (news.kind === 'next') port.postMessage((await given.next()).value ?? []);
        else {
          await take(news.piece, news.pagesDone);
          port.postMessage(null);
        }
      } catch (error) {
        listener.fault = error;
        stop.abort();
      }
    })();
  });
  try {
    const signals = [stop.signal, AbortSignal.timeout(PRINT_MS_MAX), ...(signal ? [signal] : [])];
    const task: WorkerTask = { kind: 'print', words, pagesMax: pagesMax ?? null, port: workerPort };
    const result = await run(task, AbortSignal.any(signals), [workerPort]);
    return { pages: result.kind === 'done' ? (result.value as number) : 0 };
  } catch (error) {
    if (listener.fault !== undefined) throw listener.fault;
    signal?.throwIfAborted();
    throw error;
  } finally {
    port.close();
  }
}

async function* batches(items: PrintJob['items']): AsyncGenerator<PrintItem[]> {
  let batch: PrintItem[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < PRINT_ITEMS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
