/** Accesses handed down through a real store: made in a batch, opened, handed on, used, revoked; and what must not be possible. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BATCH_LEASE_MS, BATCH_PART, INSTRUCTIONS_CHARS_MAX } from '#models/credential/credential-batch.ts';
import { CARDS_AT_ONCE_MAX, DEEDS_AT_ONCE_MAX, SECRET_ALPHABET } from '#models/credential/credential-handover.ts';
import { credentialsStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
const FROM = '192.0.2.7';
const OWN = 'журнал звонок перемена';

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const door = () => hub.door;
const first = (): Person => hub.municipal[0];
const second = (): Person => hub.municipal[1];

async function generate(codes: string | null, by = hub.coordinator): Promise<string> {
  const { batch } = await door().credentialBatches.start(by, {
    unit: '48',
    title: 'Оценка графиков',
    route: 'survey',
    instructions: 'https://centre.example.org/instructions.pdf',
    codes,
  });
  await written(batch);
  return batch;
}
const stateOf = async (batch: string) => (await door().credentials.batch(hub.coordinator, batch)).state;
async function written(batch: string): Promise<void> {
  await expect.poll(async () => (await stateOf(batch)).status, { timeout: 60_000 }).toBe('written');
}
const pageOf = (institution: string, by = hub.coordinator) => door().credentials.page(by, institution);
const open = (by: Person, institution: string, known = 0) => door().credentials.open(by, { institution, known }, FROM);
const handOn = (by: Person, ...institutions: string[]) => door().credentials.handOn(by, institutions, FROM);
const verify = (by: Person, institution: string) =>
  door().credentials.verifyHead(by, { institution, email: `head-${institution}@example.org` }, FROM);
const enter = (username: string, password: string) =>
  door().signIn.begin({ username, password }, new Headers({ 'x-svod-address': FROM }));
const refused = (code: string): unknown => expect.objectContaining({ code });

/** Everything the database holds, as text. */
async function everythingKept(): Promise<string> {
  const { default: mongodb } = await import('mongodb');
  const client = await new mongodb.MongoClient(hub.storeUri).connect();
  try {
    const db = client.db();
    const names = await db.listCollections({}, { nameOnly: true }).toArray();
    const kept = await Promise.all(names.map(({ name }) => db.collection(name).find().toArray()));
    return JSON.stringify(kept);
  } finally {
    await client.close();
  }
}

describe('a batch', () => {
  it('[S1-32] makes an access for each of the sample and for nobody else, once', async () => {
    const batch = await generate('i48-1; Школа\ni48-3');
    expect(await stateOf(batch)).toMatchObject({ made: 2, skipped: 0, total: 2 });
    const overview = await door().credentials.overview(hub.coordinator);
    expect(overview.parts.flatMap(({ state }) => state.rows.map(({ institution }) => institution))).toEqual([
      'i48-1',
      'i48-3',
    ]);
    expect(await stateOf(await generate('i48-1'))).toMatchObject({ made: 0, skipped: 1 });
    expect((await pageOf('i48-1')).handover).toMatchObject({ state: 'handedToRegion', username: 'i48-1', edition: 1 });
  });

  it('[S1-32] is refused whole when it names an institution of somebody else, and by who only hands down', async () => {
    await expect(generate('i48-2\ni70-1')).rejects.toEqual(refused('sample_unknown'));
    await expect(generate('', hub.coordinator)).rejects.toEqual(refused('sample_empty'));
    await expect(
      door().credentialBatches.start(first(), {
        ...{ unit: '48-m1', title: 'Опрос', route: 'survey', instructions: '', codes: null },
      }),
    ).rejects.toEqual(refused('not_allowed'));
    await expect(pageOf('i48-2')).rejects.toEqual(refused('not_allowed'));
  });

  it('gives another name when the code is somebody’s already', async () => {
    const { id } = await hub.enrol('i48-4');
    await generate('i48-4');
    const { handover } = await pageOf('i48-4');
    expect(handover.username).toBe('i48-4-2');
    expect(handover.person).not.toBe(id);
  });
});

