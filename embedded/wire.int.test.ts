/** The wire protocol over a real socket: its limits at their edges, packets cut and joined, and what ends a connection. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, doc, documentBytesMax, encode, int, kinds, Opaque, type Doc, type Value } from './bson.ts';
import { startServer, type RunningServer } from './server.ts';
import { messageBytesMax, Splitter } from './wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-wire-'));
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ dataDir: folder, port: 0 });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One connection that speaks bytes. */
class Wire {
  readonly socket: Socket;
  readonly #splitter = new Splitter();
  readonly #replies: Doc[] = [];
  #wake: () => void = () => undefined;

  constructor() {
    this.socket = connect(server.port, '127.0.0.1');
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('data', (chunk: Buffer) => {
      for (const bytes of this.#splitter.push(chunk)) this.#replies.push(decode(bytes.subarray(21)));
      this.#wake();
    });
    this.socket.on('close', () => this.#wake());
  }

  /** The next reply; undefined when the connection was closed instead. */
  async reply(): Promise<Doc | undefined> {
    while (this.#replies.length === 0 && !this.socket.closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#replies.shift();
  }

  async ask(bytes: Buffer): Promise<Doc | undefined> {
    this.socket.write(bytes);
    return this.reply();
  }
}

function message(body: Doc, { flags = 0, tail = Buffer.alloc(0) }: { flags?: number; tail?: Buffer } = {}): Buffer {
  const content = Buffer.concat([Buffer.from([0]), encode(body), tail]);
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + content.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags, 16);
  return Buffer.concat([head, content]);
}

const ping = message(doc({ ping: int(1), $db: 'wire' }));

/** A document whose BSON is just so long. */
function documentOf(_id: number, bytes: number): Doc {
  const fields = (length: number) => {
    const size = Buffer.alloc(5);
    size.writeInt32LE(length);
    return doc({ _id: int(_id), data: new Opaque(kinds.binData, Buffer.concat([size, Buffer.alloc(length, 7)])) });
  };
  return fields(bytes - encode(fields(0)).length);
}

function insert(documents: Value[]): Buffer {
  return message(doc({ insert: 'large', documents, $db: 'wire' }));
}

function codeIn(reply: Doc | undefined): Value | undefined {
  const errors = reply?.get('writeErrors');
  const first = Array.isArray(errors) ? errors[0] : undefined;
  return first instanceof Map ? first.get('code') : reply?.get('code');
}

describe('a document', () => {
  it('of 16 MB is stored and comes back; one of a byte more is refused', async () => {
    const wire = new Wire();
    expect((await wire.ask(insert([documentOf(1, documentBytesMax)])))?.get('n')).toEqual(int(1));
    expect(codeIn(await wire.ask(insert([documentOf(2, documentBytesMax + 1)])))).toEqual(int(10334));
    const found = await wire.ask(message(doc({ find: 'large', filter: doc({ _id: int(1) }), $db: 'wire' })));
    const cursor = found?.get('cursor');
    const batch = cursor instanceof Map ? cursor.get('firstBatch') : undefined;
    expect(Array.isArray(batch) && batch[0] instanceof Map && encode(batch[0]).length).toBe(documentBytesMax);
    wire.socket.destroy();
  });

  it('does not grow over 16 MB by an update', async () => {
    const wire = new Wire();
    await wire.ask(insert([documentOf(3, documentBytesMax - 8)]));
    const grow = (name: string) =>
      wire.ask(
        message(
          doc({
            update: 'large',
            updates: [doc({ q: doc({ _id: int(3) }), u: doc({ $set: doc({ [name]: null }) }) })],
            $db: 'wire',
          }),
        ),
      );
    // A null of a name of n letters takes n + 2 bytes.
    expect(codeIn(await grow('a'.repeat(7)))).toEqual(int(17419));
    expect((await grow('a'.repeat(6)))?.get('nModified')).toEqual(int(1));
    wire.socket.destroy();
  });
});

describe('a message', () => {
  it('of 48 MB is answered; one of a byte more closes its own connection only', async () => {
    const [wire, other] = [new Wire(), new Wire()];
    const part = 15_000_000;
    const sized = (bytes: number) => {
      const documents = [10, 11, 12].map((_id) => documentOf(_id, part));
      const rest = bytes - insert([...documents, documentOf(13, 100)]).length + 100;
      return insert([...documents, documentOf(13, rest)]);
    };
    const largest = sized(messageBytesMax);
    expect(largest.length).toBe(messageBytesMax);
    expect((await wire.ask(largest))?.get('n')).toEqual(int(4));
    expect(await wire.ask(sized(messageBytesMax + 1))).toBeUndefined();
    expect((await other.ask(ping))?.get('ok')).toBe(1);
    other.socket.destroy();
  });

  it.each([1, 7, 100])('may come cut into pieces of %i bytes, or many in one', async (size) => {
    const wire = new Wire();
    const all = Buffer.concat([ping, message(doc({ buildInfo: int(1), $db: 'admin' })), ping]);
    for (let at = 0; at < all.length; at += size) {
      wire.socket.write(all.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const replies = [await wire.reply(), await wire.reply(), await wire.reply()];
    expect(replies.map((reply) => reply?.get('ok'))).toEqual([1, 1, 1]);
    expect(replies[1]?.get('version')).toBe('7.0.0');
    wire.socket.destroy();
  });

  it('may carry a checksum, and may want no reply', async () => {
    const wire = new Wire();
    expect((await wire.ask(message(doc({ ping: int(1) }), { flags: 1, tail: Buffer.alloc(4) })))?.get('ok')).toBe(1);
    const silent = doc({ insert: 'quiet', documents: [doc({ _id: int(1) })], $db: 'wire' });
    wire.socket.write(message(silent, { flags: 2 }));
    expect((await wire.ask(message(doc({ count: 'quiet', $db: 'wire' }))))?.get('n')).toEqual(int(1));
    wire.socket.destroy();
  });

  const head = (size: number, opCode: number): Buffer => {
    const bytes = Buffer.alloc(26);
    bytes.writeInt32LE(size, 0);
    bytes.writeInt32LE(opCode, 12);
    return bytes;
  };
  it.each<[string, Buffer]>([
    ['a negative length', head(-1, 2013)],
    ['a length below its head', head(15, 2013)],
    ['an operation that is not spoken', head(26, 2001)],
    ['no body', head(26, 2013)],
    ['a flag that nobody knows', message(doc({ ping: int(1) }), { flags: 8 })],
    ['a second body', message(doc({ ping: int(1) }), { tail: message(doc({ ping: int(1) })).subarray(20) })],
    ['a section outside of it', message(doc({ ping: int(1) }), { tail: Buffer.from([1, 255, 0, 0, 0]) })],
  ])('with %s closes its own connection only', async (_, bytes) => {
    const [wire, other] = [new Wire(), new Wire()];
    expect((await wire.ask(ping))?.get('ok')).toBe(1);
    expect(await wire.ask(bytes)).toBeUndefined();
    expect((await other.ask(ping))?.get('ok')).toBe(1);
    other.socket.destroy();
  });
});

it('a client who reads no replies is read no further', async () => {
  const wire = new Wire();
  wire.socket.pause();
  const find = message(doc({ find: 'large', filter: doc({ _id: int(1) }), $db: 'wire' }));
  for (let sent = 0; sent < 500; sent++) wire.socket.write(find);
  const other = new Wire();
  expect((await other.ask(ping))?.get('ok')).toBe(1);
  other.socket.destroy();
  wire.socket.destroy();
});
