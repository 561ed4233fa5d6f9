/** Hashes files beside the page, one after another, so that nothing on it stands still. */
import { fingerprintOf, hashOf } from './file-hash.ts';

export interface HashAsked {
  key: number;
  file: File;
}
export type HashTold =
  | { key: number; kind: 'read'; bytes: number }
  | { key: number; kind: 'hashed'; sha256: string; fingerprint: string }
  /** The file can't be read: it was moved, or its disk was taken out. */
  | { key: number; kind: 'unreadable' };

const tell = (told: HashTold): void => self.postMessage(told);
let last: Promise<void> = Promise.resolve();

async function hash({ key, file }: HashAsked): Promise<void> {
  try {
    const fingerprint = await fingerprintOf(file);
    const sha256 = await hashOf(file, (bytes) => tell({ key, kind: 'read', bytes }));
    tell({ key, kind: 'hashed', sha256, fingerprint });
  } catch {
    tell({ key, kind: 'unreadable' });
  }
}

self.onmessage = ({ data }: MessageEvent<HashAsked>): void => {
  last = last.then(() => hash(data));
};
