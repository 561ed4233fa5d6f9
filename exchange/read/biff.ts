/**
 * The stream of an .xls made safe for the library that parses it. The library trusts the counts that records claim: a few bytes
 * can make it loop or allocate until the whole program dies, which no limit on a worker thread prevents. So only the records that
 * a table needs pass, each with its counts held against its length; all others lose their type and are skipped.
 */
import { FileRefusal } from './refusal.ts';

const BOF = 0x0809;
const EOF = 0x000a;
const CONTINUE = 0x003c;
const FILE_PASS = 0x002f;
const VERSION_BIFF8 = 0x0600;
/** No program writes it and the library passes over it. */
const NO_RECORD = 0xfff0;
const COLUMNS_MAX = 256;
/** Many times what a form holds; the library makes an object of each. */
const CELLS_MAX = 200_000;
const MUL_RK = 0x00bd;
const CELL_RECORDS: ReadonlySet<number> = new Set([0x0203, 0x027e, MUL_RK, 0x00fd, 0x0204, 0x0205, 0x0006]);

/** For each record that passes, whether its body of `length` bytes at `at` says no more than it holds. */
const CHECKS = new Map<number, (view: DataView, at: number, length: number) => boolean>([
  [BOF, (_, __, length) => length >= 8 && length <= 16],
  [EOF, (_, __, length) => length === 0],
  [0x0022, (_, __, length) => length === 2], // Date1904
  [0x0042, (_, __, length) => length === 2], // CodePage
  [0x0085, (view, at, length) => length >= 8 && textFits(view, at + 6, length - 6, 1)], // BoundSheet8
  [0x00e0, (_, __, length) => length === 20], // XF
  [0x041e, (view, at, length) => length >= 5 && textFits(view, at + 2, length - 2, 2)], // Format
  [0x00fc, (view, at, length) => length >= 8 && view.getUint32(at + 4, true) <= view.byteLength / 3], // SST
  [0x0200, (_, __, length) => length === 14], // Dimensions
  [0x0208, (_, __, length) => length === 16], // Row
  [0x0201, (_, __, length) => length === 6], // Blank
  [0x0203, (_, __, length) => length === 14], // Number
  [0x027e, (_, __, length) => length === 10], // RK
  [MUL_RK, (view, at, length) => length >= 12 && columnsFit(view, at, length, 6)], // MulRk
  [0x00fd, (_, __, length) => length === 10], // LabelSst
  [0x0204, (view, at, length) => length >= 9 && textFits(view, at + 6, length - 6, 2)], // Label
  [0x0205, (_, __, length) => length === 8], // BoolErr
  [0x0006, (view, at, length) => length >= 22 && view.getUint16(at + 20, true) <= length - 22], // Formula
  [0x04bc, (view, at, length) => length >= 10 && view.getUint16(at + 8, true) <= length - 10], // ShrFmla
  [0x0207, (view, at, length) => length >= 3 && textFits(view, at, length, 2)], // String
  [0x00e5, (view, at, length) => length >= 2 && view.getUint16(at, true) * 8 === length - 2], // MergeCells
  [0x007d, (view, at, length) => length >= 10 && view.getUint16(at + 2, true) <= COLUMNS_MAX], // ColInfo
]);

/** A text of the format: its length in one or two bytes, a flag byte, then one or two bytes a character. */
function textFits(view: DataView, at: number, room: number, lengthBytes: 1 | 2): boolean {
  if (room < lengthBytes + 1) return false;
  const chars = lengthBytes === 1 ? view.getUint8(at) : view.getUint16(at, true);
  const isWide = (view.getUint8(at + lengthBytes) & 1) === 1;
  return lengthBytes + 1 + chars * (isWide ? 2 : 1) <= room;
}

function columnsFit(view: DataView, at: number, length: number, bytesEach: number): boolean {
  const first = view.getUint16(at + 2, true);
  const last = view.getUint16(at + length - 2, true);
  return last < COLUMNS_MAX && last - first + 1 === (length - 6) / bytesEach;
}

/** A copy of the stream with only what was checked; refuses older versions, passwords, and a stream that breaks off. */
export function safeStream(stream: Uint8Array): Uint8Array {
  const safe = Uint8Array.from(stream);
  const view = new DataView(safe.buffer);
  if (safe.length < 8 || view.getUint16(0, true) !== BOF) throw new FileRefusal('file_corrupt');
  if (view.getUint16(4, true) !== VERSION_BIFF8) throw new FileRefusal('file_excel_old', { program: 'Excel 5.0/95' });
  let depth = 0;
  let isPassed = false;
  let hasEnded = false;
  let cells = 0;
  for (let at = 0; at + 4 <= safe.length;) {
    const type = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > safe.length) throw new FileRefusal('file_corrupt');
    if (type === FILE_PASS) throw new FileRefusal('file_encrypted');
    // Sectors are filled up with zeros after the last sheet.
    if (type === 0 && length === 0 && depth === 0) break;
    // A continuation goes the way of what it continues; only the strings of the workbook need theirs.
    if (type !== CONTINUE) isPassed = CHECKS.get(type)?.(view, at + 4, length) === true;
    if (!isPassed) view.setUint16(at, NO_RECORD, true);
    if (isPassed && CELL_RECORDS.has(type)) cells += type === MUL_RK ? (length - 6) / 6 : 1;
    if (cells > CELLS_MAX) throw new FileRefusal('file_too_heavy');
    if (isPassed && type === BOF) depth++;
    if (isPassed && type === EOF) {
      depth--;
      hasEnded = true;
    }
    at += 4 + length;
  }
  if (!hasEnded || depth !== 0) throw new FileRefusal('file_corrupt');
  return safe;
}
