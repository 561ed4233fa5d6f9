/** What stands in a scanner's folder, and what of it was sent: remembered by hash beside the files, so that it is known after a crash and under another name. */
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** A file whose size and moment stood still for so long is written (ms). */
export const STILL_MS = 5_000;
const MEMORY = '.svod-scan-send.jsonl';

export interface FoundFile {
  name: string;
  bytes: number;
  modifiedMs: number;
}
/** Since when a file has been as it is. */
export type Seen = ReadonlyMap<string, FoundFile & { sinceMs: number }>;

export function lookAgain(before: Seen, files: readonly FoundFile[], nowMs: number): Seen {
  return new Map(
    files.map((file) => {
      const known = before.get(file.name);
      const isSame = known?.bytes === file.bytes && known.modifiedMs === file.modifiedMs;
      return [file.name, { ...file, sinceMs: isSame ? known.sinceMs : nowMs }];
    }),
  );
}
export const stillFiles = (seen: Seen, nowMs: number): FoundFile[] =>
  [...seen.values()].filter(({ bytes, sinceMs }) => bytes > 0 && nowMs - sinceMs >= STILL_MS);

export async function filesIn(folder: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    // Gone between both looks: it is none of ours any more.
    const about = await stat(join(folder, entry.name)).catch(() => null);
    if (about) found.push({ name: entry.name, bytes: about.size, modifiedMs: about.mtimeMs });
  }
  return found;
}

const lineSchema = z.object({
  sha256: z.string(),
  target: z.string(),
  /** Empty when the hub has the file by another upload, or refused this one. */
  upload: z.string(),
  isSent: z.boolean(),
  /** Whether the Collector has told that it read the file. */
  isRead: z.boolean().default(false),
});
type Line = z.infer<typeof lineSchema>;

export interface SentMemory {
  find(sha256: string, target: string): Line | null;
  note(line: Line): Promise<void>;
}

export async function readMemory(folder: string): Promise<SentMemory> {
  const file = join(folder, MEMORY);
  const text = await readFile(file, 'utf8').catch(() => '');
  const known = new Map<string, Line>();
  for (const line of text.split('\n')) {
    // A line that a crash cut off says nothing: the hub tells of a file that it has.
    const parsed = lineSchema.safeParse(jsonOf(line));
    if (parsed.success) known.set(`${parsed.data.target} ${parsed.data.sha256}`, parsed.data);
  }
  return {
    find: (sha256, target) => known.get(`${target} ${sha256}`) ?? null,
    async note(line) {
      known.set(`${line.target} ${line.sha256}`, line);
      // On a line of its own, whatever a crash has left of the one before.
      await appendFile(file, `\n${JSON.stringify(line)}`);
    },
  };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
