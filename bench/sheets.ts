/**
 * Our reading of a large workbook, validation included, against the bare streaming reader of exceljs that does nothing with its
 * rows: the same file, each in a worker thread of its own that is warm, in alternating pairs. Beside it the longest stall of the
 * caller's event loop while we read.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import ExcelJS from 'exceljs';
import { Piscina } from 'piscina';
import { yieldToTheCaller } from '#exchange/background-thread.ts';
import type { FileLimits, FormColumn, FormDefinition } from '#exchange/form.ts';
import { IDENTITY_SHEET, identityRows } from '#exchange/identity.ts';
import { readForm } from '#exchange/read/read-form.ts';
import { roundTo, watchStalls } from './figures.ts';

const ROWS = 50_000;
const COLUMNS = 20;
const PAIRS = 5;
/** How long the machine itself is watched, with nothing read. */
const QUIET_MS = 3_000;
const IDENTITY = { form: 'bench', version: 1, procedure: 'bench-2026', institution: 'i48-1' };
const LIMITS: FileLimits = {
  fileBytesMax: 64 * 1024 * 1024,
  expandedBytesMax: 512 * 1024 * 1024,
  expansionRatioMax: 150,
  expansionFreeBytes: 12 * 1024 * 1024,
};

/** Two terms and eighteen whole numbers, with a rule across columns and one across rows, like the forms of the hub. */
const FORM: FormDefinition = {
  formId: IDENTITY.form,
  version: IDENTITY.version,
  dataSheet: 'Данные',
  columns: Array.from({ length: COLUMNS }, (_, index): FormColumn => columnAt(index)),
  rowsMax: ROWS,
  check: (rows) => {
    const seen = new Set<string>();
    rows.forEach((row, index) => {
      seen.add(String(row['column0']));
      if (Number(row['column3']) > Number(row['column2'])) throw new Error(`row ${index} is not what was generated`);
    });
    return seen.size === rows.length ? [] : [{ code: 'row_doubled', row: 0, key: 'column0', params: {} }];
  },
};

function columnAt(index: number): FormColumn {
  const heading = `Показатель ${index + 1}`;
  return index < 2
    ? {
        key: `column${index}`,
        heading,
        example: 'А1',
        type: { kind: 'term', read: readTerm, unreadable: 'class_unreadable' },
      }
    : { key: `column${index}`, heading, example: '1', type: { kind: 'whole', min: 0, max: 1_000_000 } };
}

function readTerm(text: string): string | null {
  const term = text.trim();
  return /^[А-Я]\d{1,6}$/.test(term) ? term : null;
}

if (!isMainThread) yieldToTheCaller();

type Task = { kind: 'ours' | 'bare'; path: string };

/** In the worker thread: how many rows were read. */
export default async function work({ kind, path }: Task): Promise<number> {
  const bytes = await readFile(path);
  return kind === 'ours' ? readOurs(bytes) : readBare(bytes);
}

async function readOurs(bytes: Uint8Array): Promise<number> {
  const outcome = await readForm(bytes, FORM, IDENTITY, LIMITS);
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.findings.slice(0, 3)));
  return outcome.rows.length;
}

async function readBare(bytes: Uint8Array): Promise<number> {
  const reader = new ExcelJS.stream.xlsx.WorkbookReader(Readable.from([bytes]), {
    worksheets: 'emit',
    sharedStrings: 'cache',
    styles: 'cache',
    hyperlinks: 'ignore',
    entries: 'emit',
  });
  let rows = 0;
  for await (const sheet of reader) for await (const _ of sheet) rows++;
  return rows;
}

