/** The attendance monitoring through the composition root: real store, real worker threads, a clock that the test holds. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '#models/people/person.ts';
import type { IncomingFile } from '#models/submission/submission.actions.ts';
import { NO_PROGRESS } from '#models/participation/participation.ts';
import { DEADLINE_MS, NOON_MS, ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../exchange/fixtures/${name}`, import.meta.url));
const incoming = (name: string, isAttested: boolean, content: Uint8Array = fixture(name)): IncomingFile => ({
  name,
  bytes: content.length,
  content,
  isAttested,
});
const place = (institution: string) => ({ procedure: PROCEDURE, institution });

let hub: TestHub;
let school: Person;

const cabinet = async (person = school, institution = 'i48-1') =>
  (await hub.door.submissions.cabinet(person, place(institution))).state;

/** Waits until the latest file of an institution is read. */
async function read(person = school, institution = 'i48-1') {
  for (;;) {
    const state = await cabinet(person, institution);
    if (state.participation.progress.phase === 'processed' || state.participation.progress.phase === 'failed')
      return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

describe('registration and access', () => {
  it('[S2-05] [S2-02] registers an institution with its one named organizer, and only once', async () => {
    const { ticket } = await hub.door.participations.register({ ...place('i48-1'), organizer: ORGANIZER });
    const seen = await hub.door.participations.participation(hub.coordinator, place('i48-1'));
    expect(seen?.organizer).toEqual(ORGANIZER);
    await expect(hub.door.participations.register({ ...place('i48-1'), organizer: ORGANIZER })).rejects.toMatchObject({
      code: 'already_registered',
    });

    // [S2-08] access comes only after registration, and by the centre's word
    await expect(
      hub.door.participations.activate(ticket, { username: 'i48-1', password: 'long enough phrase' }),
    ).rejects.toMatchObject({ code: 'access_awaited' });
    await hub.door.participations.giveAccess(hub.coordinator, place('i48-1'));
    await hub.door.participations.activate(ticket, { username: 'i48-1', password: 'long enough phrase' });
    school = await hub.person('i48-1');
    expect(school.assignments).toEqual([
      { role: 'institutionCoordinator', unit: 'i48-1', path: '/48/48-m1/i48-1/', procedure: null },
    ]);
  });

  it('[S2-08] a ticket opens nothing twice, and a renewed one voids the former', async () => {
    const { ticket } = await hub.door.participations.register({ ...place('i48-2'), organizer: ORGANIZER });
    await hub.door.participations.giveAccess(hub.coordinator, place('i48-2'));
    const renewed = await hub.door.participations.renewTicket(hub.coordinator, place('i48-2'));
    await expect(hub.door.participations.registration(ticket)).rejects.toMatchObject({ code: 'not_found' });
    const access = { username: 'i48-2', password: 'long enough phrase' };
    await hub.door.participations.activate(renewed.ticket, access);
    await expect(hub.door.participations.activate(renewed.ticket, access)).rejects.toMatchObject({
      code: 'access_given_already',
    });
  });

  it('[S2-24] lists registered institutions for everybody, without personal data', async () => {
    const participants = await hub.door.participations.participants(PROCEDURE);
    expect(participants.map(({ name }) => name)).toEqual(['МБОУ СОШ № 101', 'МБОУ СОШ № 102']);
    expect(JSON.stringify(participants)).not.toContain(ORGANIZER.surname);
  });

  it('[S2-09] gives no template without registration and access', async () => {
    await expect(hub.door.submissions.template(hub.coordinator, place('i48-1'), 'xls')).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(hub.door.submissions.template(school, place('i48-3'), 'xls')).rejects.toMatchObject({
      code: 'not_allowed',
    });
    const bytes = await hub.door.submissions.template(school, place('i48-1'), 'xls');
    // [S2-10] a real BIFF8 file: the signature of a compound document
    expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe('d0cf11e0a1b11ae1');
    expect((await cabinet()).participation.progress.templateAtMs).toBe(NOON_MS);
  });
});

describe('sending a file', () => {
  it('[S2-16] [G-09] processes nothing without the tick', async () => {
    await hub.door.submissions.send(school, place('i48-1'), incoming('good.xls', false));
    const { participation, submissions } = await cabinet();
    expect(participation.progress).toMatchObject({ phase: 'uploaded', attestedAtMs: null, standing: null });
    expect(submissions[0]?.status).toBe('uploaded');
    expect(await hub.door.submissions.processNext('test')).toBe(false);
  });

  it('[S2-15] [S2-17] the tick stores text, who, when and the hash of the very file', async () => {
    const [waiting] = (await cabinet()).submissions;
    hub.clock.nowMs += 60_000;
    await hub.door.submissions.attest(school, place('i48-1'), waiting?.id ?? '');
    const { submissions } = await read();
    const [processed] = submissions;
    if (processed?.status !== 'processed') throw new Error('not processed');
    expect(processed.attestation).toMatchObject({
      text: 'Администрация МБОУ СОШ № 101 подтверждает, что предоставляемые данные о посещаемости за первое и второе полугодие 2012-2013 учебного года полностью соответствует информации, отраженной в журналах успеваемости за оговоренный период.',
      personId: school.id,
      personName: 'Тестова Тест Тестовна',
      atMs: NOON_MS + 60_000,
      sha256: createHash('sha256').update(fixture('good.xls')).digest('hex'),
    });
    expect(processed.attestation.signature).toMatch(/^[0-9a-f]{64}$/);
    // [S2-18] the report is there with the processing
    expect(processed.report.classCount).toBe(12);
  });

  it('answers the same file sent twice by name, and keeps the attempt', async () => {
    await expect(hub.door.submissions.send(school, place('i48-1'), incoming('good.xls', true))).rejects.toMatchObject({
      code: 'file_repeated',
      params: { outcome: 'processed' },
    });
    expect((await cabinet()).submissions[0]).toMatchObject({ status: 'rejected', code: 'file_repeated', number: 2 });
  });

  it('[S2-19] a bad file is refused with every cause, stores no data, and may be sent again without limit', async () => {
    const before = (await cabinet()).participation.progress.standing;
    for (const name of ['errors.xls', 'errors.xlsx']) {
      await hub.door.submissions.send(school, place('i48-1'), incoming(name, true));
      const { participation, submissions } = await read();
      const [failed] = submissions;
      if (failed?.status !== 'failed') throw new Error('not failed');
      expect(failed.errors).toBe(12);
      expect(failed.findings[0]).toMatchObject({ code: 'not_a_number', cell: 'E6', value: 'двенадцать' });
      // What was accepted before still counts.
      expect(participation.progress.standing).toBe(before);
    }
  });

  it('a later file takes the place of the former and voids its receipt', async () => {
    await hub.door.submissions.send(school, place('i48-1'), incoming('good.xlsx', true));
    const { participation, submissions } = await read();
    const [newer] = submissions;
    expect(participation.progress.standing).toBe(newer?.id);
    const older = submissions.find(({ number }) => number === 1);
    expect(older).toMatchObject({ status: 'processed', voidedBy: newer?.id });
  });

  it('a new file unsets the tick of the one that waited', async () => {
    const person = await hub.person('i48-2');
    await hub.door.submissions.send(person, place('i48-2'), incoming('foreign-institution.xls', false));
    await hub.door.submissions.send(person, place('i48-2'), incoming('foreign-institution.xlsx', false));
    const { submissions } = await cabinet(person, 'i48-2');
    expect(submissions.map(({ status }) => status)).toEqual(['uploaded', 'replaced']);
    await expect(hub.door.submissions.attest(person, place('i48-2'), submissions[1]?.id ?? '')).rejects.toMatchObject({
      code: 'submission_replaced',
    });
  });

  it('a file over the limit is refused by name and not kept', async () => {
    const tooLarge = { name: 'big.xls', bytes: 200 * 2 ** 20, content: null, isAttested: true };
    await expect(hub.door.submissions.send(school, place('i48-1'), tooLarge)).rejects.toMatchObject({
      code: 'file_too_large',
      params: { mb: 200, mbMax: 5 },
    });
    const [attempt] = (await cabinet()).submissions;
    await expect(hub.door.submissions.file(school, place('i48-1'), attempt?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('survives a stop between the tick and the reading', async () => {
    const third = await hub.enrol('i48-3');
    const { submission } = await hub.door.submissions.send(third, place('i48-3'), incoming('good.xls', true));
    await hub.restart();
    const state = await read(third, 'i48-3');
    // The file is another institution's: that is its answer, and it came after the restart too.
    expect(state.submissions.find(({ id }) => id === submission)).toMatchObject({
      status: 'failed',
      findings: [{ code: 'institution_foreign' }],
    });
  });
});

describe('territories', () => {
  it('a municipal coordinator sees his own municipality and no other', async () => {
    const board = await hub.door.participations.board(hub.municipal[0], PROCEDURE);
    expect(board.parts.map(({ state }) => state.name)).toEqual(['Округ № 1']);
    await expect(hub.door.participations.boardPart(hub.municipal[0], PROCEDURE, '48-m2')).rejects.toMatchObject({
      code: 'not_allowed',
    });
    const whole = await hub.door.participations.board(hub.coordinator, PROCEDURE);
    expect(whole.parts.map(({ state }) => state.rows.length)).toEqual([2, 2]);
    expect(whole.parts[1]?.state.rows[1]).toMatchObject({ institution: 'i48-4', rev: 0, progress: NO_PROGRESS });
  });

  it('a municipality sees states and reports, never files or organizers (domain 2.2)', async () => {
    const [own] = hub.municipal;
    const { submission } = await hub.door.submissions.report(own, place('i48-1'));
    expect(submission.report.classCount).toBe(12);
    await expect(hub.door.submissions.cabinet(own, place('i48-1'))).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.submissions.file(own, place('i48-1'), submission.id)).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(hub.door.participations.participation(own, place('i48-1'))).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(hub.door.participations.giveAccess(own, place('i48-2'))).rejects.toMatchObject({
      code: 'not_allowed',
    });
  });

  it('an institution never sees another one’s cabinet, files or report', async () => {
    const [other] = [await hub.person('i48-3')];
    for (const ask of [
      () => hub.door.submissions.cabinet(other, place('i48-1')),
      () => hub.door.submissions.report(other, place('i48-1')),
      () => hub.door.submissions.send(other, place('i48-1'), incoming('good.xls', true)),
      () => hub.door.submissions.attest(other, place('i48-1'), 'any'),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('[G-14] nobody submits for an institution but its own coordinator', async () => {
    await expect(
      hub.door.submissions.send(hub.coordinator, place('i48-1'), incoming('good.xls', true)),
    ).rejects.toMatchObject({ code: 'not_allowed' });
  });
});

describe('the deadline (domain 5.11)', () => {
  it('[S2-20] a file sent at 29.11.2013 23:59:59 Moscow time is accepted', async () => {
    hub.clock.nowMs = DEADLINE_MS - 1_000;
    const person = await hub.person('i48-2');
    await hub.door.submissions.send(person, place('i48-2'), incoming('messy-good.xls', false));
    expect((await cabinet(person, 'i48-2')).participation.progress.phase).toBe('uploaded');
  });

  it('[S2-21] [G-07] one sent at 30.11.2013 00:00:00 is refused, and leaves nothing but the attempt', async () => {
    hub.clock.nowMs = DEADLINE_MS;
    const before = await cabinet();
    await expect(
      hub.door.submissions.send(school, place('i48-1'), incoming('messy-good.xlsx', true)),
    ).rejects.toMatchObject({ code: 'window_closed' });
    const after = await cabinet();
    expect(after.submissions[0]).toMatchObject({ status: 'rejected', code: 'window_closed' });
    expect(after.participation.progress).toEqual({
      ...before.participation.progress,
      attempts: before.participation.progress.attempts + 1,
    });
  });

  it('a tick set after the deadline on a file sent in time is refused (domain 6.1 row 3)', async () => {
    const person = await hub.person('i48-2');
    const [waiting] = (await cabinet(person, 'i48-2')).submissions;
    await expect(hub.door.submissions.attest(person, place('i48-2'), waiting?.id ?? '')).rejects.toMatchObject({
      code: 'attestation_late',
    });
  });

  it('registration closes with it', async () => {
    await expect(hub.door.participations.register({ ...place('i48-4'), organizer: ORGANIZER })).rejects.toMatchObject({
      code: 'window_closed',
    });
  });
});
