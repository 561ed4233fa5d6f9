/**
 * What the Collector says of a page, and the door through which the rest of the program asks it. A decision of a person is a hint with
 * which the page is read again, so that a reading is always the work of the same code. Pure, browser-safe.
 */
import { z } from 'zod';
import { type PageCode, pageCodeSchema } from './code.ts';
import type { CodeSource, CollectorFinding, MarkEvidence, PixelBox } from './finding.ts';
import type { Attendance, Box, FormDefinition } from './form.ts';

/** Raised whenever the same image may be read otherwise than before. */
export const READER_VERSION = 2;

/** Row by row: takes millimetres of the upright page to pixels of the image, turned or not. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

export interface PageReading {
  readerVersion: number;
  /** Of the image as received, after the turn that its file declares. */
  width: number;
  height: number;
  /** Of the paper: measured between the corner squares, or as the file declares; null when neither says. */
  dpi: number | null;
  identity: PageIdentity | null;
  /** Null when the page's place in the image could not be found: then nothing but a typed code is known. */
  geometry: Homography | null;
  /** Empty without identity, form and geometry. */
  fields: FieldReading[];
  findings: CollectorFinding[];
  stageMs: Partial<Record<ReadingStage, number>>;
}

export const READING_STAGES = ['decode', 'geometry', 'code', 'repair', 'search', 'marks'] as const;
export type ReadingStage = (typeof READING_STAGES)[number];

export interface PageIdentity {
  code: PageCode;
  /** The twenty signs. */
  text: string;
  /** Every copy that said so; none said otherwise. */
  sources: CodeSource[];
  /** Whether no copy could be read as it stands, and several were put together. */
  isRepaired: boolean;
}

export type FieldReading =
  | { kind: 'choice'; key: string; crop: PixelBox; marks: MarkEvidence[]; decision: ChoiceDecision }
  | {
      kind: 'attendance';
      key: string;
      row: number | null;
      crop: PixelBox;
      marks: MarkEvidence[];
      decision: MarkDecision<Attendance>;
    }
  | { kind: 'freeAnswer'; key: string; crop: PixelBox; isBlank: boolean; inkShare: number }
  | { kind: 'text'; key: string; crop: PixelBox; isBlank: boolean; inkShare: number };

/** `doubtful` and `multiple` have their finding; they are never guessed. */
export type MarkDecision<Option extends string = string> =
  | { kind: 'one'; option: Option }
  | { kind: 'none' }
  | { kind: 'doubtful'; options: Option[] }
  | { kind: 'multiple'; options: Option[] };
export type ChoiceDecision = MarkDecision & { isCorrected: boolean };

/* ---- hints: what a person said ---- */

const pixelPointSchema = z.strictObject({ x: z.number().min(0).max(100_000), y: z.number().min(0).max(100_000) });
export const hintsSchema = z.strictObject({
  /** The page is this one, as typed or put together from what was picked; the codes on it are not asked any more. */
  code: pageCodeSchema.optional(),
  /** Centres of the corner squares of the upright page: top left, top right, bottom right, bottom left. */
  corners: z.tuple([pixelPointSchema, pixelPointSchema, pixelPointSchema, pixelPointSchema]).optional(),
  /** Quarter turns clockwise that make the image upright. */
  rotate: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
});
export type ReadingHints = z.infer<typeof hintsSchema>;

/* ---- files ---- */

export interface ReadingLimits {
  fileBytesMax: number;
  filePagesMax: number;
  /** Pixels of one page, and of its longer side. */
  pagePixelsMax: number;
  pageSidePixelsMax: number;
  archiveEntriesMax: number;
  /** Archives within archives: 1 is an archive of images. */
  archiveDepthMax: number;
  expandedBytesMax: number;
  expansionRatioMax: number;
  pageMsMax: number;
}

export const READING_LIMITS: ReadingLimits = {
  fileBytesMax: 2 * 1024 * 1024 * 1024,
  filePagesMax: 10_000,
  pagePixelsMax: 120_000_000,
  pageSidePixelsMax: 20_000,
  archiveEntriesMax: 10_000,
  archiveDepthMax: 2,
  expandedBytesMax: 8 * 1024 * 1024 * 1024,
  expansionRatioMax: 200,
  pageMsMax: 20_000,
};

export const PAGE_IMAGE_TYPES = ['image/jpeg', 'image/png'] as const;

