/** The `Workbooks` port over worker threads: bounded in time, memory and queue, so that no file can hold up the caller. */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { READ_SECONDS_MAX } from '#models/attendance/attendance.form.ts';
import type { FindingCode, ReadOutcome, Workbooks } from '#models/attendance/workbook.ts';
import { Gate } from './gate.ts';
import type { WorkbookTask } from './workbook.worker.ts';

const WRITE_SECONDS_MAX = 30;
const WAITING_MAX = 500;
const IDLE_TIMEOUT_MS = 60_000;
const WORKER_HEAP_MB = 384;

export interface WorkbooksOptions {
  /** Files worked on at the same time; by default one processor is left to the rest of the program. */
  threads?: number;
  readSecondsMax?: number;
  /** Who comes when so many wait already is refused as `busy`. */
  waitingMax?: number;
}

export function createWorkbooks(options: WorkbooksOptions = {}): Workbooks {
  const threads = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1));
  const readSecondsMax = options.readSecondsMax ?? READ_SECONDS_MAX;
  const pool = new Piscina({
    filename: new URL('./workbook.worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB, maxYoungGenerationSizeMb: 64 },
  });
  // The gate stands before the pool so that the time of a task begins when a thread takes it, not when it is queued.
  const gate = new Gate(threads, options.waitingMax ?? WAITING_MAX);

  const run = (task: WorkbookTask, secondsMax: number): Promise<unknown> =>
    gate.pass(() => pool.run(task, { signal: AbortSignal.timeout(secondsMax * 1000) }) as Promise<unknown>);
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
    annotate: (bytes, format, findings, words) => write({ kind: 'annotate', bytes, format, findings, words }),
    reportXlsx: (report, words) => write({ kind: 'reportXlsx', report, words }),
    reportPdf: (report, words) => write({ kind: 'reportPdf', report, words }),
    tableXlsx: (sheet, headings, rows) => write({ kind: 'tableXlsx', sheet, headings, rows }),
    close: () => pool.destroy(),
  };
}

/** A thread that was stopped for its time or its memory says so of the file; anything else is our own fault and thrown. */
function outcomeOfFailure(error: unknown, seconds: number): ReadOutcome {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'AbortError') return refused('file_too_slow', { seconds });
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return refused('file_bomb', { mb: WORKER_HEAP_MB, mbMax: WORKER_HEAP_MB, ratio: 0, ratioMax: 0 });
  throw error;
}

function refused(code: FindingCode, params: Record<string, number>): ReadOutcome {
  return { kind: 'refused', format: null, findings: [{ code, severity: 'error', params }] };
}
