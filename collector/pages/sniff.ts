/** What a file is by its content; its name says nothing. */
import type { FileKind } from '../reading.ts';

export type Sniffed = { kind: FileKind } | { kind: 'other'; looksLike: string };

/** A PDF may have something before its head. */
const PDF_HEAD_BYTES = 1024;

const SIGNATURES: readonly [kind: string, bytes: readonly number[], from?: number][] = [
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['tiff', [0x49, 0x49, 0x2b, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['bmp', [0x42, 0x4d]],
  ['webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['heic', [0x66, 0x74, 0x79, 0x70], 4],
  ['jp2', [0x6a, 0x50, 0x20, 0x20], 4],
  ['djvu', [0x41, 0x54, 0x26, 0x54]],
  ['rar', [0x52, 0x61, 0x72, 0x21]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['gzip', [0x1f, 0x8b]],
  ['office', [0xd0, 0xcf, 0x11, 0xe0]],
];
const READ: readonly string[] = ['pdf', 'tiff', 'jpeg', 'png', 'webp', 'zip'] satisfies FileKind[];

export function sniff(bytes: Uint8Array): Sniffed {
  const found = SIGNATURES.find(([, signature, from = 0]) => signature.every((byte, at) => bytes[from + at] === byte));
  const kind = found?.[0] ?? (headOf(bytes).includes('%PDF-') ? 'pdf' : null);
  if (kind === null) return { kind: 'other', looksLike: looksLikeText(bytes) ? 'text' : 'unknown' };
  return READ.includes(kind) ? { kind: kind as FileKind } : { kind: 'other', looksLike: kind };
}

const headOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, PDF_HEAD_BYTES)).toString('latin1');

function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 512);
  return head.length > 0 && head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);
}
