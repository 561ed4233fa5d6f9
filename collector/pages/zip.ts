/** Files of an archive, one after another, held to what they declare. Names are only shown: nothing is ever written under them. */
import { inflateRawSync } from 'node:zlib';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import type { ReadingLimits } from '../reading.ts';
import { corrupt, limit, ScanRefusal, type Spot, unsupported } from './refusal.ts';

export interface ArchivedFile {
  path: string;
  /** Errors: ScanRefusal. */
  open: () => Promise<Uint8Array>;
}

/** What systems add of their own. */
const IGNORED = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._)/i;
/** Below this much nothing is a bomb. */
const EXPANSION_FREE_BYTES = 16 * 1024 * 1024;

/** Expanded bytes over an archive and those within it. */
export interface Expansion {
  bytes: number;
}

/** The directory is looked through first: an archive over its limits is refused before anything of it is unpacked. */
export async function openZip(
  bytes: Uint8Array,
  limits: ReadingLimits,
  expansion: Expansion,
  spot: Spot,
): Promise<ArchivedFile[]> {
  const zip = await open(bytes, spot);
  const files: ArchivedFile[] = [];
  let entries = 0;
  let expanded = 0;
  try {
    for (;;) {
      const entry = await nextEntry(zip);
      if (!entry) break;
      limit('archiveEntries', ++entries, limits.archiveEntriesMax, spot);
      expanded += entry.uncompressedSize;
      limit('expandedBytes', expansion.bytes + expanded, limits.expandedBytesMax, spot);
      if (expanded > EXPANSION_FREE_BYTES)
        limit('expansionRatio', Math.ceil(expanded / Math.max(1, bytes.length)), limits.expansionRatioMax, spot);
      if (entry.fileName.endsWith('/') || IGNORED.test(entry.fileName)) continue;
      const path = spot.path === null ? entry.fileName : `${spot.path}/${entry.fileName}`;
      files.push({ path, open: () => unpack(zip, bytes, entry, { path, page: null }) });
    }
  } catch (error) {
    // Among them names that lead out of the archive: whoever wrote those meant harm, and the rest is not looked at.
    throw error instanceof ScanRefusal ? error : corrupt('damaged', spot);
  }
  expansion.bytes += expanded;
  return files;
}

function open(bytes: Uint8Array, spot: Spot): Promise<ZipFile> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Promise((resolve, reject) => {
    fromBuffer(buffer, { lazyEntries: true, autoClose: false, strictFileNames: false }, (error, zip) =>
      error ? reject(corrupt('damaged', spot)) : resolve(zip),
    );
  });
}

async function nextEntry(zip: ZipFile): Promise<Entry | null> {
  try {
    return await new Promise<Entry | null>((resolve, reject) => {
      zip.once('entry', resolve);
      zip.once('end', () => resolve(null));
      zip.once('error', reject);
      zip.readEntry();
    });
  } finally {
    zip.removeAllListeners('entry').removeAllListeners('end').removeAllListeners('error');
  }
}

function unpack(zip: ZipFile, bytes: Uint8Array, entry: Entry, spot: Spot): Promise<Uint8Array> {
  if (entry.isEncrypted()) throw unsupported('encrypted', 'zip', spot);
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw unsupported('compression', 'zip', spot);
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
      if (error) {
        reject(corrupt('damaged', spot));
        return;
      }
      const packed = bytes.subarray(header.fileDataStart, header.fileDataStart + entry.compressedSize);
      try {
        const content =
          entry.compressionMethod === 0
            ? packed
            : inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
        if (content.length !== entry.uncompressedSize) throw new Error('not as declared');
        resolve(new Uint8Array(content));
      } catch {
        reject(corrupt(packed.length < entry.compressedSize ? 'truncated' : 'damaged', spot));
      }
    });
  });
}
