/**
 * What the hub asks of spreadsheets: the port that `exchange/` fills and `server/` wires (S2-09 … S2-19).
 * Plain data only: every value here crosses a worker thread and the socket unchanged.
 */
import type { AttendanceRow } from './attendance.form.ts';
import type { PlacedRow } from '../org/unit-difference.ts';
import type { UnitKey, UnitRow } from '../org/unit.form.ts';
import type { AttendanceReport } from './attendance.report.ts';

export type WorkbookFormat = 'xls' | 'xlsx';

/** Who a file belongs to; written into the template, demanded back from the filled file. */
export interface FileIdentity {
  formId: 'attendance';
  version: number;
  /** Procedure id, e.g. `attendance-48-2012`. */
  procedure: string;
  /** Institution id, e.g. `i48-1`. */
  institution: string;
}

/** What the template prints for people beside its identity. */
export interface TemplateHead {
  institutionName: string;
  /** Academic year as printed, e.g. `2012-2013`. */
  academicYear: string;
}

/**
 * One thing found in a file. `error` refuses the whole file; `note` tells what was understood in spite of the form.
 * The words (cause, remedy) are `finding_<code>_cause` and `finding_<code>_remedy` of the message files; `params` are their figures.
 */
export interface Finding {
  code: FindingCode;
  severity: 'error' | 'note';
  /** Sheet name as in the file. */
  sheet?: string;
  /** Address as people read it, e.g. `D14`. */
  cell?: string;
  /** The value as it stands in the file, cut to 80 characters. */
  value?: string;
  params: Record<string, string | number>;
}

