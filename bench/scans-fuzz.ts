/**
 * Mutated files through the Collector's workers: `--files` of them, seeded. Every one must end with pages or with findings; none may throw, end
 * the program, or break its thread.
 */
import sharp, { type Sharp } from 'sharp';
import { type Chance, chanceOf } from '#collector/degrade/chance.ts';
import { packJpeg } from '#collector/degrade/kinds.ts';
import { filledPages } from '#collector/degrade/paper.ts';
import { FORMS } from '#collector/forms/index.ts';
import { pdfOf, tiffOf, zipOf } from '#collector/testing.ts';
import { createCollector } from '#collector/workers.ts';

const FILES = 10_000;
const SEED = 1;
const DPI = 72;
const PAGE_MS_MAX = 10_000;
/** Where heads and directories stand, mutations break more. */
const HEAD_BYTES = 2_000;

export async function run({
  json,
  flags,
}: {
  json: boolean;
  flags: Record<string, string>;
}): Promise<Record<string, unknown>> {
  const files = Number(flags['files'] ?? FILES);
  const seed = Number(flags['seed'] ?? SEED);
  const chance = chanceOf(seed);
  const sources = await sourcesOf(seed);
  const collector = createCollector({ threads: 2 });
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];
  let [pages, silent] = [0, 0];
  const one = async (turn: number, bytes: Uint8Array): Promise<void> => {
    let given = 0;
    try {
      const { findings } = await collector.readFile(bytes, { forms: FORMS, limits: { pageMsMax: PAGE_MS_MAX } }, () => {
        given++;
      });
      pages += given;
      if (given === 0 && findings.length === 0) silent++;
      for (const finding of findings) {
        const reason =
          'reason' in finding.data ? finding.data.reason : 'limit' in finding.data ? finding.data.limit : '';
        const name = `${finding.code} ${reason}`;
        outcomes[name] = (outcomes[name] ?? 0) + 1;
      }
    } catch (error) {
      faults.push(`${turn}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (let turn = 0; turn < files; turn += 2) {
    await Promise.all(
      [turn, turn + 1].map((at) => one(at, mutated(sources[at % sources.length] ?? new Uint8Array(), chance))),
    );
    if (!json && turn % 1_000 === 0) console.log(`${turn} files, ${pages} pages, ${faults.length} faults`);
  }
  await collector.close();
  return { seed, files, pages, silent, faults: faults.length, firstFaults: faults.slice(0, 5), outcomes };
}

async function sourcesOf(seed: number): Promise<Uint8Array[]> {
  const [first, second] = await filledPages(2, DPI, seed);
  if (!first || !second) throw new Error('no pages');
  const { width, height, data } = first.image;
  const raw = (): Sharp => sharp(data, { raw: { width, height, channels: 1 } });
  const [one, other] = [packJpeg(first.image, 80), packJpeg(second.image, 80)];
  const pdf = await pdfOf([one, other]);
  return [
    new Uint8Array(one),
    pdf,
    await pdfOf([one], { ownerPassword: 'secret' }),
    tiffOf([first.image, second.image]),
    await raw().tiff({ compression: 'lzw' }).toBuffer(),
    await raw().threshold(128).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
    await raw().png().toBuffer(),
    await raw().toColourspace('cmyk').jpeg().toBuffer(),
    await raw().jpeg({ progressive: true }).toBuffer(),
    zipOf([
      { name: 'a.jpg', content: one },
      { name: 'b.pdf', content: pdf },
    ]),
  ].map((bytes) => new Uint8Array(bytes));
}

/** Bytes changed, runs doubled, zeroed or taken out, the end cut off. */
function mutated(source: Uint8Array, chance: Chance): Uint8Array {
  let bytes = new Uint8Array(source);
  const place = (): number =>
    Math.floor(chance() * (chance() < 0.5 ? Math.min(HEAD_BYTES, bytes.length) : bytes.length));
  const changes = 1 + Math.floor(chance() * 12);
  for (let change = 0; change < changes; change++) {
    const at = place();
    const length = Math.floor(chance() * 64);
    const drawn = chance();
    if (drawn < 0.6) bytes[at] = Math.floor(chance() * 256);
    else if (drawn < 0.7) bytes.fill(0, at, at + length);
    else if (drawn < 0.8) bytes.copyWithin(at, place(), place() + length);
    else if (drawn < 0.9) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    else if (drawn < 0.93) bytes = bytes.slice(0, at);
  }
  return bytes;
}
