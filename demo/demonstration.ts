/** The demonstration as a whole: a hub over a folder of its own, a fictitious region in it, and people who act over HTTP. */
import { randomInt } from 'node:crypto';
import { Piscina } from 'piscina';
import { pino } from 'pino';
import type { Person } from '#models/people/person.ts';
import type { Config } from '#server/config.ts';
import type { Door } from '#server/door.ts';
import { startHub, type Pages } from '#server/hub.ts';
import { personOf } from '#server/newcomer.ts';
import { dutyAccount, organizerOf, visitorAccounts, type VisitorAccounts } from './accounts.ts';
import { createCentre, type Centre } from './centre.ts';
import { createClock, workingMoment } from './clock.ts';
import type { Deed, Row } from './deed.ts';
import { clearFolder, readState, writeState } from './folder.ts';
import type { Pace } from './pace.ts';
import { createTalk } from './talk.ts';
import { createPlay } from './play.ts';
import { SCANNING_CENTRE, VISITORS_INSTITUTION } from './region.ts';
import { createScanning } from './scanning.ts';
import type { ScanTask } from './scans.ts';
import { createSession, type Session } from './session.ts';
import { prepareSetting } from './setting.ts';
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
  study: string;
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
  if (!present) await writeState(folder, { seed, setting: null, isOpened: false });

  const clock = createClock();
  // The code of the first start is for hubs without a region: here it would only puzzle.
  const logger = pino({ level: 'error' });
  const hub = await startHub({ config, pages, now: clock.now, logger });
  const stopping = new AbortController();
  const paperwork = new Piscina<FillTask | ScanTask, Uint8Array>({
    minThreads: 0,
    maxThreads: 1,
    // Loading the libraries takes longer than filling a file: the thread stays while there is work.
    idleTimeout: 60_000,
  });
  let playing: Promise<unknown> | null = null;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await playing?.catch(() => undefined);
    await paperwork.destroy();
    await hub.stop();
  };

  try {
    const newSession = (): Session => createSession(hub.url, stopping.signal);
    const isContinued = present?.setting != null;
    const nowMs = clock.now();
    // Whoever acts in the opening was appointed before its first day: nobody has a right before his own.
    if (!isContinued) clock.moveTo(workingMoment(0, nowMs));
    const setting = present?.setting ?? (await prepareSetting(hub.door, seed, nowMs));
    const { procedure, study } = setting;
    clock.followReal();
    const centre = createCentre(newSession(), dutyAccount(seed), procedure);
    if (!isContinued) {
      await letVisitorIn(newSession(), centre, seed, procedure);
      await writeState(folder, { seed, setting, isOpened: false });
    }
    logger.level = config.logLevel;

    const play = createPlay({
      seed,
      procedure,
      pace,
      clock,
      centre,
      newSession,
      fill: (task) => paperwork.run(task, { filename: new URL('./workbook.ts', import.meta.url).href }),
      stopped: stopping.signal,
      onDeed,
      onTrouble,
    });
    const talk = createTalk({ seed, procedure, pace, newSession, stopped: stopping.signal, onTrouble });
    const scanning = createScanning({
      ...{ seed, study, pace, newSession, url: hub.url, stopped: stopping.signal, onTrouble },
      printed: createPrinted(hub.door, seed, study),
      scan: (task) => paperwork.run(task, { filename: new URL('./scans.ts', import.meta.url).href }),
    });
    return {
      url: hub.url,
      seed,
      procedure,
      study,
      accounts: visitorAccounts(seed),
      isContinued,
      play(onOpening, onOpened) {
        const whole = async (): Promise<Ending> => {
          try {
            if (!present?.isOpened) {
              await play.open(!isContinued, onOpening);
              await talk.open();
              await scanning.open();
              await writeState(folder, { seed, setting, isOpened: true });
            }
            onOpened();
            const beside = (living: Promise<void>, what: string): Promise<void> =>
              living.catch((error: unknown) => {
                if (!stopping.signal.aborted) onTrouble(error, what);
              });
            const others = [beside(talk.live(), 'forum'), beside(scanning.live(), 'scanning')];
            await play.live();
            await Promise.all(others);
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

/** The forms of a college as the hub printed them; null while it prints. Whoever asks is signed in once, however often he asks. */
function createPrinted(door: Door, seed: number, study: string): (college: string) => Promise<Uint8Array | null> {
  let coordinator: Person | null = null;
  return async (college) => {
    coordinator ??= await personOf(door, visitorAccounts(seed).region);
    const { state } = await door.scanning.board(coordinator, study, SCANNING_CENTRE.id);
    const run = state.prints.find((one) => one.college === college && one.status === 'ready');
    if (!run) return null;
    const pieces: Uint8Array[] = [];
    const { content } = await door.scanning.printFile(coordinator, study, SCANNING_CENTRE.id, run.id);
    for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces);
  };
}
