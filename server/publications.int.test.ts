/** Publications through a real store: region, municipality, institution and back, with marks; and what must not be possible. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicationsStream, receiptsStream, sentPublicationsStream, type StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { boxState, countRows, REMIND_EVERY_MS } from '#models/publication/publication-dispatch.ts';
import { FILE_BYTES_MAX, FILES_MAX } from '#models/publication/publication.ts';
import { FILES_WAITING_MAX } from '#models/publication/publication.actions.ts';
import { NOON_MS, PROCEDURE, startSecondNode, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let school: Person;
let neighbour: Person;
let foreign: Person;

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
  neighbour = await hub.enrol('i48-2');
  foreign = await hub.enrol('i48-3');
});
afterAll(() => hub.stop());

const publications = () => hub.door.publications;
const region = (): Person => hub.coordinator;
const first = (): Person => hub.municipal[0];
const second = (): Person => hub.municipal[1];
const refused = (code: string): unknown => expect.objectContaining({ code });
const snapshot = async (person: Person, stream: StreamId) =>
  (await hub.models.live.snapshot({ person, ticket: null }, stream)).state;

const PDF = new TextEncoder().encode('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const sendFile = async (person: Person, unit: string, name = 'рекомендации.pdf', content: Uint8Array = PDF) =>
  (await publications().sendFile(person, unit, { name, bytes: content.length, content })).file;

const INPUT = {
  ...{
    unit: '48',
    procedure: null as string | null,
    kind: 'recommendations',
    title: 'Рекомендации, I этап',
    text: 'Прочитайте.',
  },
  ...{ stage: 'I этап', files: [] as string[], asksConfirmation: false, releaseAtMs: null as number | null },
  ...{ scope: 'next', units: null as string[] | null },
};
const publish = async (given: Partial<typeof INPUT> = {}, by = region()): Promise<string> =>
  (await publications().publish(by, { ...INPUT, ...given })).publication;
const boxOf = async (person: Person, unit: string) => (await publications().box(person, unit)).state.items;
const has = async (person: Person, unit: string, id: string) =>
  (await boxOf(person, unit)).find(({ publication }) => publication === id);
const arrived = (person: Person, unit: string, id: string) =>
  expect.poll(() => has(person, unit, id), { timeout: 10_000 }).toBeDefined();
const open = (person: Person, publication: string, unit: string) => publications().open(person, { publication, unit });
const list = async (person: Person, id: string, sender: string) =>
  (await publications().list(person, id, sender)).state;

describe('from the region to the municipalities and on to the institutions', () => {
  let id = '';

  it('[S4-07] [S0-05] a publication with its file is in the cabinet of every municipality, and of nobody else', async () => {
    const file = await sendFile(region(), '48');
    id = await publish({ files: [file.id] });
    await arrived(first(), '48-m1', id);
    await arrived(second(), '48-m2', id);
    expect(await has(first(), '48-m1', id)).toMatchObject({ title: INPUT.title, files: 1, opened: null });
    const { bytes } = await publications().file(first(), id, file.id, null);
    expect(Buffer.from(bytes).equals(Buffer.from(PDF))).toBe(true);
    for (const person of [school, foreign]) {
      await expect(publications().page(person, id, null)).rejects.toEqual(refused('not_allowed'));
      await expect(publications().file(person, id, file.id, null)).rejects.toEqual(refused('not_allowed'));
    }
    expect(await has(school, 'i48-1', id)).toBeUndefined();
    await expect(publications().box(second(), '48-m1')).rejects.toEqual(refused('not_allowed'));
    await expect(publications().page(second(), id, '48-m1')).rejects.toEqual(refused('not_allowed'));
  });

  it('[S4-08] the first opening by who acts for the unit is the mark; whoever looks from above leaves none', async () => {
    await expect(open(region(), id, '48-m1')).rejects.toEqual(refused('not_allowed'));
    hub.clock.nowMs = NOON_MS + 60_000;
    await open(first(), id, '48-m1');
    hub.clock.nowMs = NOON_MS + 120_000;
    await open(first(), id, '48-m1');
    const { rows, all } = await list(region(), id, '48');
    expect(all).toBe(2);
    expect(rows.find(({ unit }) => unit === '48-m1')?.opened).toEqual({
      ...{ edition: 1, atMs: NOON_MS + 60_000, byName: first().name },
    });
    expect(countRows(rows)).toEqual({ got: 2, read: 1, confirmed: 0 });
    await expect
      .poll(async () => (await publications().outbox(region(), '48')).state.marks[id])
      .toMatchObject({ got: 2, read: 1 });
  });

  it('[S4-08] the municipality sends it on by list with its own words, and both levels see who got and read it', async () => {
    await expect(
      publications().sendOn(first(), id, { unit: '48-m1', cover: '', scope: 'next', units: ['i48-3'] }),
    ).rejects.toEqual(refused('not_allowed'));
    await expect(
      publications().sendOn(second(), id, { unit: '48-m1', cover: '', scope: 'next', units: null }),
    ).rejects.toEqual(refused('not_allowed'));
    expect(
      await publications().sendOn(first(), id, {
        unit: '48-m1',
        cover: 'До пятницы.',
        scope: 'next',
        units: ['i48-1'],
      }),
    ).toEqual({ added: 1 });
    await arrived(school, 'i48-1', id);
    expect(await has(neighbour, 'i48-2', id)).toBeUndefined();
    expect(await publications().page(school, id, null)).toMatchObject({
      reader: { unit: 'i48-1', cover: 'До пятницы.', acts: true },
      ...{ manages: false, passes: null, lists: [], outbox: null },
    });
    expect(
      await publications().sendOn(first(), id, { unit: '48-m1', cover: 'До пятницы.', scope: 'next', units: null }),
    ).toEqual({ added: 1 });
    await arrived(neighbour, 'i48-2', id);
    await open(school, id, 'i48-1');
    for (const person of [first(), region()])
      expect(countRows((await list(person, id, '48-m1')).rows)).toEqual({ got: 2, read: 1, confirmed: 0 });
    expect((await list(region(), id, '48')).rows.find(({ unit }) => unit === '48-m1')?.sentOnAtMs).not.toBeNull();
    await expect(list(second(), id, '48-m1')).rejects.toEqual(refused('not_allowed'));
    const { lists } = await publications().page(region(), id, null);
    expect(lists.map(({ sender, marks }) => [sender, marks.state.rows.length])).toEqual([
      ['48', 2],
      ['48-m1', 2],
      ['48-m2', 0],
    ]);
  });

  it('[S4-08] a correction is another edition: to be read anew below, while its author keeps the old one', async () => {
    const { publication } = await publications().page(region(), id, null);
    const { rev, kind, title, stage, files } = publication;
    const edit = { rev, kind, title, stage, text: 'Прочитайте до среды.', files: files.map((file) => file.id) };
    await expect(publications().correct(first(), id, edit)).rejects.toEqual(refused('not_allowed'));
    await publications().correct(region(), id, edit);
    await expect(publications().correct(region(), id, edit)).rejects.toEqual(refused('stale_write'));
    await expect.poll(async () => (await has(school, 'i48-1', id))?.edition, { timeout: 10_000 }).toBe(2);
    const item = await has(school, 'i48-1', id);
    expect(item && boxState(item)).toBe('unread');
    await expect.poll(async () => countRows((await list(region(), id, '48-m1')).rows).read).toBe(0);
    const [former] = (await publications().page(region(), id, null)).former;
    expect(former).toMatchObject({ edition: 1, text: 'Прочитайте.' });
    expect((await publications().page(school, id, null)).former).toEqual([]);
  });

  it('[S4-07] what is withdrawn stays in the cabinet as withdrawn with its reason; its text and files are gone', async () => {
    const [file] = (await publications().page(region(), id, null)).publication.files;
    await expect(publications().withdraw(first(), id, { reason: 'ошибка' })).rejects.toEqual(refused('not_allowed'));
    await publications().withdraw(region(), id, { reason: 'не тот файл' });
    await expect.poll(async () => (await has(school, 'i48-1', id))?.isWithdrawn, { timeout: 10_000 }).toBe(true);
    expect((await publications().page(school, id, null)).publication).toMatchObject({
      ...{ status: 'withdrawn', reason: 'не тот файл', text: '', files: [] },
    });
    await expect(publications().file(school, id, file?.id ?? '', null)).rejects.toEqual(refused('not_allowed'));
    await expect(open(school, id, 'i48-1')).rejects.toEqual(refused('publication_withdrawn'));
    await expect(
      publications().sendOn(first(), id, { unit: '48-m1', cover: '', scope: 'next', units: null }),
    ).rejects.toEqual(refused('publication_withdrawn'));
    expect((await publications().page(region(), id, null)).publication.files).toHaveLength(1);
  });
});

describe('a publication with a moment', () => {
  it('[G-06] does not exist for those it is for before its moment, on any path, and comes once', async () => {
    const file = await sendFile(region(), '48');
    const releaseAtMs = hub.clock.nowMs + 3_600_000;
    await expect(publish({ releaseAtMs: hub.clock.nowMs })).rejects.toEqual(refused('release_past'));
    const id = await publish({ title: 'Вариант', files: [file.id], releaseAtMs, scope: 'institutions' });
    hub.clock.nowMs = releaseAtMs - 1;
    await publications().processNext();
    expect(await has(school, 'i48-1', id)).toBeUndefined();
    for (const person of [school, first()]) {
      await expect(publications().page(person, id, null)).rejects.toEqual(refused('not_allowed'));
      await expect(publications().page(person, id, person === school ? 'i48-1' : '48-m1')).rejects.toEqual(
        refused('not_allowed'),
      );
      await expect(publications().file(person, id, file.id, null)).rejects.toEqual(refused('not_allowed'));
      await expect(snapshot(person, receiptsStream(id, '48'))).rejects.toEqual(refused('not_allowed'));
      await expect(snapshot(person, sentPublicationsStream('48'))).rejects.toEqual(refused('not_allowed'));
    }
    expect(JSON.stringify(await snapshot(school, publicationsStream('i48-1')))).not.toContain('Вариант');
    expect((await publications().page(region(), id, null)).publication.status).toBe('planned');
    const before = await hub.models.live.snapshot({ person: school, ticket: null }, publicationsStream('i48-1'));
    hub.clock.nowMs = releaseAtMs;
    // Several at once, as nodes would.
    await Promise.all([publications().processNext(), publications().processNext(), publications().processNext()]);
    await arrived(school, 'i48-1', id);
    await arrived(foreign, 'i48-3', id);
    await publications().processNext();
    const events = await hub.models.journal.read(publicationsStream('i48-1'), before.position.seq, 10);
    expect(events.map(({ type, entity }) => [type, entity])).toEqual([['publicationDelivered', id]]);
    expect((await publications().file(school, id, file.id, null)).file.name).toBe('рекомендации.pdf');
    expect((await publications().page(region(), id, null)).publication).toMatchObject({ releasedAtMs: releaseAtMs });
  });

  it('[G-06] is released once and told once to each, with two nodes at it', async () => {
    const other = await startSecondNode(hub);
    try {
      const releaseAtMs = hub.clock.nowMs + 60_000;
      const id = await publish({ title: 'На двух узлах', releaseAtMs, scope: 'institutions' });
      const before = await Promise.all(
        ['i48-1', 'i48-3'].map((unit) =>
          hub.models.live.snapshot({ person: region(), ticket: null }, publicationsStream(unit)),
        ),
      );
      hub.clock.nowMs = releaseAtMs;
      await Promise.all(
        [hub, other].flatMap(({ door }) => [door.publications.processNext(), door.publications.processNext()]),
      );
      await arrived(school, 'i48-1', id);
      await arrived(foreign, 'i48-3', id);
      // Read over the one node, seen over the other.
      await other.door.publications.open(school, { publication: id, unit: 'i48-1' });
      expect(countRows((await list(region(), id, '48')).rows)).toEqual({ got: 4, read: 1, confirmed: 0 });
      const told = await Promise.all(
        before.map(async ({ stream, position }) =>
          (await hub.models.journal.read(stream, position.seq, 10)).map(({ rev }) => rev),
        ),
      );
      expect(told).toEqual([[1, 2], [1]]);
      const { entries } = await hub.door.deeds.page(region(), { unit: '48', kind: 'publication.released' });
      expect(entries.filter(({ subject }) => subject === id)).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  it('[G-06] that is withdrawn before it was never there', async () => {
    const releaseAtMs = hub.clock.nowMs + 3_600_000;
    const id = await publish({ releaseAtMs });
    await publications().withdraw(region(), id, { reason: 'передумали' });
    hub.clock.nowMs = releaseAtMs;
    while (await publications().processNext());
    expect(await has(first(), '48-m1', id)).toBeUndefined();
    await expect(publications().page(first(), id, null)).rejects.toEqual(refused('not_allowed'));
  });
});

describe('from the institution to the centre', () => {
  it('[S0-05] a file goes up, and is seen by the centre and by nobody beside', async () => {
    const file = await sendFile(school, 'i48-1', 'справка.pdf');
    const given = { unit: 'i48-1', kind: 'letter', title: 'Справка', scope: 'centre', files: [file.id] };
    await expect(publish({ ...given, unit: 'i48-2' }, school)).rejects.toEqual(refused('not_allowed'));
    await expect(publish({ ...given, kind: 'recommendations' }, school)).rejects.toEqual(refused('bad_input'));
    await expect(publish({ ...given, scope: 'next' }, school)).rejects.toEqual(refused('not_allowed'));
    const id = await publish(given, school);
    await arrived(region(), '48', id);
    expect((await publications().file(region(), id, file.id, null)).file.name).toBe('справка.pdf');
    await open(region(), id, '48');
    expect(countRows((await list(school, id, 'i48-1')).rows)).toEqual({ got: 1, read: 1, confirmed: 0 });
    for (const person of [neighbour, second()])
      await expect(publications().page(person, id, null)).rejects.toEqual(refused('not_allowed'));
  });
});

describe('to the institutions directly', () => {
  it('[S0-07] results and analytical reports are there, with «ознакомлен» for those that ask for it', async () => {
    const given = { scope: 'institutions', units: ['i48-1', 'i48-3'], asksConfirmation: true, procedure: PROCEDURE };
    const results = await publish({ ...given, kind: 'results', title: 'Результаты' });
    const report = await publish({ ...given, kind: 'analyticalReport', title: 'Аналитический отчёт' });
    await arrived(school, 'i48-1', results);
    await arrived(school, 'i48-1', report);
    expect((await boxOf(school, 'i48-1')).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['results', 'analyticalReport']),
    );
    await open(school, results, 'i48-1');
    const read = await has(school, 'i48-1', results);
    expect(read && boxState(read)).toBe('toConfirm');
    await publications().confirm(school, { publication: results, unit: 'i48-1' });
    const confirmed = await has(school, 'i48-1', results);
    expect(confirmed && boxState(confirmed)).toBe('confirmed');
    expect(await has(neighbour, 'i48-2', results)).toBeUndefined();
    // A municipality sees what its institution has, and marks nothing by that.
    expect((await publications().page(first(), results, null)).reader).toMatchObject({ unit: 'i48-1', acts: false });
  });

  it('[S4-08] a reminder goes to those who have not read, once a day', async () => {
    const id = await publish({ scope: 'institutions', title: 'Напоминание' });
    await arrived(foreign, 'i48-3', id);
    await open(foreign, id, 'i48-3');
    expect(await publications().remind(region(), id, { unit: '48' })).toMatchObject({ units: 3 });
    await expect(publications().remind(region(), id, { unit: '48' })).rejects.toEqual(refused('reminded_lately'));
    hub.clock.nowMs += REMIND_EVERY_MS - 1;
    await expect(publications().remind(region(), id, { unit: '48' })).rejects.toEqual(refused('reminded_lately'));
    hub.clock.nowMs += 1;
    expect(await publications().remind(region(), id, { unit: '48' })).toMatchObject({ units: 3 });
    await expect(publications().remind(first(), id, { unit: '48' })).rejects.toEqual(refused('not_allowed'));
  });
});

describe('a file', () => {
  it('is taken by its content, named safely, and waits for its publication only', async () => {
    const html = new TextEncoder().encode('<html><script>alert(1)</script></html>');
    await expect(sendFile(region(), '48', 'отчёт.pdf', html)).rejects.toEqual(refused('file_kind_refused'));
    expect(await sendFile(region(), '48', '../../etc/отчёт.html', PDF)).toMatchObject({
      ...{ name: 'отчёт.html.pdf', type: 'pdf' },
    });
    await expect(sendFile(school, '48')).rejects.toEqual(refused('not_allowed'));
    const file = await sendFile(region(), '48');
    await expect(publish({ files: [file.id], unit: '48-m1', title: 'Чужой файл' }, first())).rejects.toEqual(
      refused('file_missing'),
    );
    await publications().dropFile(region(), file.id);
    await expect(publish({ files: [file.id] })).rejects.toEqual(refused('file_missing'));
  });

  it(`is refused above ${FILE_BYTES_MAX} bytes, and one more than ${FILES_MAX} in a publication`, async () => {
    const largest = new Uint8Array(FILE_BYTES_MAX);
    largest.set(PDF);
    expect((await sendFile(school, 'i48-1', 'x.pdf', largest)).bytes).toBe(FILE_BYTES_MAX);
    await expect(
      publications().sendFile(school, 'i48-1', { name: 'x.pdf', bytes: FILE_BYTES_MAX + 1, content: null }),
    ).rejects.toEqual(refused('attachment_too_large'));
    for (let n = (await publications().waitingFiles(school, 'i48-1')).length; n < FILES_WAITING_MAX; n += 1)
      await sendFile(school, 'i48-1', `${n}.pdf`);
    await expect(sendFile(school, 'i48-1')).rejects.toEqual(refused('files_waiting'));
    const ids = (await publications().waitingFiles(school, 'i48-1')).map((file) => file.id);
    const given = { unit: 'i48-1', kind: 'material', title: 'Файлы', scope: 'centre' };
    await expect(publish({ ...given, files: ids.slice(1, FILES_MAX + 2) }, school)).rejects.toThrow();
    const id = await publish({ ...given, files: ids.slice(1, FILES_MAX + 1) }, school);
    expect((await publications().page(school, id, null)).publication.files).toHaveLength(FILES_MAX);
    hub.clock.nowMs += 25 * 3_600_000;
    await publications().forget();
    expect(await publications().waitingFiles(school, 'i48-1')).toEqual([]);
    expect((await publications().page(school, id, null)).publication.files).toHaveLength(FILES_MAX);
  });
});
