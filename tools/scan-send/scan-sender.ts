/** Sends what stands in a folder: each file once, from where the hub has it, until the line is back; and hears what became of it. */
import { createReadStream, openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { DetailedError, Upload } from 'tus-js-client';
import type { UploadOutcome } from '#models/upload/upload.ts';
import { fingerprintOf, hashOf } from '#lib/upload/file-hash.ts';
import { outcomeOf } from '#lib/upload/upload-answer.ts';
import { RETRY_AFTER_MS } from '#lib/upload/upload-queue.ts';
import { filesIn, lookAgain, readMemory, stillFiles, type Seen } from './scan-folder.ts';
import { askLater, awaitFile, outcomeIn, type AwaitedFile } from './scan-outcome.ts';
import type { Told } from './told-words.ts';

const CHUNK_BYTES = 8 * 2 ** 20;
/** How long the hub may think about what became of a file (ms). */
const ANSWER_MS = 30_000;

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
  /** Sent, and the Collector has not said its word, by their uploads. */
  const awaited = new Map<string, AwaitedFile>();

  /** One try; resolves with what the hub said, null when it has the file. */
  function attempt(path: string, about: { name: string; sha256: string; fingerprint: string }): Promise<Error | null> {
    const known = memory.find(about.sha256, target);
    return new Promise((resolve) => {
      const upload = new Upload(createReadStream(path), {
        endpoint: new URL('/uploads', hub).href,
        ...(known?.upload ? { uploadUrl: new URL(`/uploads/${known.upload}`, hub).href } : {}),
        headers: { cookie: cookie ?? '' },
        metadata: { purpose, target, filename: about.name, sha256: about.sha256, fingerprint: about.fingerprint },
        ...{ chunkSize: CHUNK_BYTES, retryDelays: null, storeFingerprintForResuming: false },
        onUploadUrlAvailable: () => {
          const id = upload.url?.split('/').at(-1) ?? '';
          if (id !== known?.upload)
            void memory.note({ sha256: about.sha256, target, upload: id, isSent: false, isRead: false });
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
    const before = memory.find(sha256, target);
    if (before?.isSent) {
      tell({ kind: 'known', name });
      // A command before has ended without an answer, or with one that is still to be minded.
      if (before.upload !== '' && !before.isRead && !awaited.has(before.upload))
        awaited.set(before.upload, awaitFile({ upload: before.upload, name, sha256 }, now()));
      return;
    }
    for (let tried = 0; ; tried += 1) {
      cookie ??= await signIn();
      const error = await attempt(path, { name, sha256, fingerprint });
      const response = error instanceof DetailedError ? error.originalResponse : null;
      const outcome = error && outcomeOf(response?.getStatus() ?? 0, response?.getBody() ?? '');
      const code = outcome?.isOver ? outcome.refusal.code : null;
      if (!outcome || code === 'upload_repeated') {
        // What is there already came by an upload that nobody here knows.
        const upload = outcome ? '' : (memory.find(sha256, target)?.upload ?? '');
        await memory.note({ sha256, target, upload, isSent: true, isRead: false });
        tell({ kind: outcome ? 'known' : 'sent', name });
        if (upload !== '') awaited.set(upload, awaitFile({ upload, name, sha256 }, now()));
        return;
      }
      if (code === 'not_signed_in') cookie = null;
      else if (outcome.isOver) {
        tell({ kind: 'heard', name, outcome: { status: 'refused', ...outcome.refusal } });
        return;
      }
      const waitMs = RETRY_AFTER_MS[Math.min(tried, RETRY_AFTER_MS.length - 1)] ?? 0;
      tell({ kind: 'waiting', name, waitMs });
      await pause(waitMs);
    }
  }

  /** What the hub says of a file; null when it says nothing now. */
  async function ask(upload: string): Promise<UploadOutcome | null> {
    cookie ??= await signIn();
    const signal = AbortSignal.timeout(ANSWER_MS);
    let answer: { isOk: boolean; status: number; body: string };
    try {
      const response = await fetch(new URL(`/uploads/${upload}`, hub), { headers: { cookie }, signal });
      answer = { isOk: response.ok, status: response.status, body: await response.text() };
    } catch {
      // No line: the next question is another try.
      return null;
    }
    if (answer.isOk) return outcomeIn(answer.body);
    const refused = outcomeOf(answer.status, answer.body);
    if (!refused.isOver) return null;
    if (refused.refusal.code === 'not_signed_in') {
      cookie = null;
      return null;
    }
    return { status: 'refused', ...refused.refusal };
  }

  async function hear(file: AwaitedFile): Promise<void> {
    const { upload, name, sha256 } = file;
    const outcome = await ask(upload);
    if (!outcome || outcome.status === 'pending') {
      const later = askLater(file, now());
      if (later) awaited.set(upload, later);
      else {
        awaited.delete(upload);
        tell({ kind: 'unheard', name });
      }
      return;
    }
    awaited.delete(upload);
    if (outcome.status === 'refused' && outcome.code === 'upload_repeated') {
      await memory.note({ sha256, target, upload: '', isSent: true, isRead: false });
      tell({ kind: 'known', name });
      return;
    }
    // What the hub has not kept is sent anew by the next command; what it could not read is told again.
    if (outcome.status === 'refused') await memory.note({ sha256, target, upload: '', isSent: false, isRead: false });
    else await memory.note({ sha256, target, upload, isSent: true, isRead: outcome.status === 'read' });
    tell({ kind: 'heard', name, outcome });
  }

  return {
    /**
     * Looks once, sends what stands still, and asks after what was sent; waits for nothing but the line. Returns how many files are still
     * being written or waited for.
     */
    async look(): Promise<number> {
      seen = lookAgain(seen, await filesIn(folder), now());
      for (const { name, bytes, modifiedMs } of stillFiles(seen, now())) {
        const key = `${name} ${bytes} ${modifiedMs}`;
        if (settled.has(key)) continue;
        await send(name);
        settled.add(key);
      }
      for (const file of [...awaited.values()]) if (file.askAtMs <= now()) await hear(file);
      return seen.size - stillFiles(seen, now()).length + awaited.size;
    },
  };
}
