/** The demonstration's data folder: known by its marker, so that nothing else is ever deleted. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const MARKER = 'demonstration.json';

const stateSchema = z.object({
  /** What everything invented is drawn from. */
  seed: z.number().int().min(0),
  /** Null until the region stands. */
  setting: z.object({ procedure: z.string(), study: z.string() }).nullable(),
  /** Whether the days before the visitor are played. */
  isOpened: z.boolean(),
});
export type DemonstrationState = z.infer<typeof stateSchema>;

/** The folder can't be used; `message` says why to a person. */
export class UnfitFolder extends Error {}

/** The state of a demonstration begun before, or null where there is none. Errors: UnfitFolder. */
export async function readState(folder: string): Promise<DemonstrationState | null> {
  const marker = await readMarker(folder);
  if (marker === null) return null;
  const state = stateSchema.safeParse(marker);
  if (!state.success)
    throw new UnfitFolder(`${folder} is of an earlier demonstration. Begin anew: npm run demo -- --fresh`);
  return state.data;
}

/** What any demonstration has left there, whatever its version. Errors: UnfitFolder for a folder of something else. */
async function readMarker(folder: string): Promise<unknown> {
  if (!existsSync(folder)) return null;
  try {
    return z.looseObject({ seed: z.number() }).parse(JSON.parse(await readFile(join(folder, MARKER), 'utf8')));
  } catch {
    throw new UnfitFolder(`${folder} is there, but no demonstration made it: name another folder in DATA_DIR`);
  }
}

/** Written beside and renamed, so that a crash leaves the old state or the new one. */
export async function writeState(folder: string, state: DemonstrationState): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = join(folder, `${MARKER}.new`);
  await writeFile(beside, JSON.stringify(state), { mode: 0o600 });
  await rename(beside, join(folder, MARKER));
}

/** Deletes a demonstration's folder. Errors: UnfitFolder for any other. */
export async function clearFolder(folder: string): Promise<void> {
  if ((await readMarker(folder)) !== null) await rm(folder, { recursive: true });
}
