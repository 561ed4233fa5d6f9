/** Words between nodes over a real Redis: lost ones are lost, and a line that is only half there is noticed. */
import { createClient } from 'redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHints, type Hints, type NodeWord } from './hints.ts';
import { freePort, startRedis, until, type Running } from './processes.testing.ts';

let port: number;
let redis: Running;
const open: Hints[] = [];

/** A node that only listens and speaks. */
function node(name: string) {
  const heard: NodeWord[] = [];
  const ups: number[] = [];
  const downs: unknown[] = [];
  const hints = connectHints({
    url: `redis://127.0.0.1:${port}`,
    node: name,
    onWord: (word) => heard.push(word),
    onUp: () => ups.push(1),
    onDown: (error) => downs.push(error),
  });
  open.push(hints);
  return { hints, heard, ups, downs };
}
const word = (person: string): NodeWord => ({ kind: 'access', person });

beforeEach(async () => {
  port = await freePort();
  redis = await startRedis(port);
});
afterEach(async () => {
  for (const hints of open.splice(0)) await hints.close();
  // One that was stopped must go on to be ended.
  redis.process.kill('SIGCONT');
  await redis.end('SIGKILL');
});

describe('words between nodes', () => {
  it('reach the other nodes, and not the one that said them', async () => {
    const [one, two] = [node('one'), node('two')];
    await until('both are up', () => one.hints.isUp() && two.hints.isUp());
    one.hints.say(word('a'));
    await until('it is heard', () => two.heard.length > 0);
    expect([one.heard, two.heard]).toEqual([[], [word('a')]]);
  });

  it('are dropped while Redis is away, never kept for later', async () => {
    const [one, two] = [node('one'), node('two')];
    await until('both are up', () => one.hints.isUp() && two.hints.isUp());
    await redis.end('SIGKILL');
    await until('it is noticed', () => !one.hints.isUp() && !two.hints.isUp());
    one.hints.say(word('lost'));
    redis = await startRedis(port);
    await until('both are up again', () => one.ups.length === 2 && two.ups.length === 2);
    one.hints.say(word('a'));
    await until('it is heard', () => two.heard.length > 0);
    expect(two.heard).toEqual([word('a')]);
    expect(one.downs).toHaveLength(1);
  });

  for (const type of ['pubsub', 'normal'] as const)
    it(`may have been lost when only the ${type} connection was cut: that is told too`, async () => {
      const one = node('one');
      await until('it is up', () => one.hints.isUp());
      const admin = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
      await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', type]);
      admin.destroy();
      await until('it was down and is up again', () => one.ups.length === 2);
      expect(one.downs).toHaveLength(1);
    });

  it('are not believed in while Redis has stopped answering without closing anything', async () => {
    const one = node('one');
    await until('it is up', () => one.hints.isUp());
    redis.process.kill('SIGSTOP');
    await until('it is noticed', () => !one.hints.isUp());
    for (let index = 0; index < 5_000; index += 1) one.hints.say(word('dropped'));
    redis.process.kill('SIGCONT');
    await until('it is up again', () => one.ups.length === 2);
  });

  it('that nobody understands are passed over', async () => {
    const one = node('one');
    await until('it is up', () => one.hints.isUp());
    const other = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
    for (const said of ['{', '{}', '{"node":"x","word":{"kind":"later"}}', '{"node":"x","word":{"kind":"beat"}}'])
      await other.publish('svod:nodes', said);
    await other.publish('svod:nodes', JSON.stringify({ node: 'x', word: word('a') }));
    await until('the good one is heard', () => one.heard.length > 0);
    expect(one.heard).toEqual([word('a')]);
    other.destroy();
  });
});
