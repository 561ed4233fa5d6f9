import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import type { Frame } from './contract.ts';
import { Follower, type Command } from './follower.ts';

const [A, B] = ['board:p:a', 'board:p:b'];
const event = (q: number): JournalEvent => ({ q, type: 'rowChanged', entity: `e${q}`, rev: q, body: null, atMs: q });
const frame = (s: string, f: number, q: number, e = 'one'): Frame => ({
  s,
  e,
  f,
  q,
  d: Array.from({ length: q - f + 1 }, (_, index) => event(f + index)),
});

let sent: Command[];
let told: string[];
let follower: Follower;

const at = (seq: number, epoch = 'one') => ({ epoch, seq });
const heads = (a: number, b = 0) => ({
  ok: true as const,
  heads: [
    { stream: A, position: at(a) },
    { stream: B, position: at(b) },
  ],
  refused: [],
});
/** The commands since the last call. */
const commands = (): Command[] => sent.splice(0);

beforeEach(() => {
  sent = [];
  told = [];
  follower = new Follower({
    send: (command) => sent.push(command),
    apply: (stream, events) => told.push(`${stream} ${events.map(({ q }) => q).join(',')}`),
    replace: (stream, state) => told.push(`${stream} = ${String(state)}`),
    revoked: (stream, code) => told.push(`${stream} ${code}`),
    changed: () => undefined,
  });
  follower.follow([
    { stream: A, position: at(3) },
    { stream: B, position: at(0) },
  ]);
});

function goLive(): void {
  follower.connected();
  follower.subscribed(heads(3));
  commands();
}

describe('a follower', () => {
  it('subscribes to everything it follows, and is live once the heads show that nothing is missing', () => {
    expect(follower.status).toBe('lost');
    follower.connected();
    expect([follower.status, commands()]).toEqual(['catchingUp', [{ do: 'subscribe', streams: [A, B] }]]);
    follower.subscribed(heads(3));
    expect([follower.status, follower.behind, follower.sequenceOf(follower.streams)]).toEqual(['live', 0, 3]);
  });

  it('[R-9] is not live before the heads were told, whatever arrives', () => {
    follower.connected();
    follower.frames([frame(A, 4, 4)]);
    expect([follower.status, told]).toEqual(['catchingUp', [`${A} 4`]]);
  });

  it('[R-5] pulls what a head shows to be missing, and says how much it is', () => {
    follower.connected();
    follower.subscribed(heads(8));
    expect(commands().at(-1)).toEqual({ do: 'pull', stream: A, epoch: 'one', after: 3 });
    expect([follower.status, follower.behind]).toEqual(['catchingUp', 5]);
    follower.pulled(A, { ok: true, frame: frame(A, 4, 6) });
    expect(commands()).toEqual([{ do: 'pull', stream: A, epoch: 'one', after: 6 }]);
    follower.pulled(A, { ok: true, frame: frame(A, 7, 8) });
    expect([follower.status, told]).toEqual(['live', [`${A} 4,5,6`, `${A} 7,8`]]);
  });

  it('[R-9] stays behind when a busy node puts it off, and asks again at the next heartbeat', () => {
    goLive();
    follower.heartbeat([{ s: A, e: 'one', q: 4 }]);
    expect(commands()).toHaveLength(1);
    follower.pulled(A, { ok: false, code: 'busy' });
    expect([follower.status, commands()]).toEqual(['catchingUp', []]);
    follower.heartbeat([{ s: A, e: 'one', q: 4 }]);
    expect(commands()).toEqual([{ do: 'pull', stream: A, epoch: 'one', after: 3 }]);
  });

  it('[R-4] takes a new snapshot of another epoch, [R-6] and applies after it what came meanwhile', () => {
    goLive();
    follower.frames([frame(A, 2, 2, 'two')]);
    expect(commands()).toEqual([{ do: 'snapshot', stream: A }]);
    follower.frames([frame(A, 3, 3, 'two'), frame(A, 4, 5, 'two')]);
    follower.snapped(A, { ok: true, position: at(3, 'two'), state: 'fresh' });
    expect([told, follower.status]).toEqual([[`${A} = fresh`, `${A} 4,5`], 'live']);
    expect(follower.place(A)).toEqual(at(5, 'two'));
  });

  it('[R-9] does not count a state of the past as live because its snapshot was put off', () => {
    goLive();
    follower.frames([frame(A, 2, 2, 'two')]);
    follower.snapped(A, { ok: false, code: 'busy' });
    expect(follower.status).toBe('catchingUp');
    commands();
    follower.heartbeat([{ s: A, e: 'two', q: 2 }]);
    expect(commands()).toEqual([{ do: 'snapshot', stream: A }]);
  });

  it('[S-2] takes a snapshot when its pull is refused with resnapshot', () => {
    goLive();
    follower.heartbeat([{ s: A, e: 'one', q: 4 }]);
    follower.pulled(A, { ok: false, code: 'resnapshot' });
    expect(commands().at(-1)).toEqual({ do: 'snapshot', stream: A });
  });

  it('[A-1] goes on with the other streams when one is refused or revoked', () => {
    follower.connected();
    follower.subscribed({
      ok: true,
      heads: [{ stream: A, position: at(3) }],
      refused: [{ stream: B, code: 'not_allowed' }],
    });
    expect([follower.status, follower.streams, told]).toEqual(['live', [A], [`${B} not_allowed`]]);
    follower.revoked(A, 'not_signed_in');
    expect(follower.status).toBe('signedOut');
  });

  it('[L-3] is outdated when the node does not serve its contract any longer, and does not come back by itself', () => {
    follower.connected();
    follower.subscribed({ ok: false, code: 'contract_old' });
    follower.disconnected();
    follower.connected();
    expect(follower.status).toBe('outdated');
  });

  it('is put off by a busy node and subscribes later', () => {
    follower.connected();
    commands();
    expect(follower.subscribed({ ok: false, code: 'rate_limited' })).toBe('later');
    follower.resubscribe();
    expect(commands()).toEqual([{ do: 'subscribe', streams: [A, B] }]);
  });

  it('asks anew after the line was lost in the midst of asking', () => {
    goLive();
    follower.heartbeat([{ s: A, e: 'one', q: 4 }]);
    follower.disconnected();
    expect(follower.status).toBe('lost');
    follower.connected();
    commands();
    follower.subscribed(heads(4));
    expect(commands()).toEqual([{ do: 'pull', stream: A, epoch: 'one', after: 3 }]);
  });

  it('does not take the answer to a question that it no longer asks', () => {
    goLive();
    follower.pulled(A, { ok: true, frame: frame(A, 4, 9) });
    follower.snapped(A, { ok: true, position: at(9), state: 'late' });
    expect([told, follower.place(A)]).toEqual([[], at(3)]);
  });

  it('follows more, and less, over the same line', () => {
    goLive();
    follower.follow([{ stream: 'forum:p', position: at(1) }]);
    follower.unfollow([A]);
    expect(commands()).toEqual([
      { do: 'subscribe', streams: ['forum:p'] },
      { do: 'unsubscribe', streams: [A] },
    ]);
    expect([follower.streams, follower.status]).toEqual([[B, 'forum:p'], 'catchingUp']);
    follower.subscribed({ ok: true, heads: [{ stream: 'forum:p', position: at(1) }], refused: [] });
    expect(follower.status).toBe('live');
  });
});
