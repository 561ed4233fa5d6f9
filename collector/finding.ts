/**
 * What can be wrong with a scan: a closed list, each with how grave it is, who notices it, what is known then, and the ways out that a person
 * has (S1-12). The words of cause and remedy are found by the code in `messages/`. Pure, browser-safe.
 */
import type { HolderKind, PageCode } from './code.ts';
import type { Attendance } from './form.ts';

/** Pixels of the page image as it was received, after the turn that its file declares. */
export interface PixelBox {
  x: number;
  y: number;
  width: number;
  height: number;
}
/** A corner in the same pixels. */
export interface PixelPoint {
  x: number;
  y: number;
}

export type LimitName =
  | 'fileBytes'
  | 'filePages'
  | 'pagePixels'
  | 'pageSidePixels'
  | 'archiveEntries'
  | 'archiveDepth'
  | 'expandedBytes'
  | 'expansionRatio';

/** One shade a mark has: 0 is the paper around it, 1 the blackest ink of the page. */
export interface MarkEvidence {
  option: string;
  row: 'answer' | 'correction';
  darkness: number;
}

/** What each code knows. `crop` is what a person has to look at. */
export interface FindingData {
  /* ---- of the file ---- */
  FILE_CORRUPT: { reason: 'empty' | 'truncated' | 'damaged'; path: string | null; page: number | null };
  FILE_UNSUPPORTED: { reason: 'kind' | 'encrypted' | 'compression'; looksLike: string; path: string | null };
  FILE_OVER_LIMIT: { limit: LimitName; value: number; max: number; path: string | null; page: number | null };
  /** The page took too long, too much memory, or broke the reader: it is set aside and the rest goes on. */
  PAGE_SET_ASIDE: { reason: 'slow' | 'heavy' | 'crashed'; path: string | null; page: number };
  /* ---- of the page ---- */
  PAGE_BLANK: { inkShare: number };
  DPI_LOW: { dpi: number; dpiMin: number };
  /** Distance of ink and paper, of 255. */
  CONTRAST_LOW: { contrast: number; contrastMin: number };
  /** Only black and white pixels came: light marks are lost for ever. */
  BW_LOSSY: Record<string, never>;
  /** Lines along the whole page, as a speck on the glass draws them: they were painted over before the page was read. */
  STREAKED: { streaks: number };
  SKEW_HIGH: { degrees: number; degreesMax: number };
  UPSIDE_DOWN: { quarterTurns: 1 | 2 | 3 };
  /** `fields` are those that lie wholly or partly beyond the image. */
  EDGE_CUT: { edges: ('top' | 'right' | 'bottom' | 'left')[]; fields: string[] };
  FIDUCIAL_MISSING: { found: number };
  GEOMETRY_UNKNOWN: { found: PixelPoint[] };
  CODE_UNREADABLE: { crops: PixelBox[] };
  CODE_CONFLICT: { candidates: { code: PageCode; text: string; from: CodeSource; crop: PixelBox | null }[] };
  FORM_UNKNOWN: { form: number };
  FORM_VERSION_OLD: { form: number; version: number; newest: number };
  MARK_AMBIGUOUS: { field: string; crop: PixelBox; marks: MarkEvidence[] };
  MARK_MULTIPLE: { field: string; crop: PixelBox; marks: MarkEvidence[] };
  /** Many places of the page are as dark as marks: a stain, a shadow, a copy of another page. */
  MARK_STAIN: { fields: string[]; crop: PixelBox };
  /* ---- of the batch: only the hub can know ---- */
  FOREIGN_PROCEDURE: { procedure: number };
  FOREIGN_INSTITUTION: { institution: number };
  PARTICIPANT_UNKNOWN: { holder: { kind: HolderKind; number: number } };
  PAGE_DUPLICATE: { text: string; otherPageId: string; isSameImage: boolean };
  PAGE_MISSING: { text: string; page: number };
  COUNT_MISMATCH: { declared: number; counted: number };
  ATTENDANCE_CONFLICT: { participant: number; said: { by: 'ownPage' | 'sheet' | 'answers'; attendance: Attendance }[] };
}

export type CodeSource = 'datamatrix' | 'twin' | 'qr' | 'typed';
export type CollectorFindingCode = keyof FindingData;
export type FindingOf<Code extends CollectorFindingCode> = {
  [Key in Code]: { code: Key; data: FindingData[Key] };
}[Code];
export type CollectorFinding = FindingOf<CollectorFindingCode>;

/** What a person can do about it; the hub makes a button of each. */
export const WAYS_OUT = [
  /** Type the printed code (`parseTypedCode`), and read the page again with it as a hint. */
  'typeCode',
  /** Click the four corner squares, and read again with them. */
  'clickCorners',
  /** Turn the page by quarters, and read again. */
  'rotate',
  /** Say which form and page it is, when the code is known to nobody. */
  'pickForm',
  /** Give the page to another institution, participant or procedure. */
  'moveTo',
  /** Two pages, or two codes: say which holds. */
  'chooseOfTwo',
  /** Say what is marked. */
  'decideMarks',
  'markBlank',
  'requestRescan',
  'acceptWithReason',
  'drop',
] as const;
export type WayOut = (typeof WAYS_OUT)[number];

