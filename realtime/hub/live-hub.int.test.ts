/** The hub over real sockets: what leaves, what is held back, who is cut and why. The journal and the rights are in memory. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CLOSED_TOO_LARGE,
  COMMAND_BYTES_MAX,
  COMMANDS_PER_10S_MAX,
  CONTRACT_VERSION_MIN,
  GAP_EVENTS_MAX,
  SOCKETS_PER_PERSON_MAX,
  STREAMS_PER_SOCKET_MAX,
  type Pulled,
} from '../contract.ts';
import { ACCESS_STALE_MS } from './access.ts';
import { EPOCH, RawPage, startTestLiveHub, TestPage, until, type TestLiveHub } from './live-hub.testing.ts';

const BOARD = 'board:p:m1';
const OTHER_BOARD = 'board:p:m2';
const CABINET = 'cabinet:p:i1';

let test: TestLiveHub;
let pages: TestPage[];
const open = async (cookie = 'a/1'): Promise<TestPage> => {
  const page = new TestPage(test.url, cookie);
  pages.push(page);
  return page.connected();
};

beforeEach(async () => {
  test = await startTestLiveHub();
  pages = [];
});
afterEach(async () => {
  for (const { socket } of pages) socket.disconnect();
  await test.stop();
});

describe('what leaves', () => {
  it('of a stream that is not folded leaves event by event', async () => {
    const page = await open();
    await page.subscribe([CABINET]);
    for (const entity of ['a', 'a', 'b']) test.record(CABINET, { entity });
    await until('three frames', () => page.messages.length === 3);
    expect(page.frames.flatMap(({ d }) => d.map(({ q }) => q))).toEqual([1, 2, 3]);
  });

  it('[N-6] of folded streams leaves together, the last event of each entity, for all streams in one message', async () => {
    const page = await open();
    await page.subscribe([BOARD, OTHER_BOARD]);
    for (const entity of ['a', 'b', 'a']) test.record(BOARD, { entity });
    test.record(OTHER_BOARD, { entity: 'c' });
    await until('the frames', () => page.frames.length === 2);
    expect(page.messages).toHaveLength(1);
    expect(page.frames.map(({ s, f, q, d }) => [s, f, q, d.map((event) => event.q)])).toEqual([
      [BOARD, 1, 3, [2, 3]],
      [OTHER_BOARD, 1, 1, [1]],
    ]);
  });

  it('[S-2] [N-6] gives a page that was away the folded range, and a page too far behind a refusal that makes it resnapshot', async () => {
    for (let index = 0; index < GAP_EVENTS_MAX; index += 1)
      test.record(BOARD, { entity: `e${index % 10}`, isTold: false });
    const page = await open();
    await page.subscribe([BOARD]);
    const asked = { ticket: null, stream: BOARD, epoch: EPOCH, after: 0 };
    const answer: Pulled = await page.socket.emitWithAck('pull', asked);
    if (!answer.ok) throw new Error(answer.code);
    expect([answer.frame.f, answer.frame.q, answer.frame.d.length]).toEqual([1, GAP_EVENTS_MAX, 10]);
    expect(await page.socket.emitWithAck('pull', { ...asked, epoch: 'two' })).toEqual({
      ok: false,
      code: 'resnapshot',
    });
  });

  it('[N-8] [L-3] says at once which build the node is, and the heads of everything heard with the heartbeat', async () => {
    test.record(BOARD, { entity: 'a', isTold: false });
    test.record(CABINET, { entity: 'a', isTold: false });
    const page = await open();
    expect(page.build).toBe('7');
    await page.subscribe([BOARD, CABINET]);
    await until('a heartbeat', () => page.heartbeats.some(({ heads }) => heads.length > 0));
    await until('all heads', () => {
      const heads = page.heartbeats.flatMap((heartbeat) => heartbeat.heads.map(({ s, q }) => `${s} ${q}`));
      return heads.includes(`${BOARD} 1`) && heads.includes(`${CABINET} 1`);
    });
  });
});

describe('rights that end', () => {
  it('[A-2] take the stream from every page of the person, and nothing of it reaches them after', async () => {
    const [mine, other] = [await open('a/1'), await open('b/1')];
    for (const page of [mine, other]) await page.subscribe([CABINET, BOARD]);
    test.world.forbidden.add(`a ${CABINET}`);
    test.world.versions.set('a', 1);
    await until('the word of it', () => mine.revoked.length === 1);
    expect(mine.revoked).toEqual([{ stream: CABINET, code: 'not_allowed' }]);
    test.record(CABINET, { entity: 'secret' });
    test.record(BOARD, { entity: 'open' });
    await until('the other page', () => other.frames.length === 2);
    await until('the board', () => mine.frames.length === 1);
    expect(mine.frames.map(({ s }) => s)).toEqual([BOARD]);
    expect(await mine.socket.emitWithAck('pull', { ticket: null, stream: CABINET, epoch: EPOCH, after: 0 })).toEqual({
      ok: false,
      code: 'not_allowed',
    });
  });

  it('cost no question while nothing changes, however many pages and streams there are', async () => {
    for (let index = 0; index < 10; index += 1)
      await (await open(`p${index}/1`)).subscribe(Array.from({ length: 20 }, (_, at) => `board:p:m${at}`));
    const { looks } = test.world;
    const { authorized, loads } = test.world;
    await until('three looks', () => test.world.looks >= looks + 3);
    expect([test.world.authorized, test.world.loads]).toEqual([authorized, loads]);
  });

  it('[A-2] cut a page whose session has ended, and say why', async () => {
    const page = await open('a/ending');
    const same = await open('a/other');
    await page.subscribe([BOARD]);
    await same.subscribe([BOARD]);
    test.world.ended.add('a/ending');
    await until('the cut', () => page.closes.length === 1);
    expect(page.cuts).toEqual([{ code: 'not_signed_in' }]);
    expect(same.socket.connected).toBe(true);
  });

  it('[A-3] that can’t be asked about hold everything back until they can', async () => {
    const page = await open();
    await page.subscribe([CABINET, BOARD]);
    test.world.isDatabaseDown = true;
    await new Promise((resolve) => setTimeout(resolve, ACCESS_STALE_MS + 1_200));
    test.record(CABINET, { entity: 'held' });
    test.record(BOARD, { entity: 'held' });
    expect(await page.socket.emitWithAck('pull', { ticket: null, stream: BOARD, epoch: EPOCH, after: 0 })).toEqual({
      ok: false,
      code: 'busy',
    });
    expect(page.frames).toEqual([]);
    // The right ended meanwhile: what was held must not reach him either.
    test.world.forbidden.add(`a ${CABINET}`);
    test.world.versions.set('a', 1);
    test.world.isDatabaseDown = false;
    await until('the board', () => page.frames.length > 0);
    expect(page.frames.map(({ s }) => s)).toEqual([BOARD]);
    expect(page.revoked).toEqual([{ stream: CABINET, code: 'not_allowed' }]);
  });
});

describe('readers that do not read', () => {
  const PAYLOAD = 'x'.repeat(60_000);

  it(
    '[L-2] get nothing more, are cut, and cost no memory; those who read lose nothing',
    { timeout: 120_000 },
    async () => {
      const STALLED = 24;
      const EVENTS = 400;
      const healthy = await open('healthy/1');
      await healthy.subscribe([CABINET]);
      const stalled: RawPage[] = [];
      for (let index = 0; index < STALLED; index += 1) {
        const page = await RawPage.open(test.port, `stalled${index}/1`);
        await page.subscribe([CABINET]);
        page.line.pause();
        stalled.push(page);
      }
      globalThis.gc?.();
      const before = process.memoryUsage();
      let peakBytes = 0;
      for (let index = 0; index < EVENTS; index += 1) {
        test.record(CABINET, { entity: `e${index}`, body: PAYLOAD });
        test.world.events.set(
          CABINET,
          test.world.events.get(CABINET)?.map((event) => ({ ...event, body: null })) ?? [],
        );
        await until('the healthy page', () => healthy.frames.length === index + 1);
        for (const frame of healthy.frames) frame.d = frame.d.map((event) => ({ ...event, body: null }));
        const { external, heapUsed } = process.memoryUsage();
        peakBytes = Math.max(peakBytes, external + heapUsed - before.external - before.heapUsed);
      }
      await until('all stalled pages are cut', () => test.hub.counts().sockets === 1);
      expect(healthy.frames.map(({ q }) => q)).toEqual(Array.from({ length: EVENTS }, (_, index) => index + 1));
      // Sending everything to everybody would have kept 24 × 24 MB.
      expect(peakBytes).toBeLessThan(200_000_000);
      for (const { line } of stalled) line.destroy();
    },
  );

  it('[L-2] that read again before they are cut are told the heads and miss nothing but what they can pull', async () => {
    const page = await RawPage.open(test.port, 'slow/1');
    await page.subscribe([CABINET]);
    page.line.pause();
    let sent = 0;
    while (test.hub.counts().slow === 0) {
      test.record(CABINET, { entity: `e${sent}`, body: PAYLOAD });
      sent += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    test.record(CABINET, { entity: 'while it was slow' });
    sent += 1;
    page.line.resume();
    await until('it has drained', () => test.hub.counts().slow === 0);
    await page.hears(`"heads":[{"s":"${CABINET}","e":"${EPOCH}","q":${sent}}]`);
    expect(page.has('while it was slow')).toBe(false);
    expect(page.isClosed).toBe(false);
    page.line.destroy();
  });
});

describe('limits', () => {
  it('[L-1] let a person hold so many pages, and tell the next one why it is cut', async () => {
    for (let index = 0; index < SOCKETS_PER_PERSON_MAX; index += 1) await open('a/1');
    const over = await open('a/2');
    await until('the cut', () => over.closes.length === 1);
    expect(over.cuts).toEqual([{ code: 'sockets_too_many' }]);
    expect((await open('b/1')).cuts).toEqual([]);
    pages[0]?.socket.disconnect();
    await until('one page less', () => test.hub.counts().sockets === SOCKETS_PER_PERSON_MAX);
    const again = await open('a/3');
    expect(await again.subscribe([BOARD])).toMatchObject({ ok: true });
  });

  it('[L-1] let a page hear so many streams, and refuse one more by name', async () => {
    const page = await open();
    const all = Array.from({ length: STREAMS_PER_SOCKET_MAX }, (_, index) => `board:p:m${index}`);
    expect(await page.subscribe(all)).toMatchObject({ ok: true });
    expect(await page.subscribe(all)).toMatchObject({ ok: true });
    expect(await page.subscribe(['board:p:more'])).toEqual({ ok: false, code: 'streams_too_many' });
  });

  it('[L-1] end a page whose message is too large with a close code it can read, and let the largest one pass', async () => {
    const page = await open();
    // What engine.io and Socket.IO add to a payload: packet type, acknowledgement, name, quotes and brackets.
    const command = (extra: number): string => JSON.stringify(['subscribe', { padding: 'x'.repeat(extra) }]);
    const around = `420`.length + command(0).length;
    const largest = { padding: 'x'.repeat(COMMAND_BYTES_MAX - around) };
    const send = (payload: unknown) => page.socket.emitWithAck('subscribe', payload as never);
    expect(await send(largest)).toEqual({ ok: false, code: 'bad_input' });
    void send({ padding: `${largest.padding}x` }).catch(() => undefined);
    await until('the end', () => page.closes.length === 1);
    expect(page.closes).toEqual([CLOSED_TOO_LARGE]);
  });

  it('[L-1] let a page send so many commands, refuse more by name, and cut the one that does not stop', async () => {
    const page = await open();
    const say = () => page.socket.emitWithAck('unsubscribe', { streams: [] });
    const answers = await Promise.all(Array.from({ length: COMMANDS_PER_10S_MAX }, say));
    expect(new Set(answers.map(({ ok }) => ok))).toEqual(new Set([true]));
    expect(await say()).toEqual({ ok: false, code: 'rate_limited' });
    for (let index = 0; index < COMMANDS_PER_10S_MAX; index += 1)
      page.socket.emit('unsubscribe', { streams: [] }, () => undefined);
    await until('the cut', () => page.closes.length === 1);
    expect(page.cuts).toEqual([{ code: 'rate_limited' }]);
  });

  it('[L-3] refuse a page of a contract that is too old or too new, and what is no command at all', async () => {
    const page = await open();
    expect(await page.subscribe([BOARD], CONTRACT_VERSION_MIN - 1)).toEqual({ ok: false, code: 'contract_old' });
    expect(await page.subscribe([BOARD], 1_000)).toEqual({ ok: false, code: 'contract_old' });
    expect(await page.socket.emitWithAck('pull', { stream: BOARD } as never)).toEqual({ ok: false, code: 'bad_input' });
    expect(await page.subscribe(Array.from({ length: STREAMS_PER_SOCKET_MAX + 1 }, () => BOARD))).toEqual({
      ok: false,
      code: 'bad_input',
    });
  });
});

describe('presence', () => {
  it('[P-1] is told to the others at the stream, joined with what other nodes say, and never recorded', async () => {
    const [one, two] = [await open('a/1'), await open('b/1')];
    for (const page of [one, two]) await page.subscribe([BOARD]);
    const here = { streams: [BOARD], where: null, doing: 'looking' as const };
    await one.socket.emitWithAck('present', here);
    await two.socket.emitWithAck('present', { ...here, where: 'i48-1', doing: 'writing' });
    await until('both know', () => one.presences.length > 0 && two.presences.length > 0);
    expect(one.presences.at(-1)).toEqual({
      s: BOARD,
      people: [{ id: 'b', name: 'Имя b', role: 'regionalCoordinator', where: 'i48-1', doing: 'writing' }],
    });
    expect(test.world.said.at(-1)?.[0]?.people.map(({ id }) => id)).toEqual(['a', 'b']);

    const far = {
      id: 'c',
      name: 'Имя c',
      role: 'municipalCoordinator' as const,
      where: null,
      doing: 'looking' as const,
    };
    test.hub.hearPresence('far', [{ s: BOARD, people: [far] }]);
    await until('the other node', () => one.presences.at(-1)?.people.some(({ id }) => id === 'c') === true);
    two.socket.disconnect();
    await until('one has gone', () => one.presences.at(-1)?.people.every(({ id }) => id === 'c') === true);
    expect(test.world.events.size).toBe(0);
  });

  it('is not told to a page that only hears the stream, nor from one that does not hear it', async () => {
    const [listener, outside] = [await open('a/1'), await open('b/1')];
    await listener.subscribe([BOARD]);
    const here = { streams: [BOARD], where: null, doing: 'looking' as const };
    await outside.socket.emitWithAck('present', here);
    await listener.socket.emitWithAck('present', here);
    await until('a word', () => listener.presences.length > 0);
    expect(listener.presences.every(({ people }) => people.length === 0)).toBe(true);
  });
});
