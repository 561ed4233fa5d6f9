/**
 * A pile of paper that comes back from colleges: what is on each page, what happened to it on its way to the scanner, and in which file it is sent.
 * The same for the same seed.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode, type PageCode } from '#collector/code.ts';
import { chanceOf, type Chance } from '#collector/degrade/chance.ts';
import type { FormDefinition } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import { formFor } from '#models/scanning/printed-forms.ts';
import type { ScanAsked } from './pile-scanner.ts';

/** What was marked by field: the option that counts. */
export type Marks = Readonly<Record<string, string>>;

/** What somebody did to a page that no reader can undo. */
export type Harm =
  | { kind: 'codesCovered' }
  /** A second mark in the row of a question. */
  | { kind: 'twoMarks'; field: string; other: string }
  /** The mark of a question is hardly there. */
  | { kind: 'paleMark'; field: string };

/** One page as it lies in the feeder. */
export type Sheet =
  | {
      /** Which page of the printed document. */
      pdf: string;
      at: number;
      code: PageCode;
      marks: Marks;
      /** Name of a degradation, and the seed of its chance. */
      spoilt: string;
      seed: number;
      harm: Harm | null;
      /** Something is written by hand wherever there is room for it. */
      isWritten: boolean;
      /** The feeder took the very same picture twice. */
      isTwice: boolean;
    }
  | { isBlank: true };
export type PrintedSheet = Exclude<Sheet, { isBlank: true }>;

export const isPrinted = (sheet: Sheet): sheet is PrintedSheet => !('isBlank' in sheet);

/** Mild: what scanners do on an ordinary day. Most pages come as they were printed. */
const MILD = [
  ...['as printed', 'shifted', 'JPEG 20–30', 'upside down', 'as printed', 'pen over one code', 'shadow', 'as printed'],
  ...['rotated 2°', 'lid open', 'as printed', 'label over two codes', 'dark paper', 'as printed', 'punched'],
  ...['seen through', 'as printed', 'one square gone', 'scaled 93–97 %', 'as printed', 'felt pen over all codes'],
  ...['black and white', 'as printed', 'quarter turn'],
];

export interface PrintedCollege {
  /** Path of the document that the hub printed. */
  pdf: string;
  /** As the hub numbers it in codes. */
  institution: number;
  /** Participants of each room. */
  rooms: readonly number[];
}

const PROCEDURE = 1;

/** The pages of one college, in the order of its printed document, each marked as its participant or organizer would. */
export function printedSheets({ pdf, institution, rooms }: PrintedCollege, seed: number): PrintedSheet[] {
  const chance = chanceOf(seed);
  const sheets: PrintedSheet[] = [];
  const add = (form: FormDefinition, holder: PageCode['holder'], marksOf: (page: number) => Marks): void => {
    for (const { number: page } of form.pages) {
      const at = sheets.length;
      sheets.push({
        ...{ pdf, at, marks: marksOf(page), harm: null, isWritten: false, isTwice: false },
        code: { procedure: PROCEDURE, institution, holder, form: form.number, version: form.version, page },
        ...{ spoilt: MILD[at % MILD.length] ?? 'as printed', seed: seed + at },
      });
    }
  };
  let first = 1;
  for (const [index, participants] of rooms.entries()) {
    const room = { kind: 'room' as const, number: index + 1 };
    const present = Object.fromEntries(Array.from({ length: participants }, (_, row) => [`row${row + 1}`, 'attended']));
    add(formFor('attendance'), room, () => present);
    add(formFor('protocol'), room, () => answersOf(formFor('protocol'), 1, chance));
    for (let number = first; number < first + participants; number++)
      add(formFor('answers'), { kind: 'participant', number }, (page) => answersOf(formFor('answers'), page, chance));
    first += participants;
  }
  return sheets;
}

/** An answer to each question with options; one in ten is left empty. Nothing in own words: those are for experts. */
function answersOf(form: FormDefinition, page: number, chance: Chance): Marks {
  const fields = form.pages.find(({ number }) => number === page)?.fields ?? [];
  return Object.fromEntries(
    fields.flatMap((field) => {
      if (field.kind !== 'choice' || chance() < 0.1) return [];
      const option = field.options[Math.floor(chance() * field.options.length)];
      return option ? [[field.key, option.key]] : [];
    }),
  );
}

/** The sheet of a participant. */
export function sheetOf(sheets: readonly PrintedSheet[], participant: number, page: number): PrintedSheet {
  const found = sheets.find(
    ({ code: { holder, page: of } }) => holder.kind === 'participant' && holder.number === participant && of === page,
  );
  if (!found) throw new Error(`no page ${page} of participant ${participant}`);
  return found;
}

/** The first answered question of a page, with what was answered and an option that was not. */
export function questionOf({ code, marks }: PrintedSheet): { field: string; option: string; other: string } {
  const form = FORMS.find(({ number }) => number === code.form);
  const [field = '', option = ''] = Object.entries(marks)[0] ?? [];
  const asked = form?.pages.flatMap(({ fields }) => fields).find(({ key }) => key === field);
  const other = asked?.kind === 'choice' ? asked.options.find(({ key }) => key !== option)?.key : undefined;
  if (other === undefined) throw new Error(`nothing is answered on ${encode(code)}`);
  return { field, option, other };
}

/* ---- files ---- */

/** One file of a scanner. */
export interface PileFile {
  name: string;
  sheets: readonly Sheet[];
}

/** Pages of a file as the hub counts them. */
export const pagesOf = ({ sheets }: PileFile): Sheet[] =>
  sheets.flatMap((sheet) => (isPrinted(sheet) && sheet.isTwice ? [sheet, sheet] : [sheet]));

/** Two scanners, each in a process of its own, until every file is written. */
export async function scanPile(folder: string, files: readonly PileFile[], dpi: number): Promise<void> {
  const left = [...files];
  await Promise.all(
    [0, 1].map(async () => {
      const scanner = fork(fileURLToPath(new URL('./pile-scanner.ts', import.meta.url)), {
        // The test runner's own loader is no business of the scanner.
        ...{ execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } },
      });
      try {
        for (let file = left.shift(); file; file = left.shift()) {
          const { name, sheets } = file;
          await new Promise<void>((resolve, reject) => {
            scanner.once('message', () => resolve());
            scanner.once('exit', (code) => reject(new Error(`the scanner ended with ${code} at ${name}`)));
            scanner.send({ path: join(folder, name), dpi, sheets } satisfies ScanAsked);
          });
          scanner.removeAllListeners();
        }
      } finally {
        scanner.kill();
      }
    }),
  );
}
