/**
 * The Collector held against the pile that was sent: every page of it stands once, a file sent twice is one, every error has its cause, and is
 * open or settled, never both. Pure.
 */
import { checkFigures, type Figures } from './counters.ts';
import type { Findings } from './findings.ts';

/** A page as it was laid into the scanner. */
export interface SentPage {
  /** Its printed code, in which everybody can read whose it is. */
  text: string;
  /** Which error it must make. */
  error: string | null;
  /** The option that was meant where two are marked. */
  answer: string | null;
  /** The feeder took the page before it once more. */
  isTwin: boolean;
}
export interface SentFile {
  sha256: string;
  /** Names under which it was sent, each by an upload of its own. */
  names: readonly string[];
  /** The hub said of one of them that everything is here. */
  isAcknowledged: boolean;
  pages: readonly SentPage[];
}

/* ---- as it lies in the database ---- */

export interface KeptFile {
  id: string;
  batch: string;
  sha256: string;
  status: string;
  pages: number | null;
}
export interface KeptPage {
  id: string;
  batch: string;
  file: string;
  n: number;
  status: string;
  text: string | null;
}
export interface KeptError {
  id: string;
  batch: string | null;
  page: string | null;
  code: string;
  status: string;
}
/** What the journal told of an error, in order. */
export interface ErrorTold {
  error: string;
  status: string;
  /** Of a settled one: who settled it; null: a page that came. */
  byName: string | null;
}
export interface SettleAttempt {
  error: string;
  /** As everybody is told who settled it. */
  by: string;
  outcome: 'done' | 'refused' | 'unknown';
}

const SETTLED = 'resolved';

export interface KeptPile {
  files: readonly KeptFile[];
  pages: readonly KeptPage[];
  errors: readonly KeptError[];
}

/** Pages sent against pages kept. */
export function checkPile(findings: Findings, sent: readonly SentFile[], { files, pages, errors }: KeptPile): void {
  const known = new Set<string>();
  for (const { sha256, names, isAcknowledged, pages: own } of sent) {
    const name = names[0] ?? sha256;
    const kept = files.filter((file) => file.sha256 === sha256);
    const [file] = kept;
    if (kept.length > 1) findings.add('doubled', `${name} is there ${kept.length} times`, kept.length - 1);
    if (!file) {
      if (isAcknowledged) findings.add('lost', `${name} was taken in whole and is not there`, own.length);
      continue;
    }
    if (file.status !== 'read') findings.add('lost', `${name}: is ${file.status}`, own.length);
    else if (file.pages !== own.length)
      findings.add('diverged', `${name}: said to have ${String(file.pages)} pages, sent ${own.length}`);
    own.forEach((page, at) => {
      const where = `${name}, page ${at + 1}`;
      const here = pages.filter((one) => one.file === file.id && one.n === at + 1);
      for (const { id } of here) known.add(id);
      if (here.length !== 1)
        findings.add(here.length === 0 ? 'lost' : 'doubled', `${where}: is there ${here.length} times`);
      else if (here[0]) checkPage(findings, where, page, here[0], errors);
    });
  }
  for (const { id, file, n } of pages)
    if (!known.has(id)) findings.add('doubled', `page ${n} of file ${file} was sent by nobody`);
  const standing = new Map<string, number>();
  for (const { status, text } of pages)
    if (status === 'standing' && text !== null) standing.set(text, (standing.get(text) ?? 0) + 1);
  for (const [text, times] of standing)
    if (times > 1) findings.add('doubled', `page ${text} stands ${times} times`, times - 1);
}