describe('the way from the region to the institution', () => {
  it('[S4-11] [S4-12] each level has it in turn, and sees it no earlier and elsewhere than it should', async () => {
    await expect(open(first(), 'i48-1')).rejects.toEqual(refused('handover_elsewhere'));
    const before = await hub.models.live.snapshot({ person: first(), ticket: null }, credentialsStream('48-m1'));
    expect(await handOn(hub.coordinator, 'i48-1')).toMatchObject({ done: ['i48-1'], refused: [] });
    const events = await hub.models.journal.read(credentialsStream('48-m1'), before.position.seq, 10);
    expect(events.map(({ type }) => type)).toEqual(['handoverChanged']);
    await expect(open(second(), 'i48-1')).rejects.toEqual(refused('not_allowed'));
    await expect(pageOf('i48-1', second())).rejects.toEqual(refused('not_allowed'));
    await expect(handOn(second(), 'i48-1')).rejects.toEqual(refused('not_allowed'));
    await expect(
      hub.models.live.snapshot({ person: second(), ticket: null }, credentialsStream('48-m1')),
    ).rejects.toEqual(refused('not_allowed'));
    expect((await handOn(hub.coordinator, 'i48-1')).refused).toMatchObject([{ code: 'handover_elsewhere' }]);
  });

  it('[S1-32] opening twice at the same moment shows one secret, and the other hears who has it', async () => {
    const outcomes = await Promise.allSettled([open(first(), 'i48-1'), open(first(), 'i48-1')]);
    const shown = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const told = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(shown).toHaveLength(1);
    expect(told).toEqual([refused('handover_opened')]);
    const [card] = shown;
    expect(card?.secret).toMatch(new RegExp(`^[${SECRET_ALPHABET}]{4}(-[${SECRET_ALPHABET}]{4}){3}$`));
    expect(card).toMatchObject({ username: 'i48-1', instructions: 'https://centre.example.org/instructions.pdf' });
    expect(card?.site).toMatch(/\/sign-in$/);
    expect(await everythingKept(), 'no secret rests in the database').not.toContain(card?.secret ?? '?');
    // The one who was shown it is named to the level above, with the place he did it from.
    const { trail } = await pageOf('i48-1');
    expect(trail.filter(({ kind }) => kind === 'opened')).toMatchObject([
      { by: first().id, address: FROM, edition: 1 },
    ]);
    // Good, but the institution does not have it yet.
    await expect(enter('i48-1', card?.secret ?? '')).rejects.toEqual(refused('credentials_not_handed'));
  });

  it('[S4-09] [S4-10] the last leg is refused until the head’s address is verified', async () => {
    expect((await handOn(first(), 'i48-1')).refused).toMatchObject([{ code: 'head_address_unverified' }]);
    await expect(
      door().credentials.verifyHead(first(), { institution: 'i48-1', email: 'директор' }, FROM),
    ).rejects.toMatchObject({ name: 'ZodError' });
    expect((await door().credentials.verifyHeads(first(), ['i48-1'], FROM)).refused).toMatchObject([
      { code: 'head_address_unknown' },
    ]);
    await verify(first(), 'i48-1');
    expect(await handOn(first(), 'i48-1')).toMatchObject({ done: ['i48-1'], refused: [] });
  });

  it('is undone while the institution has not signed in', async () => {
    expect(await door().credentials.takeBack(first(), ['i48-1'], FROM)).toMatchObject({ done: ['i48-1'] });
    expect((await door().credentials.takeBack(hub.coordinator, ['i48-1'], FROM)).refused).toMatchObject([
      { code: 'handover_next_opened' },
    ]);
    expect((await pageOf('i48-1')).handover.state).toBe('handedToMunicipality');
  });

  it('[S4-12] the first sign-in forces a new password, makes the head, and is seen at every level above', async () => {
    const { secret } = await open(first(), 'i48-1', 1);
    expect(await handOn(first(), 'i48-1')).toMatchObject({ done: ['i48-1'] });
    await enter('i48-1', secret);
    const { person } = (await pageOf('i48-1')).handover;
    const entrant = await door().people.load(person);
    expect(entrant?.assignments).toEqual([]);
    expect(await door().safeguards.duties({ id: person, assignments: [] })).toEqual(['password']);
    expect((await pageOf('i48-1')).handover.state).toBe('handedToInstitution');

    await door().safeguards.replaceGivenPassword(person, OWN, 'ru');
    await enter('i48-1', OWN);
    expect((await door().people.load(person))?.assignments).toMatchObject([{ role: 'institutionHead', unit: 'i48-1' }]);
    for (const by of [hub.coordinator, first()]) expect((await pageOf('i48-1', by)).handover.state).toBe('activated');
    await expect(enter('i48-1', secret)).rejects.toEqual(refused('wrong_credentials'));
    expect((await door().credentials.takeBack(first(), ['i48-1'], FROM)).refused).toMatchObject([
      { code: 'handover_next_opened' },
    ]);
    const { trail } = await pageOf('i48-1');
    expect(trail.toReversed().map(({ kind }) => kind)).toEqual([
      ...['generated', 'handed', 'opened', 'headVerified', 'handed', 'takenBack'],
      ...['opened', 'handed', 'activated'],
    ]);
  });

  it('the snapshot and its facts say the same', async () => {
    const { live, journal } = hub.models;
    const stream = credentialsStream('48-m1');
    const replayed = (await live.replay(stream, (await journal.heads([stream]))[0]?.seq ?? 0)) as { rows: unknown[] };
    const { state } = await live.snapshot({ person: hub.coordinator, ticket: null }, stream);
    expect((state as { rows: unknown[] }).rows).toEqual(replayed.rows);
  });
});