/** One page out of a file, read: everything that is kept of it. */
export interface ReadPage {
  /** From 1, over the whole file; the two halves of a two-up scan are two pages. The same at every reading of the same bytes. */
  number: number;
  /** Name of the file within an archive, for people; null outside one. */
  path: string | null;
  /** The page alone, as it came where that is possible: from now on `readPage` and `crop` need nothing else. */
  image: { bytes: Uint8Array; type: (typeof PAGE_IMAGE_TYPES)[number] };
  /** JPEG for a contact sheet, upright where the geometry is known. */
  thumbnail: Uint8Array;
  reading: PageReading;
}

/** What became of a file as a whole. Pages that could be read were handed over before, whatever the findings. */
export interface FileOutcome {
  /** By content. */
  kind: FileKind | null;
  /** Pages counted in the file, read or not; null when that could not be found out. */
  pages: number | null;
  /** Of the file and of pages that gave no image; in the order of the file. */
  findings: CollectorFinding[];
}
export type FileKind = 'pdf' | 'tiff' | 'jpeg' | 'png' | 'webp' | 'zip';

export interface ReadFileRequest {
  forms: readonly FormDefinition[];
  /** Pages below this number were read before: a job goes on where it was cut off. */
  fromPage?: number;
  limits?: Partial<ReadingLimits>;
  signal?: AbortSignal;
  /**
   * Told of a page that broke its thread, in its turn among the others and before any page behind it is begun: whoever keeps how far a file is
   * keeps with it that this page gave nothing. The outcome tells of it as well.
   */
  setAside?: (page: PageSetAside) => void | Promise<void>;
}
export type PageSetAside = Extract<CollectorFinding, { code: 'PAGE_SET_ASIDE' }>;

/** The bytes, or where they lie on this machine: a large file need not pass through the caller's memory. */
export type FileSource = Uint8Array | { path: string };

/** Thrown when so many wait already that no more are taken. */
export class CollectorBusy extends Error {
  override readonly name = 'CollectorBusy';
}

/** Thrown by `readPage`, `cropPage` and `renderPage` for bytes that are no page image, or take too long. */
export class PageRefused extends Error {
  override readonly name = 'PageRefused';
  readonly finding: CollectorFinding;

  constructor(finding: CollectorFinding) {
    super(finding.code);
    this.finding = finding;
  }
}

/** The Collector's workers. Bounded in time, memory and queue; who comes when the queue is full is refused by `CollectorBusy`. */
export interface Collector {
  /** Pages come in order; the next is not handed over before `take` has ended, so a slow store holds the reader back. */
  readFile(
    source: FileSource,
    request: ReadFileRequest,
    take: (page: ReadPage) => void | Promise<void>,
  ): Promise<FileOutcome>;
  /** Reads one page image (`ReadPage.image`) again. */
  readPage(
    bytes: Uint8Array,
    request: { forms: readonly FormDefinition[]; hints?: ReadingHints },
  ): Promise<PageReading>;
  /** Cuts a part out of a page image, upright where a geometry is given: JPEG. `Box` is in millimetres and needs a geometry. */
  cropPage(bytes: Uint8Array, part: CropPart): Promise<Uint8Array>;
  /** The whole page for the eye: JPEG, upright, its longer side at most `sidePixelsMax`. */
  renderPage(bytes: Uint8Array, options: RenderOptions): Promise<Uint8Array>;
  /** Writes a job of pages as one PDF, piece by piece; tells how many pages are done. */
  print(
    job: PrintJob,
    take: (piece: Uint8Array, pagesDone: number) => void | Promise<void>,
  ): Promise<{ pages: number }>;
  close(): Promise<void>;
}

export type CropPart =
  | { kind: 'pixels'; box: PixelBox; sidePixelsMax: number }
  | { kind: 'millimetres'; box: Box; geometry: Homography; dpi: number };

export interface RenderOptions {
  sidePixelsMax: number;
  /** Deskews and turns. */
  geometry?: Homography | null;
  /** Without a geometry. */
  rotate?: 0 | 1 | 2 | 3;
}

/* ---- print ---- */

/** One form for one holder: all pages of the form, or some of them. */
export interface PrintItem {
  form: FormDefinition;
  procedure: number;
  institution: number;
  holder: PageCode['holder'];
  /** By default every page. */
  pages?: number[];
  /** Shown under the title: the institution's name, room, subject. No names of participants. */
  lines: string[];
  /** For attendance sheets: what stands in row 1, 2, … ; participant codes, no names. */
  rows?: string[];
}

/** Words that are printed beside those of the form. */
export interface PrintWords {
  title: string;
  /** `{page}` and `{pages}` are replaced. */
  pageOf: string;
  correction: string;
  participant: string;
  spare: string;
  room: string;
  batch: string;
}

export interface PrintJob {
  words: PrintWords;
  items: Iterable<PrintItem> | AsyncIterable<PrintItem>;
  pagesMax?: number;
  signal?: AbortSignal;
}