/** Whole-file refusals first, then cells, then notes. A closed union: the message files and the tests list the same. */
export const FINDING_CODES = [
  // the file as a whole
  'file_empty', // 0 bytes
  'file_not_spreadsheet', // neither BIFF8 in CFB nor OOXML; params.looksLike: csv, html, pdf, zip, xml, ods, text, unknown
  'file_corrupt', // the signature is right, the rest is not readable
  'file_too_big', // params.mb, params.mbMax
  'file_excel_old', // Excel 95 and older: params.program
  'file_encrypted', // asks for a password
  'file_unsafe', // its XML declares a document type or entities, which spreadsheet programs never write
  'file_bomb', // expands beyond the limits: params.ratio, params.ratioMax or params.mb, params.mbMax
  'file_too_heavy', // more cells than any form holds, or the reading passed its memory limit
  'file_too_slow', // the reading passed its time limit: params.seconds
  'reading_failed', // the hub's own fault, not the file's
  'form_missing', // no form id inside: not the template of the hub
  'form_foreign', // another form: params.form
  'form_version_old', // params.version, params.versionNow
  'form_version_unknown', // newer than the hub's own: params.version, params.versionNow
  'institution_foreign', // params.institution (id in the file)
  'procedure_foreign', // params.procedure
  'sheet_missing', // the data sheet was deleted or renamed: params.sheet
  'sheet_empty', // no data rows
  'rows_too_many', // params.rowsMax
  // the heading row
  'header_missing', // no heading row found
  'header_merged', // headings merged over several columns: params.heading
  'column_missing', // params.heading
  'column_doubled', // params.heading
  // a cell
  'value_missing', // params.heading
  'not_a_number', // params.heading, params.min, params.max
  'not_whole', // params.heading
  'out_of_range', // params.heading, params.min, params.max
  'date_instead', // a date where a number or a class stands: params.heading
  'class_unreadable', // params.example
  'half_year_unreadable',
  'cell_error_value', // #REF!, #DIV/0! …
  'formula_without_value',
  // a row against the others
  'row_doubled', // the same class and half-year: params.className, params.halfYear, params.row (the first)
  'half_year_missing', // the class has one half-year only (S2-12): params.className, params.halfYear
  'parts_exceed_total', // illness + unexcused > all missed: params.illness, params.unexcused, params.missed
  'missed_too_many', // more lessons missed than could be given: params.missed, params.missedMax
  // a text table
  'csv_broken', // a quotation mark that never ends, or the like: params.row
  // the list of units: a cell
  'text_too_short', // params.heading, params.min
  'text_too_long', // params.heading, params.chars, params.max
  'unit_code_unreadable', // params.example
  'unit_kind_unknown',
  'unit_zone_unknown', // params.example
  'unit_status_unknown',
  'unit_ownership_unknown',
  // the list of units: a row against the others and against the tree
  'unit_code_doubled', // params.row (the first)
  'unit_foreign', // a unit outside the territory
  'unit_kind_fixed', // the kind of a known unit: params.kind
  'unit_top_fixed', // the place and state of the territory itself
  'unit_parent_missing',
  'unit_parent_unknown',
  'unit_parent_kind', // params.kind, params.parentKind
  'unit_parent_ended',
  'unit_region_fixed',
  'unit_zone_missing',
  'unit_zone_extra',
  'unit_ownership_extra',
  'unit_successor_extra',
  'unit_successor_missing',
  'unit_successor_wrong',
  'unit_children_left', // params.count
  // notes
  'note_number_as_text', // read all the same: params.read
  'note_formula_value', // the stored value was taken: params.read
  'note_column_extra', // not of the form, not read: params.heading
  'note_header_repeated', // skipped
  'note_row_totals', // a row of totals under the data, skipped: params.heading
  'note_hidden_sheet', // not read: params.sheet
  'note_sheet_extra', // a further sheet with something in it, not read: params.sheet
  'note_rows_hidden', // hidden rows were read too
  'note_findings_cut', // more findings than are listed: params.findingsMax, params.total
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/**
 * The result of reading one filled file: its data, or every reason why not. Never both.
 * A refusal without a format is of a file that could not be opened: there is nothing to write the errors into.
 */
export type ReadOutcome =
  | { kind: 'accepted'; format: WorkbookFormat; rows: AttendanceRow[]; notes: Finding[] }
  | { kind: 'refused'; format: WorkbookFormat | null; findings: Finding[] };

/** Where a file carries persons (S0-01); the heading is what its author called the column, never what stands below it. */
export interface PersonalColumn {
  sheet: string;
  cell: string;
  heading: string;
}

/** Rows of a list of units as they are read, so many at a time. */
export type UnitsPiece = readonly PlacedRow[];

/** What is known of a list of units after its last row; rows with findings came marked among the others. */
export type UnitsReading =
  | {
      kind: 'read';
      sheet: string;
      /** The letters of each column that is there. */
      letters: Partial<Record<UnitKey, string>>;
      findings: Finding[];
      notes: Finding[];
      brokenRows: number;
    }
  | { kind: 'refused'; findings: Finding[] };

/** A finding with its words, for the file that goes back. */
export interface WordedFinding extends Finding {
  /** Cause and remedy as one sentence each, in the reader's language. */
  cause: string;
  remedy: string;
}

export interface AnnotationWords {
  /** Heading of the added column and name of the added sheet. */
  errorsHeading: string;
  sheet: string;
  cell: string;
  value: string;
  cause: string;
  remedy: string;
}

/** Rendered labels for a report file; keys are those of the message files, values in the reader's language. */
export interface ReportWords {
  title: string;
  institution: string;
  period: string;
  formedAt: string;
  fileHash: string;
  headings: Record<string, string>;
  figures: { label: string; value: string }[];
  plotTitle: string;
  howCounted: string;
  page: string;
}

/** One institution's access data as they are printed once and kept nowhere (S4-11, S4-13). */
export interface AccessCard {
  institution: string;
  institutionName: string;
  parentName: string;
  site: string;
  username: string;
  secret: string;
  instructions: string | null;
  /** When and by whom it was opened, in words. */
  openedAt: string;
}

export type CardWords = Record<
  'title' | 'forWhom' | 'site' | 'username' | 'secret' | 'instructions' | 'note' | 'foldIn' | 'foldBack' | 'cut',
  string
>;

export interface TableWords {
  title: string;
  subtitle: string;
  page: string;
}

/** What the card of an invitation says, in the reader's language. */
export interface InvitationWords {
  title: string;
  lines: string[];
  link: string;
  codeLabel: string;
  code: string;
  how: string;
  until: string;
}

/** Everything the hub does with workbooks. Reading runs in worker threads; nothing here touches the database. */
export interface Workbooks {
  /** The template as a file of the asked format (S2-09, S2-10), with identity inside. */
  template(identity: FileIdentity, head: TemplateHead, format: WorkbookFormat): Promise<Uint8Array>;
  /** Reads and checks a filled file of any content; never throws for a bad file. */
  read(bytes: Uint8Array, expected: FileIdentity): Promise<ReadOutcome>;
  /**
   * The first column of names or documents in a file of any content, or null (S0-01). A file that can't be opened has none to
   * be found: whoever reads it says why.
   */
  personalColumn(bytes: Uint8Array): Promise<PersonalColumn | null>;
  /** The same file back with the errors written into it, in the format it came in. */
  annotate(
    bytes: Uint8Array,
    format: WorkbookFormat,
    findings: WordedFinding[],
    words: AnnotationWords,
  ): Promise<Uint8Array>;
  reportXlsx(report: AttendanceReport, words: ReportWords): Promise<Uint8Array>;
  reportPdf(report: AttendanceReport, words: ReportWords): Promise<Uint8Array>;
  /** One sheet to hand over; it holds a secret and is kept nowhere. */
  invitationPdf(words: InvitationWords): Promise<Uint8Array>;
  /** Reads a list of units of any content, giving rows as they come; never throws for a bad file. */
  readUnits(bytes: Uint8Array, take: (piece: UnitsPiece) => void): Promise<UnitsReading>;
  /** A list of units as a file that can be read back; no rows make the empty form. */
  unitsFile(format: 'xlsx' | 'csv', pieces: AsyncIterable<readonly UnitRow[]>): Promise<Uint8Array>;
  /** A plain table as .xlsx: boards and lists as they are seen. Text that begins like a formula stays text. */
  tableXlsx(sheet: string, headings: string[], rows: (string | number | null)[][]): Promise<Uint8Array>;
  /** The same on paper; `shares` are the widths of the columns among each other. */
  tablePdf(
    words: TableWords,
    headings: string[],
    shares: number[],
    rows: (string | number | null)[][],
  ): Promise<Uint8Array>;
  /** Cards to fold and seal, one or two on a sheet. */
  cardsPdf(cards: AccessCard[], words: CardWords, perPage: 1 | 2): Promise<Uint8Array>;
  close(): Promise<void>;
}
