/** The `Workbooks` port over worker threads: bounded in time, memory and queue, so that no file can hold up the caller. */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { READ_SECONDS_MAX } from '#models/attendance/attendance.form.ts';
import type {
  FindingCode,
  PersonalColumn,
  ReadOutcome,
  UnitsPiece,
  UnitsReading,
  Workbooks,
} from '#models/attendance/workbook.ts';
import { UNITS_READ_SECONDS_MAX, UNITS_WRITE_SECONDS_MAX } from '#models/org/unit.form.ts';
import { Gate } from './gate.ts';
import type { WorkbookTask } from './workbook.worker.ts';

const WRITE_SECONDS_MAX = 30;
const WAITING_MAX = 500;
const IDLE_TIMEOUT_MS = 60_000;
const HEAP_MB_MAX = 384;
const YOUNG_HEAP_MB = 64;

export interface WorkbooksOptions {
  /** Files worked on at the same time; by default one processor is left to the rest of the program. */
  threads?: number;
  readSecondsMax?: number;
  /** Who comes when so many wait already is refused as `busy`. */
  waitingMax?: number;
  /** Told when a thread fails with no file to blame. */
  onFault?: (error: unknown) => void;
}

export function createWorkbooks(options: WorkbooksOptions = {}): Workbooks {
  const threads = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1));
  const readSecondsMax = options.readSecondsMax ?? READ_SECONDS_MAX;
  const pool = new Piscina({
    filename: new URL('./workbook.worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
  });
  // A thread that dies between tasks is replaced by the pool; without a listener its error would end the program.
  pool.on('error', options.onFault ?? (() => undefined));
  // The gate stands before the pool so that the time of a task begins when a thread takes it, not when it is queued.
  const gate = new Gate(threads, options.waitingMax ?? WAITING_MAX);

  const run = (task: WorkbookTask, secondsMax: number, ports: MessagePort[] = []): Promise<unknown> =>
    gate.pass(
      () =>
        pool.run(task, {
          signal: AbortSignal.timeout(secondsMax * 1000),
          transferList: ports as never,
        }) as Promise<unknown>,
    );
  const write = (task: WorkbookTask): Promise<Uint8Array> => run(task, WRITE_SECONDS_MAX) as Promise<Uint8Array>;

  return {
    template: (identity, head, format) => write({ kind: 'template', identity, head, format }),
    read: async (bytes, expected) => {
      try {
        return (await run({ kind: 'read', bytes, expected }, readSecondsMax)) as ReadOutcome;
      } catch (error) {
        return outcomeOfFailure(error, readSecondsMax);
      }
    },
    personalColumn: async (bytes) => {
      try {
        return (await run({ kind: 'personalColumn', bytes }, readSecondsMax)) as PersonalColumn | null;
      } catch (error) {
        // Too long or too heavy to be looked through: the reading, under the same limits, refuses it for that.
        outcomeOfFailure(error, readSecondsMax);
        return null;
      }
    },
    annotate: (bytes, format, findings, words) => write({ kind: 'annotate', bytes, format, findings, words }),
    reportXlsx: (report, words) => write({ kind: 'reportXlsx', report, words }),
    reportPdf: (report, words) => write({ kind: 'reportPdf', report, words }),
    invitationPdf: (words) => write({ kind: 'invitationPdf', words }),
    readUnits: async (bytes, take) => {
      const { port1: port, port2: workerPort } = new MessageChannel();
      const ended = new Promise<void>((resolve) => {
        port.on('message', (piece: UnitsPiece | null) => {
          if (piece) take(piece);
          else resolve();
        });
        port.on('close', resolve);
      });
      try {
        const task: WorkbookTask = { kind: 'readUnits', bytes, port: workerPort };
        const reading = (await run(task, UNITS_READ_SECONDS_MAX, [workerPort])) as UnitsReading;
        await ended;
        return reading;
      } catch (error) {
        const { findings } = outcomeOfFailure(error, UNITS_READ_SECONDS_MAX);
        return { kind: 'refused', findings };
      } finally {
        port.close();
      }
    },
    unitsFile: async (format, pieces) => {
      const { port1: port, port2: workerPort } = new MessageChannel();
      const task: WorkbookTask = { kind: 'unitsFile', format, port: workerPort };
      const written = run(task, UNITS_WRITE_SECONDS_MAX, [workerPort]) as Promise<Uint8Array>;
      try {
        for await (const piece of pieces) port.postMessage(piece);
        port.postMessage(null);
        return await written;
      } catch (error) {
        // The rows gave out: the thread is not left waiting for the rest.
        port.postMessage(null);
        await written.catch(() => undefined);
        throw error;
      } finally {
        port.close();
      }
    },
    tableXlsx: (sheet, headings, rows) => write({ kind: 'tableXlsx', sheet, headings, rows }),
    tablePdf: (words, headings, shares, rows) => write({ kind: 'tablePdf', words, headings, shares, rows }),
    cardsPdf: (cards, words, perPage) => write({ kind: 'cardsPdf', cards, words, perPage }),
    close: () => pool.destroy(),
  };
}

/** A thread that was stopped for its time or its memory says so of the file; anything else is our own fault and thrown. */
function outcomeOfFailure(error: unknown, seconds: number): Extract<ReadOutcome, { kind: 'refused' }> {
  if (isTimeLimit(error)) return refused('file_too_slow', { seconds });
  if (isMemoryLimit(error)) return refused('file_too_heavy', {});
  throw error;
}

function isTimeLimit(error: unknown): boolean {
  return (error as { name?: string }).name === 'AbortError';
}

function isMemoryLimit(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function refused(code: FindingCode, params: Record<string, number>): Extract<ReadOutcome, { kind: 'refused' }> {
  return { kind: 'refused', format: null, findings: [{ code, severity: 'error', params }] };
}
