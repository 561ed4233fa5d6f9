/**
 * A light client of the hub's one WebSocket: engine.io 4 and socket.io 5 spoken by hand over `ws`, so that thousands of viewers
 * fit into one process and cost little beside the node they load. No reconnecting, no queues: whoever uses it decides.
 */
import { WebSocket } from 'ws';

/** Longest time from opening the connection until the node has let the socket in (ms). */
const OPENING_MS_MAX = 20_000;

/** The first character of an engine.io packet, and the second, of socket.io. */
const OPENED = 0x30; // '0'
const PING = 0x32; // '2'
const MESSAGE = 0x34; // '4'
const CONNECTED = 0x30; // '0' after a '4'
const LEFT = 0x31; // '1'
const EVENT = 0x32; // '2'
const ACKNOWLEDGEMENT = 0x33; // '3'
const REFUSED = 0x34; // '4'

export interface LiveSocketOptions {
  /** `http://host:port` of a node, or of what stands before it. */
  url: string;
  cookie: string;
  path?: string;
  /** Whatever a node sends that is no answer, as it travels: `42["frames",…]`. It is not parsed here, so that counting stays cheap. */
  onEvent: (message: Buffer) => void;
  onClose: (reason: string) => void;
}

export interface LiveSocket {
  /** Resolves with the answer, or with null when the line went away or said nothing for `waitMs`. */
  command(name: string, payload: unknown, waitMs?: number): Promise<unknown>;
  /** Stops reading: what the node sends waits in its own memory and the kernel's. */
  pause(): void;
  resume(): void;
  /** Ends the connection at once, without a word. */
  drop(): void;
}

/** Opens a socket and resolves when the node has let it in. Errors: Error with what happened instead. */
export function openLiveSocket(options: LiveSocketOptions): Promise<LiveSocket> {
  const { url, cookie, path = '/live', onEvent, onClose } = options;
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}/?EIO=4&transport=websocket`, {
    headers: { cookie },
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: OPENING_MS_MAX,
  });
  const waiting = new Map<number, (answer: unknown) => void>();
  let nextId = 0;
  let isIn = false;

  return new Promise((resolve, reject) => {
    const opening = setTimeout(() => fail('the node did not let the socket in'), OPENING_MS_MAX);
    function fail(reason: string): void {
      clearTimeout(opening);
      socket.terminate();
      for (const answer of waiting.values()) answer(null);
      waiting.clear();
      if (isIn) onClose(reason);
      else reject(new Error(reason));
      isIn = false;
    }
    const live: LiveSocket = {
      command(name, payload, waitMs = 15_000) {
        if (socket.readyState !== WebSocket.OPEN) return Promise.resolve(null);
        const id = nextId++;
        return new Promise((answered) => {
          const timer = setTimeout(() => finish(null), waitMs);
          function finish(answer: unknown): void {
            clearTimeout(timer);
            waiting.delete(id);
            answered(answer);
          }
          waiting.set(id, finish);
          socket.send(`42${id}${JSON.stringify([name, payload])}`);
        });
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      drop: () => fail('dropped'),
    };

    socket.on('message', (data) => {
      const message = data as Buffer;
      if (message[0] === PING) socket.send('3');
      else if (message[0] === OPENED) socket.send('40');
      else if (message[0] === MESSAGE) hear(message);
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', (code) => fail(`closed: ${code}`));

    function hear(message: Buffer): void {
      switch (message[1]) {
        case EVENT:
          onEvent(message);
          break;
        case ACKNOWLEDGEMENT:
          answer(message);
          break;
        case CONNECTED:
          clearTimeout(opening);
          isIn = true;
          resolve(live);
          break;
        case REFUSED:
          fail(`refused: ${message.toString('utf8', 2)}`);
          break;
        case LEFT:
          fail('the node closed the socket');
      }
    }

    function answer(message: Buffer): void {
      const begin = message.indexOf(0x5b); // '['
      const id = Number(message.toString('latin1', 2, begin));
      const [value] = JSON.parse(message.toString('utf8', begin)) as unknown[];
      waiting.get(id)?.(value);
    }
  });
}

/** An event's name and payload: `42["name",payload]`. */
export function parseEvent(message: Buffer): { name: string; payload: unknown } {
  const [name, payload] = JSON.parse(message.toString('utf8', 2)) as [string, unknown];
  return { name, payload };
}
