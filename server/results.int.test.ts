/** The analytical base through the composition root: files of two years become results, read together by whoever may. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filledXlsx, IDENTITY, type Value } from '../exchange/testing.ts';
import type { Person } from '#models/people/person.ts';
import type { ResultPage } from '#models/result/result.queries.ts';
import { appointNewcomer } from './newcomer.ts';
import { ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const LATER = 'attendance-48-2013';
const PASSWORD = 'long enough phrase';

let hub: TestHub;
let school: Person;
let foreign: Person;

const rows = (missed: number): Value[][] => [
  ['5А', 'I', 20, 78, missed, missed / 2, 1],
  ['5А', 'II', 20, 92, missed, missed / 2, 1],
];
const fileOf = async (procedure: string, institution: string, missed: number, more: Value[] = []) => {
  const content = await filledXlsx(
    rows(missed),
    (sheet) => more.forEach((value, column) => (sheet.getCell(5, 8 + column).value = value as string)),
    { ...IDENTITY, procedure, institution },
  );
  return { name: 'посещаемость.xlsx', bytes: content.length, content, isAttested: true };
};

/** Sends an attested file and waits until the hub, by itself, has read it. */
async function send(person: Person, procedure: string, institution: string, missed: number): Promise<void> {
  const place = { procedure, institution };
  const { submission } = await hub.door.submissions.send(person, place, await fileOf(procedure, institution, missed));
  for (;;) {
    const { submissions } = (await hub.door.submissions.cabinet(person, place)).state;
    const status = submissions.find(({ id }) => id === submission)?.status;
    if (status === 'processed') return;
    if (status === 'failed') throw new Error('the file was not read');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const page = (person: Person, search: Record<string, string | number> = {}): Promise<ResultPage> =>
  hub.door.results.page(person, search);
const briefly = ({ rows: found }: ResultPage): unknown[] =>
  found.map(({ academicYear, institutionName, figures }) => [
    academicYear,
    institutionName,
    figures.find(({ key }) => key === 'missed')?.value,
  ]);

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
  foreign = await hub.enrol('i48-3');
  await hub.door.procedures.create(hub.coordinator, '48', {
    kind: 'attendance',
    title: 'Областной мониторинг посещаемости',
    academicYear: 2013,
    deadline: '2014-11-28',
    centre: {
      name: 'ЦМОКО',
      phone: '+7 000 000-00-01',
      email: 'centre@example.org',
      siteUrl: 'https://centre.example.org',
    },
  });
});
afterAll(() => hub.stop());

describe('files become results', () => {
  it('[S0-06] [S0-31] what is attested is processed without anybody’s hand, and has its result with its report', async () => {
    await send(school, PROCEDURE, 'i48-1', 100);
    expect(briefly(await page(school))).toEqual([[2012, 'МБОУ СОШ № 101', 200]]);
  });

  it('[S0-08] a correction takes the place of what was told before', async () => {
    await send(school, PROCEDURE, 'i48-1', 60);
    const { rows: found } = await page(school);
    expect(found).toHaveLength(1);
    expect(found[0]?.figures).toContainEqual({ key: 'missed', unit: 'lessons', value: 120 });
  });

  it('[S0-01] a file with a column of names is refused by sheet and cell, and nothing of it is kept', async () => {
    const place = { procedure: PROCEDURE, institution: 'i48-1' };
    const file = await fileOf(PROCEDURE, 'i48-1', 90, ['ФИО ученика']);
    await expect(hub.door.submissions.send(school, place, file)).rejects.toMatchObject({
      code: 'file_personal',
      params: { sheet: 'Посещаемость', cell: 'H5', heading: 'ФИО ученика' },
    });
    const { submissions } = (await hub.door.submissions.cabinet(school, place)).state;
    expect(submissions[0]).toMatchObject({ status: 'rejected', code: 'file_personal' });
    await expect(hub.door.submissions.file(school, place, submissions[0]?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    });
    // What stood before still stands.
    expect(briefly(await page(school))).toEqual([[2012, 'МБОУ СОШ № 101', 120]]);
  });

  it('[S0-01] a list of units with documents of people is refused before it is kept, and the attempt is told', async () => {
    const content = new TextEncoder().encode('Код;Название;СНИЛС\ni48-9;СОШ № 109;000-000-000 00\n');
    const file = { name: 'список.csv', bytes: content.length, content };
    await expect(hub.door.imports.send(hub.coordinator, '48', file)).rejects.toMatchObject({
      code: 'file_personal',
      params: { cell: 'C1', heading: 'СНИЛС' },
    });
    const { entries } = await hub.door.deeds.page(hub.coordinator, { kind: 'file.refused', unit: '48' });
    expect(entries[0]?.differences).toContainEqual({ field: 'code', before: null, after: 'file_personal' });
    expect(JSON.stringify(entries)).not.toContain('000-000-000');
  });

  it('[S0-01] nothing in the base names a person', async () => {
    const { rows: found } = await page(hub.coordinator);
    const told = JSON.stringify(found);
    expect(told).not.toContain(ORGANIZER.surname);
    expect(told).not.toContain(school.id);
  });
});

