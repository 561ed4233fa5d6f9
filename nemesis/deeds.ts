/**
 * What a node of a run offers instead of pages: the deeds that writers do, each through the real door, with the real sign-in
 * behind the cookie. `POST /deeds/<name>` with JSON; the answer is `{ ok: true, value }` or `{ ok: false, code }`.
 */
import express from 'express';
import { z } from 'zod';
import { HubError } from '#models/error.ts';
import type { Person } from '#models/people/person.ts';
import type { Door } from '#server/door.ts';
import { appointNewcomer, type Newcomer } from '#server/newcomer.ts';
import { SCAN_DEEDS } from './scan-deeds.ts';
import { organizerOf } from './world.ts';

export interface Caller {
  person: Person | null;
}
export type Deed = (door: Door, caller: Caller, input: Record<string, unknown>) => Promise<unknown>;

const place = z.object({ procedure: z.string(), institution: z.string() });

const manySchema = z.object({
  procedure: z.string(),
  institutions: z.array(z.string()),
  perS: z.number().positive(),
  atOnce: z.number().int().positive(),
});
const ORGANIZER = organizerOf({ municipality: 0, institution: 0 });

function signedIn({ person }: Caller): Person {
  if (!person) throw Object.assign(new Error('nobody is signed in'), { code: 'not_signed_in' });
  return person;
}

const DEEDS: Record<string, Deed> = {
  setUp: (door, _caller, { code, ...input }) => door.setUp(String(code), input as Parameters<Door['setUp']>[1]),
  async signIn(door, _caller, input) {
    const { cookies } = await door.signIn.begin(input as { username: string; password: string }, new Headers());
    return cookies.map((line) => line.split(';')[0]).join('; ');
  },
  signOutEverywhere: (door, caller) => door.signIn.endAllSessions(signedIn(caller).id),
  whoAmI: (_door, caller) => Promise.resolve(signedIn(caller).id),
  addInstitutions: (door, caller, { region, lines }) =>
    door.units.addInstitutionLines(signedIn(caller), String(region), String(lines)),
  createProcedure: (door, caller, { region, ...input }) =>
    door.procedures.create(signedIn(caller), String(region), input),
  /** Appointed, and his invitation taken. Half done before, when the answer got lost, it is completed. */
  appoint: (door, caller, input) => appointNewcomer(door.appointments, signedIn(caller), input as unknown as Newcomer),
  async recall(door, caller, { person, unit }) {
    const { rows } = (await door.appointments.part(signedIn(caller), String(unit))).state;
    const held = rows.find((row) => row.person === person && row.unit === unit && row.status === 'appointed');
    if (!held) throw new HubError('appointment_over');
    await door.appointments.end(signedIn(caller), held.id, { reason: 'так решил центр' });
  },
  register: (door, _caller, input) => door.participations.register(input),
  /** Many institutions of a season's first hour; at this rate, or as fast as it goes. */
  async registerAll(door, _caller, input) {
    const { procedure, institutions, perS, atOnce } = manySchema.parse(input);
    const beganAtMs = performance.now();
    let next = 0;
    const hand = async (): Promise<void> => {
      while (next < institutions.length) {
        const index = next++;
        const waitMs = beganAtMs + (index * 1_000) / perS - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        const institution = institutions[index] ?? '';
        await door.participations.register({ procedure, institution, organizer: ORGANIZER });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, hand));
    return { tookMs: performance.now() - beganAtMs };
  },
  giveAccess: (door, caller, input) => door.participations.giveAccess(signedIn(caller), place.parse(input)),
  declineAccess: (door, caller, { reason, ...input }) =>
    door.participations.declineAccess(signedIn(caller), place.parse(input), { reason }),
  renewTicket: (door, caller, input) => door.participations.renewTicket(signedIn(caller), place.parse(input)),
  activate: (door, _caller, { ticket, ...input }) => door.participations.activate(String(ticket), input),
  template: async (door, caller, input) =>
    (await door.submissions.template(signedIn(caller), place.parse(input), 'xlsx')).length,
  send: (door, caller, { content, isAttested, ...input }) => {
    const bytes = Buffer.from(String(content));
    const file = { name: 'list.xlsx', bytes: bytes.length, content: bytes, isAttested: isAttested === true };
    return door.submissions.send(signedIn(caller), place.parse(input), file);
  },
  attest: (door, caller, { submission, ...input }) =>
    door.submissions.attest(signedIn(caller), place.parse(input), String(submission)),
  registration: (door, _caller, { ticket }) => door.participations.registration(String(ticket)),
  ...SCAN_DEEDS,
};

/** A deed past the door, for what no page does yet. */
export type InnerDeeds = Record<string, (input: Record<string, unknown>) => Promise<unknown>>;

/** The handler of a node; `clock` is what the nemesis sets wrong. */
export function createDeeds(
  doorOf: () => Door,
  clock: { offsetMs: number },
  inner: InnerDeeds,
): express.RequestHandler {
  const router = express.Router();
  router.use(express.json({ limit: '1mb' }));
  router.get('/state', (_request, response) => {
    globalThis.gc?.(); // only where it was asked for: what is told then is what is held
    const { rss, heapUsed } = process.memoryUsage();
    response.json({ rss, heapUsed, cpu: process.cpuUsage() });
  });
  router.post('/clock', (request, response) => {
    clock.offsetMs = z.object({ offsetMs: z.number() }).parse(request.body).offsetMs;
    response.json({ ok: true });
  });
  router.post('/deeds/:name', async (request, response) => {
    const door = doorOf();
    const { name } = request.params;
    const within = Object.hasOwn(inner, name) ? inner[name] : undefined;
    const deed = Object.hasOwn(DEEDS, name)
      ? DEEDS[name]
      : within && ((...[, , input]: Parameters<Deed>) => within(input));
    if (!deed) return void response.status(404).json({ ok: false, code: 'deed_unknown' });
    try {
      const headers = new Headers({ cookie: request.headers.cookie ?? '' });
      const id = request.headers.cookie ? await door.signIn.identify(headers) : null;
      const person = id === null ? null : await door.people.load(id);
      const value = await deed(door, { person }, request.body as Record<string, unknown>);
      response.json({ ok: true, value });
    } catch (error) {
      const { name, code } = error as { name: string; code?: unknown };
      // A refusal has decided that nothing happened; whatever else is thrown has not.
      if (name === 'HubError' || code === 'not_signed_in') response.status(409).json({ ok: false, code });
      else response.status(500).json({ ok: false, code: 'fault', fault: door.fault(error, 'nemesis.deed') });
    }
  });
  return router;
}
