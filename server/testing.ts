/** A hub for tests: the same composition root over a temporary folder, without pages, with a clock that the test holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { HubModels } from '#models/hub.ts';
import type { Person } from '#models/people/person.ts';
import { readConfig } from './config.ts';
import type { Door } from './door.ts';
import { startHub, type HubAdditions, type RunningHub } from './hub.ts';
import { appointNewcomer } from './newcomer.ts';

/** 20.11.2013 12:00 in Moscow (UTC+4 then). */
export const NOON_MS = Date.UTC(2013, 10, 20, 8, 0, 0);
/** The first moment after 29.11.2013 in Moscow (domain 5.11). */
export const DEADLINE_MS = Date.UTC(2013, 10, 29, 20, 0, 0);

export const PROCEDURE = 'attendance-48-2012';

export const ORGANIZER = {
  surname: 'Тестова',
  firstName: 'Тест',
  patronymic: 'Тестовна',
  position: 'Заместитель директора',
  phone: '+7 000 000-00-02',
  email: 'user02@example.org',
};

export interface TestHub {
  door: Door;
  models: HubModels;
  storeUri: string;
  url: string;
  clock: { nowMs: number };
  /** Administrator and regional coordinator of region 48. */
  coordinator: Person;
  /** Municipal coordinators of the two municipalities. */
  municipal: [Person, Person];
  person(username: string): Promise<Person>;
  /** Registers an institution, lets it in and activates its account; returns its coordinator. */
  enrol(institution: string): Promise<Person>;
  /** Recalls somebody from whatever he is appointed to in a unit. */
  recall(person: string, unit: string): Promise<void>;
  stop(): Promise<void>;
  /** Stops without the data, starts again over the same data. */
  restart(): Promise<void>;
}

/** Shared by all nodes of a test, as by those of a hub. */
const SVOD_SECRET = 'a-secret-of-the-nodes-of-a-test-0123456789';

/** Another node over the store of a test hub, with its clock. */
export async function startSecondNode(
  hub: Pick<TestHub, 'storeUri' | 'clock'>,
  additions: HubAdditions = {},
  environment: Record<string, string> = {},
): Promise<RunningHub> {
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-second-'));
  const node = await startHub({
    config: readConfig({
      ...{ MONGODB_URI: hub.storeUri, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent', SECOND_FACTOR: 'offered' },
      SVOD_SECRET,
      ...environment,
    }),
    pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
    now: () => hub.clock.nowMs,
    logger: pino({ level: 'silent' }),
    additions,
  });
  return {
    ...node,
    async stop() {
      await node.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A region with two municipalities: `i48-1`, `i48-2` in the first, `i48-3`, `i48-4` in the second; deadline 29.11.2013. */
export async function startTestHub(
  environment: Record<string, string> = {},
  additions: HubAdditions = {},
): Promise<TestHub> {
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-test-'));
  const clock = { nowMs: NOON_MS };
  const start = (): Promise<RunningHub> =>
    startHub({
      config: readConfig({
        DATA_DIR: dataDir,
        PORT: '0',
        LOG_LEVEL: 'silent',
        SECOND_FACTOR: 'offered',
        SVOD_SECRET,
        ...environment,
      }),
      pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
      now: () => clock.nowMs,
      logger: pino({ level: 'silent' }),
      additions,
    });
  let hub = await start();

  await hub.door.people.setUp({
    administrator: { name: 'Тестов Тест Тестович', username: 'centre', password: 'long enough phrase' },
    top: { id: '48', name: 'Липецкая область', zone: 'Europe/Moscow' },
  });
  const signedIn = async (username: string, password = 'long enough phrase'): Promise<Person> => {
    const { cookies } = await hub.door.signIn.begin({ username, password }, new Headers());
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    // Whoever has still something to do after signing in is a person too.
    const visit = await hub.door.signIn.use(new Headers({ cookie }));
    const person = visit && (await hub.door.people.load(visit.personId));
    if (!person) throw new Error(`${username} can't sign in`);
    return person;
  };
  const coordinator = await signedIn('centre');
  await hub.door.units.addInstitutionLines(
    coordinator,
    '48',
    [
      'Округ № 1;i48-1;МБОУ СОШ № 101',
      'Округ № 1;i48-2;МБОУ СОШ № 102',
      'Округ № 2;i48-3;МБОУ СОШ № 103',
      'Округ № 2;i48-4;МБОУ СОШ № 104',
    ].join('\n'),
  );
  await hub.door.procedures.create(coordinator, '48', {
    kind: 'attendance',
    title: 'Областной мониторинг посещаемости',
    academicYear: 2012,
    deadline: '2013-11-29',
    centre: {
      name: 'ЦМОКО',
      phone: '+7 000 000-00-01',
      email: 'centre@example.org',
      siteUrl: 'https://centre.example.org',
    },
  });
  const municipal = async (unit: string, username: string): Promise<Person> => {
    await appointNewcomer(hub.door.appointments, coordinator, {
      name: `Тестов ${username}`,
      username,
      password: 'long enough phrase',
      role: 'municipalCoordinator',
      unit,
    });
    return signedIn(username);
  };

  return {
    get door() {
      return hub.door;
    },
    get storeUri() {
      return hub.storeUri;
    },
    get models() {
      return hub.models;
    },
    get url() {
      return hub.url;
    },
    clock,
    coordinator,
    municipal: [await municipal('48-m1', 'okrug1'), await municipal('48-m2', 'okrug2')],
    person: signedIn,
    async enrol(institution) {
      const place = { procedure: PROCEDURE, institution };
      const { ticket } = await hub.door.participations.register({ ...place, organizer: ORGANIZER });
      await hub.door.participations.giveAccess(coordinator, place);
      await hub.door.participations.activate(ticket, { username: institution, password: 'long enough phrase' });
      return signedIn(institution);
    },
    async recall(person, unit) {
      const { rows } = (await hub.door.appointments.part(coordinator, unit)).state;
      for (const row of rows)
        if (row.person === person && row.unit === unit && row.status === 'appointed')
          await hub.door.appointments.end(coordinator, row.id, { reason: 'так решил центр' });
    },
    async stop() {
      await hub.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
    async restart() {
      await hub.stop();
      hub = await start();
    },
  };
}