/**
 * `healed`: the page was read all the same; it is told so that its cause can be mended. `asks`: a person decides. `refuses`: nothing of the
 * file (or of the named part of it) was read.
 */
export type FindingSeverity = 'healed' | 'asks' | 'refuses';
export type FindingLevel = 'file' | 'page' | 'batch';
/** Why a whole batch has the same finding: said once instead of on every page. */
export type BatchCause =
  | 'scannerResolution'
  | 'scannerThreshold'
  | 'scannerContrast'
  | 'scannerGlass'
  | 'feeder'
  | 'duplexBlankBacks'
  | 'wrongPile'
  | 'oldPrint';

interface FindingRow {
  level: FindingLevel;
  severity: FindingSeverity;
  waysOut: readonly WayOut[];
  batchCause: BatchCause | null;
}

const FILE = { level: 'file', severity: 'refuses', batchCause: null } as const;
const HEALED = { level: 'page', severity: 'healed', waysOut: ['requestRescan'] } as const;
const ASKS = { level: 'page', severity: 'asks', batchCause: null } as const;
const BATCH = { level: 'batch', severity: 'asks', batchCause: null } as const;

export const FINDINGS: Readonly<Record<CollectorFindingCode, FindingRow>> = {
  FILE_CORRUPT: { ...FILE, waysOut: ['requestRescan', 'drop'] },
  FILE_UNSUPPORTED: { ...FILE, waysOut: ['requestRescan', 'drop'] },
  FILE_OVER_LIMIT: { ...FILE, waysOut: ['requestRescan', 'drop'] },
  PAGE_SET_ASIDE: { ...FILE, severity: 'asks', waysOut: ['requestRescan', 'acceptWithReason', 'drop'] },
  PAGE_BLANK: { ...ASKS, waysOut: ['markBlank', 'drop', 'rotate', 'requestRescan'], batchCause: 'duplexBlankBacks' },
  DPI_LOW: { ...HEALED, batchCause: 'scannerResolution' },
  CONTRAST_LOW: { ...HEALED, batchCause: 'scannerContrast' },
  BW_LOSSY: { ...HEALED, batchCause: 'scannerThreshold' },
  STREAKED: { ...HEALED, batchCause: 'scannerGlass' },
  SKEW_HIGH: { ...HEALED, batchCause: 'feeder' },
  UPSIDE_DOWN: { ...HEALED, waysOut: [], batchCause: 'feeder' },
  EDGE_CUT: { ...ASKS, waysOut: ['requestRescan', 'decideMarks', 'acceptWithReason'], batchCause: 'feeder' },
  FIDUCIAL_MISSING: { ...HEALED, batchCause: 'feeder' },
  GEOMETRY_UNKNOWN: { ...ASKS, waysOut: ['clickCorners', 'rotate', 'requestRescan', 'drop'] },
  CODE_UNREADABLE: { ...ASKS, waysOut: ['typeCode', 'pickForm', 'rotate', 'clickCorners', 'requestRescan', 'drop'] },
  CODE_CONFLICT: { ...ASKS, waysOut: ['chooseOfTwo', 'typeCode', 'requestRescan', 'drop'] },
  FORM_UNKNOWN: { ...ASKS, waysOut: ['pickForm', 'typeCode', 'moveTo', 'drop'], batchCause: 'wrongPile' },
  FORM_VERSION_OLD: { ...ASKS, waysOut: ['acceptWithReason', 'pickForm', 'drop'], batchCause: 'oldPrint' },
  MARK_AMBIGUOUS: { ...ASKS, waysOut: ['decideMarks', 'markBlank', 'requestRescan'] },
  MARK_MULTIPLE: { ...ASKS, waysOut: ['decideMarks', 'markBlank', 'requestRescan'] },
  MARK_STAIN: { ...ASKS, waysOut: ['decideMarks', 'markBlank', 'requestRescan'] },
  FOREIGN_PROCEDURE: { ...BATCH, waysOut: ['moveTo', 'typeCode', 'drop'], batchCause: 'wrongPile' },
  FOREIGN_INSTITUTION: { ...BATCH, waysOut: ['moveTo', 'typeCode', 'drop'], batchCause: 'wrongPile' },
  PARTICIPANT_UNKNOWN: { ...BATCH, waysOut: ['moveTo', 'typeCode', 'acceptWithReason', 'drop'] },
  PAGE_DUPLICATE: { ...BATCH, waysOut: ['chooseOfTwo', 'typeCode', 'drop'] },
  PAGE_MISSING: { ...BATCH, waysOut: ['requestRescan', 'acceptWithReason'] },
  COUNT_MISMATCH: { ...BATCH, waysOut: ['requestRescan', 'acceptWithReason'] },
  ATTENDANCE_CONFLICT: { ...BATCH, waysOut: ['chooseOfTwo', 'acceptWithReason'] },
};

export const COLLECTOR_FINDING_CODES = Object.keys(FINDINGS) as CollectorFindingCode[];

/** The severity of this one: a cut edge that took no field with it heals by itself. */
export function severityOf(finding: CollectorFinding): FindingSeverity {
  if (finding.code === 'EDGE_CUT' && finding.data.fields.length === 0) return 'healed';
  return FINDINGS[finding.code].severity;
}