describe('ending an access', () => {
  it('revokes what is in use: the role and the sessions are over, the right password is refused plainly', async () => {
    const { person } = (await pageOf('i48-1')).handover;
    const input = { institution: 'i48-1', reason: 'руководитель сменился' };
    await expect(door().credentials.revoke(second(), input, FROM)).rejects.toEqual(refused('not_allowed'));
    const { cookies } = await enter('i48-1', OWN);
    await door().credentials.revoke(first(), input, FROM);
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    expect(await door().signIn.use(new Headers({ cookie }))).toBeNull();
    expect((await door().people.load(person))?.assignments).toEqual([]);
    await expect(enter('i48-1', OWN)).rejects.toEqual(refused('credentials_revoked'));
    await expect(enter('i48-1', 'совсем другой пароль')).rejects.toEqual(refused('wrong_credentials'));
    expect((await pageOf('i48-1')).trail[0]).toMatchObject({ kind: 'revoked', reason: 'руководитель сменился' });
  });

  it('makes it anew: what was printed before opens nothing, the next card does', async () => {
    const input = { institution: 'i48-1', reason: 'новый руководитель' };
    await door().credentials.reissue(first(), input, FROM);
    await expect(enter('i48-1', OWN)).rejects.toEqual(refused('credentials_revoked'));
    const { handover } = await pageOf('i48-1');
    expect(handover).toMatchObject({
      state: 'handedToMunicipality',
      edition: 2,
      head: { email: 'head-i48-1@example.org' },
    });
    const { secret } = await open(first(), 'i48-1', handover.openings);
    await handOn(first(), 'i48-1');
    await enter('i48-1', secret);
    await door().safeguards.replaceGivenPassword(handover.person, `${OWN} снова`, 'ru');
    await enter('i48-1', `${OWN} снова`);
    expect((await pageOf('i48-1')).handover).toMatchObject({ state: 'activated', edition: 2 });
  });
});

describe('many at once', () => {
  it('prints each once, and names whom somebody was faster with', async () => {
    await handOn(hub.coordinator, 'i48-3');
    const asked = [{ institution: 'i48-3', known: 0 }];
    const { cards } = await door().credentials.openMany(second(), asked, FROM);
    expect(cards).toHaveLength(1);
    const again = await door().credentials.openMany(second(), asked, FROM);
    expect(again.cards).toEqual([]);
    expect(again.outcome.refused).toMatchObject([{ institution: 'i48-3', code: 'handover_opened' }]);
  });

  it('does nothing for a list of which one lies outside, and has an edge', async () => {
    await expect(verifyAll(first(), ['i48-1', 'i48-3'])).rejects.toEqual(refused('not_allowed'));
    const cards = (count: number) => Array.from({ length: count }, () => ({ institution: 'i48-3', known: 0 }));
    const printed = (count: number) => door().credentials.openMany(second(), cards(count), FROM);
    expect((await printed(CARDS_AT_ONCE_MAX)).outcome.refused).toHaveLength(1);
    await expect(printed(CARDS_AT_ONCE_MAX + 1)).rejects.toEqual(refused('deeds_too_many'));
    const list = (count: number) => Array.from({ length: count }, () => 'i48-3');
    expect((await verifyAll(second(), list(DEEDS_AT_ONCE_MAX))).refused).toHaveLength(1);
    await expect(verifyAll(second(), list(DEEDS_AT_ONCE_MAX + 1))).rejects.toEqual(refused('deeds_too_many'));
  });

  const verifyAll = (by: Person, institutions: string[]) => door().credentials.verifyHeads(by, institutions, FROM);
});

describe('without a mail server', () => {
  it('a letter is refused, and nothing else has happened', async () => {
    const { handover } = await pageOf('i48-4');
    await handOn(hub.coordinator, 'i48-4');
    await verify(second(), 'i48-4');
    const asked = [{ institution: 'i48-4', known: handover.openings }];
    const { done, refused: told } = await door().credentials.sendByLetter(second(), asked, FROM, 'ru');
    expect(done).toEqual([]);
    expect(told).toMatchObject([{ code: 'post_absent' }]);
    expect((await pageOf('i48-4')).handover).toMatchObject({ state: 'handedToMunicipality', openings: 0 });
  });
});

