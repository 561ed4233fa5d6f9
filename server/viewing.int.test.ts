/** Looking through somebody's eyes, through the composition root: what it may not do, how it ends, and what its owner and the journal are told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Origin } from '#models/deeds/deed.ts';
import { boardStream, cabinetStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import {
  VIEWING_DECLINED_MS,
  VIEWING_LIFE_MS,
  VIEWING_PAGES_MAX,
  VIEWINGS_PER_HOUR_MAX,
} from '#models/people/viewing.ts';
import { TestPage, until } from '#realtime/hub/live-hub.testing.ts';
import { NOON_MS, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const BOARD = boardStream(PROCEDURE, '48-m1');
const CABINET = cabinetStream(PROCEDURE, 'i48-1');
const REASON = 'не видит кнопки отправки';
const HOUR_MS = 60 * 60_000;

let hub: TestHub;
let school: Person;
const pages: TestPage[] = [];

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
});
afterAll(async () => {
  for (const { socket } of pages) socket.disconnect();
  await hub.stop();
});
// Every test has its own days: what was ended by its owner, and how many were begun, is over.
beforeEach(() => {
  hub.clock.nowMs = Math.max(hub.clock.nowMs + 2 * VIEWING_DECLINED_MS, NOON_MS);
});

interface Visit {
  headers: Headers;
  session: string;
  person: Person;
}

async function signIn(username: string): Promise<Visit> {
  const { cookies } = await hub.door.signIn.begin({ username, password: 'long enough phrase' }, new Headers());
  const headers = new Headers({ cookie: cookies.map((line) => line.split(';')[0]).join('; ') });
  const visit = await hub.door.signIn.use(headers);
  const person = visit && (await hub.door.people.load(visit.personId));
  if (!visit || !person) throw new Error(`${username} can't sign in`);
  return { headers, session: visit.sessionId, person };
}

const begin = ({ person, session }: Visit, owner: Person, reason = REASON): Promise<void> =>
  hub.door.viewings.begin(person, { owner: owner.id, reason }, session, 'ru');
const through = ({ session, person }: Visit) => hub.door.viewings.through(session, person.id);

async function open({ headers }: Visit): Promise<TestPage> {
  const page = new TestPage(hub.url, headers.get('cookie') ?? '');
  pages.push(page);
  return page.connected();
}

/** How the latest view of a person ended. */
const ending = async (owner: Person): Promise<string | undefined> =>
  (await hub.door.viewings.ofOwner(owner))[0]?.ended?.cause;

describe('whoever looks through another’s eyes', () => {
  /** As the pages ask for him: in the name of the person, from a view. */
  const asViewer = <T>(viewing: string, work: () => Promise<T>): Promise<T> =>
    hub.door.from({ person: null, address: '', agent: '', device: '', session: 'any', viewing }, work);

  it('does nothing, even where a deed is asked for in the person’s name: the journal refuses it', async () => {
    const place = { procedure: PROCEDURE, institution: 'i48-1' };
    const refused = { code: 'viewing_only' };
    const file = { name: 'x.xls', bytes: 3, content: new Uint8Array(3), isAttested: true };
    const deeds: (() => Promise<unknown>)[] = [
      () => hub.door.submissions.template(school, place, 'xls'),
      () => hub.door.submissions.send(school, place, file),
      () => hub.door.deeds.noteExport(school, ['i48-1'], 'units', 1),
      () => hub.door.signIn.endAllSessions(school.id),
      () => hub.door.units.edit(hub.coordinator, 'i48-1', { name: 'Другое имя', shortName: '', zone: null }),
    ];
    const before = (await hub.door.deeds.page(hub.coordinator, {})).entries[0]?.id;
    for (const deed of deeds) await expect(asViewer('v', deed)).rejects.toMatchObject(refused);
    expect((await hub.door.deeds.page(hub.coordinator, {})).entries[0]?.id).toBe(before);
    // What the hub derives by itself meanwhile goes on, and others' deeds too.
    await asViewer('v', () => hub.models.deeds.sealNext());
    await hub.door.deeds.noteExport(hub.coordinator, ['i48-1'], 'units', 1);
  });

  it('hears what the person hears, is present nowhere, and goes dark when the view ends', async () => {
    const one = await signIn('centre');
    const before = await open(one);
    await begin(one, school);
    const page = await open(one);
    expect(await page.subscribe([CABINET, BOARD])).toMatchObject({
      heads: [{ stream: CABINET }],
      refused: [{ stream: BOARD, code: 'not_allowed' }],
    });
    const said = { streams: [CABINET], where: null, doing: 'looking' as const };
    expect(await page.socket.emitWithAck('present', said)).toEqual({ ok: false, code: 'viewing_only' });
    const id = (await through(one))?.id ?? '';
    await hub.door.viewings.decline(school, id);
    await until('the cut', () => page.closes.length > 0);
    expect(page.cuts).toEqual([{ code: 'viewing_over' }]);
    // A page that he had open as himself goes on.
    expect(await before.subscribe([BOARD])).toMatchObject({ heads: [{ stream: BOARD }] });
  });

  it('goes dark by the clock, and when his own session ends', async () => {
    const one = await signIn('centre');
    await begin(one, school);
    const page = await open(one);
    await page.subscribe([CABINET]);
    hub.clock.nowMs += VIEWING_LIFE_MS;
    await until('the cut by the clock', () => page.closes.length > 0);
    const two = await signIn('centre');
    await begin(two, school);
    const other = await open(two);
    await other.subscribe([CABINET]);
    await hub.door.signIn.signOut(two.headers);
    await until('the cut by signing out', () => other.closes.length > 0);
    expect([page.cuts, other.cuts]).toEqual([[{ code: 'viewing_over' }], [{ code: 'viewing_over' }]]);
  });
});

