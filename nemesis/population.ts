/** Who takes part in a run: the centre, coordinators, institutions with accounts, and the viewers that stand for them. */
import type { Chance } from '#chance/chance.ts';
import { insist } from './asking.ts';
import type { DeedAudit } from './checks/deeds.ts';
import { setUpRegion } from './region.ts';
import type { Case } from './writer.ts';
import type { ViewerPlan } from './viewer.ts';
import {
  boardOf,
  cabinetOf,
  institutionId,
  institutionLines,
  MUNICIPALITIES,
  municipalityId,
  organizerOf,
  PASSWORD,
  PLACES,
  PROCEDURE,
  REGION,
  registrationOf,
  ROLLUP,
} from './world.ts';

/** Viewers that share one account: each of them is a tab. */
const TABS_PER_PERSON = 8;
/** Institutions that have their account before the run begins, and tickets that are watched and never renewed. */
const OWN_CABINETS = 4;
const WATCHED_TICKETS = 4;

export interface Population {
  /** The centre: administrator and regional coordinator. */
  centre: string;
  cases: Case[];
  viewers: ViewerPlan[];
  /** A municipal coordinator whose right will end, with the viewers that lose it. */
  doom(number: number): Promise<{ person: string; unit: string; cookie: string; viewers: ViewerPlan[] }>;
}

export interface PopulationOptions {
  urls: string[];
  /** The code of the first start. */
  setupCode: string;
  clients: number;
  chance: Chance;
  /** Told of every deed that leaves an event. */
  audit: DeedAudit;
}

export async function populate(options: PopulationOptions): Promise<Population> {
  const { urls, setupCode, clients, chance, audit } = options;
  const url = (): string => chance.oneOf(urls);
  const { centre, signIn, coordinator } = await setUpRegion({
    url,
    first: urls[0] ?? '',
    setupCode,
    lists: [institutionLines()],
  });

  const cases = PLACES.map((place): Case => ({
    place,
    access: 'none',
    ticket: null,
    cookie: null,
    waiting: null,
    isWatched: false,
  }));
  async function register(one: Case): Promise<string> {
    const place = { procedure: PROCEDURE, institution: institutionId(one.place) };
    const input = { ...place, organizer: organizerOf(one.place) };
    const { ticket } = (await insist(url, 'register', input)) as { ticket: string };
    audit.done(one.place, 'register', '');
    Object.assign(one, { ticket, access: 'awaited' } satisfies Partial<Case>);
    return ticket;
  }
  const withCabinets = cases.slice(0, OWN_CABINETS);
  for (const one of withCabinets) {
    const ticket = await register(one);
    const username = institutionId(one.place);
    await insist(url, 'giveAccess', { procedure: PROCEDURE, institution: username }, centre);
    audit.done(one.place, 'giveAccess', '');
    await insist(url, 'activate', { ticket, username, password: PASSWORD });
    audit.done(one.place, 'activate', '');
    Object.assign(one, { access: 'activated', cookie: await signIn(username) } satisfies Partial<Case>);
  }
  const watched = cases.slice(OWN_CABINETS, OWN_CABINETS + WATCHED_TICKETS);
  for (const one of watched) {
    await register(one);
    one.isWatched = true;
  }

  const boards = Array.from({ length: MUNICIPALITIES }, (_, index) => boardOf(index + 1));
  const cabinets = withCabinets.map(({ place }) => cabinetOf(place));
  const registrations = watched.map(({ place }) => registrationOf(place));
  const everything = [...boards, ...cabinets, ...registrations, ROLLUP];
  const plan = (name: string, more: Pick<ViewerPlan, 'home' | 'cookie' | 'streams'> & { ticket?: string | null }) => ({
    name,
    urls,
    ticket: null,
    ...more,
    foreign: everything.filter((stream) => !more.streams.includes(stream) && more.home.role !== 'region'),
  });

  /** Accounts by role and unit, each shared by a few tabs. */
  const accounts = new Map<string, string>();
  async function accountOf(role: string, unit: string, tab: number): Promise<string> {
    const username = `${role.slice(0, 3).toLowerCase()}.${unit}.${Math.floor(tab / TABS_PER_PERSON)}`;
    const present = accounts.get(username) ?? (await coordinator(role, unit, username));
    accounts.set(username, present);
    return present;
  }

  const viewers: ViewerPlan[] = [];
  for (let index = 0; index < clients; index += 1) {
    const name = `v${index}`;
    const turn = Math.floor(index / 10);
    // Of ten: two of the region, five of municipalities, two institutions, one ticket.
    const place = index % 10;
    if (place < 2) {
      // A region has one coordinator (S1-01): beyond his own tabs it is the authority's specialists who look, and they see no files.
      const tab = turn * 2 + place;
      const isCentre = tab < TABS_PER_PERSON;
      const cookie = isCentre ? centre : await accountOf('authoritySpecialist', REGION, tab);
      const streams = [...boards, ...(isCentre ? cabinets : []), ROLLUP];
      viewers.push(plan(name, { home: { role: 'region' }, cookie, streams }));
    } else if (place < 7) {
      const municipality = (index % MUNICIPALITIES) + 1;
      const cookie = await accountOf('municipalCoordinator', municipalityId(municipality), turn);
      viewers.push(
        plan(name, { home: { role: 'municipality', municipality }, cookie, streams: [boardOf(municipality)] }),
      );
    } else if (place < 9) {
      const one = withCabinets[index % withCabinets.length];
      if (!one?.cookie) throw new Error('no institution');
      viewers.push(
        plan(name, {
          home: { role: 'institution', ...one.place },
          cookie: one.cookie,
          streams: [cabinetOf(one.place)],
        }),
      );
    } else {
      const one = watched[turn % watched.length];
      if (!one) throw new Error('no ticket');
      const { ticket } = one;
      viewers.push(
        plan(name, {
          home: { role: 'ticket', ...one.place },
          cookie: '',
          ticket,
          streams: [registrationOf(one.place)],
        }),
      );
    }
  }

  return {
    centre,
    cases,
    viewers,
    async doom(number) {
      const municipality = (number % MUNICIPALITIES) + 1;
      const unit = municipalityId(municipality);
      const cookie = await coordinator('municipalCoordinator', unit, `doomed.${number}`);
      const person = String(await insist(url, 'whoAmI', {}, cookie));
      const tabs = urls.map((_, tab) =>
        plan(`doomed${number}.${tab}`, {
          home: { role: 'municipality', municipality },
          cookie,
          streams: [boardOf(municipality)],
        }),
      );
      return { person, unit, cookie, viewers: tabs };
    },
  };
}
