/** A hub over data of its own, with both regions, a school that has a report, and everybody of `places.ts` signed in. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { pino } from 'pino';
import { startEmbeddedStore } from '#embedded/index.ts';
import type { Person } from '#models/people/person.ts';
import { STANDARD_DIRECTION, STANDARD_PLAN, STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import { readConfig } from '#server/config.ts';
import type { Door } from '#server/door.ts';
import { startHub } from '#server/hub.ts';
import { testPurpose } from '#server/upload-purpose.testing.ts';
import { appointNewcomer } from '#server/newcomer.ts';
import { builtPages } from '#server/pages.ts';
import { sendScan } from '#server/scanning.testing.ts';
import type { Made } from './expected/area.ts';
import {
  COLLEGE,
  DECLINED,
  PROCEDURE,
  REGIONS,
  SCANNING,
  STUDY,
  SUBJECTS,
  SURVEY,
  UNITS,
  WAITING,
  type Subject,
} from './places.ts';

const PASSWORD = 'long enough phrase';
const SCHOOL = 'i48-1';
/** Inside the window of the procedure. */
const NOW_MS = Date.UTC(2013, 10, 20, 8);

export interface Caller {
  subject: Subject;
  person: Person | null;
  cookie: string;
}

export interface World {
  url: string;
  door: Door;
  made: Made;
  callers: Caller[];
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-access-'));
  const store = await startEmbeddedStore({ dataDir: join(dataDir, 'store') });
  const hub = await startHub({
    config: readConfig({
      MONGODB_URI: store.uri,
      SVOD_SECRET: 'a-secret-of-the-access-matrix-only-0123456789',
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'silent',
      SECOND_FACTOR: 'offered',
      SIGN_IN_PER_MINUTE: '10000',
      REGISTRATIONS_PER_HOUR: '100000',
    }),
    pages: builtPages,
    now: () => NOW_MS,
    logger: pino({ level: 'silent' }),
    additions: { purposes: { test: testPurpose() } },
  });
  const client = await new MongoClient(store.uri).connect();
  const stop = async (): Promise<void> => {
    await client.close();
    await hub.stop();
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { door, url } = hub;
    const administrator = await setUp(door);
    await openStudy(door, client, administrator);
    await openSurvey(door, administrator);
    const made = { ...(await work(door, administrator)), ...(await scan(door, administrator)) };
    const callers: Caller[] = [];
    for (const subject of SUBJECTS) callers.push(await enrol(door, client, administrator, subject, callers.length));
    return { url, door, made, callers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function setUp(door: Door): Promise<Person> {
  const [first, ...others] = REGIONS.map((id) => ({ id, name: `Край-${id}`, zone: 'Europe/Moscow' }));
  if (!first) throw new Error('no region');
  await door.people.setUp({
    administrator: { name: 'Тестов Тест Тестович', username: 'administrator', password: PASSWORD },
    top: first,
  });
  for (const region of others) await door.units.createTop(region);
  const administrator: Person = {
    id: 'scenario',
    name: 'Администратор',
    username: 'administrator',
    assignments: REGIONS.flatMap((unit) => [
      { role: 'administrator' as const, unit, path: `/${unit}/` },
      { role: 'regionalCoordinator' as const, unit, path: `/${unit}/` },
    ]),
  };
  for (const region of REGIONS) {
    const nameOf = (id: string): string => UNITS.find((unit) => unit.id === id)?.name ?? id;
    const lines = [1, 2, 3].map((number) => {
      const municipality = nameOf(`${region}-m${number === 3 ? 2 : 1}`);
      return `${municipality};i${region}-${number};${nameOf(`i${region}-${number}`)};муниципальная`;
    });
    await door.units.addInstitutionLines(administrator, region, lines.join('\n'));
    for (const [id, kind] of [
      [`c${region}-1`, 'college'],
      [`sc${region}`, 'scanningCentre'],
    ] as const)
      await door.units.create(administrator, region, { id, kind, name: nameOf(id), shortName: '', zone: null });
    await door.procedures.create(administrator, region, {
      kind: 'attendance',
      title: 'Областной мониторинг посещаемости',
      academicYear: 2012,
      deadline: '2013-11-29',
      centre: {
        name: 'Центр',
        phone: '+7 000 000-00-01',
        email: 'centre@example.org',
        siteUrl: 'https://centre.example.org',
      },
    });
  }
  return administrator;
}

/** A study of the first region alone: its federation is the region itself, as no hub has it, so that every role stands in its territory. */
async function openStudy(door: Door, client: MongoClient, administrator: Person): Promise<void> {
  const procedures = client.db().collection<{ _id: string }>('procedures');
  const monitoring = await procedures.findOne({ _id: PROCEDURE });
  if (!monitoring) throw new Error('no monitoring');
  await procedures.insertOne({
    ...{ ...monitoring, _id: STUDY, kind: 'study', title: 'Исследование', federation: '48', subjects: ['Физика'] },
  });
  const place = { procedure: STUDY, region: '48' };
  const federal: Person = {
    ...administrator,
    assignments: [{ role: 'federalCoordinator', unit: '48', path: '/48/' }],
  };
  await door.study.list(federal, place);
  await door.study.give(administrator, { procedure: STUDY, college: COLLEGE }, { students: 20, groups: 1, rev: 1 });
  await door.study.handOver(administrator, place);
  await door.study.publishSample(federal, place, [COLLEGE]);
  await door.study.inform(administrator, place, null);
}

type Scanned = Pick<Made, 'printRun' | 'scanBatch' | 'scanPage' | 'scanError'>;

/** Asks until there is an answer. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (tried > 600) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Forms of the college are printed and come back as they were: pages with their places, and a spare that is nobody's. */
async function scan(door: Door, administrator: Person): Promise<Scanned> {
  const at = { procedure: STUDY, centre: SCANNING };
  const specialist: Person = {
    ...administrator,
    assignments: [{ role: 'scanningSpecialist', unit: SCANNING, path: `/48/${SCANNING}/` }],
  };
  await door.scanningCentres.choose(administrator, '48', { unit: SCANNING, sort: 'other', rev: 0 });
  const college = { ...at, college: COLLEGE };
  const rooms = [{ name: 'Аудитория', participants: 1 }];
  const { run } = await door.scanning.print(administrator, college, { rooms, spares: 1 });
  const printed = () => door.scanning.printFile(administrator, STUDY, SCANNING, run).catch(() => undefined);
  const bytes = Buffer.concat(await Array.fromAsync((await until('the forms', printed)).content));
  await door.scanning.acceptPackage(administrator, college, { sheets: 4 });
  const { batch } = await door.scanning.openBatch(specialist, college);
  await sendScan(door, specialist, { batch, name: 'scan.pdf', bytes });
  const error = await until('the error', async () => {
    const { errors } = (await door.scanning.errors(specialist, STUDY, SCANNING)).state;
    return errors.find(({ page }) => page !== null);
  });
  const { pages } = (await door.scanning.contents(specialist, STUDY, SCANNING, batch)).state;
  const page = pages.find(({ status }) => status === 'standing');
  return { printRun: run, scanBatch: batch, scanPage: page?.id ?? '', scanError: error.id };
}

/** A survey that a school has begun to fill. */
async function openSurvey(door: Door, administrator: Person): Promise<void> {
  await door.procedures.create(administrator, '48', {
    ...{ kind: 'survey', title: 'Оценка графиков', academicYear: 2013, deadline: '2013-11-29' },
    ...{ monitoring: 'Комплексный мониторинг', direction: STANDARD_DIRECTION, covers: ['municipal'] },
    basis: [{ title: 'Письмо', number: '01-169/08-01', date: '2013-08-06' }],
    ...{ plan: STANDARD_PLAN, questionnaire: STANDARD_QUESTIONNAIRE },
    centre: {
      ...{ name: 'Центр', phone: '+7 000 000-00-01', email: 'centre@example.org' },
      siteUrl: 'https://centre.example.org',
    },
  });
  const head: Person = {
    ...administrator,
    assignments: [{ role: 'institutionHead', unit: SCHOOL, path: `/48/48-m1/${SCHOOL}/` }],
  };
  const typed = { scheduleMade: 'yes' };
  await door.surveys.save(head, { procedure: SURVEY, institution: SCHOOL }, { section: 'schedule', rev: 0, typed });
}

/** The school registers, is let in, sends a file and has its report; two more wait. */
async function work(door: Door, administrator: Person): Promise<Omit<Made, keyof Scanned>> {
  const organizer = {
    ...{ surname: 'Тестова', firstName: 'Тест', patronymic: 'Тестовна', position: 'Заместитель директора' },
    ...{ phone: '+7 000 000-00-02', email: 'user02@example.org' },
  };
  const register = (institution: string) =>
    door.participations.register({ procedure: PROCEDURE, institution, organizer });
  const place = { procedure: PROCEDURE, institution: SCHOOL };
  const { ticket } = await register(SCHOOL);
  await door.participations.giveAccess(administrator, place);
  await door.participations.activate(ticket, { username: 'school', password: PASSWORD });
  await register(WAITING);
  const { ticket: declined } = await register(DECLINED);

  const { access } = (await door.participations.participation(administrator, place)) ?? {};
  const sender = access?.status === 'activated' ? await door.people.load(access.person) : null;
  if (!sender) throw new Error('the school has nobody who sends');
  const send = async (name: string): Promise<string> => {
    const content = await readFile(`exchange/fixtures/${name}`);
    const file = { name, bytes: content.length, content, isAttested: true };
    const { submission } = await door.submissions.send(sender, place, file);
    for (let tried = 0; ; tried += 1) {
      const { submissions } = (await door.submissions.cabinet(sender, place)).state;
      if (submissions.some(({ id, status }) => id === submission && (status === 'processed' || status === 'failed')))
        return submission;
      if (tried > 600) throw new Error('the file was not read');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const charge = await appointNewcomer(door.appointments, administrator, {
    ...{ name: 'Подопечный', username: 'charge', password: PASSWORD },
    ...{ role: 'municipalCoordinator', unit: '48-m1' },
  });
  const invited = await door.appointments.appoint(
    administrator,
    { role: 'municipalCoordinator', unit: '48-m1', name: 'Приглашённый', channel: 'card' },
    'ru',
  );
  const units = new TextEncoder().encode('не список');
  const sent = await door.imports.send(administrator, '48', { name: 'x.csv', bytes: units.length, content: units });
  await door.accountRequests.submit({
    institution: DECLINED,
    headName: 'Тестов Тест Тестович',
    letter: { number: '1-О', date: '2013-11-18' },
    coordinator: organizer,
  });
  const { batch } = await door.credentialBatches.start(administrator, {
    ...{ unit: '48', title: 'Оценка графиков', route: 'survey', instructions: '', codes: 'i48-1\ni48-2\ni48-3' },
  });
  for (let tried = 0; (await door.credentials.batch(administrator, batch)).state.status !== 'written'; tried += 1) {
    if (tried > 600) throw new Error('the accesses were not made');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const pdf = new TextEncoder().encode('%PDF-1.7\n%%EOF\n');
  const { file } = await door.publications.sendFile(administrator, '48', {
    ...{ name: 'материал.pdf', bytes: pdf.length, content: pdf },
  });
  const publish = async (given: { title: string; scope: string; units: string[] | null; files: string[] }) => {
    const { publication } = await door.publications.publish(administrator, {
      ...{ unit: '48', procedure: null, kind: 'material', text: 'Прочитайте.', stage: '' },
      ...{ asksConfirmation: true, releaseAtMs: null, ...given },
    });
    const to = given.units?.[0] ?? '48-m1';
    for (let tried = 0; ; tried += 1) {
      const { items } = (await door.publications.box(administrator, to)).state;
      if (items.some((item) => item.publication === publication)) return publication;
      if (tried > 600) throw new Error('the publication did not arrive');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const [waiting] = (await door.accountRequests.queue(administrator, '48')).state.requests;
  const { question } = await door.forum.post(sender, PROCEDURE, {
    ...{ kind: 'question', command: 'a-question-of-the-school', text: 'Нужно ли сканировать пустые бланки?' },
  });
  const file48 = { purpose: 'test', target: '48-m1', name: 'file.pdf', bytes: 1 };
  return {
    question,
    upload: (await door.uploads.begin(administrator, file48)).id,
    request: waiting?.id ?? '',
    submission: await send('good.xlsx'),
    failed: await send('errors.xlsx'),
    ticket: declined,
    charge,
    invited: invited.appointment,
    import: sent.import,
    batch,
    publication: await publish({ title: 'Материал', scope: 'institutions', units: [SCHOOL], files: [file.id] }),
    publicationFile: file.id,
    guidance: await publish({ title: 'Рекомендации', scope: 'next', units: null, files: [] }),
    noted: (await door.deeds.page(administrator, { unit: '48-m1', kind: 'role.given' })).entries[0]?.id ?? '',
  };
}

/** An account with exactly what its subject holds: given directly, so that no rule of appointing stands in the way. */
async function enrol(
  door: Door,
  client: MongoClient,
  administrator: Person,
  subject: Subject,
  number: number,
): Promise<Caller> {
  if (subject.isVisitor) return { subject, person: null, cookie: '' };
  const username = `subject-${number}`;
  const id = await appointNewcomer(door.appointments, administrator, {
    ...{ name: `Проверка ${number}`, username, password: PASSWORD },
    ...{ role: 'municipalCoordinator', unit: '70-m2' },
  });
  const assignments = client.db().collection<{ _id: string }>('assignments');
  await assignments.deleteMany({ person: id });
  const { holds } = subject;
  if (holds) {
    const unit = await client.db().collection<{ _id: string; path: string }>('units').findOne({ _id: holds.place });
    if (!unit) throw new Error(`no unit ${holds.place}`);
    const { role, place, procedure } = holds;
    await assignments.insertOne({
      _id: `${id}.${place}.${role}`,
      ...{ rev: 1, status: 'appointed', person: id, role, unit: place, path: unit.path, procedure },
      ...{ fromMs: 0, untilMs: null, invitations: [], madeAtMs: 0, takenAtMs: 0, zone: 'Europe/Moscow' },
      ...{ name: username, position: null, phone: null, email: null, category: null, from: '2013-11-01', to: null },
      ...{ madeBy: 'Проверка', agreed: null, replaces: null },
    });
  }
  const { cookies } = await door.signIn.begin({ username, password: PASSWORD }, new Headers());
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  return { subject, person: await door.people.load(id), cookie };
}
