/** Sends what stands in a folder: each file once, from where the hub has it, until the line is back. */
import { createReadStream, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { DetailedError, Upload } from 'tus-js-client';
import type { RefusalCode } from '#models/error.ts';
import { fingerprintOf, hashOf } from '#lib/upload/file-hash.ts';
import { outcomeOf } from '#lib/upload/upload-answer.ts';
import { RETRY_AFTER_MS } from '#lib/upload/upload-queue.ts';
import { filesIn, lookAgain, readMemory, stillFiles, type Seen } from './scan-folder.ts';

const CHUNK_BYTES = 8 * 2 ** 20;

export type Told =
  | { kind: 'sent' | 'known'; name: string }
  | { kind: 'refused'; name: string; code: RefusalCode }
  | { kind: 'waiting'; name: string; waitMs: number };

export interface ScanSenderOptions {
  hub: string;
  purpose: string;
  target: string;
  folder: string;
  /** The cookies of a fresh session. */
  signIn: () => Promise<string>;
  tell: (told: Told) => void;
  now: () => number;
  pause: (ms: number) => Promise<void>;
}

export async function createScanSender(options: ScanSenderOptions) {
  const { hub, purpose, target, folder, signIn, tell, now, pause } = options;
  const memory = await readMemory(folder);
  let seen: Seen = new Map();
  let cookie: string | null = null;
  /** What was refused is not sent again unless it changes. */
  const settled = new Set<string>();

  /** One try; resolves with what the hub said, null when it has the file. */
  function attempt(path: string, about: { name: string; sha256: string; fingerprint: string }): Promise<Error | null> {
    const known = memory.find(about.sha256, target);
    return new Promise((resolve) => {
      const upload = new Upload(createReadStream(path), {
        endpoint: new URL('/uploads', hub).href,
        ...(known ? { uploadUrl: new URL(`/uploads/${known.upload}`, hub).href } : {}),
        headers: { cookie: cookie ?? '' },
        metadata: { purpose, target, filename: about.name, sha256: about.sha256, fingerprint: about.fingerprint },
        ...{ chunkSize: CHUNK_BYTES, retryDelays: null, storeFingerprintForResuming: false },
        onUploadUrlAvailable: () => {
          const id = upload.url?.split('/').at(-1) ?? '';
          if (id !== known?.upload) void memory.note({ sha256: about.sha256, target, upload: id, isSent: false });
        },
        onSuccess: () => resolve(null),
        onError: resolve,
      });
      upload.start();
    });
  }

  async function send(name: string): Promise<void> {
    const path = join(folder, name);
    const blob = await openAsBlob(path);
    const [sha256, fingerprint] = [await hashOf(blob), await fingerprintOf(blob)];
    if (memory.find(sha256, target)?.isSent) {
      tell({ kind: 'known', name });
      return;
    }
    for (let tried = 0; ; tried += 1) {
      cookie ??= await signIn();
      const error = await attempt(path, { name, sha256, fingerprint });
      const response = error instanceof DetailedError ? error.originalResponse : null;
      const outcome = error && outcomeOf(response?.getStatus() ?? 0, response?.getBody() ?? '');
      const code = outcome?.isOver ? outcome.refusal.code : null;
      if (!outcome || code === 'upload_repeated') {
        await memory.note({ sha256, target, upload: memory.find(sha256, target)?.upload ?? '', isSent: true });
        tell({ kind: outcome ? 'known' : 'sent', name });
        return;
      }
      if (code === 'not_signed_in') cookie = null;
      else if (code !== null) {
        tell({ kind: 'refused', name, code });
        return;
      }
      const waitMs = RETRY_AFTER_MS[Math.min(tried, RETRY_AFTER_MS.length - 1)] ?? 0;
      tell({ kind: 'waiting', name, waitMs });
      await pause(waitMs);
    }
  }

  return {
    /** Looks once and sends what stands still; returns how many files are still being written. */
    async look(): Promise<number> {
      seen = lookAgain(seen, await filesIn(folder), now());
      for (const { name, bytes, modifiedMs } of stillFiles(seen, now())) {
        const key = `${name} ${bytes} ${modifiedMs}`;
        if (settled.has(key)) continue;
        await send(name);
        settled.add(key);
      }
      return seen.size - stillFiles(seen, now()).length;
    },
  };
}
