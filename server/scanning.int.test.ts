/** The Collector over real stores: print, package, batch, upload, reading, errors and their settlement, with pages that say what is on them. */
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encode } from '#collector/code.ts';
import type { FieldReading } from '#collector/reading.ts';
import { collectorStream, ownScansStream, scanBatchStream, scanErrorsStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { READ_LEASE_MS, READ_RENEWED_MS } from '#models/scanning/scan-batch.ts';
import { applyErrorFact, type ScanErrorFact, type ScanErrorsState } from '#models/scanning/scan-error.ts';
import {
  applyBatchFact,
  applyCollectorFact,
  applyOwnScansFact,
  type OwnScans,
  type ScanBatchState,
} from '#models/scanning/scan-views.ts';
import { createCollectorStandIn } from './collector.testing.ts';
import { openStudy, PASSWORD, publishSample, REGION, setUpFederation, STUDY } from './federation.testing.ts';
import type { RunningHub } from './hub.ts';
import {
  ambiguous,
  CENTRE,
  choice,
  code,
  createScanDesk,
  CROP,
  freeAnswer,
  unreadable,
  whole,
} from './scanning.testing.ts';
import { startSecondNode, startTestHub, type TestHub } from './testing.ts';

const COLLEGES = ['c48-1', 'c48-2'];

let hub: TestHub;
let second: RunningHub;
let desk: ReturnType<typeof createScanDesk>;
let federal: Person;
let regional: Person;
let head: Person;
let outsider: Person;
let ivanov: Person;
let petrova: Person;
let experts: [Person, Person, Person];

/** What the readers of both nodes wait for before they open a file. */
let beforeReading: Promise<unknown> = Promise.resolve();
/** What happens to a node in the very moment in which it has set a page aside. */
let whenSetAside: () => Promise<unknown> = () => Promise.resolve();

beforeAll(async () => {
  const reader = createCollectorStandIn();
  const readFile: typeof reader.readFile = async (source, request, take) => {
    await beforeReading;
    const setAside: typeof request.setAside = async (page) => {
      await request.setAside?.(page);
      await whenSetAside();
    };
    return reader.readFile(source, { ...request, setAside }, take);
  };
  const additions = { collector: { ...reader, readFile } };
  hub = await startTestHub({}, additions);
  const { appoint } = await setUpFederation(hub, { colleges: COLLEGES, points: [CENTRE] });
  federal = await appoint('federalCoordinator', 'fed');
  regional = await appoint('regionalCoordinator', REGION);
  await hub.door.scanningCentres.choose(regional, REGION, { unit: CENTRE, sort: 'other', rev: 0 });
  head = await appoint('institutionHead', 'c48-1');
  outsider = await appoint('institutionHead', 'c48-2');
  ivanov = await appoint('scanningSpecialist', CENTRE, 'ivanov');
  petrova = await appoint('scanningSpecialist', CENTRE, 'petrova');
  const expert = async (name: string): Promise<Person> => {
    const { appointments } = hub.door;
    const contacts = { phone: '+7 000 000-00-00', email: `${name.toLowerCase()}@example.org` };
    const given = { name, role: 'expert', unit: REGION, procedure: null, to: null, ...contacts, channel: 'card' };
    await appointments.appoint(regional, given, 'ru');
    const proposed = (await appointments.part(regional, REGION)).state.rows.find((row) => row.name === name);
    // An expert counts when the federal organizer has agreed (G-03).
    await appointments.agree(federal, proposed?.id ?? '');
    const { code: card } = await appointments.inviteAgain(regional, proposed?.id ?? '', 'card', 'ru');
    await appointments.accept(card ?? '', { username: name.toLowerCase(), password: PASSWORD });
    return hub.person(name.toLowerCase());
  };
  experts = [await expert('Expert1'), await expert('Expert2'), await expert('Expert3')];
  await openStudy(hub, federal);
  await publishSample(hub, { federal, regional }, { colleges: COLLEGES });
  second = await startSecondNode(hub, additions);
  desk = createScanDesk(hub, { regional, specialist: ivanov });
}, 120_000);
afterAll(async () => {
  await second.stop();
  await hub.stop();
});

const scanning = () => hub.door.scanning;
const at = (college: string) => ({ procedure: STUDY, centre: CENTRE, college });
const refused = (code: string): unknown => expect.objectContaining({ code });
describe('the Collector', () => {
  let batch = '';

  it('[S1-04] [S1-51] nothing is scanned before the forms were printed and the package was accepted', async () => {
    await expect(scanning().openBatch(ivanov, at('c48-1'))).rejects.toEqual(refused('roster_missing'));
    const rooms = [{ name: 'Каб. 1', participants: 3 }];
    await expect(scanning().print(ivanov, at('c48-1'), { rooms, spares: 1 })).rejects.toEqual(refused('not_allowed'));
    await expect(scanning().print(regional, at('c48-1'), { rooms: [], spares: 0 })).rejects.toEqual(
      refused('print_empty'),
    );
    const { run } = await scanning().print(regional, at('c48-1'), { rooms, spares: 1 });
    await expect
      .poll(async () => (await desk.board()).prints.find(({ id }) => id === run)?.status, { timeout: 20_000 })
      .toBe('ready');
    expect((await desk.board()).prints).toMatchObject([{ pages: 9, pagesDone: 9 }]);
    await expect(scanning().openBatch(ivanov, at('c48-1'))).rejects.toEqual(refused('package_awaited'));
    await expect(scanning().acceptPackage(ivanov, at('c48-1'), { sheets: 4 })).rejects.toEqual(refused('not_allowed'));
    await scanning().acceptPackage(regional, at('c48-1'), { sheets: 3 });
    await expect(scanning().acceptPackage(regional, at('c48-1'), { sheets: 4 })).rejects.toEqual(
      refused('package_accepted'),
    );
    await expect(scanning().openBatch(regional, at('c48-1'))).rejects.toEqual(refused('not_allowed'));
    ({ batch } = await scanning().openBatch(ivanov, at('c48-1')));
  });

  it('[S1-12] [S1-13] pages are read as they come, and errors are seen by specialist, coordinator and college at once', async () => {
    const before = {
      errors: await hub.models.live.snapshot({ person: ivanov, ticket: null }, scanErrorsStream(STUDY, CENTRE)),
      own: await hub.models.live.snapshot({ person: head, ticket: null }, ownScansStream(STUDY, 'c48-1')),
      board: await hub.models.live.snapshot({ person: regional, ticket: null }, collectorStream(STUDY, CENTRE)),
      batch: await hub.models.live.snapshot({ person: ivanov, ticket: null }, scanBatchStream(STUDY, CENTRE, batch)),
    };
    await desk.send(ivanov, batch, [
      ...whole(1),
      { code: code(2), fields: [choice('q1', null)], findings: [ambiguous] },
      { code: code(2, 2) },
      { code: null, findings: [unreadable] },
      { code: null, isSetAside: true },
    ]);
    await desk.settled();
    expect((await desk.errors()).errors.map(({ finding }) => finding.code).sort()).toEqual([
      ...['CODE_UNREADABLE', 'MARK_AMBIGUOUS', 'PAGE_SET_ASIDE'],
    ]);
    const [row] = (await desk.board()).colleges;
    expect(row).toMatchObject({
      pagesUploaded: 6,
      pagesUnread: 2,
      figures: { pagesRead: 4, worksWhole: 2, errorsOpen: 3 },
    });
    const own = await desk.snapshot<OwnScans>(head, ownScansStream(STUDY, 'c48-1'));
    expect(own.errors.map(({ finding }) => finding.code).sort()).toEqual(
      (await desk.errors()).errors.map(({ finding }) => finding.code).sort(),
    );
    // The law of live state: what was recorded, applied to the old state, is the new one.
    for (const [old, apply] of [
      [before.errors, applyErrorFact],
      [before.own, applyOwnScansFact],
      [before.board, applyCollectorFact],
      [before.batch, applyBatchFact],
    ] as const) {
      const events = await hub.models.journal.read(old.stream, old.position.seq, 1_000);
      const applied = events.reduce(
        (state, event) => (apply as (s: unknown, f: unknown) => unknown)(state, event),
        old.state,
      );
      const viewer = old === before.own ? head : ivanov;
      expect(applied, old.stream).toEqual(await desk.snapshot(viewer, old.stream));
    }
    await expect(desk.snapshot(outsider, ownScansStream(STUDY, 'c48-1'))).rejects.toEqual(refused('not_allowed'));
    await expect(desk.snapshot(head, scanErrorsStream(STUDY, CENTRE))).rejects.toEqual(refused('not_allowed'));
    await expect(desk.snapshot(federal, scanErrorsStream(STUDY, CENTRE))).rejects.toEqual(refused('not_allowed'));
  });

  it('[S1-12] two specialists never settle one error: the second is told who has it', async () => {
    const { id } = await desk.errorWith('MARK_AMBIGUOUS');
    const place = { procedure: STUDY, centre: CENTRE, error: id };
    const token = await desk.claim(ivanov, id);
    await expect(second.door.scanning.claim(petrova, place, { deed: 'take' })).rejects.toMatchObject({
      ...{ code: 'claim_held', params: { by: ivanov.name } },
    });
    const settlement = { way: 'decideMarks', marks: { q1: 'b' } };
    await expect(scanning().settle(petrova, place, { token: token + 1, settlement })).rejects.toEqual(
      refused('claim_lost'),
    );
    await expect(
      scanning().settle(ivanov, place, { token, settlement: { way: 'decideMarks', marks: { q1: 'z' } } }),
    ).rejects.toEqual(refused('bad_input'));
    await expect(scanning().settle(ivanov, place, { token, settlement: { way: 'rotate', rotate: 1 } })).rejects.toEqual(
      refused('way_unfit'),
    );
    expect(await scanning().settle(ivanov, place, { token, settlement })).toEqual({ isGone: true });
    expect((await scanning().work(ivanov, STUDY, CENTRE, 'c48-1', 2)).answers).toContainEqual(
      expect.objectContaining({ label: '1', answer: 'b' }),
    );
    await expect(desk.claim(petrova, id)).rejects.toMatchObject({ code: 'error_settled', params: { by: ivanov.name } });
  });

  it('[S1-12] a decision is taken back by who took it, and settled anew', async () => {
    const settledOne = `${(await desk.snapshot<ScanBatchState>(ivanov, scanBatchStream(STUDY, CENTRE, batch))).pages[2]?.id}.MARK_AMBIGUOUS.q1`;
    const place = { procedure: STUDY, centre: CENTRE, error: settledOne };
    await expect(scanning().takeBack(petrova, place)).rejects.toEqual(refused('settlement_over'));
    await scanning().takeBack(ivanov, place);
    expect((await desk.errorWith('MARK_AMBIGUOUS')).reopened).toBe(1);
    await desk.settle(petrova, settledOne, { way: 'markBlank' });
    const { steps } = await scanning().errorLife(ivanov, STUDY, CENTRE, settledOne);
    expect(steps.map(({ did, byName }) => [did, byName])).toEqual([
      ['raised', null],
      ['settled', ivanov.name],
      ['takenBack', ivanov.name],
      ['settled', petrova.name],
    ]);
  });

  it('[S1-12] a code that nobody could read is typed from the paper; a slip of the finger is refused', async () => {
    const { id } = await desk.errorWith('CODE_UNREADABLE');
    const typed = encode(code(3));
    const wrong = `${typed.slice(0, 5)}${typed[5] === '7' ? '8' : '7'}${typed.slice(6)}`;
    await expect(desk.settle(ivanov, id, { way: 'typeCode', code: wrong })).rejects.toEqual(refused('code_mistyped'));
    expect(await desk.settle(ivanov, id, { way: 'typeCode', code: typed })).toEqual({ isGone: true });
    expect((await desk.board()).colleges[0]).toMatchObject({ pagesUnread: 1, figures: { pagesRead: 5 } });
  });

  it('[S1-12] [S1-51] when everything was sent, the missing page is missed; asked for anew, it answers the error by coming', async () => {
    await desk.settle(ivanov, (await desk.errorWith('PAGE_SET_ASIDE')).id, { way: 'drop' });
    await scanning().endBatch(ivanov, { procedure: STUDY, centre: CENTRE, batch });
    await expect
      .poll(async () => (await desk.errors()).errors.map(({ finding }) => finding.code), { timeout: 20_000 })
      .toEqual(['PAGE_MISSING']);
    const missing = await desk.errorWith('PAGE_MISSING');
    expect(missing).toMatchObject({ participant: 3, room: 1, finding: { data: { page: 2 } } });
    await desk.settle(ivanov, missing.id, { way: 'requestRescan', note: 'Пришлите оборот бланка 3' });
    const own = await desk.snapshot<OwnScans>(head, ownScansStream(STUDY, 'c48-1'));
    expect(own.errors).toMatchObject([{ status: 'awaitingRescan', note: 'Пришлите оборот бланка 3' }]);
    expect(own.college).toMatchObject({ open: {}, awaited: { PAGE_MISSING: 1 } });
    await expect(desk.send(ivanov, batch, [{ code: code(3, 2) }])).rejects.toEqual(refused('batch_ended'));
    await scanning().reopenBatch(ivanov, { procedure: STUDY, centre: CENTRE, batch });
    const stream = scanErrorsStream(STUDY, CENTRE);
    const before = await hub.models.live.snapshot({ person: ivanov, ticket: null }, stream);
    await desk.send(ivanov, batch, [{ code: code(3, 2) }]);
    await desk.settled();
    await scanning().endBatch(ivanov, { procedure: STUDY, centre: CENTRE, batch });
    await expect.poll(async () => (await desk.errors()).errors, { timeout: 20_000 }).toEqual([]);
    // Nobody settled it: the desk tells what closed by itself, and by which page.
    expect((await desk.errors()).healed[0]).toMatchObject({
      ...{ id: missing.id, status: 'resolved', byName: null, answer: { fileName: 'скан 1.pdf', n: 1 } },
    });
    const events = await hub.models.journal.read(before.stream, before.position.seq, 1_000);
    const applied = (events as unknown as ScanErrorFact[]).reduce(applyErrorFact, before.state as ScanErrorsState);
    expect(applied).toEqual(await desk.errors());
    await expect.poll(async () => (await desk.board()).batches[0]?.status, { timeout: 20_000 }).toBe('accepted');
    expect((await desk.board()).colleges[0]?.figures).toMatchObject({ worksWhole: 3, errorsOpen: 0 });
    // Nothing is written for an expert in any of them: nobody has checked anything.
    expect((await desk.board()).colleges[0]?.figures).toMatchObject({ worksWritten: 0, worksChecked: 0 });
  });

  it('[S1-12] the same file twice is one file, a file that is none is told, and both lose nothing', async () => {
    const again = await scanning().openBatch(petrova, at('c48-1'));
    await desk.send(petrova, again.batch, [{ code: code(3, 2) }]);
    const uploads = () => hub.door.uploads.part(petrova, 'scan', again.batch);
    await expect
      .poll(async () => (await uploads()).state.ended.map(({ status }) => status), { timeout: 20_000 })
      .toEqual(['refused']);
    const twin = (await uploads()).state.ended[0]?.id ?? '';
    expect(await hub.door.uploads.outcome(petrova, twin)).toMatchObject({
      ...{ status: 'refused', code: 'scan_file_repeated' },
    });
    const { id } = await hub.door.uploads.begin(petrova, {
      ...{ purpose: 'scan', target: again.batch, name: 'заметки.pdf', bytes: 5 },
    });
    await hub.door.uploads.append(
      petrova,
      id,
      0,
      (async function* () {
        await Promise.resolve();
        yield new TextEncoder().encode('hello');
      })(),
    );
    await expect
      .poll(async () => (await desk.errors()).errors.map(({ finding }) => finding.code), { timeout: 20_000 })
      .toEqual(['FILE_UNSUPPORTED']);
    const refusedFile = await desk.errorWith('FILE_UNSUPPORTED');
    expect(refusedFile).toMatchObject({ fileName: 'заметки.pdf', page: null });
    // Whoever may send there hears it over HTTP as well, and nobody else.
    await expect
      .poll(() => hub.door.uploads.outcome(ivanov, id), { timeout: 20_000 })
      .toMatchObject({ status: 'unreadable', findings: [{ code: 'FILE_UNSUPPORTED' }] });
    for (const person of [outsider, federal])
      await expect(hub.door.uploads.outcome(person, id)).rejects.toEqual(refused('not_allowed'));
    await desk.settle(petrova, refusedFile.id, { way: 'drop' });
    await expect(
      hub.door.uploads.begin(petrova, { purpose: 'scan', target: again.batch, name: 'скан.docx', bytes: 5 }),
    ).rejects.toEqual(refused('scan_kind_refused'));
    await expect(
      hub.door.uploads.begin(outsider, { purpose: 'scan', target: again.batch, name: 'скан.pdf', bytes: 5 }),
    ).rejects.toEqual(refused('not_allowed'));
  });

  it('[S1-12] a page image belongs to the centre and to its own college', async () => {
    const { pages } = await desk.snapshot<ScanBatchState>(ivanov, scanBatchStream(STUDY, CENTRE, batch));
    const first = pages[0]?.id ?? '';
    for (const person of [ivanov, regional, head])
      expect((await scanning().pageImage(person, first)).length).toBeGreaterThan(0);
    for (const person of [outsider, federal])
      await expect(scanning().pageImage(person, first)).rejects.toEqual(refused('not_allowed'));
  });

  it('[S1-13] [S1-54] experts mark free answers without knowing of each other; a third decides, and the board counts', async () => {
    await scanning().print(regional, at('c48-2'), { rooms: [{ name: 'Каб. 9', participants: 2 }], spares: 0 });
    await scanning().acceptPackage(regional, at('c48-2'), { sheets: 1 });
    const own = await scanning().openBatch(ivanov, at('c48-2'));
    await desk.send(ivanov, own.batch, [
      { code: code(1, 1, { institution: 2 }), fields: [choice('q1', 'a')] },
      { code: code(1, 2, { institution: 2 }), fields: [freeAnswer('free1')] },
    ]);
    await desk.settled();
    const place = { procedure: STUDY, centre: CENTRE };
    const take = (person: Person) => scanning().takeCheck(person, place);
    const mark = async (person: Person, points: number): Promise<string> => {
      const task = await take(person);
      if (!task) throw new Error('nothing to mark');
      expect(JSON.stringify(task)).not.toContain('c48');
      expect((await scanning().checkImage(person, { ...place, check: task.id })).length).toBeGreaterThan(0);
      await scanning().markCheck(
        person,
        { ...place, check: task.id },
        { slot: task.slot, token: task.token, round: task.round, points },
      );
      return task.id;
    };
    const [one, two, three] = experts;
    await expect(take(ivanov)).rejects.toEqual(refused('not_allowed'));
    // Both have it at once, each his own mark of it; nobody else has a part in it.
    const [first, other] = [await take(one), await second.door.scanning.takeCheck(two, place)];
    expect([first?.slot, other?.slot]).toEqual(['first', 'second']);
    expect(await take(three)).toBeNull();
    await expect(scanning().checkImage(three, { ...place, check: first?.id ?? '' })).rejects.toEqual(
      refused('claim_lost'),
    );
    const id = await mark(one, 0);
    expect(await take(one)).toBeNull();
    await scanning().unmarkCheck(one, { ...place, check: id });
    await mark(one, 1);
    await expect(
      scanning().markCheck(
        two,
        { ...place, check: id },
        { slot: 'second', token: other?.token, round: other?.round, points: 9 },
      ),
    ).rejects.toEqual(refused('bad_input'));
    await mark(two, 3);
    expect((await desk.board()).colleges[1]?.figures).toMatchObject({ worksWhole: 1, worksChecked: 0 });
    await mark(three, 2);
    expect((await desk.board()).colleges[1]?.figures).toMatchObject({ worksWhole: 1, worksChecked: 1 });
    await expect(scanning().unmarkCheck(two, { ...place, check: id })).rejects.toEqual(refused('check_over'));
    expect(await take(three)).toBeNull();
    for (const person of [ivanov, one])
      await expect(scanning().results(person, STUDY, CENTRE)).rejects.toEqual(refused('not_allowed'));
    const { rows } = await scanning().results(regional, STUDY, CENTRE);
    expect(
      rows.map(({ college, participant, answers, points }) => [college, participant, answers['q1'], points['free1']]),
    ).toContainEqual([...['Единица c48-2', 1, 'a', 2]]);
  });

  it('[S1-12] [S1-54] a sheet scanned anew after it was marked voids the marks, and whoever looks at the old scan marks nothing', async () => {
    const place = { procedure: STUDY, centre: CENTRE };
    const [one] = experts;
    const { batches } = await desk.board();
    const own = batches.find(({ college }) => college === 'c48-2')?.id ?? '';
    await desk.send(ivanov, own, [{ code: code(1, 2, { institution: 2 }), fields: [freeAnswer('free1')], salt: 1 }]);
    await desk.settled();
    const { id } = await desk.errorWith('PAGE_DUPLICATE');
    await desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'this' });
    expect((await desk.board()).colleges[1]?.figures).toMatchObject({ worksWritten: 1, worksChecked: 0 });
    const { steps, status } = await scanning().work(ivanov, STUDY, CENTRE, 'c48-2', 1);
    expect(status).toBe('awaitingCheck');
    expect(steps).toContainEqual(expect.objectContaining({ kind: 'marksVoided', what: '3', byName: null }));
    const task = await scanning().takeCheck(one, place);
    expect(task).toMatchObject({ slot: 'first', round: 2 });
    await scanning().takeBack(ivanov, { ...place, error: id });
    const given = { slot: 'first', token: task?.token, round: task?.round, points: 1 };
    await expect(scanning().markCheck(one, { ...place, check: task?.id ?? '' }, given)).rejects.toEqual(
      refused('check_moved'),
    );
    // What stands again was marked by all three before.
    const { rows } = await scanning().results(regional, STUDY, CENTRE);
    expect(rows.find(({ college }) => college === 'Единица c48-2')?.points).toEqual({ free1: 2 });
    await desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'other' });
    expect((await desk.board()).colleges[1]?.figures).toMatchObject({ worksWritten: 1, worksChecked: 1 });
  });

  it('[S1-12] [S1-13] a form that nobody recognized is picked with whose it is, and read by it; of two attendances the chosen one counts', async () => {
    const { batches } = await desk.board();
    const own = batches.find(({ college }) => college === 'c48-2')?.id ?? '';
    const row = (n: number, said: 'attended' | 'absent'): FieldReading => ({
      ...{ kind: 'attendance', key: `row${n}`, row: n, crop: CROP, marks: [] },
      decision: { kind: 'one', option: said },
    });
    await desk.send(ivanov, own, [
      { code: null, findings: [unreadable], fields: [row(1, 'absent'), row(2, 'absent')], salt: 2 },
    ]);
    await desk.settled();
    const sheet = await desk.errorWith('CODE_UNREADABLE');
    await desk.settle(ivanov, sheet.id, { way: 'pickForm', form: 3, page: 1, holder: 1 });
    await scanning().endBatch(ivanov, { procedure: STUDY, centre: CENTRE, batch: own });
    await expect
      .poll(async () => (await desk.errors()).errors.map(({ finding }) => finding.code), { timeout: 20_000 })
      .toContain('ATTENDANCE_CONFLICT');
    const attendance = async () =>
      (await scanning().results(regional, STUDY, CENTRE)).rows
        .filter(({ college }) => college === 'Единица c48-2')
        .map((one) => [one.participant, one.status, one.attendance]);
    expect(await attendance()).toEqual([
      // What the papers differ about keeps the work from being done with.
      [1, 'uploaded', 'absent'],
      [2, 'awaited', 'absent'],
    ]);
    const { id } = await desk.errorWith('ATTENDANCE_CONFLICT');
    await expect(desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'sheet late' })).rejects.toEqual(
      refused('bad_input'),
    );
    await desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'answers attended' });
    expect((await attendance())[0]).toEqual([1, 'checked', 'attended']);
    expect((await scanning().work(ivanov, STUDY, CENTRE, 'c48-2', 1)).attendance).toEqual({
      ...{ attendance: 'attended', by: 'choice' },
    });
  });

  it('[S1-12] [S1-13] a choice of two attendances is taken back by who chose: it counts no more, its error is open again, and is chosen anew', async () => {
    const stream = scanErrorsStream(STUDY, CENTRE);
    const before = await hub.models.live.snapshot({ person: ivanov, ticket: null }, stream);
    const counted = async () => (await desk.board()).colleges.find(({ college }) => college === 'c48-2');
    const openBefore = (await counted())?.figures.errorsOpen;
    const work = () => scanning().work(ivanov, STUDY, CENTRE, 'c48-2', 1);
    const id = `${STUDY}/c48-2.ATTENDANCE_CONFLICT.1`;
    const place = { procedure: STUDY, centre: CENTRE, error: id };
    await expect(scanning().takeBack(petrova, place)).rejects.toEqual(refused('settlement_over'));
    await scanning().takeBack(ivanov, place);
    expect((await work()).attendance).toEqual({ attendance: 'absent', by: 'sheet' });
    // It keeps the work from being done with, as before it was chosen.
    expect((await work()).status).toBe('uploaded');
    const { error, steps } = await scanning().errorLife(ivanov, STUDY, CENTRE, id);
    expect(error).toMatchObject({ status: 'open', reopened: 1, byName: null, way: null });
    expect(steps.at(-1)).toMatchObject({ did: 'takenBack', byName: ivanov.name, way: null });
    await expect(scanning().takeBack(ivanov, place)).rejects.toEqual(refused('settlement_over'));
    const events = await hub.models.journal.read(before.stream, before.position.seq, 1_000);
    const applied = (events as unknown as ScanErrorFact[]).reduce(applyErrorFact, before.state as ScanErrorsState);
    expect(applied.errors).toEqual((await desk.errors()).errors);
    expect((await counted())?.figures.errorsOpen).toBe((openBefore ?? 0) + 1);
    await desk.settle(petrova, id, { way: 'chooseOfTwo', choice: 'sheet absent' });
    expect((await work()).attendance).toEqual({ attendance: 'absent', by: 'choice' });
    await expect(scanning().takeBack(ivanov, place)).rejects.toEqual(refused('settlement_over'));
    await scanning().takeBack(petrova, place);
    await desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'answers attended' });
    expect((await work()).status).toBe('checked');
    const { entries } = await hub.door.deeds.page(regional, { unit: REGION, kind: 'scanError.takenBack' });
    const takers = entries.filter(({ subject }) => subject === id).map(({ actor }) => actor);
    expect(takers.sort()).toEqual([petrova.id, ivanov.id].sort());
  });

  it('[S1-12] [S1-54] what the room says against a work is not forgotten when a mark of it is decided', async () => {
    const { batches } = await desk.board();
    const own = batches.find(({ college }) => college === 'c48-2')?.id ?? '';
    const place = { procedure: STUDY, centre: CENTRE, batch: own };
    const front = { code: code(2, 1, { institution: 2 }), fields: [choice('q1', null)], findings: [ambiguous] };
    const status = async () => (await scanning().work(ivanov, STUDY, CENTRE, 'c48-2', 2)).status;
    await scanning().reopenBatch(ivanov, place);
    await desk.send(ivanov, own, [front, { code: code(2, 2, { institution: 2 }), fields: [freeAnswer('free1')] }]);
    await desk.settled();
    await scanning().endBatch(ivanov, place);
    await expect
      .poll(async () => (await desk.errors()).errors.map(({ finding }) => finding.code), { timeout: 20_000 })
      .toContain('ATTENDANCE_CONFLICT');
    await desk.settle(ivanov, (await desk.errorWith('MARK_AMBIGUOUS')).id, {
      ...{ way: 'decideMarks', marks: { q1: 'a' } },
    });
    expect(await status()).toBe('uploaded');
    const { id } = await desk.errorWith('ATTENDANCE_CONFLICT');
    await desk.settle(ivanov, id, { way: 'chooseOfTwo', choice: 'answers attended' });
    expect(await status()).toBe('awaitingCheck');
  });

  it('[S1-12] whoever is long at one file is not taken for dead: it says that it lives, and no other node begins', async () => {
    const own = (await desk.board()).batches.find(({ college }) => college === 'c48-2')?.id ?? '';
    await scanning().reopenBatch(ivanov, { procedure: STUDY, centre: CENTRE, batch: own });
    const client = await MongoClient.connect(hub.storeUri);
    const files = client
      .db()
      .collection<{ status: string; node: string; tries: number; leaseUntilMs: number }>('scanFiles');
    const opened = Promise.withResolvers<null>();
    beforeReading = opened.promise;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await desk.send(ivanov, own, [{ code: code(2, 1, { institution: 2 }), salt: 4 }]);
      const held = async () => files.findOne({ status: 'reading' });
      await expect.poll(held, { timeout: 20_000 }).not.toBeNull();
      const first = await held();
      for (let passedMs = 0; passedMs <= 2 * READ_LEASE_MS; passedMs += READ_RENEWED_MS) {
        hub.clock.nowMs += READ_RENEWED_MS;
        vi.advanceTimersByTime(READ_RENEWED_MS);
        const wantedMs = hub.clock.nowMs + READ_LEASE_MS;
        await expect.poll(async () => (await held())?.leaseUntilMs, { timeout: 20_000 }).toBe(wantedMs);
      }
      expect(await held()).toMatchObject({ node: first?.node, tries: 1 });
    } finally {
      vi.useRealTimers();
      opened.resolve(null);
    }
    await desk.settled();
    await client.close();
  });

  it('[S1-12] [P-2] a page that broke its reader is told though the node dies in that very moment: another goes on behind it', async () => {
    const own = (await desk.board()).batches.find(({ college }) => college === 'c48-2')?.id ?? '';
    const client = await MongoClient.connect(hub.storeUri);
    const files = client.db().collection<{ status: string; node: string; next: number }>('scanFiles');
    const isDead = Promise.withResolvers<null>();
    const buried = Promise.withResolvers<null>();
    let times = 0;
    whenSetAside = async () => {
      times += 1;
      isDead.resolve(null);
      await buried.promise;
    };
    // A node that is dead says no more that it lives.
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const page = (participant: number, salt: number) => ({ code: code(participant, 1, { institution: 2 }), salt });
    await desk.send(ivanov, own, [page(1, 11), { code: null, isSetAside: true, salt: 12 }, page(2, 13)]);
    await isDead.promise;
    vi.useRealTimers();
    const dead = await files.findOne({ status: 'reading' });
    expect(dead).toMatchObject({ next: 3 });
    hub.clock.nowMs += READ_LEASE_MS + 1;
    await desk.settled();
    expect(times).toBe(1);
    expect(await files.countDocuments({ status: 'reading' })).toBe(0);
    expect(await desk.errorWith('PAGE_SET_ASIDE')).toMatchObject({ n: 2, batch: own, page: `${String(dead?._id)}.2` });
    buried.resolve(null);
    await client.close();
  });
});
