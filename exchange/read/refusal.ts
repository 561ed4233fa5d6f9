import type { FindingCode } from '#models/attendance/workbook.ts';

/** A file that is refused as a whole, thrown from wherever that becomes clear and turned into the one finding of the outcome. */
export class FileRefusal extends Error {
  readonly code: FindingCode;
  readonly params: Record<string, string | number>;

  constructor(code: FindingCode, params: Record<string, string | number> = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}
