/** A scanning centre of the journeys: two specialists, two colleges with a batch each, and files whose pages say what is on them. */
import type { APIRequestContext } from '@playwright/test';
import type { PageCode } from '#collector/code.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { FieldReading } from '#collector/reading.ts';
import { fileOf, type SaidPage } from '#server/collector.testing.ts';
import type { Person } from '#models/people/person.ts';
import { appointNewcomer } from '#server/newcomer.ts';
import { expect } from './fixtures.ts';
import { FOUNDER, sampleStudy, setUpFederation, STUDY } from './federation.ts';
import type { HubNode } from './hub-node.ts';
import { PASSWORD } from './region.ts';

export const SCANNING_CENTRE = 'sc48';
export const DESK = `/collector/${STUDY}/${SCANNING_CENTRE}/errors`;

const SCANNER: Person = {
  ...FOUNDER,
  assignments: [{ role: 'scanningSpecialist', unit: SCANNING_CENTRE, path: `/fed/r48/${SCANNING_CENTRE}/` }],
};

/** Forms are printed for three participants of a college each, their packages accepted, a batch opened; returns the batches. */
export async function setUpScanning(hub: HubNode): Promise<string[]> {
  await setUpFederation(hub);
  await hub.call('units', 'create', FOUNDER, 'r48', {
    ...{ id: SCANNING_CENTRE, kind: 'scanningCentre', name: 'РЦОИ Липецкой области', shortName: '', zone: null },
  });
  const colleges = ['c48-1', 'c48-2'];
  await sampleStudy(hub, colleges);
  await hub.call('scanningCentres', 'choose', FOUNDER, 'r48', {
    unit: SCANNING_CENTRE,
    sort: 'dataProcessingCentre',
    rev: 0,
  });
  for (const [username, name] of [
    ['ivanov', 'Иванов Пётр Ильич'],
    ['petrova', 'Петрова Анна Олеговна'],
  ] as const)
    await appointNewcomer(
      {
        part: (...given) => hub.call('appointments', 'part', ...given),
        appoint: (...given) => hub.call('appointments', 'appoint', ...given),
        inviteAgain: (...given) => hub.call('appointments', 'inviteAgain', ...given),
        accept: (...given) => hub.call('appointments', 'accept', ...given),
      },
      FOUNDER,
      { username, name, role: 'scanningSpecialist', unit: SCANNING_CENTRE, password: PASSWORD },
    );
  const batches: string[] = [];
  for (const college of colleges) {
    const place = { procedure: STUDY, centre: SCANNING_CENTRE, college };
    const { run } = await hub.call('scanning', 'print', FOUNDER, place, {
      ...{ rooms: [{ name: 'Каб. 1', participants: 9 }], spares: 1 },
    });
    await expect
      .poll(async () => {
        const { state } = await hub.call('scanning', 'board', FOUNDER, STUDY, SCANNING_CENTRE);
        return state.prints.find(({ id }) => id === run)?.status;
      })
      .toBe('ready');
    await hub.call('scanning', 'acceptPackage', FOUNDER, place, { sheets: 9 });
    batches.push((await hub.call('scanning', 'openBatch', SCANNER, place)).batch);
  }
  return batches;
}

/** Sends a file as a specialist's browser does. */
export async function sendScan(
  request: APIRequestContext,
  hub: HubNode,
  batch: string,
  pages: SaidPage[],
): Promise<void> {
  const bytes = Buffer.from(fileOf(pages));
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const said = { filename: 'скан.pdf', purpose: 'scan', target: batch };
  const begun = await request.post(`${hub.url}/uploads`, {
    headers: {
      ...{ 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length) },
      'upload-metadata': Object.entries(said)
        .map(([key, value]) => `${key} ${encoded(value)}`)
        .join(','),
    },
  });
  expect(begun.status()).toBe(201);
  const sent = await request.patch(new URL(begun.headers()['location'] ?? '', `${hub.url}/uploads/`).href, {
    headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    data: bytes,
  });
  expect(sent.status()).toBe(204);
}

/* ---- what pages say ---- */

export const code = (participant: number, page = 1, more: Partial<PageCode> = {}): PageCode => ({
  ...{ procedure: 1, institution: 1, holder: { kind: 'participant', number: participant }, form: 1, version: 1, page },
  ...more,
});
const CROP = { x: 200, y: 700, width: 520, height: 60 };
export const UNCLEAR: Pick<SaidPage, 'findings' | 'fields'> = {
  findings: [
    {
      code: 'MARK_AMBIGUOUS',
      data: {
        ...{ field: 'q5', crop: CROP },
        marks: [
          { option: 'b', row: 'answer', darkness: 0.31 },
          { option: 'c', row: 'answer', darkness: 0.12 },
        ],
      },
    },
  ],
  fields: [
    {
      ...{ kind: 'choice', key: 'q5', crop: CROP, marks: [] },
      decision: { kind: 'doubtful', options: ['b'], isCorrected: false },
    } satisfies FieldReading,
  ],
};
export const UNREADABLE: CollectorFinding = {
  ...{ code: 'CODE_UNREADABLE', data: { crops: [{ x: 1_250, y: 90, width: 300, height: 300 }] } },
};
export const BLANK: CollectorFinding = { code: 'PAGE_BLANK', data: { inkShare: 0.0002 } };
