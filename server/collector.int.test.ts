/**
 * The Collector from paper to facts, with its own printer and reader: forms are printed by the hub, spoilt as scanners and people do, sent, and
 * read by nodes of which one is killed in the midst.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encode, type PageCode } from '#collector/code.ts';
import { chanceOf } from '#collector/degrade/chance.ts';
import { DEGRADATIONS, packJpeg } from '#collector/degrade/kinds.ts';
import { renderPdf } from '#collector/degrade/paper.ts';
import { DATAMATRIX_BOX, QR_BOX, TWIN_BOX } from '#collector/layout.ts';
import { pdfOf } from '#collector/testing.ts';
import { collectorStream, scanErrorsStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import type { ScanErrorsState } from '#models/scanning/scan-error.ts';
import type { CollectorState } from '#models/scanning/scan-views.ts';
import { READ_LEASE_MS } from '#models/scanning/scan-batch.ts';
import { readConfig } from './config.ts';
import { openStudy, PASSWORD, publishSample, REGION, setUpFederation, STUDY } from './federation.testing.ts';
import { startHub, type RunningHub } from './hub.ts';
import { personOf } from './newcomer.ts';
import { startProcess, startStore, until, type Running } from './processes.testing.ts';
import { sendScan } from './scanning.testing.ts';

const SECRET = 'a secret of the nodes that read the scans of a test';
const PLACE = { procedure: STUDY, centre: 'sc48' };
const COLLEGE = { ...PLACE, college: 'c48-1' };
const DPI = 200;
const PARTICIPANTS = 8;
const SEED = 48;
/** Spoilt as on an ordinary day. */
const KINDS = [
  'as printed',
  'rotated 2°',
  'upside down',
  'noise',
  'low contrast',
  'fold',
  'stains',
  'pen over one code',
];

const folder = mkdtempSync(join(tmpdir(), 'svod-collector-'));
const clock = { aheadMs: 0 };
let store: Running & { found: string };
let node: RunningHub;

const environment = () => ({ MONGODB_URI: store.found, SVOD_SECRET: SECRET, DATA_DIR: folder });
const startNode = (): Promise<RunningHub> =>
  startHub({
    config: readConfig({ ...environment(), PORT: '0', LOG_LEVEL: 'silent', SECOND_FACTOR: 'offered' }),
    pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
    now: () => Date.now() + clock.aheadMs,
    logger: pino({ level: 'silent' }),
  });

beforeAll(async () => {
  store = await startStore(join(folder, 'store'));
  node = await startNode();
});
afterAll(async () => {
  await node.stop();
  await store.end();
  rmSync(folder, { recursive: true, force: true });
});

/** A region with one sampled college and its scanning centre. */
async function setUp(): Promise<{ regional: Person; specialist: Person }> {
  const hub = {
    door: node.door,
    person: (username: string) => personOf(node.door, { username, password: PASSWORD }),
  };
  const { appoint } = await setUpFederation(hub, { colleges: ['c48-1'], points: ['sc48'] });
  const federal = await appoint('federalCoordinator', 'fed');
  const regional = await appoint('regionalCoordinator', REGION);
  await node.door.scanningCentres.choose(regional, REGION, { unit: 'sc48', sort: 'other', rev: 0 });
  const specialist = await appoint('scanningSpecialist', 'sc48');
  await openStudy(hub, federal, { deadline: '2099-10-15' });
  await publishSample(hub, { federal, regional }, { colleges: ['c48-1'], students: PARTICIPANTS });
  return { regional, specialist };
}

const state = async <State>(who: Person, stream: string): Promise<State> =>
  (await node.models.live.snapshot({ person: who, ticket: null }, stream)).state as State;

