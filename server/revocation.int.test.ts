/** Rights and sessions that end, through the composition root: the page goes dark by itself, with the word why. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boardStream, cabinetStream } from '#models/journal/stream.ts';
import { CONTRACT_VERSION } from '#realtime/contract.ts';
import { TestPage, until } from '#realtime/hub/live-hub.testing.ts';
import { ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const BOARD = boardStream(PROCEDURE, '48-m1');
const OTHER_BOARD = boardStream(PROCEDURE, '48-m2');
const CABINET = cabinetStream(PROCEDURE, 'i48-1');

let hub: TestHub;
const pages: TestPage[] = [];

/** A page of a person who has just signed in: a session of its own. */
async function open(username: string): Promise<{ page: TestPage; headers: Headers }> {
  const { cookies } = await hub.door.signIn.begin({ username, password: 'long enough phrase' }, new Headers());
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  const page = new TestPage(hub.url, cookie);
  pages.push(page);
  return { page: await page.connected(), headers: new Headers({ cookie }) };
}

beforeAll(async () => {
  hub = await startTestHub();
  await hub.enrol('i48-1');
});
afterAll(async () => {
  for (const { socket } of pages) socket.disconnect();
  await hub.stop();
});

describe('who may hear a stream', () => {
  it('[A-1] [A-4] hears the streams of his territory and is told of each other one why not', async () => {
    const { page } = await open('okrug1');
    expect(await page.subscribe([BOARD, OTHER_BOARD, CABINET, 'board:none:48-m1', 'nonsense:x'])).toMatchObject({
      ok: true,
      heads: [{ stream: BOARD }],
      refused: [
        { stream: OTHER_BOARD, code: 'not_allowed' },
        { stream: CABINET, code: 'not_allowed' },
        { stream: 'board:none:48-m1', code: 'not_allowed' },
        { stream: 'nonsense:x', code: 'stream_unknown' },
      ],
    });
  });

  it('[A-2] loses it with the assignment that gave it, while another’s page of the same stream goes on', async () => {
    const [{ page }, { page: regional }] = [await open('okrug1'), await open('centre')];
    for (const one of [page, regional]) await one.subscribe([BOARD]);
    const [municipal] = hub.municipal;
    await hub.recall(municipal.id, '48-m1');
    await until('the word of it', () => page.revoked.length > 0);
    expect(page.revoked).toEqual([{ stream: BOARD, code: 'not_allowed' }]);
    await hub.enrol('i48-2');
    await until('the region sees it', () => regional.frames.length > 0);
    expect(page.frames).toEqual([]);
    expect(await page.socket.emitWithAck('snapshot', { ticket: null, stream: BOARD })).toEqual({
      ok: false,
      code: 'not_allowed',
    });
  });
});

describe('a page of a session', () => {
  it('[A-2] is cut when the person signs out, and only that one', async () => {
    const [one, two] = [await open('i48-1'), await open('i48-1')];
    for (const { page } of [one, two]) await page.subscribe([CABINET]);
    await hub.door.signIn.signOut(one.headers);
    await until('the cut', () => one.page.closes.length > 0);
    expect(one.page.cuts).toEqual([{ code: 'not_signed_in' }]);
    expect(two.page.socket.connected).toBe(true);
  });

  it('[A-2] is cut on every device when the person signs out everywhere or changes the password', async () => {
    const [one, two, three] = [await open('i48-1'), await open('i48-1'), await open('i48-1')];
    for (const { page } of [one, two, three]) await page.subscribe([CABINET]);
    const person = (await hub.door.signIn.identify(one.headers)) ?? '';
    await hub.door.safeguards.changePassword(
      person,
      { present: 'long enough phrase', next: 'another long phrase' },
      'ru',
    );
    await until('the others are cut', () => two.page.closes.length > 0 && three.page.closes.length > 0);
    expect([two, three].map(({ page }) => page.cuts)).toEqual([
      [{ code: 'not_signed_in' }],
      [{ code: 'not_signed_in' }],
    ]);
  });
});

describe('a ticket', () => {
  it('[A-2] that was renewed is heard no longer', async () => {
    const place = { procedure: PROCEDURE, institution: 'i48-3' };
    const { ticket } = await hub.door.participations.register({ ...place, organizer: ORGANIZER });
    const page = new TestPage(hub.url);
    pages.push(page);
    await page.connected();
    const stream = `registration:${PROCEDURE}/i48-3`;
    expect(
      await page.socket.emitWithAck('subscribe', { version: CONTRACT_VERSION, ticket, streams: [stream] }),
    ).toMatchObject({ ok: true, heads: [{ stream }] });
    await hub.door.participations.renewTicket(hub.coordinator, place);
    await until('the word of it', () => page.revoked.length > 0);
    expect(page.revoked).toEqual([{ stream, code: 'not_allowed' }]);
  });
});