describe('a batch of several parts', () => {
  let large: TestHub;
  const COUNT = BATCH_PART * 3;
  beforeAll(async () => {
    large = await startTestHub();
    const lines = Array.from({ length: COUNT }, (_, at) => `Округ № 1;s${at};Школа ${at}`);
    await large.door.units.addInstitutionLines(large.coordinator, '48', lines.join('\n'));
  });
  afterAll(() => large.stop());

  const start = () =>
    large.door.credentialBatches.start(large.coordinator, {
      ...{ unit: '48-m1', title: 'Опрос', route: 'survey', instructions: '', codes: null },
    });
  const batchOf = async (id: string) => (await large.door.credentials.batch(large.coordinator, id)).state;

  it('goes on where a node stopped in the middle, makes each account once, and tells how far it is', async () => {
    const { batch } = await start();
    await expect.poll(async () => (await batchOf(batch)).parts, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
    await large.restart();
    large.clock.nowMs += BATCH_LEASE_MS;
    await expect.poll(async () => (await batchOf(batch)).status, { timeout: 60_000 }).toBe('written');
    expect(await batchOf(batch)).toMatchObject({ made: COUNT + 2, skipped: 0, total: COUNT + 2 });
    const { parts } = await large.door.credentials.overview(large.coordinator);
    const rows = parts.flatMap(({ state }) => state.rows);
    expect(new Set(rows.map(({ username }) => username)).size).toBe(COUNT + 2);
  });

  it('finishes what a crash left of a part: accounts without handovers are found again, and keep their password', async () => {
    const { batch } = await start();
    await expect.poll(async () => (await batchOf(batch)).status, { timeout: 60_000 }).toBe('written');
    expect(await batchOf(batch)).toMatchObject({ made: 0, skipped: COUNT + 2 });
    const { default: mongodb } = await import('mongodb');
    const client = await new mongodb.MongoClient(large.storeUri).connect();
    const accounts = () =>
      client
        .db()
        .collection('account')
        .find({}, { projection: { password: 1 } })
        .toArray();
    const before = await accounts();
    await client.db().collection('credentialHandovers').deleteMany({});
    await client.db().collection('credentialTrail').deleteMany({});
    const { batch: next } = await start();
    await expect.poll(async () => (await batchOf(next)).status, { timeout: 60_000 }).toBe('written');
    expect(await batchOf(next)).toMatchObject({ made: COUNT + 2 });
    expect(await accounts()).toEqual(before);
    await client.db().collection('credentialHandovers').deleteMany({});
    await client.db().collection('credentialTrail').deleteMany({});
    await client.close();
  });

  it('stops when it is cancelled, and keeps what it made', async () => {
    const { batch } = await start();
    await large.door.credentialBatches.cancel(large.coordinator, batch);
    await expect(large.door.credentialBatches.cancel(large.municipal[0], batch)).rejects.toEqual(
      refused('not_allowed'),
    );
    const state = await batchOf(batch);
    expect(state.status).toBe('cancelled');
    expect(state.made).toBeLessThan(COUNT + 2);
    const { parts } = await large.door.credentials.overview(large.coordinator);
    expect(parts.flatMap(({ state: { rows } }) => rows)).toHaveLength(state.made);
    await large.door.credentialBatches.cancel(large.coordinator, batch);
  });
});

describe('with the accesses', () => {
  it('[S4-13] sends the published instructions to everybody on the list, and names them with their address', async () => {
    const { publications } = door();
    const publish = (kind: string) =>
      publications.publish(hub.coordinator, {
        ...{ unit: '48', procedure: null, kind, title: 'Инструкция по опросу', text: 'Войдите и заполните.' },
        ...{ stage: '', files: [], asksConfirmation: false, releaseAtMs: null, scope: 'next', units: ['48-m2'] },
      });
    const { publication } = await publish('instructions');
    expect(await publications.instructions(hub.coordinator)).toEqual([
      { id: publication, title: 'Инструкция по опросу' },
    ]);
    const { batch } = await door().credentialBatches.start(hub.coordinator, {
      ...{ unit: '48', title: 'Опрос', route: 'survey', instructions: '', publication, codes: 'i48-2' },
    });
    await written(batch);
    const has = async (unit: string) =>
      (await publications.box(hub.coordinator, unit)).state.items.some((item) => item.publication === publication);
    await expect.poll(() => has('i48-2')).toBe(true);
    expect(await has('i48-1')).toBe(false);
    const { instructions } = await pageOf('i48-2');
    expect(instructions).toMatch(new RegExp(`^«Инструкция по опросу» http.*/publications/${publication}$`));
    expect(instructions?.length).toBeLessThanOrEqual(INSTRUCTIONS_CHARS_MAX);
    const foreign = { unit: '48', title: 'Опрос', route: 'survey', instructions: '', codes: 'i48-2' };
    await expect(
      door().credentialBatches.start(hub.coordinator, { ...foreign, publication: 'absent' }),
    ).rejects.toEqual(refused('not_allowed'));
  });
});
