/** What is printed at the start: where to look, as whom, at what. Pure. */
import type { Account } from './accounts.ts';
import type { Demonstration } from './demonstration.ts';
import { VISITORS_INSTITUTION } from './region.ts';

type Shown = Pick<Demonstration, 'url' | 'seed' | 'procedure' | 'accounts' | 'isContinued'>;

export function welcome({ url, seed, procedure, accounts, isContinued }: Shown): string {
  const address = url.replace('//0.0.0.0:', '//localhost:');
  const { region, municipality, institution } = accounts;
  const monitoring = `${address}/monitoring/${procedure}`;
  const people: [string, Account, string, string][] = [
    [
      'regional coordinator',
      region,
      `${monitoring}/board`,
      'the board of 120 institutions, moving; who waits for access; /settings',
    ],
    ['municipal coordinator', municipality, `${monitoring}/board`, 'the same board, its own territory only'],
    [
      'institution',
      institution,
      `${monitoring}/cabinet/${VISITORS_INSTITUTION}`,
      'a cabinet: download the template, fill it, send it, set the tick',
    ],
  ];
  return [
    '',
    `  Svod is up: ${address}`,
    `  ${isContinued ? 'The region goes on from where it was' : 'A fictitious region of 120 institutions'} (seed ${seed}).`,
    '',
    ...people.flatMap(([role, { username, password }, page, look]) => [
      `  ${role.padEnd(22)} ${username.padEnd(10)} ${password}`,
      `  ${''.padEnd(22)} ${page}`,
      `  ${''.padEnd(22)} ${look}`,
      '',
    ]),
    '  Begin anew: npm run demo -- --fresh    Stop: Ctrl+C',
    '',
  ].join('\n');
}