it('[S1-04] [S1-12] [S1-13] [S1-51] what the hub printed comes back spoilt, is read though a node is killed in the midst, and ends without an open error', async () => {
  const { regional, specialist } = await setUp();
  const { scanning } = node.door;
  const board = () => state<CollectorState>(regional, collectorStream(STUDY, 'sc48'));
  const errors = async () => (await state<ScanErrorsState>(specialist, scanErrorsStream(STUDY, 'sc48'))).errors;

  const { run } = await scanning.print(regional, COLLEGE, {
    rooms: [{ name: 'Каб. 1', participants: PARTICIPANTS }],
    spares: 0,
  });
  await until('the forms are printed', async () => (await board()).prints[0]?.status === 'ready');
  const printed: Uint8Array[] = [];
  for await (const piece of (await scanning.printFile(regional, STUDY, 'sc48', run)).content) printed.push(piece);
  const paper = await renderPdf(Buffer.concat(printed), DPI);
  // An attendance sheet and a protocol of the room, then two pages for each participant.
  expect(paper).toHaveLength(2 + 2 * PARTICIPANTS);
  await scanning.acceptPackage(regional, COLLEGE, { sheets: 2 + PARTICIPANTS });
  const { batch } = await scanning.openBatch(specialist, COLLEGE);

  const code = (participant: number, page: number): PageCode => ({
    ...{
      procedure: 1,
      institution: 1,
      holder: { kind: 'participant', number: participant },
      form: 1,
      version: 1,
      page,
    },
  });
  const spoilt = paper.map((image, at) => {
    const kind = DEGRADATIONS.find(({ name }) => name === KINDS[at % KINDS.length]);
    if (!kind) throw new Error(`no kind ${KINDS[at % KINDS.length]}`);
    if (at !== 2) return packJpeg(kind.apply(image, chanceOf(SEED + at), DPI / 25.4), 80);
    // Of the first participant's front nobody can read a code any more.
    for (const box of [DATAMATRIX_BOX, TWIN_BOX, QR_BOX])
      for (let y = Math.floor((box.y / 25.4) * DPI); y < ((box.y + box.height) / 25.4) * DPI; y++)
        image.data.fill(
          235,
          y * image.width + Math.floor((box.x / 25.4) * DPI),
          y * image.width + Math.ceil(((box.x + box.width) / 25.4) * DPI),
        );
    return packJpeg(image, 80);
  });
  // The last participant's back stayed in the feeder.
  const scan = await pdfOf(spoilt.slice(0, -1));
  await sendScan(node.door, specialist, { batch, name: 'пачка 1.pdf', bytes: scan });
  // Whoever received it is gone before it is read; another node begins to read, and is killed in the midst.
  await node.stop();
  const doomed = await startProcess(process.execPath, ['server/upload-node.testing.ts'], environment(), (line) =>
    line.startsWith('http://') ? line.trim() : null,
  );
  const client = await MongoClient.connect(store.found);
  const files = client.db().collection<{ next?: number; status: string }>('scanFiles');
  await until('some pages are booked', async () => ((await files.findOne({}))?.next ?? 0) > 1);
  await doomed.end('SIGKILL');
  const cut = await files.findOne({});
  expect(cut?.status).toBe('reading');
  clock.aheadMs = READ_LEASE_MS + 1_000;
  node = await startNode();
  await until('the rest is read', async () => (await files.findOne({}))?.status === 'read');
  const pages = client.db().collection('scanPages');
  expect(await pages.countDocuments()).toBe(spoilt.length - 1);
  await client.close();

  const { scanning: desk } = node.door;
  await desk.endBatch(specialist, { ...PLACE, batch });
  await until('what is missing is missed', async () =>
    (await errors()).some(({ finding }) => finding.code === 'PAGE_MISSING'),
  );
  const found = (await errors()).map(({ finding }) => finding.code);
  expect(found).toContain('CODE_UNREADABLE');
  // No page was taken for another: every other one stands where it was printed.
  expect((await board()).colleges[0]?.figures.pagesRead).toBe(spoilt.length - 2);
  const settle = async (error: string, settlement: object): Promise<void> => {
    const at = { ...PLACE, error };
    const { token } = await desk.claim(specialist, at, { deed: 'take' });
    await desk.settle(specialist, at, { token, settlement });
  };
  const unreadable = (await errors()).find(({ finding }) => finding.code === 'CODE_UNREADABLE');
  await settle(unreadable?.id ?? '', { way: 'typeCode', code: encode(code(1, 1)) });
  await desk.reopenBatch(specialist, { ...PLACE, batch });
  const rescan = await pdfOf(spoilt.slice(-1));
  await sendScan(node.door, specialist, { batch, name: 'оборот.pdf', bytes: rescan });
  await until('the rescan is read', async () => (await board()).batches[0]?.figures.filesRead === 2);
  for (const error of await errors())
    if (FINDINGS_OF_MARKS.includes(error.finding.code)) await settle(error.id, { way: 'markBlank' });
  await desk.endBatch(specialist, { ...PLACE, batch });
  await until('nothing is open', async () => (await errors()).length === 0);
  expect((await board()).colleges[0]?.figures).toMatchObject({
    ...{ pagesRead: spoilt.length, worksWhole: PARTICIPANTS, errorsOpen: 0 },
  });
}, 180_000);

const FINDINGS_OF_MARKS: readonly string[] = ['MARK_AMBIGUOUS', 'MARK_MULTIPLE', 'MARK_STAIN'];
