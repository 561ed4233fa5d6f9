/**
 * What the reader must know of a form: its columns, its rules and its limits. The attendance form is one such definition;
 * a later form is another, and the reader stays as it is.
 */
import type { FindingCode } from '#models/attendance/workbook.ts';

export type FormColumnType =
  | { kind: 'whole'; min: number; max: number }
  | { kind: 'term'; read: (text: string) => string | null; unreadable: FindingCode }
  | { kind: 'text'; charsMin: number; charsMax: number };

export interface FormColumn {
  key: string;
  heading: string;
  type: FormColumnType;
  example: string;
  /** Whether a cell may be blank: it is then read as null. */
  isOptional?: boolean;
  /** Whether the column may lack altogether. */
  isOmittable?: boolean;
}

/** What the cells of one row were read as; a cell with an error of its own is absent. */
export type ReadValues = Record<string, string | number | null>;

export interface FormBreach {
  code: FindingCode;
  /** Indexes into the rows given to `check`. */
  row: number;
  otherRow?: number;
  /** The column it is shown in. */
  key: string;
  params: Record<string, string | number>;
}

export interface FormDefinition {
  formId: string;
  version: number;
  dataSheet: string;
  columns: readonly FormColumn[];
  rowsMax: number;
  /** Rules within rows and between them. Rows may be incomplete. */
  check: (rows: readonly ReadValues[]) => FormBreach[];
}

/** How large a file may be and become. */
export interface FileLimits {
  fileBytesMax: number;
  expandedBytesMax: number;
  expansionRatioMax: number;
  /** Below this much expanded content no ratio is a reason to refuse: small tables pack well. */
  expansionFreeBytes: number;
}
