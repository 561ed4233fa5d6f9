/**
 * Whether exceljs may load a whole .xlsx. It holds everything in memory and makes an object for each cell of a merged, validated
 * or named range: a short file can ask for billions, and running out of memory in a thread ends the whole program.
 */
import type { FileLimits } from '../form.ts';
import { openPackage } from '../read/zip.ts';

const LOADED_BYTES_MAX = 8 * 1024 * 1024;
const RANGE_CELLS_MAX = 50_000;

export async function isLoadable(bytes: Uint8Array, limits: FileLimits): Promise<boolean> {
  const parts = await openPackage(bytes, limits);
  try {
    if (parts.expandedBytes > LOADED_BYTES_MAX) return false;
    let cells = 0;
    for (const name of parts.names()) {
      if (!name.startsWith('xl/') || !name.endsWith('.xml')) continue;
      let text = '';
      await parts.readText(name, (piece) => {
        text += piece;
      });
      if (/<(\w+:)?definedName\b[^>]*>[^<]*\$[A-Z]{1,3}:\$?[A-Z]{1,3}\b/.test(text)) return false;
      cells += cellsOfRanges(text);
      if (cells > RANGE_CELLS_MAX) return false;
    }
    return true;
  } finally {
    parts.close();
  }
}

/** How many cells all ranges of a text span together; one counted too much only costs the file its looks. */
function cellsOfRanges(text: string): number {
  let cells = 0;
  for (const [, firstColumn = '', firstRow, lastColumn = '', lastRow] of text.matchAll(
    /\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})/g,
  )) {
    const columns = Math.abs(columnNumber(lastColumn) - columnNumber(firstColumn)) + 1;
    cells += columns * (Math.abs(Number(lastRow) - Number(firstRow)) + 1);
  }
  return cells;
}

function columnNumber(letters: string): number {
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number;
}
