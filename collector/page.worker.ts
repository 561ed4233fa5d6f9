/** What runs in a worker thread: one function for each kind of work, its task and result plain data. */
import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { CollectorFinding } from './finding.ts';
import type { FormDefinition } from './form.ts';
import { type NativeGate, standBehind } from './native-gate.ts';
import { decodeImage, type PageEvent, pagesOf } from './pages/pages.ts';
import { NOWHERE, ScanRefusal } from './pages/refusal.ts';
import { cropPage, renderPage, THUMBNAIL_SIDE_PIXELS } from './pages/show.ts';
import type { PrintItem, PrintJob } from './reading.ts';
import {
  type CropPart,
  type FileSource,
  type PageReading,
  READING_LIMITS,
  type ReadingHints,
  type ReadingLimits,
  type ReadPage,
  type RenderOptions,
} from './reading.ts';
import { readPage } from './read/read-page.ts';

export type WorkerTask =
  | {
      kind: 'file';
      source: FileSource;
      forms: readonly FormDefinition[];
      fromPage: number;
      limits: Partial<ReadingLimits>;
      port: MessagePort;
    }
  | { kind: 'page'; bytes: Uint8Array; forms: readonly FormDefinition[]; hints: ReadingHints }
  | { kind: 'crop'; bytes: Uint8Array; part: CropPart }
  | { kind: 'render'; bytes: Uint8Array; options: RenderOptions }
  | { kind: 'print'; words: PrintJob['words']; pagesMax: number | null; port: MessagePort };

export interface Assignment {
  task: WorkerTask;
  gate: NativeGate;
}

/** What a worker tells while it goes through a file; it goes on when it was heard. */
export type FileNews =
  { kind: 'started' } | Extract<PageEvent, { kind: 'opened' | 'begun' | 'finding' }> | { kind: 'page'; page: ReadPage };

export type WorkerResult =
  { kind: 'done'; value: PageReading | Uint8Array | number | null } | { kind: 'refused'; finding: CollectorFinding };

/**
 * The threads that answer people go first when processors are short; on Linux the priority is the calling thread's own. A page that somebody
 * waits for is such an answer.
 */
let isLowered = false;
function stepBack(): void {
  if (isLowered || process.platform !== 'linux') return;
  isLowered = true;
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A container may forbid it: then the threads compete as equals.
  }
}

// A parser's opinion of a broken file is told by its findings; in the log it would be a line for every object of whatever anybody sends.
console.warn = (): void => undefined;

const clock = (): number => performance.now();

export default async function work({ task, gate }: Assignment): Promise<WorkerResult> {
  standBehind(gate);
  try {
    return { kind: 'done', value: await carryOut(task) };
  } catch (error) {
    if (error instanceof ScanRefusal) return { kind: 'refused', finding: error.finding };
    throw error;
  }
}

async function carryOut(task: WorkerTask): Promise<PageReading | Uint8Array | number | null> {
  switch (task.kind) {
    case 'file':
      stepBack();
      await readThrough(task);
      return null;
    case 'page':
      return readPage(await decodeImage(task.bytes, READING_LIMITS, NOWHERE), {
        forms: task.forms,
        hints: task.hints,
        clock,
      });
    case 'crop':
      return cropPage(await decodeImage(task.bytes, READING_LIMITS, NOWHERE), task.part);
    case 'render':
      return renderPage(await decodeImage(task.bytes, READING_LIMITS, NOWHERE), task.options);
    case 'print':
      stepBack();
      return printThrough(task);
    default:
      return task satisfies never;
  }
}

async function readThrough({
  source,
  forms,
  fromPage,
  limits,
  port,
}: Extract<WorkerTask, { kind: 'file' }>): Promise<void> {
  const bytes = source instanceof Uint8Array ? source : new Uint8Array(await readFile(source.path));
  const tell = conversation(port);
  await tell({ kind: 'started' });
  for await (const event of pagesOf(bytes, { fromPage, limits, clock })) {
    if (event.kind !== 'page') {
      await tell(event);
      continue;
    }
    const { number, path, grey, image, decodeMs } = event.page;
    const reading = await readPage(grey, { forms, clock });
    reading.stageMs.decode = decodeMs;
    const thumbnail = renderPage(grey, { sidePixelsMax: THUMBNAIL_SIDE_PIXELS, geometry: reading.geometry });
    await tell({ kind: 'page', page: { number, path, image, thumbnail, reading } });
  }
}

/** Says something and waits until it was heard: so a slow listener holds the reader back. */
function conversation(port: MessagePort): (news: FileNews) => Promise<void> {
  return (news) =>
    new Promise((resolve) => {
      port.once('message', () => resolve());
      port.postMessage(news);
    });
}

async function printThrough({ words, pagesMax, port }: Extract<WorkerTask, { kind: 'print' }>): Promise<number> {
  const { print } = await import('./print/print.ts');
  const ask = (news: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      port.once('message', resolve);
      port.postMessage(news);
    });
  async function* items(): AsyncGenerator<PrintItem> {
    for (;;) {
      const given = (await ask({ kind: 'next' })) as PrintItem[];
      if (given.length === 0) return;
      yield* given;
    }
  }
  const job: PrintJob = { words, items: items(), ...(pagesMax === null ? {} : { pagesMax }) };
  const { pages } = await print(job, async (piece, pagesDone) => {
    await ask({ kind: 'piece', piece, pagesDone });
  });
  return pages;
}
