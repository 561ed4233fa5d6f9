/** Opens a table of any content: both workbook formats, and text with separators. */
import type { OpenTable } from '../cells.ts';
import type { FileLimits } from '../form.ts';
import { openCsv } from './csv.ts';
import { formatOf } from './read-form.ts';
import { FileRefusal } from './refusal.ts';
import { sniffContent } from './sniff.ts';
import { openXls } from './xls.ts';
import { openXlsx } from './xlsx.ts';

export async function openTable(bytes: Uint8Array, limits: FileLimits): Promise<OpenTable> {
  const content = sniffContent(bytes);
  const isText = content.kind === 'other' && (content.looksLike === 'csv' || content.looksLike === 'text');
  if (isText && bytes.byteLength > 0) {
    if (bytes.byteLength > limits.fileBytesMax)
      throw new FileRefusal('file_too_big', {
        mb: Math.ceil(bytes.byteLength / 1024 / 1024),
        mbMax: limits.fileBytesMax / 1024 / 1024,
      });
    return openCsv(bytes);
  }
  return formatOf(bytes, limits) === 'xls' ? openXls(bytes) : openXlsx(bytes, limits);
}
