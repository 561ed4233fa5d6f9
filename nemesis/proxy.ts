/** A TCP proxy on loopback that misbehaves on demand: what stands between a node and Redis, and between viewers and a node. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** `blackHole` keeps connections open and forwards nothing, in either direction: what a half-open connection looks like. */
export type ProxyMode = 'forward' | 'blackHole' | 'refuse';

interface Pair {
  client: Socket;
  upstream: Socket;
  isSubscriber: boolean;
}

export interface Proxy {
  port: number;
  /** Where new connections lead from now on. */
  leadTo(port: number): void;
  setMode(mode: ProxyMode): void;
  /** After so many more bytes of clients nothing passes any more, in whatever midst that is: `blackHole` by itself. */
  swallowAfter(bytes: number): void;
  /** Everything that passes waits so long first (ms). */
  setDelay(delayMs: number): void;
  /** Resets connections: all, or only those on which a subscription was made. Returns how many. */
  cut(which: 'all' | 'subscribers'): number;
  close(): Promise<void>;
}

export async function startProxy(upstreamPort: number): Promise<Proxy> {
  let target = upstreamPort;
  let mode: ProxyMode = 'forward';
  let leftBytes = Infinity;
  let delayMs = 0;
  let longestDelayMs = 0;
  const pairs = new Set<Pair>();

  function forward(from: Socket, to: Socket, pair: Pair, isFromClient: boolean): void {
    // Chunks that wait must not be overtaken by those that came when the delay had ended.
    let waiting = 0;
    from.on('data', (chunk: Buffer) => {
      if (isFromClient && !pair.isSubscriber && /\bS?SUBSCRIBE\b/.test(chunk.toString('latin1', 0, 400)))
        pair.isSubscriber = true;
      if (isFromClient && (leftBytes -= chunk.length) <= 0) mode = 'blackHole';
      if (mode === 'blackHole') return; // swallowed: a stream with a hole is never continued, see setMode
      if (delayMs > 0 || waiting > 0) {
        waiting += 1;
        setTimeout(
          () => {
            waiting -= 1;
            to.write(chunk);
          },
          Math.max(delayMs, waiting > 1 ? longestDelayMs : 0),
        );
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => to.end());
    from.on('error', () => end(pair));
    from.on('close', () => end(pair));
  }

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.client.destroy();
    pair.upstream.destroy();
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (mode === 'refuse') return void client.resetAndDestroy();
    const pair: Pair = { client, upstream: connect({ port: target, host: '127.0.0.1' }), isSubscriber: false };
    pairs.add(pair);
    client.setNoDelay(true);
    pair.upstream.setNoDelay(true);
    forward(client, pair.upstream, pair, true);
    forward(pair.upstream, client, pair, false);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(which: 'all' | 'subscribers'): number {
    const chosen = [...pairs].filter(({ isSubscriber }) => which === 'all' || isSubscriber);
    for (const pair of chosen) {
      pairs.delete(pair);
      pair.client.resetAndDestroy();
      pair.upstream.resetAndDestroy();
    }
    return chosen.length;
  }

  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => void (target = port),
    setMode(next) {
      // What was swallowed can't be given back: the connections that lived through it are of no use to anybody.
      if (mode === 'blackHole' && next !== 'blackHole') cut('all');
      if (next === 'refuse') cut('all');
      mode = next;
      leftBytes = Infinity;
    },
    swallowAfter: (bytes) => void (leftBytes = bytes),
    setDelay(next) {
      delayMs = next;
      longestDelayMs = Math.max(longestDelayMs, next);
    },
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const pair of [...pairs]) end(pair);
      await closed;
    },
  };
}
