/** `npm run bench -- NAME [--json] [--flag value …]`: what is claimed about speed, as ratios measured in one run against a named bare reference. */
interface Bench {
  run(options: { json: boolean; flags: Record<string, string> }): Promise<Record<string, unknown>>;
}

const BENCHES: Record<string, () => Promise<Bench>> = {
  collector: () => import('./collector.ts'),
  embedded: () => import('./embedded.ts'),
  forum: () => import('./forum.ts'),
  import: () => import('./import.ts'),
  sheets: () => import('./sheets.ts'),
  scans: () => import('./scans.ts'),
  'scans-fuzz': () => import('./scans-fuzz.ts'),
  fanout: () => import('./live/fanout.ts'),
  catchup: () => import('./live/catchup.ts'),
  hotstream: () => import('./live/hotstream.ts'),
  surge: () => import('./live/surge.ts'),
  memory: () => import('./live/memory.ts'),
};

/** `--json` stands alone; every other flag has a value. */
function readArguments(given: readonly string[]): { name: string; json: boolean; flags: Record<string, string> } {
  const [name = '', ...rest] = given.filter((argument) => argument !== '--json');
  const flags: Record<string, string> = {};
  for (let index = 0; index < rest.length; index += 2) {
    const flag = rest[index] ?? '';
    const value = rest[index + 1];
    if (!flag.startsWith('--') || value === undefined) {
      console.error(`${flag} needs a value`);
      process.exit(2);
    }
    flags[flag.slice(2)] = value;
  }
  return { name, json: given.includes('--json'), flags };
}

const { name, json, flags } = readArguments(process.argv.slice(2));
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!load) {
  console.error(`Which one? ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const result = await (await load()).run({ json, flags });
if (json) console.log(JSON.stringify(result));
else for (const [key, value] of Object.entries(result)) console.log(`${key}: ${JSON.stringify(value)}`);
process.exit(0);
