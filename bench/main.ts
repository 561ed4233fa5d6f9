/** `npm run bench -- NAME [--json]`: what is claimed about speed, as ratios measured in one run against a named bare reference. */
interface Bench {
  run(options: { json: boolean }): Promise<Record<string, unknown>>;
}

const BENCHES: Record<string, () => Promise<Bench>> = {
  embedded: () => import('./embedded.ts'),
  sheets: () => import('./sheets.ts'),
};

const [name = ''] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!load) {
  console.error(`Which one? ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const json = process.argv.includes('--json');
const result = await (await load()).run({ json });
if (json) console.log(JSON.stringify(result));
else for (const [key, value] of Object.entries(result)) console.log(`${key}: ${JSON.stringify(value)}`);
