/**
 * One page of a scanned file: what was read of it, what a person decided, and where it stands (S1-12). Which errors it has follows from these
 * three, so that a decision can be taken back and a later page can answer an earlier one. Pure, browser-safe.
 */
import { z } from 'zod';
import { encode, type HolderKind, type PageCode } from '#collector/code.ts';
import { severityOf, type CollectorFinding } from '#collector/finding.ts';
import { SHEET_COUNT_KEYS } from '#collector/forms/cover.ts';
import { findForm, type FormDefinition, type FormPurpose } from '#collector/form.ts';
import { READING_LIMITS, type FieldReading, type PageReading, type ReadingHints } from '#collector/reading.ts';
import { roomOf, type ScanCollege } from './scan-college.ts';

/** Why a page does not count. */
export type DropReason =
  /** The very same image was there. */
  | 'sameImage'
  /** A later page took its place, by itself or by a decision. */
  | 'replaced'
  | 'blank'
  /** It belongs to nothing: a cover, a sheet that somebody put in. */
  | 'cover'
  | 'useless';

/** What people said of a page; each can be taken back. */
export interface PageDecisions {
  /** Option by field, null for a field that was left empty. */
  marks: Record<string, string | null>;
  /** Findings that were let stand, by `findingKey`, with the reason. */
  accepted: Record<string, string>;
  /** Whose page it is, against what is printed on it: a spare sheet, a wrong participant code. */
  holder: PageCode['holder'] | null;
  dropped: DropReason | null;
  /** It takes the place of the page that stands there. */
  replaces: boolean;
}

const cropPixels = (min: number) => z.coerce.number().int().min(min).max(READING_LIMITS.pageSidePixelsMax);
/** A part of a page, as an address asks for it: pixels of its image as it came. */
export const cropSchema = z
  .strictObject({ x: cropPixels(0), y: cropPixels(0), w: cropPixels(1), h: cropPixels(1) })
  .transform(({ x, y, w, h }) => ({ x, y, width: w, height: h }));

export const UNDECIDED: PageDecisions = { marks: {}, accepted: {}, holder: null, dropped: null, replaces: false };

export interface ScanPage {
  /** `file.number`. */
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  batch: string;
  file: string;
  /** In its file, from 1. */
  n: number;
  /** Name within an archive. */
  path: string | null;
  /** Of the page image; null for a page that gave none. */
  image: { sha256: string; type: string; bytes: number } | null;
  /** Null for a page that gave no image. */
  reading: PageReading | null;
  /** What the reading of the file said of it. */
  told: CollectorFinding[];
  hints: ReadingHints;
  decisions: PageDecisions;
  /**
   * `standing`: it is the page of its place. `waiting`: it has none, or another stands there. `dropped`: it does not count.
   */
  status: 'standing' | 'waiting' | 'dropped';
  droppedFor: DropReason | null;
  /** Which page of which work it is; null while that is not known. */
  place: string | null;
  work: string | null;
  readAtMs: number;
  /** What the last decision changed, so that whoever took it can take it back. */
  former: FormerPage | null;
}

/** A page as it was before a decision. */
export interface FormerPage {
  /** The error that was decided, and by whom. */
  error: string;
  by: string;
  batch: string;
  college: string;
  reading: PageReading | null;
  hints: ReadingHints;
  decisions: PageDecisions;
  /** The page that had stood in its place. */
  other: string | null;
}

/** Whose a page is, by what its form is for. */
export const HOLDER_OF: Readonly<Record<FormPurpose, HolderKind>> = {
  ...{ answers: 'participant', protocol: 'room', attendance: 'room', cover: 'batch', spare: 'spare' },
};

export const pageId = (file: string, n: number): string => `${file}.${n}`;

/** What is printed on it, or what a person said instead. */
export function codeOf({ reading, decisions }: Pick<ScanPage, 'reading' | 'decisions'>): PageCode | null {
  const code = reading?.identity?.code;
  if (!code) return null;
  return decisions.holder ? { ...code, holder: decisions.holder } : code;
}

export const workId = (procedure: string, college: string, participant: number): string =>
  `${procedure}/${college}/${participant}`;

/** The place of a page: which page of whose. A spare sheet given to a participant keeps its own number. */
export function placeOf(page: ScanPage, code: PageCode): string {
  const printed = page.reading?.identity?.code ?? code;
  const spare = printed.holder.kind === 'spare' ? [`spare-${printed.holder.number}`] : [];
  return [
    page.procedure,
    page.college,
    `${code.holder.kind}-${code.holder.number}`,
    code.form,
    code.page,
    ...spare,
  ].join('/');
}

/** Which finding of a page: one code may come once for each field. */
export function findingKey(finding: CollectorFinding): string {
  switch (finding.code) {
    case 'MARK_AMBIGUOUS':
    case 'MARK_MULTIPLE':
      return `${finding.code}.${finding.data.field}`;
    case 'PAGE_MISSING':
      return `${finding.code}.${finding.data.page}`;
    case 'ATTENDANCE_CONFLICT':
      return `${finding.code}.${finding.data.participant}`;
    default:
      return finding.code;
  }
}

/** Fields that a finding leaves to a person. */
export function fieldsLeft(finding: CollectorFinding): string[] {
  switch (finding.code) {
    case 'MARK_AMBIGUOUS':
    case 'MARK_MULTIPLE':
      return [finding.data.field];
    case 'MARK_STAIN':
    case 'EDGE_CUT':
      return finding.data.fields;
    default:
      return [];
  }
}

