/** The proxy's faults on real connections: an echo behind it, a client before it. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type Proxy } from './proxy.ts';

let echo: Server;
let proxy: Proxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

async function open(): Promise<{ client: Socket; heard: () => string; closed: Promise<string> }> {
  const client = connect(proxy.port, '127.0.0.1');
  clients.push(client);
  let heard = '';
  let reason = 'closed';
  client.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  client.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? ''));
  const closed = new Promise<string>((resolve) => client.on('close', () => resolve(reason)));
  await Promise.race([new Promise((resolve) => client.on('connect', resolve)), closed]);
  return { client, heard: () => heard, closed };
}
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(5);
}

describe('a proxy that misbehaves', () => {
  it('keeps the order when the delay ends while something waits', async () => {
    const { client, heard } = await open();
    proxy.setDelay(100);
    client.write('first ');
    await pause(20);
    proxy.setDelay(0);
    client.write('second');
    await until(() => heard().endsWith('second'));
    expect(heard()).toBe('first second');
  });

  it('cuts only the connections that subscribed', async () => {
    const [subscriber, publisher] = [await open(), await open()];
    subscriber.client.write('*2\r\n$9\r\nSUBSCRIBE\r\n$5\r\nhints\r\n');
    publisher.client.write('*1\r\n$4\r\nPING\r\n');
    await until(() => subscriber.heard() !== '' && publisher.heard() !== '');
    expect(proxy.cut('subscribers')).toBe(1);
    expect(await subscriber.closed).toBe('ECONNRESET');
    publisher.client.write('still here');
    await until(() => publisher.heard().endsWith('still here'));
  });

  it('holds a connection open and silent, and does not give it back with a hole in it', async () => {
    const { client, heard, closed } = await open();
    proxy.setMode('blackHole');
    client.write('lost');
    await pause(50);
    expect([heard(), client.destroyed]).toEqual(['', false]);
    proxy.setMode('forward');
    expect(await closed).toBe('ECONNRESET');
  });

  it('falls silent in the midst of what a client sends', async () => {
    const { client, heard, closed } = await open();
    proxy.swallowAfter(10);
    client.write('first');
    await until(() => heard() === 'first');
    client.write('second');
    client.write('third');
    await pause(50);
    expect([heard(), client.destroyed]).toEqual(['first', false]);
    proxy.setMode('forward');
    expect(await closed).toBe('ECONNRESET');
    const after = await open();
    after.client.write('a line that is whole again');
    await until(() => after.heard() === 'a line that is whole again');
  });

  it('refuses while it is told to', async () => {
    const before = await open();
    proxy.setMode('refuse');
    expect(await before.closed).toBe('ECONNRESET');
    const during = await open();
    expect(await during.closed).toBe('ECONNRESET');
    proxy.setMode('forward');
    const after = await open();
    after.client.write('well');
    await until(() => after.heard() === 'well');
  });
});
