/** Writers do real deeds for the institutions that are theirs, one after another, on any node, and remember how each ended. */
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '#chance/chance.ts';
import { ask, type Outcome } from './asking.ts';
import type { DeedAudit, DeedKind } from './checks/deeds.ts';
import { institutionId, organizerOf, PASSWORD, PROCEDURE, type InstitutionPlace } from './world.ts';

/** What a writer knows of one of his institutions. */
export interface Case {
  place: InstitutionPlace;
  access: 'none' | 'awaited' | 'given' | 'declined' | 'activated';
  ticket: string | null;
  /** Of the institution's own coordinator. */
  cookie: string | null;
  /** A file that waits for its tick. */
  waiting: string | null;
  /** Somebody watches the registration by its ticket: it is not renewed. */
  isWatched: boolean;
}

export interface WritersOptions {
  seed: number;
  cases: Case[];
  writers: number;
  /** Pause between two deeds of a writer (ms): from, to. */
  pauseMs: readonly [number, number];
  urls: () => string[];
  /** The coordinator who lets institutions in. */
  cookie: string;
  audit: DeedAudit;
  /** Accounts cost a password hash each: so many are made at the most. */
  activationsMax: number;
}

export interface Writers {
  stop(): Promise<void>;
  refusals: Map<string, number>;
  unknowns: Map<string, number>;
}

/** A node that gave no answer is not asked again at once (ms). */
const UNKNOWN_PAUSE_MS = 300;

export function startWriters(options: WritersOptions): Writers {
  const { seed, cases, writers, pauseMs, urls, cookie, audit } = options;
  const refusals = new Map<string, number>();
  const unknowns = new Map<string, number>();
  let isStopped = false;
  let activations = 0;

  async function attempt(
    one: Case,
    kind: DeedKind,
    chance: Chance,
    input: object = {},
    as: string = cookie,
  ): Promise<Outcome> {
    const place = { procedure: PROCEDURE, institution: institutionId(one.place) };
    const outcome = await ask(chance.oneOf(urls()), kind, { ...place, ...input }, as);
    if (outcome.kind === 'done')
      audit.done(
        one.place,
        kind,
        (outcome.value as { submission?: string } | undefined)?.submission ?? one.waiting ?? '',
      );
    else if (outcome.kind === 'unknown') {
      audit.unknown(one.place, kind);
      await pause(UNKNOWN_PAUSE_MS);
      unknowns.set(outcome.why, (unknowns.get(outcome.why) ?? 0) + 1);
    } else refusals.set(`${kind}: ${outcome.code}`, (refusals.get(`${kind}: ${outcome.code}`) ?? 0) + 1);
    return outcome;
  }

  /** Whether the deed stands, now or since an answer that got lost: the refusal of a repetition says so. */
  const stands = (outcome: Outcome, codeOfRepetition: string): boolean =>
    outcome.kind === 'done' || (outcome.kind === 'refused' && outcome.code === codeOfRepetition);

  async function renew(one: Case, chance: Chance): Promise<void> {
    if (one.isWatched) return;
    const outcome = await attempt(one, 'renewTicket', chance);
    one.ticket = outcome.kind === 'done' ? (outcome.value as { ticket: string }).ticket : null;
  }

  async function activate(one: Case, chance: Chance): Promise<void> {
    if (!one.ticket) return renew(one, chance);
    const username = institutionId(one.place);
    const access = { username, password: PASSWORD };
    const place = { ticket: one.ticket };
    const outcome = await ask(chance.oneOf(urls()), 'activate', { ...place, ...access });
    if (outcome.kind === 'done') audit.done(one.place, 'activate', '');
    else if (outcome.kind === 'unknown') audit.unknown(one.place, 'activate');
    if (!stands(outcome, 'access_given_already')) return;
    one.access = 'activated';
    await signIn(one, chance);
  }

  async function signIn(one: Case, chance: Chance): Promise<void> {
    const outcome = await ask(chance.oneOf(urls()), 'signIn', {
      username: institutionId(one.place),
      password: PASSWORD,
    });
    one.cookie = outcome.kind === 'done' ? String(outcome.value) : null;
  }

  async function send(one: Case, chance: Chance): Promise<void> {
    if (!one.cookie) return signIn(one, chance);
    if (one.waiting !== null) {
      const outcome = await attempt(one, 'attest', chance, { submission: one.waiting }, one.cookie);
      if (outcome.kind !== 'unknown') one.waiting = null;
      return;
    }
    const isAttested = chance.happens(0.6);
    const content = `not a workbook ${chance.next()}`;
    const outcome = await attempt(one, 'send', chance, { content, isAttested }, one.cookie);
    if (outcome.kind === 'done' && !isAttested) one.waiting = (outcome.value as { submission: string }).submission;
  }

  async function deed(one: Case, chance: Chance): Promise<void> {
    switch (one.access) {
      case 'none': {
        const outcome = await attempt(one, 'register', chance, { organizer: organizerOf(one.place) });
        if (!stands(outcome, 'already_registered')) return;
        one.access = 'awaited';
        one.ticket = outcome.kind === 'done' ? (outcome.value as { ticket: string }).ticket : null;
        return;
      }
      case 'awaited':
      case 'declined':
        if (chance.happens(0.2)) return renew(one, chance);
        if (stands(await attempt(one, 'giveAccess', chance), 'access_given_already')) one.access = 'given';
        return;
      case 'given':
        if (activations < options.activationsMax && chance.happens(0.1)) {
          activations += 1;
          return activate(one, chance);
        }
        if (chance.happens(0.4)) return renew(one, chance);
        if ((await attempt(one, 'declineAccess', chance, { reason: `reason ${chance.next()}` })).kind === 'done')
          one.access = 'declined';
        return;
      case 'activated':
        if (chance.happens(0.3)) return renew(one, chance);
        if (one.cookie && chance.happens(0.1)) {
          await attempt(one, 'template', chance, {}, one.cookie);
          return;
        }
        return send(one, chance);
      default:
        throw one.access satisfies never;
    }
  }

  async function work(writer: number): Promise<void> {
    const chance = new Chance(seed, `writer ${writer}`);
    const mine = cases.filter((_, index) => index % writers === writer);
    while (!isStopped) {
      await deed(chance.oneOf(mine), chance);
      await pause(chance.whole(...pauseMs));
    }
  }

  const working = Array.from({ length: writers }, (_, writer) => work(writer));
  return {
    refusals,
    unknowns,
    async stop() {
      isStopped = true;
      await Promise.all(working);
    },
  };
}