describe('a view through another’s eyes', () => {
  it('shows what the person sees, in that session alone', async () => {
    const [one, other] = [await signIn('centre'), await signIn('centre')];
    await begin(one, school);
    expect((await through(one))?.owner).toMatchObject({ id: school.id, assignments: school.assignments });
    expect(await through(other)).toBeNull();
    expect(await through({ ...one, person: school })).toBeNull();
  });

  it('is refused with a reason too short, of people out of reach, and of oneself', async () => {
    const one = await signIn('centre');
    await expect(begin(one, school, 'так надо')).rejects.toMatchObject({ name: 'ZodError' });
    await expect(begin(one, one.person)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(begin(one, { ...school, id: 'nobody' })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(begin(await signIn('okrug1'), school)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(begin(await signIn('i48-1'), hub.municipal[0])).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await through(one)).toBeNull();
  });

  it('is one at a time in a session, also of two begun in the same moment', async () => {
    const one = await signIn('centre');
    const begun = await Promise.allSettled([begin(one, school), begin(one, hub.municipal[0])]);
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(begin(one, school)).rejects.toMatchObject({ code: 'viewing_only' });
  });

  it('is begun twelve times an hour at most', async () => {
    const one = await signIn('centre');
    for (let count = 0; count < VIEWINGS_PER_HOUR_MAX; count += 1) {
      await begin(one, school);
      await hub.door.viewings.endOfSession(one.session, one.person.id, 'viewer');
    }
    await expect(begin(one, school)).rejects.toMatchObject({
      code: 'rate_limited',
      params: { seconds: HOUR_MS / 1000 },
    });
    hub.clock.nowMs += HOUR_MS;
    await begin(one, school);
  });

  it('ends by the clock, to the millisecond', async () => {
    const one = await signIn('centre');
    await begin(one, school);
    hub.clock.nowMs += VIEWING_LIFE_MS - 1;
    expect(await through(one)).not.toBeNull();
    hub.clock.nowMs += 1;
    expect(await through(one)).toBeNull();
    expect(await ending(school)).toBe('clock');
  });

  it('ends when there were too many pages: none is seen that is not noted', async () => {
    const one = await signIn('centre');
    await begin(one, school);
    const id = (await through(one))?.id ?? '';
    for (let count = 0; count < VIEWING_PAGES_MAX; count += 1)
      expect(await hub.door.viewings.look(id, '/cabinet')).toBe(true);
    expect(await hub.door.viewings.look(id, '/cabinet')).toBe(false);
    expect(await through(one)).toBeNull();
    expect(await ending(school)).toBe('pages');
  });

  it('ends with the viewer’s session, however it ends', async () => {
    const { signIn: door } = hub.door;
    const ways: ((visit: Visit) => Promise<unknown>)[] = [
      ({ headers }) => door.signOut(headers),
      ({ session, person }) => door.endSession(person.id, session),
      ({ person }) => door.endOtherSessions(person.id, 'another'),
      ({ person }) => door.endAllSessions(person.id),
    ];
    for (const way of ways) {
      const one = await signIn('centre');
      hub.clock.nowMs += 1_000;
      await begin(one, school);
      await way(one);
      expect(await through(one)).toBeNull();
      expect(await ending(school)).toBe('signedOut');
    }
  });

  it('ends when the viewer’s right does, and when the person comes to hold what lies outside', async () => {
    const one = await signIn('centre');
    const [first] = hub.municipal;
    await begin(one, first);
    await hub.recall(first.id, '48-m1');
    expect(await through(one)).toBeNull();
    await hub.door.viewings.endOver();
    expect(await ending(first)).toBe('rightLost');
  });

  it('is told to its owner: by letter where he has an address, and in his account with every page', async () => {
    await hub.door.safeguards.nameEmail(
      school.id,
      { email: 'user07@example.org', present: 'long enough phrase' },
      'ru',
    );
    const [confirming] = await hub.door.letters.list(hub.coordinator);
    const link = confirming && 'text' in confirming ? /address\/(\S+)/.exec(confirming.text)?.[1] : undefined;
    await hub.door.safeguards.confirmEmail(link ?? '');
    hub.clock.nowMs += 1_000;
    const one = await signIn('centre');
    await begin(one, school);
    const [letter] = await hub.door.letters.list(hub.coordinator);
    expect(letter).toMatchObject({ kind: 'viewing_begun', person: school.id, to: 'user07@example.org' });
    expect(letter && 'text' in letter ? letter.text : '').toContain(REASON);
    const id = (await through(one))?.id ?? '';
    await hub.door.viewings.look(id, '/cabinet');
    const [told] = await hub.door.viewings.ofOwner(school);
    expect(told).toMatchObject({
      viewerName: one.person.name,
      reason: REASON,
      ended: null,
      pages: [{ path: '/cabinet', atMs: hub.clock.nowMs }],
    });
    expect(await hub.door.viewings.ofOwner(hub.municipal[1])).toEqual([]);
  });

  it('is ended by its owner, who is not looked at by the same person for a day; nobody else ends it so', async () => {
    const one = await signIn('centre');
    await begin(one, school);
    const id = (await through(one))?.id ?? '';
    await expect(hub.door.viewings.decline(hub.municipal[1], id)).rejects.toMatchObject({ code: 'viewing_over' });
    await hub.door.viewings.decline(school, id);
    expect(await through(one)).toBeNull();
    await expect(hub.door.viewings.decline(school, id)).rejects.toMatchObject({ code: 'viewing_over' });
    await expect(begin(one, school)).rejects.toMatchObject({ code: 'viewing_declined' });
    await begin(one, hub.municipal[1]);
    hub.clock.nowMs += VIEWING_DECLINED_MS;
    const later = await signIn('centre');
    await begin(later, school);
  });

  it('leaves its beginning and its end in the journal of deeds, as the viewer’s', async () => {
    const one = await signIn('centre');
    const { id, name } = one.person;
    const origin: Origin = { person: { id, name }, address: '192.0.2.9', agent: '', device: '', session: one.session };
    await hub.door.from(origin, () => begin(one, school));
    await hub.door.viewings.endOfSession(one.session, id, 'viewer');
    // Views of other tests are ended by the hub meanwhile.
    const entries = async (kind: string) =>
      (await hub.door.deeds.page(hub.coordinator, { kind })).entries.find(({ actor }) => actor === id);
    expect(await entries('viewing.begun')).toMatchObject({
      ...{ actor: id, actorName: name, subject: school.id, address: '192.0.2.9' },
      within: ['48', '48-m1', 'i48-1'],
      differences: [
        { field: 'reason', after: REASON },
        { field: 'person', after: name },
      ].toSorted((a, b) => a.field.localeCompare(b.field)),
    });
    expect(await entries('viewing.ended')).toMatchObject({ subject: school.id });
    expect((await entries('viewing.ended'))?.differences).toContainEqual({
      field: 'status',
      before: null,
      after: 'viewer',
    });
  });
});
