import type { CollectorFinding, LimitName } from '../finding.ts';

/** A file, or one page of it, that gives no image: thrown where that becomes clear, and turned into its finding by whoever counts pages. */
export class ScanRefusal extends Error {
  readonly finding: CollectorFinding;

  constructor(finding: CollectorFinding) {
    super(finding.code);
    this.finding = finding;
  }
}

/** Where in a file one is: for findings that must say so. */
export interface Spot {
  path: string | null;
  page: number | null;
}
export const NOWHERE: Spot = { path: null, page: null };

export const corrupt = (reason: 'empty' | 'truncated' | 'damaged', { path, page }: Spot): ScanRefusal =>
  new ScanRefusal({ code: 'FILE_CORRUPT', data: { reason, path, page } });

export const unsupported = (
  reason: 'kind' | 'encrypted' | 'compression',
  looksLike: string,
  { path }: Spot,
): ScanRefusal => new ScanRefusal({ code: 'FILE_UNSUPPORTED', data: { reason, looksLike, path } });

/** Throws when there is more than allowed. */
export function limit(name: LimitName, value: number, max: number, { path, page }: Spot): void {
  if (value > max) throw new ScanRefusal({ code: 'FILE_OVER_LIMIT', data: { limit: name, value, max, path, page } });
}
