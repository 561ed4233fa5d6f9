/** The package of an .xlsx: parts by name, opened one by one, never larger than declared and allowed. */
import { createInflateRaw } from 'node:zlib';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import type { FileLimits } from '../form.ts';
import { FileRefusal } from './refusal.ts';

const ENTRIES_MAX = 1_000;
const CHUNK_BYTES = 128 * 1024;
const MEGABYTE = 1024 * 1024;

export interface Package {
  /** Names as in the package, without a leading slash. */
  has(name: string): boolean;
  /** In lower case. */
  names(): string[];
  /** All parts together, as declared; reading holds each to its declaration. */
  expandedBytes: number;
  readText(name: string, take: (piece: string) => void): Promise<void>;
  close(): void;
}

/** Opens the package and refuses what would grow too large, before anything is unpacked. */
export async function openPackage(bytes: Uint8Array, limits: FileLimits): Promise<Package> {
  const zip = await openZip(bytes);
  const entries = new Map<string, Entry>();
  let expandedBytes = 0;
  try {
    let count = 0;
    for await (const entry of entriesOf(zip)) {
      expandedBytes += entry.uncompressedSize;
      refuseBomb(expandedBytes, ++count, bytes.byteLength, limits);
      entries.set(entry.fileName.replace(/^\/+/, '').toLowerCase(), entry);
    }
  } catch (error) {
    zip.close();
    throw error;
  }
  return {
    expandedBytes,
    names: () => [...entries.keys()],
    has: (name) => entries.has(name.toLowerCase()),
    readText: async (name, take) => {
      const entry = entries.get(name.toLowerCase());
      if (!entry) throw new FileRefusal('file_corrupt');
      if (entry.isEncrypted()) throw new FileRefusal('file_encrypted');
      await readEntry(zip, bytes, entry, take);
    },
    close: () => zip.close(),
  };
}

function refuseBomb(expandedBytes: number, entries: number, packedBytes: number, limits: FileLimits): void {
  const isSteep = expandedBytes > packedBytes * limits.expansionRatioMax;
  if (
    entries > ENTRIES_MAX ||
    expandedBytes > limits.expandedBytesMax ||
    (isSteep && expandedBytes > limits.expansionFreeBytes)
  )
    throw new FileRefusal('file_bomb', {
      mb: Math.ceil(expandedBytes / MEGABYTE),
      mbMax: Math.floor(limits.expandedBytesMax / MEGABYTE),
      ratio: Math.ceil(expandedBytes / packedBytes),
      ratioMax: limits.expansionRatioMax,
    });
}

function openZip(bytes: Uint8Array): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    );
  });
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('end', () => resolve(null));
      zip.once('error', reject);
      zip.readEntry();
    });
    zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
    if (!entry) return;
    yield entry;
  }
}

/**
 * Inflates an entry piece by piece. yauzl knows the directory; its own stream would inflate by 16 KB, which costs a tenth of the
 * whole reading. A part that gives more or fewer bytes than it declares is a corrupt file, never a large one.
 */
async function readEntry(zip: ZipFile, bytes: Uint8Array, entry: Entry, take: (piece: string) => void): Promise<void> {
  const start = await fileDataStart(zip, entry);
  const packed = bytes.subarray(start, start + entry.compressedSize);
  let decoder: TextDecoder | undefined;
  let givenBytes = 0;
  for await (const chunk of entry.compressionMethod === 0 ? [packed] : inflated(packed)) {
    givenBytes += chunk.length;
    if (givenBytes > entry.uncompressedSize) throw new FileRefusal('file_corrupt');
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    take(decoder.decode(chunk, { stream: true }));
  }
  if (givenBytes !== entry.uncompressedSize) throw new FileRefusal('file_corrupt');
  if (decoder) take(decoder.decode());
}

function fileDataStart(zip: ZipFile, entry: Entry): Promise<number> {
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw new FileRefusal('file_corrupt');
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: true }, (error, header) =>
      error ? reject(error) : resolve(header.fileDataStart),
    );
  });
}

async function* inflated(packed: Uint8Array): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  try {
    inflate.end(packed);
    yield* inflate as AsyncIterable<Buffer>;
  } finally {
    inflate.destroy();
  }
}

/** Programs write UTF-8; the standard also allows UTF-16, told by its mark. */
function encodingOf(chunk: Uint8Array): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
