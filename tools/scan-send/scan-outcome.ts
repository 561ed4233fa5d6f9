/** Waiting for what the Collector says of files that were sent: it reads them in its own time, and the command has no live line. */
import { z } from 'zod';
import { COLLECTOR_FINDING_CODES, type CollectorFinding } from '#collector/finding.ts';
import type { RefusalCode } from '#models/error.ts';
import type { UploadOutcome } from '#models/upload/upload.ts';

/** How long a file that was sent is waited for (ms). */
export const OUTCOME_WAIT_MS = 30 * 60_000;
/** Pauses between two questions about one file (ms); the last one is repeated. */
export const ASK_AFTER_MS = [1_000, 2_000, 5_000, 10_000] as const;

export interface AwaitedFile {
  /** The id of its upload. */
  upload: string;
  name: string;
  sha256: string;
  sinceMs: number;
  asked: number;
  askAtMs: number;
}

export const awaitFile = (about: Pick<AwaitedFile, 'upload' | 'name' | 'sha256'>, nowMs: number): AwaitedFile => ({
  ...about,
  ...{ sinceMs: nowMs, asked: 0, askAtMs: nowMs + ASK_AFTER_MS[0] },
});

/** Asked once more without an answer; null when it was waited for long enough. */
export function askLater(file: AwaitedFile, nowMs: number): AwaitedFile | null {
  if (nowMs - file.sinceMs >= OUTCOME_WAIT_MS) return null;
  const asked = file.asked + 1;
  const afterMs = ASK_AFTER_MS[Math.min(asked, ASK_AFTER_MS.length - 1)] ?? 0;
  return { ...file, asked, askAtMs: nowMs + afterMs };
}

const CAUSES_MAX = 100;
const answerSchema = z.object({
  outcome: z.discriminatedUnion('status', [
    z.object({ status: z.literal('pending') }),
    z.object({ status: z.literal('read'), pages: z.number(), errors: z.number() }),
    z.object({
      status: z.literal('refused'),
      // A hub that is newer than the command may know more codes: words fall back to the code.
      code: z.string().transform((code) => code as RefusalCode),
      params: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
    z.object({
      status: z.literal('unreadable'),
      findings: z
        .array(z.object({ code: z.enum(COLLECTOR_FINDING_CODES), data: z.looseObject({}) }))
        .max(CAUSES_MAX)
        // What a finding carries follows from its code, in the hub as here.
        .transform((findings) => findings as unknown as CollectorFinding[]),
    }),
  ]),
});

/** Null for an answer that is none. */
export function outcomeIn(body: string): UploadOutcome | null {
  try {
    return answerSchema.parse(JSON.parse(body)).outcome;
  } catch {
    return null;
  }
}