/** What is known where a page is looked at. */
export interface PageSurroundings {
  /** The procedure's number in codes. */
  procedureNumber: number;
  forms: readonly FormDefinition[];
  college: ScanCollege;
  /** The page that stands in its place, if another does. */
  other: ScanPage | null;
}

/** What the page's identity means where it was scanned: the checks that only the hub can make. */
function misplaced(code: PageCode, { procedureNumber, forms, college }: PageSurroundings): CollectorFinding[] {
  if (code.procedure !== procedureNumber) return [{ code: 'FOREIGN_PROCEDURE', data: { procedure: code.procedure } }];
  const found = findForm(forms, code.form, code.version);
  if (!found) return [{ code: 'FORM_UNKNOWN', data: { form: code.form } }];
  if (code.institution !== college.number)
    return [{ code: 'FOREIGN_INSTITUTION', data: { institution: code.institution } }];
  if (!isKnown(code.holder, college)) return [{ code: 'PARTICIPANT_UNKNOWN', data: { holder: code.holder } }];
  return [];
}

function isKnown({ kind, number }: { kind: HolderKind; number: number }, { roster }: ScanCollege): boolean {
  switch (kind) {
    case 'participant':
      return roomOf(roster, number) !== null;
    case 'room':
      return roster.rooms.some((room) => room.number === number);
    case 'batch':
      return true;
    case 'spare':
      // Nobody's yet: somebody has to say to whose work it belongs.
      return false;
    default:
      return kind satisfies never;
  }
}

/** The findings of a page that ask for a person, less what was decided. Nothing of a page that was dropped. */
export function findingsOf(page: ScanPage, surroundings: PageSurroundings): CollectorFinding[] {
  if (page.decisions.dropped) return [];
  const code = codeOf(page);
  const isBatch = code?.holder.kind === 'batch';
  const own = isBatch ? [] : [...page.told, ...(page.reading?.findings ?? [])];
  const hub = code ? misplaced(code, surroundings) : [];
  // Whose page it is comes first: before that is known, its marks are nobody's.
  const all = hub.length > 0 ? hub : [...own.filter(asks), ...twin(page, surroundings)];
  return all.filter(
    (finding) =>
      !(findingKey(finding) in page.decisions.accepted) &&
      !(fieldsLeft(finding).length > 0 && fieldsLeft(finding).every((field) => field in page.decisions.marks)),
  );
}

const asks = (finding: CollectorFinding): boolean => severityOf(finding) !== 'healed';

function twin(page: ScanPage, { other }: PageSurroundings): CollectorFinding[] {
  const code = codeOf(page);
  if (!other || !code || page.decisions.replaces) return [];
  const isSameImage = other.image?.sha256 === page.image?.sha256;
  return [{ code: 'PAGE_DUPLICATE', data: { text: encode(code), otherPageId: other.id, isSameImage } }];
}

/** What was noticed and mended without anybody: told, because its cause can be mended. */
export const healedOf = (page: ScanPage): CollectorFinding[] =>
  (page.reading?.findings ?? []).filter((finding) => !asks(finding));

/** Findings that leave the page without a place. */
const UNPLACED: readonly CollectorFinding['code'][] = [
  ...(['FOREIGN_PROCEDURE', 'FORM_UNKNOWN', 'FOREIGN_INSTITUTION', 'PARTICIPANT_UNKNOWN'] as const),
  ...(['CODE_UNREADABLE', 'CODE_CONFLICT', 'PAGE_BLANK', 'PAGE_SET_ASIDE', 'GEOMETRY_UNKNOWN'] as const),
];
export const hasPlace = (page: ScanPage, surroundings: PageSurroundings): boolean => {
  const code = codeOf(page);
  return (
    code !== null &&
    code.holder.kind !== 'batch' &&
    page.decisions.dropped === null &&
    !findingsOf(page, { ...surroundings, other: null }).some((finding) => UNPLACED.includes(finding.code))
  );
};

/* ---- what is written on it ---- */

/** An answer as it counts: an option, `WRITTEN`, or null where nothing is marked; `UNDECIDED_ANSWER` while a person has to say. */
export type Answer = string | null;
export const WRITTEN = 'written';
export const UNDECIDED_ANSWER = '?';

export function answerOf(field: FieldReading, { marks }: PageDecisions): Answer {
  const decided = marks[field.key];
  if (decided !== undefined) return decided;
  if (field.kind !== 'choice' && field.kind !== 'attendance') return field.isBlank ? null : WRITTEN;
  switch (field.decision.kind) {
    case 'one':
      return field.decision.option;
    case 'none':
      return null;
    case 'doubtful':
    case 'multiple':
      return UNDECIDED_ANSWER;
    default:
      return field.decision satisfies never;
  }
}

/** How many sheets a cover says that follow it; null where a figure is left open or can't be told (S1-24). */
export function sheetsDeclared({ reading, decisions }: Pick<ScanPage, 'reading' | 'decisions'>): number | null {
  const answers = SHEET_COUNT_KEYS.map((key) => {
    const field = reading?.fields.find((one) => one.key === key);
    return field ? answerOf(field, decisions) : null;
  });
  // Of 12 sheets many leave the row of the hundreds empty.
  const said = answers.slice(answers.findIndex((answer) => answer !== null));
  return said.some((answer) => answer === null || answer === UNDECIDED_ANSWER)
    ? null
    : Number(said.map((answer) => answer?.slice(1)).join(''));
}