function checkPage(
  findings: Findings,
  where: string,
  sent: SentPage,
  kept: KeptPage,
  errors: readonly KeptError[],
): void {
  if (sent.isTwin) {
    if (kept.status !== 'dropped') findings.add('doubled', `${where}: the same picture once more is ${kept.status}`);
    return;
  }
  const own = errors.filter(({ page }) => page === kept.id);
  const waits = own.some(({ code, status }) => code === 'CODE_UNREADABLE' && status !== SETTLED);
  if (kept.text !== null && kept.text !== sent.text)
    findings.add('diverged', `${where}: ${sent.text} was taken for ${kept.text}`);
  if (waits && kept.status === 'standing') findings.add('diverged', `${where}: stands, and its code can't be read`);
  if (!waits && kept.status !== 'standing') findings.add('lost', `${where}: is ${kept.status} and has no error`);
  // A mark asked about without need costs a look and loses nothing; how often that is, the bench of the reader tells.
  for (const { code } of own)
    if (code !== sent.error && !code.startsWith('MARK_')) findings.add('diverged', `${where}: ${code} without a cause`);
  const times = own.filter(({ code }) => code === sent.error).length;
  if (sent.error !== null && times !== 1)
    findings.add(times === 0 ? 'lost' : 'doubled', `${where}: ${sent.error} is there ${times} times`);
}

/** What everybody was told of errors, and what whoever settled them was told, against how they stand. */
export function checkErrors(
  findings: Findings,
  errors: readonly KeptError[],
  told: readonly ErrorTold[],
  attempts: readonly SettleAttempt[],
): void {
  const lives = new Map<string, ErrorTold[]>();
  for (const one of told) lives.set(one.error, [...(lives.get(one.error) ?? []), one]);
  for (const { id, status } of errors) {
    const life = lives.get(id) ?? [];
    const last = life.at(-1);
    if (!last) findings.add('lost', `error ${id}: nobody was told of it`);
    else if (last.status !== status) findings.add('diverged', `error ${id}: is ${status}, told as ${last.status}`);
    life.forEach((one, at) => {
      if (one.status === SETTLED && life[at - 1]?.status === SETTLED)
        findings.add('doubled', `error ${id}: settled by ${String(one.byName)} after ${String(life[at - 1]?.byName)}`);
    });
    const settled = life.filter((one) => one.status === SETTLED && one.byName !== null);
    for (const by of new Set(attempts.filter(({ error }) => error === id).map((attempt) => attempt.by))) {
      const own = attempts.filter((attempt) => attempt.error === id && attempt.by === by);
      const done = own.filter(({ outcome }) => outcome === 'done').length;
      const found = settled.filter(({ byName }) => byName === by).length;
      if (done > found) findings.add('lost', `error ${id}: settled by ${by} ${done} times, told ${found} times`);
    }
    for (const { byName } of settled)
      if (!attempts.some(({ error, by, outcome }) => error === id && by === byName && outcome !== 'refused'))
        findings.add('diverged', `error ${id}: settled by ${String(byName)}, who did not`);
  }
  const present = new Set(errors.map(({ id }) => id));
  for (const id of lives.keys()) if (!present.has(id)) findings.add('lost', `error ${id} was told of and is not there`);
}

/** The figures of a batch, counted anew. */
export function recountBatch(batch: string, { files, pages, errors }: KeptPile): Figures {
  const own = pages.filter((page) => page.batch === batch);
  const having = (wanted: string): number => own.filter(({ status }) => status === wanted).length;
  const inBatch = files.filter((file) => file.batch === batch);
  return {
    files: inBatch.length,
    filesRead: inBatch.filter(({ status }) => status === 'read').length,
    filesRefused: inBatch.filter(({ status }) => status === 'refused').length,
    pages: own.length,
    pagesRead: having('standing'),
    pagesUnread: having('waiting'),
    pagesDropped: having('dropped'),
    errorsOpen: errors.filter((error) => error.batch === batch && error.status !== SETTLED).length,
    errorsSettled: errors.filter((error) => error.batch === batch && error.status === SETTLED).length,
  };
}

export const checkBatchFigures = (findings: Findings, batch: string, kept: Figures, pile: KeptPile): void =>
  checkFigures(findings, `batch ${batch}`, kept, recountBatch(batch, pile));