async function generate(path: string): Promise<void> {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: path, useSharedStrings: true, useStyles: true });
  const identity = book.addWorksheet(IDENTITY_SHEET, { state: 'hidden' });
  for (const row of identityRows(IDENTITY)) identity.addRow(row).commit();
  identity.commit();
  const data = book.addWorksheet(FORM.dataSheet);
  data.addRow(FORM.columns.map(({ heading }) => heading)).commit();
  for (let row = 0; row < ROWS; row++) {
    const figures = Array.from({ length: COLUMNS - 2 }, (_, column) =>
      column === 0 ? 900_000 : (row * 31 + column * 17) % 800_000,
    );
    data.addRow([`А${row}`, `Б${row % 100}`, ...figures]).commit();
  }
  data.commit();
  await book.commit();
}

interface Timing {
  rowsPerS: number;
  longestStallMs: number;
}

async function time(pool: Piscina, task: Task): Promise<Timing> {
  const stalls = watchStalls();
  const start = performance.now();
  const rows = (await pool.run(task)) as number;
  const seconds = (performance.now() - start) / 1000;
  return { rowsPerS: rows / seconds, longestStallMs: stalls.stop() };
}

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'svod-bench-'));
  const path = join(folder, 'sheet.xlsx');
  const pools = { ours: onePool(), bare: onePool() };
  try {
    await generate(path);
    const fileMb = (await readFile(path)).length / 1024 / 1024;
    // The first reading of each is not counted: it loads the libraries and warms the compiler.
    await time(pools.ours, { kind: 'ours', path });
    await time(pools.bare, { kind: 'bare', path });
    const quiet = watchStalls();
    await sleep(QUIET_MS);
    const quietStallMs = quiet.stop();
    const pairs: { ours: Timing; bare: Timing }[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const isOursFirst = pair % 2 === 0;
      const first = await time(isOursFirst ? pools.ours : pools.bare, { kind: isOursFirst ? 'ours' : 'bare', path });
      const second = await time(isOursFirst ? pools.bare : pools.ours, { kind: isOursFirst ? 'bare' : 'ours', path });
      pairs.push(isOursFirst ? { ours: first, bare: second } : { ours: second, bare: first });
      if (!json) console.log(`pair ${pair + 1}: ${describe(pairs[pair])}`);
    }
    return summarise(pairs, { fileMb, quietStallMs });
  } finally {
    await Promise.all([pools.ours.destroy(), pools.bare.destroy()]);
    await rm(folder, { recursive: true, force: true });
  }
}

function onePool(): Piscina {
  return new Piscina({ filename: import.meta.url, minThreads: 1, maxThreads: 1, idleTimeout: 600_000 });
}

function describe(pair: { ours: Timing; bare: Timing } | undefined): string {
  if (!pair) return '';
  const { ours, bare } = pair;
  return `${Math.round(ours.rowsPerS)} rows/s against ${Math.round(bare.rowsPerS)}, stall ${ours.longestStallMs.toFixed(1)} ms`;
}

function summarise(
  pairs: readonly { ours: Timing; bare: Timing }[],
  machine: { fileMb: number; quietStallMs: number },
): Record<string, unknown> {
  const oursRowsPerS = median(pairs.map(({ ours }) => ours.rowsPerS));
  const bareRowsPerS = median(pairs.map(({ bare }) => bare.rowsPerS));
  return {
    ratio: roundTo(oursRowsPerS / bareRowsPerS, 2),
    longestStallMs: roundTo(Math.max(...pairs.map(({ ours }) => ours.longestStallMs)), 1),
    // The same with the bare reader at work, and with nothing at work: what the machine adds of its own.
    bareLongestStallMs: roundTo(Math.max(...pairs.map(({ bare }) => bare.longestStallMs)), 1),
    quietStallMs: roundTo(machine.quietStallMs, 1),
    oursRowsPerS: Math.round(oursRowsPerS),
    bareRowsPerS: Math.round(bareRowsPerS),
    rows: ROWS,
    cols: COLUMNS,
    fileMb: roundTo(machine.fileMb, 1),
    pairs: pairs.map(({ ours, bare }) => ({
      ratio: roundTo(ours.rowsPerS / bare.rowsPerS, 2),
      longestStallMs: roundTo(ours.longestStallMs, 1),
    })),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
