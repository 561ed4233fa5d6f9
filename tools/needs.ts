/** What the tests need beside npm: Debian's redis-server and chromium. Installed when that is possible, named when it is not. */
import { spawnSync } from 'node:child_process';

const NEEDS = [
  { command: 'redis-server', package: 'redis-server' },
  { command: 'chromium', package: 'chromium' },
];

const isThere = (command: string): boolean => spawnSync('which', [command]).status === 0;

/** Errors: one sentence naming the packages, when they can't be installed from here. */
export function ensureNeeds(): void {
  const missing = NEEDS.filter(({ command }) => !isThere(command));
  if (missing.length === 0) return;
  const packages = missing.map((need) => need.package);
  const byHand = `apt-get install ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get'))
    throw new Error(`The tests need ${packages.join(' and ')}: ${byHand}`);
  console.log(`Installing ${packages.join(' and ')} …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const arguments_ of [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
  ]) {
    const { status, stderr } = spawnSync('apt-get', arguments_, { env: environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${byHand} failed:\n${stderr}`);
  }
}
