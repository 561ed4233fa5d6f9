/** The demonstration as a whole: a hub over a folder of its own, a fictitious region in it, and people who act over HTTP. */
import { randomInt } from 'node:crypto';
import { Piscina } from 'piscina';
import { pino } from 'pino';
import type { Config } from '#server/config.ts';
import type { Door } from '#server/door.ts';
import { startHub, type Pages } from '#server/hub.ts';
import { appointNewcomer, type Newcomer } from '#server/newcomer.ts';
import { dutyAccount, organizerOf, visitorAccounts, type Account, type VisitorAccounts } from './accounts.ts';
import { createCentre, type Centre } from './centre.ts';
import { createClock, workingMoment } from './clock.ts';
import type { Deed, Row } from './deed.ts';
import { clearFolder, readState, writeState } from './folder.ts';
import type { Pace } from './pace.ts';
import { createTalk } from './talk.ts';
import { createPlay } from './play.ts';
import { publishForRegion } from './publications.ts';
import { INSTITUTIONS, monitoringAt, REGION, VISITORS_INSTITUTION, VISITORS_MUNICIPALITY } from './region.ts';
import { createSession, type Session } from './session.ts';
import { openSurveyForRegion } from './survey.ts';
import type { FillTask } from './workbook.ts';

export interface DemonstrationOptions {
  config: Config;
  pages: Pages;
  pace: Pace;
  isFresh: boolean;
  /** Of a new region; one that is there keeps its own. */
  seed: number | null;
  onDeed: (deed: Deed, row: Row) => void;
  onTrouble: (error: unknown, what: string) => void;
}

export interface Demonstration {
  url: string;
  seed: number;
  procedure: string;
  accounts: VisitorAccounts;
  /** Whether the region was there before. */
  isContinued: boolean;
  /** Plays what lies behind, unless it was played, then lives on. Resolves when the deadline has passed or all is stopped. */
  play: (onOpening: (share: number) => void, onOpened: () => void) => Promise<Ending>;
  stop: () => Promise<void>;
}

/** Why nothing moves any more. */
export type Ending = 'deadlinePassed' | 'stopped';

const SEED_MAX = 1_000_000;

export async function startDemonstration(options: DemonstrationOptions): Promise<Demonstration> {
  const { config, pages, pace, onDeed, onTrouble } = options;
  const folder = config.dataDir;
  if (options.isFresh) await clearFolder(folder);
  const present = await readState(folder);
  const seed = present?.seed ?? options.seed ?? randomInt(SEED_MAX);
  if (!present) await writeState(folder, { seed, procedure: null, isOpened: false });

  const clock = createClock();
  // The code of the first start is for hubs without a region: here it would only puzzle.
  const logger = pino({ level: 'error' });
  const hub = await startHub({ config, pages, now: clock.now, logger });
  const stopping = new AbortController();
  const workbooks = new Piscina<FillTask, Uint8Array>({
    filename: new URL('./workbook.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    // Loading the libraries takes longer than filling a file: the thread stays while there is work.
    idleTimeout: 60_000,
  });
  let playing: Promise<unknown> | null = null;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await playing?.catch(() => undefined);
    await workbooks.destroy();
    await hub.stop();
  };

  try {
    const newSession = (): Session => createSession(hub.url, stopping.signal);
    const isContinued = present?.procedure != null;
    const nowMs = clock.now();
    // Whoever acts in the opening was appointed before its first day: nobody has a right before his own.
    if (!isContinued) clock.moveTo(workingMoment(0, nowMs));
    const procedure = present?.procedure ?? (await createRegion(hub.door, seed, nowMs));
    clock.followReal();
    const centre = createCentre(newSession(), dutyAccount(seed), procedure);
    if (!isContinued) {
      await letVisitorIn(newSession(), centre, seed, procedure);
      await writeState(folder, { seed, procedure, isOpened: false });
    }
    logger.level = config.logLevel;

    const play = createPlay({
      seed,
      procedure,
      pace,
      clock,
      centre,
      newSession,
      fill: (task) => workbooks.run(task),
      stopped: stopping.signal,
      onDeed,
      onTrouble,
    });
    const talk = createTalk({ seed, procedure, pace, newSession, stopped: stopping.signal, onTrouble });
    return {
      url: hub.url,
      seed,
      procedure,
      accounts: visitorAccounts(seed),
      isContinued,
      play(onOpening, onOpened) {
        const whole = async (): Promise<Ending> => {
          try {
            if (!present?.isOpened) {
              await play.open(!isContinued, onOpening);
              await talk.open();
              await writeState(folder, { seed, procedure, isOpened: true });
            }
            onOpened();
            const talking = talk.live().catch((error: unknown) => {
              if (!stopping.signal.aborted) onTrouble(error, 'forum');
            });
            await play.live();
            await talking;
            return 'deadlinePassed';
          } catch (error) {
            if (!stopping.signal.aborted) throw error;
            return 'stopped';
          }
        };
        const ending = whole();
        playing = ending;
        return ending;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Makes the tree, the monitoring and the coordinators by the hub's own use cases; repeated after a crash it completes them. */
async function createRegion(door: Door, seed: number, nowMs: number): Promise<string> {
  const { region, municipality } = visitorAccounts(seed);
  if (!(await door.people.hasAdministrator())) await door.people.setUp({ administrator: region, region: REGION });
  const administrator = await personOf(door, region);
  await door.units.addInstitutions(administrator, REGION.id, INSTITUTIONS);

  const tree = await door.units.tree(administrator);
  const ownMunicipality = tree.find(({ name }) => name === VISITORS_MUNICIPALITY);
  if (!ownMunicipality) throw new Error(`the region has no ${VISITORS_MUNICIPALITY}`);
  const [present] = await door.participations.procedures();
  const { id } = present ?? (await door.procedures.create(administrator, REGION.id, monitoringAt(nowMs)));
  const appoint = (newcomer: Newcomer) => appointNewcomer(door.appointments, administrator, newcomer);
  await appoint({ ...municipality, role: 'municipalCoordinator', unit: ownMunicipality.id });
  // The region has its coordinator: the one on duty is the coordinator of this one procedure.
  await appoint({ ...dutyAccount(seed), role: 'regionalCoordinator', unit: REGION.id, procedure: id });
  await publishForRegion(door, administrator, nowMs);
  await openSurveyForRegion(door, administrator, nowMs);
  return id;
}

async function personOf(door: Door, { username, password }: Account) {
  const { cookies } = await door.signIn.begin({ username, password }, new Headers());
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  const id = await door.signIn.identify(new Headers({ cookie }));
  const person = id === null ? null : await door.people.load(id);
  if (!person) throw new Error(`${username} can't sign in`);
  return person;
}

/** The visitor's institution: registered and let in, the template still to be downloaded. */
async function letVisitorIn(session: Session, centre: Centre, seed: number, procedure: string): Promise<void> {
  const row = (await centre.rows()).find(({ institution }) => institution === VISITORS_INSTITUTION);
  if (row?.access === 'activated') return;
  const registration = `/monitoring/${procedure}/registration`;
  if (row?.access == null) {
    const { fields } = organizerOf(seed, VISITORS_INSTITUTION);
    await session.form(registration, { institution: VISITORS_INSTITUTION, ...fields });
  }
  if (row?.access !== 'given') await centre.give(VISITORS_INSTITUTION);
  const ticket = await centre.renew(VISITORS_INSTITUTION);
  const { username, password } = visitorAccounts(seed).institution;
  await session.form(`${registration}/${ticket}`, { username, password });
}
