/** The pile of a run: what was printed for the scanning centre, marked, spoilt by hands, scanned into files of a few pages, and where it is sent. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from '#collector/code.ts';
import { Chance } from '#chance/chance.ts';
import { STUDY } from '#server/federation.testing.ts';
import { ask, insist } from './asking.ts';
import type { SentPage } from './checks/scans.ts';
import { isPrinted, pagesOf, printedSheets, questionOf, scanPile, type PrintedSheet } from './pile.ts';
import type { ViewerPlan } from './viewer.ts';
import { collegeAccount, PASSWORD, SCAN_CENTRE, SCAN_COLLEGES, SCAN_REGIONAL, SCAN_SPECIALISTS } from './world.ts';

/** A file of the pile as it is to be sent. */
export interface ScannedFile {
  name: string;
  batch: string;
  bytes: Uint8Array;
  sha256: string;
  pages: readonly SentPage[];
  /** Sent once more at the same time, by another specialist under another name. */
  isSentTwice: boolean;
}

export interface ScanPile {
  files: readonly ScannedFile[];
  /** Cookies of the specialists. */
  specialists: readonly string[];
  viewers: readonly ViewerPlan[];
  /** The streams of the centre: of no concern to anybody of the other region. */
  streams: readonly string[];
}

const PAGES_PER_FILE = 4;
/** A file in so many seconds of the run; beyond that a run is long, not heavy. */
const SECONDS_PER_FILE = 2;
const FILES_MIN = 8;
const ROOM_SEATS = 9;
const FILES_MAX = 120;
const DPI = 200;
const SET_UP_MS_MAX = 180_000;
const TABS_OF_CENTRE = 4;

interface Batch {
  college: string;
  batch: string;
  run: string;
  institution: number;
}

export interface PileOptions {
  urls: string[];
  seed: number;
  seconds: number;
  folder: string;
}

export async function layPile({ urls, seed, seconds, folder }: PileOptions): Promise<ScanPile> {
  const chance = new Chance(seed, 'pile');
  const url = (): string => chance.oneOf(urls);
  const pages = PAGES_PER_FILE * Math.min(FILES_MAX, Math.max(FILES_MIN, Math.round(seconds / SECONDS_PER_FILE)));
  // Two sheets of a room, then two pages of each participant.
  const rooms = new Array<number>(Math.ceil(pages / SCAN_COLLEGES.length / (2 + 2 * ROOM_SEATS))).fill(ROOM_SEATS);
  const founded = await ask(urls[0] ?? '', 'foundCentre', { rooms }, '', SET_UP_MS_MAX);
  if (founded.kind !== 'done') throw new Error(`no scanning centre: ${JSON.stringify(founded)}`);
  const batches = founded.value as Batch[];
  const signIn = async (username: string): Promise<string> =>
    String(await insist(url, 'signIn', { username, password: PASSWORD }));
  const regional = await signIn(SCAN_REGIONAL);
  const specialists: string[] = [];
  for (const username of SCAN_SPECIALISTS) specialists.push(await signIn(username));

  const files: { name: string; batch: string; sheets: PrintedSheet[] }[] = [];
  for (const { college, batch, run, institution } of batches) {
    const pdf = join(folder, `${college}.pdf`);
    await writeFile(pdf, await printed(url, run, regional));
    const sheets = printedSheets({ pdf, institution, rooms }, seed);
    for (const sheet of sheets) harm(sheet, chance);
    for (let at = 0; at < sheets.length; at += PAGES_PER_FILE)
      files.push({ name: `${college} ${files.length + 1}.pdf`, batch, sheets: sheets.slice(at, at + PAGES_PER_FILE) });
  }
  await scanPile(folder, files, DPI);

  const streamsOf = (batch: string): string[] => [
    `scanBatch:${STUDY}:${SCAN_CENTRE}:${batch}`,
    `uploads:scan:${batch}`,
  ];
  const centre = [
    `collector:${STUDY}:${SCAN_CENTRE}`,
    `scanErrors:${STUDY}:${SCAN_CENTRE}`,
    ...batches.flatMap(({ batch }) => streamsOf(batch)),
  ];
  const own = SCAN_COLLEGES.map((college) => `ownScans:${STUDY}:${college}`);
  const viewers: ViewerPlan[] = Array.from({ length: TABS_OF_CENTRE }, (_, tab) => ({
    ...{ name: `centre${tab}`, home: { role: 'centre' as const }, ticket: null, urls, streams: centre, foreign: [] },
    cookie: [regional, ...specialists][tab % (1 + specialists.length)] ?? '',
  }));
  for (const [at, college] of SCAN_COLLEGES.entries())
    viewers.push({
      ...{ name: `college${at}`, home: { role: 'college', college }, ticket: null, urls },
      cookie: await signIn(collegeAccount(college)),
      streams: own.slice(at, at + 1),
      foreign: [...centre, ...own.toSpliced(at, 1)],
    });
  return {
    specialists,
    viewers,
    streams: [...centre, ...own],
    files: await Promise.all(
      chance.shuffled(files).map(async (file): Promise<ScannedFile> => {
        const isSentTwice = chance.happens(0.2);
        const bytes = await readFile(join(folder, file.name));
        return {
          ...{ name: file.name, batch: file.batch, bytes, isSentTwice },
          sha256: createHash('sha256').update(bytes).digest('hex'),
          pages: sentPages(file),
        };
      }),
    ),
  };
}

async function printed(url: () => string, run: string, cookie: string): Promise<Buffer> {
  for (const endMs = Date.now() + SET_UP_MS_MAX; Date.now() < endMs;) {
    const content = await insist(url, 'printed', { run }, cookie, { waitMs: SET_UP_MS_MAX });
    if (typeof content === 'string') return Buffer.from(content, 'base64');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('nothing was printed');
}

/** What hands and feeders do; everything else comes as it was printed, so that every error there is has its cause here. */
function harm(sheet: PrintedSheet, chance: Chance): void {
  sheet.spoilt = 'as printed';
  const { holder, page } = sheet.code;
  if (holder.kind !== 'participant' || page !== 1 || Object.keys(sheet.marks).length === 0) return;
  const lot = chance.next();
  if (lot < 0.12) sheet.harm = { kind: 'codesCovered' };
  else if (lot < 0.3) sheet.harm = { kind: 'twoMarks', ...questionOf(sheet) };
  else if (lot < 0.4) sheet.isTwice = true;
}

/** Pages of a file as the hub counts them. */
function sentPages(file: { name: string; sheets: PrintedSheet[] }): SentPage[] {
  const seen = new Set<PrintedSheet>();
  return pagesOf(file).map((sheet) => {
    if (!isPrinted(sheet)) throw new Error('a blank sheet');
    const { harm: done, code } = sheet;
    const isTwin = seen.has(sheet);
    seen.add(sheet);
    return {
      ...{ text: encode(code), isTwin },
      error: done?.kind === 'codesCovered' ? 'CODE_UNREADABLE' : done?.kind === 'twoMarks' ? 'MARK_MULTIPLE' : null,
      answer: done?.kind === 'twoMarks' ? (sheet.marks[done.field] ?? null) : null,
    };
  });
}
