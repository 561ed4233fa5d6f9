/** What a file is by its content; the name and its extension say nothing. */

export type Content =
  | { kind: 'xls' }
  | { kind: 'zip' }
  | { kind: 'oldExcel'; program: string }
  | { kind: 'other'; looksLike: 'pdf' | 'html' | 'xml' | 'csv' | 'text' | 'rtf' | 'zip' | 'ods' | 'image' | 'unknown' };

const LOOKED_AT = 4096;

export function sniffContent(bytes: Uint8Array): Content {
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])) return { kind: 'xls' };
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) return sniffZip(bytes);
  if (startsWith(bytes, [0x50, 0x4b])) return { kind: 'other', looksLike: 'zip' };
  if (startsWith(bytes, [0x09, 0x00]) && bytes[2] !== 0) return { kind: 'oldExcel', program: 'Excel 2.0' };
  if (startsWith(bytes, [0x09, 0x02])) return { kind: 'oldExcel', program: 'Excel 3.0' };
  if (startsWith(bytes, [0x09, 0x04])) return { kind: 'oldExcel', program: 'Excel 4.0' };
  if (startsWith(bytes, [0x09, 0x08])) return { kind: 'oldExcel', program: 'Excel 5.0/95' };
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47]) || startsWith(bytes, [0xff, 0xd8, 0xff]))
    return { kind: 'other', looksLike: 'image' };
  return sniffText(bytes);
}

/** An OpenDocument file begins with its type, stored unpacked. */
function sniffZip(bytes: Uint8Array): Content {
  const head = Buffer.from(bytes.subarray(0, 120)).toString('latin1');
  if (head.includes('mimetypeapplication/vnd.oasis.opendocument')) return { kind: 'other', looksLike: 'ods' };
  return { kind: 'zip' };
}

function sniffText(bytes: Uint8Array): Content {
  const isUtf16 = startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]);
  const head = Buffer.from(bytes.subarray(0, LOOKED_AT));
  const text = (isUtf16 ? head.toString('utf16le') : head.toString('latin1')).replace(
    /^[\uFEFF\s\u00EF\u00BB\u00BF]+/,
    '',
  );
  const start = text.slice(0, 300).toLowerCase();
  if (start.startsWith('%pdf')) return { kind: 'other', looksLike: 'pdf' };
  if (start.startsWith('{\\rtf')) return { kind: 'other', looksLike: 'rtf' };
  if (/<(!doctype html|html|head|body|table|meta)\b/.test(start)) return { kind: 'other', looksLike: 'html' };
  if (start.startsWith('<?xml') || start.startsWith('<')) return { kind: 'other', looksLike: 'xml' };
  if (!isUtf16 && head.includes(0)) return { kind: 'other', looksLike: 'unknown' };
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  const isTable = [';', ',', '\t'].some((mark) => lines.slice(0, 5).every((line) => line.includes(mark)));
  return { kind: 'other', looksLike: isTable && lines.length > 0 ? 'csv' : 'text' };
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}
