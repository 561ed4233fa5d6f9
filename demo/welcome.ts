/** What is printed at the start: where to look, as whom, at what. Pure. */
import type { Account } from './accounts.ts';
import type { Demonstration } from './demonstration.ts';
import { SCANNING_CENTRE, VISITORS_COLLEGE, VISITORS_INSTITUTION } from './region.ts';

type Shown = Pick<Demonstration, 'url' | 'seed' | 'procedure' | 'study' | 'accounts' | 'isContinued'>;

export function welcome({ url, seed, procedure, study, accounts, isContinued }: Shown): string {
  const address = url.replace('//0.0.0.0:', '//localhost:');
  const { federal, region, municipality, institution, college, scanner, expert } = accounts;
  const monitoring = `${address}/monitoring/${procedure}`;
  const centre = `${study}/${SCANNING_CENTRE.id}`;
  const people: [string, Account, string, string][] = [
    [
      'regional coordinator',
      region,
      `${monitoring}/board`,
      'the board of 120 institutions, moving; who waits for access; the study and its Collector; /settings',
    ],
    ['municipal coordinator', municipality, `${monitoring}/board`, 'the same board, its own territory only'],
    [
      'institution',
      institution,
      `${monitoring}/cabinet/${VISITORS_INSTITUTION}`,
      'a cabinet: download the template, fill it, send it, set the tick',
    ],
    ['federal coordinator', federal, `${address}/study/${study}`, 'a study over all regions, and the tree; /settings'],
    [
      'scanning specialist',
      scanner,
      `${address}/collector/${centre}`,
      'batches as they are scanned, and the desk where errors are settled by keyboard',
    ],
    ['expert', expert, `${address}/checking/${centre}`, 'answers in own words, marked double-blind'],
    ['head of a college', college, `${address}/cabinet/${VISITORS_COLLEGE}/monitorings`, 'its own forms, on their way'],
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
