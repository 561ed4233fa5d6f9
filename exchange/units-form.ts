import {
  UNIT_COLUMNS,
  UNITS_EXPANDED_BYTES_MAX,
  UNITS_FILE_BYTES_MAX,
  UNITS_ROWS_MAX,
  UNITS_SHEET,
} from '#models/org/unit.form.ts';
import type { FileLimits, FormDefinition } from './form.ts';

/** The list of units as the generic reader takes it. Rows are judged against the tree, which the reader does not know. */
export const UNITS_FORM: FormDefinition = {
  formId: 'units',
  version: 1,
  dataSheet: UNITS_SHEET,
  columns: UNIT_COLUMNS,
  rowsMax: UNITS_ROWS_MAX,
  check: () => [],
};

export const UNITS_LIMITS: FileLimits = {
  fileBytesMax: UNITS_FILE_BYTES_MAX,
  expandedBytesMax: UNITS_EXPANDED_BYTES_MAX,
  expansionRatioMax: 150,
  expansionFreeBytes: 24 * 1024 * 1024,
};
