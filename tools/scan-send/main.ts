/**
 * `npm run scan-send -- DIR --hub URL --target ID [--purpose scan] [--watch]`: for scanners that only write files. Signs in with
 * SVOD_USERNAME and SVOD_PASSWORD, or asks; a password on the command line would stand in the list of processes. Tells what became of each
 * file, and ends with 1 when one was refused or not read in time.
 */
import { Writable } from 'node:stream';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createSession } from '#demo/session.ts';
import { m } from '#lib/paraglide/messages.js';
import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { createScanSender } from './scan-sender.ts';
import { isFailure, toldWords, type Told } from './told-words.ts';

const LOOK_EVERY_MS = 1_000;
const locale = process.env['LANG']?.startsWith('en') ? 'en' : 'ru';
// Words of refusals ask for the reader's language by themselves.
overwriteGetLocale(() => locale);
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hub: { type: 'string' },
    target: { type: 'string' },
    purpose: { type: 'string', default: 'scan' },
    watch: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
const { hub, target, purpose } = values;
if (folder === undefined || hub === undefined || target === undefined) {
  console.error('npm run scan-send -- DIR --hub URL --target ID [--watch]');
  process.exit(2);
}

async function ask(question: string, isShown: boolean): Promise<string> {
  process.stdout.write(`${question}: `);
  // What is typed is not shown: the terminal's echo goes nowhere.
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: isShown ? process.stdout : nowhere, terminal: true });
  const answer = await lines.question('');
  lines.close();
  if (!isShown) process.stdout.write('\n');
  return answer;
}

let account: { username: string; password: string } | null = null;
async function signIn(): Promise<string> {
  account ??= {
    username: process.env['SVOD_USERNAME'] ?? (await ask(m.scan_send_username({}, { locale }), true)),
    password: process.env['SVOD_PASSWORD'] ?? (await ask(m.scan_send_password({}, { locale }), false)),
  };
  const session = createSession(new URL(hub ?? '').origin, new AbortController().signal);
  const { location } = await session.form('/sign-in', account);
  if (location?.startsWith('/sign-in/code'))
    await session.form('/sign-in/code', { code: await ask(m.scan_send_code({}, { locale }), true) });
  return session.cookie();
}

function tell(told: Told): void {
  console.log(`${new Date().toLocaleTimeString(locale)}  ${toldWords(told, locale, timeZone)}`);
  if (isFailure(told)) process.exitCode = 1;
}

const sender = await createScanSender({ hub, purpose, target, folder, signIn, tell, now: Date.now, pause });
if (values.watch) console.log(m.scan_send_watching({ folder }, { locale }));
while ((await sender.look()) > 0 || values.watch) await pause(LOOK_EVERY_MS);
