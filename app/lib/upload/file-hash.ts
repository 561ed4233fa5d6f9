/** The hash of a whole file, piece by piece, and what it is known by again: in a worker of a page, and in a command. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Bytes at the beginning and at the end that tell two files of one name and size apart. */
export const ENDS_BYTES = 65_536;
/** Read at once; progress is told after each (bytes). */
const PIECE_BYTES = 4 * 2 ** 20;

/** A file of a page, or of a command that opened one as `Blob`. */
export type Readable = Pick<Blob, 'size' | 'slice'>;

const bytesOf = async (file: Readable, from: number, to: number): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(from, to).arrayBuffer());

export async function fingerprintOf(file: Readable): Promise<string> {
  const hash = sha256.create();
  hash.update(await bytesOf(file, 0, ENDS_BYTES));
  hash.update(await bytesOf(file, Math.max(0, file.size - ENDS_BYTES), file.size));
  return bytesToHex(hash.digest()).slice(0, 32);
}

export async function hashOf(file: Readable, onRead: (bytes: number) => void = () => undefined): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const piece = await bytesOf(file, at, at + PIECE_BYTES);
    hash.update(piece);
    onRead(at + piece.length);
  }
  return bytesToHex(hash.digest());
}
