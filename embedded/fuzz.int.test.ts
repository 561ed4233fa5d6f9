/** Nonsense from outside: bytes that are no message, operators that are none. The store answers or hangs up, and goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, MongoServerError, type Document } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chance } from '#chance/chance.ts';
import { doc, encode, int, type Doc, type Value } from './bson.ts';
import { startEmbeddedStore, type EmbeddedStore } from './index.ts';

const seed = Date.now() % 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'embedded-fuzz-'));
let store: EmbeddedStore;
let client: MongoClient;

beforeAll(async () => {
  store = await startEmbeddedStore({ dataDir: folder });
  client = await MongoClient.connect(store.uri);
});

afterAll(async () => {
  await client.close();
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

function message(body: Doc): Buffer {
  const content = encode(body);
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + content.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, content]);
}

function damaged(bytes: Buffer, random: Chance): Buffer {
  const result = Buffer.from(bytes);
  for (let left = 1 + random.below(4); left > 0; left--)
    result[random.below(result.length)] = random.oneOf([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return random.happens(0.2) ? result.subarray(0, random.below(result.length)) : result;
}

/** Until the store hung up or answered, or a moment passed. */
async function settled(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once('data', () => resolve());
    socket.once('close', () => resolve());
    socket.setTimeout(30, () => resolve());
  });
  socket.destroy();
}

it(`damaged messages close at most their own connection (seed ${seed})`, async () => {
  const random = new Chance(seed);
  const rows = client.db().collection('rows');
  await rows.insertOne({ a: 1 });
  const bodies: Doc[] = [
    doc({ ping: int(1), $db: 'svod' }),
    doc({ find: 'rows', filter: doc({ a: doc({ $in: [int(1), 'x', null] }) }), $db: 'svod' }),
    doc({ insert: 'rows', documents: [doc({ a: new Date(0), b: [1n, 0.5, doc({})] })], $db: 'svod' }),
    doc({ update: 'rows', updates: [doc({ q: doc({}), u: doc({ $set: doc({ 'a.b': int(1) }) }) })], $db: 'svod' }),
  ];
  for (let round = 0; round < 300; round++) {
    const socket = connect(store.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(
      random.happens(0.1)
        ? Buffer.from(Array.from({ length: 1 + random.below(64) }, () => random.below(256)))
        : damaged(message(random.oneOf(bodies)), random),
    );
    await settled(socket);
  }
  // A damaged update may have changed the first one rightly.
  await rows.insertOne({ a: 1 });
  expect(await rows.countDocuments({ a: 1 })).toBeGreaterThanOrEqual(1);
  expect(await client.db().command({ validate: 'rows' })).toMatchObject({ valid: true });
});

const words = [
  '$set',
  '$inc',
  '$push',
  '$each',
  '$in',
  '$gt',
  '$and',
  '$or',
  '$elemMatch',
  '$not',
  '$regex',
  '$expr',
  '$add',
  '$cond',
  '$map',
  '$type',
  '$size',
  '$all',
  '$mod',
  '$slice',
  '$group',
  '$project',
  '$match',
  '$lookup',
  '$unwind',
  '$sort',
  '$facet',
  '$sum',
  '$literal',
  '$let',
  '$switch',
  '$rename',
  '$bit',
  '$pull',
  '$noSuch',
  '$',
  '$$ROOT',
  '__proto__',
  'constructor',
  'a',
  'a.b',
  'a.$',
  'a.$[]',
  'a.$[x]',
  '_id',
  '',
  '.',
  'a..b',
  '0',
  'a.0',
];

function nonsense(random: Chance, depth = 0): Value {
  const kind = random.below(depth > 3 ? 6 : 9);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return int(random.below(5) - 2);
    case 2:
      return random.oneOf([0.5, NaN, Infinity, -0, 1e300]);
    case 3:
      return random.oneOf([`$${random.oneOf(words)}`, random.oneOf(words), 'text', '(', '[']);
    case 4:
      return random.happens(0.5);
    case 5:
      return random.oneOf([new Date(0), 2n ** 63n - 1n, -(2n ** 63n)]);
    case 6:
      return Array.from({ length: random.below(4) }, () => nonsense(random, depth + 1));
    default:
      return new Map(Array.from({ length: random.below(4) }, () => [random.oneOf(words), nonsense(random, depth + 1)]));
  }
}

/** As the driver sends it: maps keep `__proto__` a field. */
function forDriver(value: Value): unknown {
  if (value instanceof Map) return new Map([...value].map(([name, field]) => [name, forDriver(field)]));
  return Array.isArray(value)
    ? value.map(forDriver)
    : typeof value === 'object' && value !== null && 'value' in value
      ? value.value
      : value;
}

it(`operators put together at random are refused by MongoDB's codes, never by an internal error (seed ${seed})`, async () => {
  const random = new Chance(seed + 1);
  const db = client.db();
  await db.collection('fuzzed').insertMany([{ a: 1 }, { a: [{ b: 1 }, { b: 2 }], s: 'x' }, { a: { b: null } }]);
  const commands: (() => Document)[] = [
    () => ({
      find: 'fuzzed',
      filter: forDriver(nonsense(random)),
      sort: forDriver(nonsense(random, 3)),
      projection: forDriver(nonsense(random, 2)),
    }),
    () => ({
      update: 'fuzzed',
      updates: [
        {
          q: forDriver(nonsense(random, 2)),
          u: forDriver(nonsense(random)),
          upsert: random.happens(0.2),
          multi: random.happens(0.3),
        },
      ],
    }),
    () => ({
      aggregate: 'fuzzed',
      pipeline: Array.from({ length: 1 + random.below(2) }, () =>
        forDriver(new Map([[random.oneOf(words), nonsense(random)]])),
      ),
      cursor: {},
    }),
    () => ({
      aggregate: 'fuzzed',
      pipeline: [{ $project: new Map([['x', forDriver(new Map([[random.oneOf(words), nonsense(random)]]))]]) }],
      cursor: {},
    }),
    () => ({
      findAndModify: 'fuzzed',
      query: forDriver(nonsense(random, 2)),
      update: forDriver(nonsense(random)),
      fields: forDriver(nonsense(random, 3)),
    }),
    () => ({
      createIndexes: 'fuzzed',
      indexes: [
        { key: forDriver(nonsense(random, 3)), name: 'n', partialFilterExpression: forDriver(nonsense(random)) },
      ],
    }),
    () =>
      new Map([
        [
          random.oneOf([
            'find',
            'count',
            'distinct',
            'insert',
            'delete',
            'drop',
            'getMore',
            'explain',
            'collMod',
            'hello',
            'noSuch',
          ]),
          forDriver(nonsense(random)),
        ],
        ['x', 1],
      ]),
  ];
  const internal: string[] = [];
  for (let round = 0; round < 1500; round++) {
    const command = random.oneOf(commands)();
    try {
      await db.command(command);
    } catch (error) {
      if (error instanceof MongoServerError && error.code === 1)
        internal.push(`${error.message}: ${JSON.stringify(command)}`);
    }
  }
  expect(internal).toEqual([]);
  expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  expect(await db.command({ validate: 'fuzzed' })).toMatchObject({ valid: true });
});