describe('results of different procedures together', () => {
  beforeAll(async () => {
    await send(foreign, PROCEDURE, 'i48-3', 40);
    const place = { procedure: LATER, institution: 'i48-1' };
    const { ticket } = await hub.door.participations.register({ ...place, organizer: ORGANIZER });
    await hub.door.participations.giveAccess(hub.coordinator, place);
    await hub.door.participations.activate(ticket, { username: 'later', password: PASSWORD });
    school = await hub.person('later');
    await send(school, LATER, 'i48-1', 70);
  });

  it('[S0-08] [S0-02] stand in one base, later years first, and are asked by year, kind, procedure, territory and institution', async () => {
    const whole = [
      [2013, 'МБОУ СОШ № 101', 140],
      [2012, 'МБОУ СОШ № 101', 120],
      [2012, 'МБОУ СОШ № 103', 80],
    ];
    expect(briefly(await page(hub.coordinator))).toEqual(whole);
    expect(briefly(await page(hub.coordinator, { kind: 'attendance' }))).toEqual(whole);
    expect(briefly(await page(hub.coordinator, { year: 2012 }))).toEqual(whole.slice(1));
    expect(briefly(await page(hub.coordinator, { procedure: LATER }))).toEqual(whole.slice(0, 1));
    expect(briefly(await page(hub.coordinator, { territory: '48-m2' }))).toEqual(whole.slice(2));
    expect(briefly(await page(hub.coordinator, { institution: 'i48-1' }))).toEqual(whole.slice(0, 2));
    expect(briefly(await page(hub.coordinator, { name: '103' }))).toEqual(whole.slice(2));
    expect(briefly(await page(hub.coordinator, { name: 'сош 10' }))).toEqual(whole);
    expect(briefly(await page(hub.coordinator, { name: 'лицей' }))).toEqual([]);
    expect(briefly(await page(hub.coordinator, { year: 2012, name: '101' }))).toEqual([whole[1]]);
  });

  it('[S0-08] are summed up by procedure, with how many told', async () => {
    const { sums } = await page(hub.coordinator);
    expect(sums.map(({ procedure, results }) => [procedure, results])).toEqual([
      [LATER, 1],
      [PROCEDURE, 2],
    ]);
    expect(sums[1]?.gathered).toContainEqual({
      ...{ key: 'missed', unit: 'lessons', by: 'sum' },
      ...{ value: 200, told: 2, of: 2, whole: null },
    });
  });

  it('[S0-08] an institution reads its own, a municipality what lies in it, and neither asks for more', async () => {
    expect(briefly(await page(school)).map((row) => (row as unknown[])[1])).toEqual([
      'МБОУ СОШ № 101',
      'МБОУ СОШ № 101',
    ]);
    expect(briefly(await page(foreign))).toEqual([[2012, 'МБОУ СОШ № 103', 80]]);
    expect(briefly(await page(hub.municipal[1]))).toEqual([[2012, 'МБОУ СОШ № 103', 80]]);
    for (const [person, search] of [
      [foreign, { institution: 'i48-1' }],
      [foreign, { territory: '48-m2' }],
      [school, { institution: 'i48-3' }],
      [hub.municipal[1], { territory: '48-m1' }],
      [hub.municipal[1], { institution: 'i48-1' }],
      [hub.coordinator, { institution: 'absent' }],
    ] as const)
      await expect(page(person, search)).rejects.toMatchObject({ code: 'not_allowed' });
    // A name of another's institution finds nothing.
    expect(briefly(await page(foreign, { name: '101' }))).toEqual([]);
  });

  it('whoever holds no right over results is refused', async () => {
    await appointNewcomer(hub.door.appointments, hub.coordinator, {
      ...{ name: 'Тестова Роль', username: 'head104', password: PASSWORD, role: 'institutionHead', unit: 'i48-4' },
    });
    // A head of an institution that told nothing reads an empty base.
    expect(briefly(await page(await hub.person('head104')))).toEqual([]);
    await expect(page({ ...school, assignments: [] })).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('a role in one procedure reads that procedure and no other', async () => {
    const only = (procedure: string): Person => ({
      ...hub.coordinator,
      assignments: [{ role: 'regionalCoordinator', unit: '48', path: '/48/', procedure }],
    });
    expect(briefly(await page(only(LATER)))).toEqual([[2013, 'МБОУ СОШ № 101', 140]]);
    expect(briefly(await page(only(LATER), { year: 2012 }))).toEqual([]);
    await expect(page(only('attendance-70-2012'))).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('a unit that moves takes its results along', async () => {
    await hub.door.units.move(hub.coordinator, 'i48-3', '48-m1');
    expect(briefly(await page(hub.municipal[1]))).toEqual([]);
    expect(briefly(await page(hub.municipal[0], { year: 2012 }))).toHaveLength(2);
  });
});
