/** What the hub relies on, on the embedded store or, with MONGODB_URI, on any MongoDB. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Decimal128,
  Double,
  Int32,
  Long,
  MongoClient,
  MongoServerError,
  ObjectId,
  Timestamp,
  UUID,
  type Collection,
  type Db,
  type Document,
} from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from './index.ts';

interface Row extends Document {
  _id?: number | string | ObjectId | null;
}

const folder = mkdtempSync(join(tmpdir(), 'embedded-contract-'));
let store: EmbeddedStore | undefined;
let client: MongoClient;
let db: Db;
let rows: Collection<Row>;

beforeAll(async () => {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) store = await startEmbeddedStore({ dataDir: folder });
  client = await MongoClient.connect(uri ?? store?.uri ?? '');
  db = client.db('contract');
  rows = db.collection<Row>('rows');
});

beforeEach(() => db.dropDatabase());

afterAll(async () => {
  await db.dropDatabase();
  await client.close();
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The code of the refusal that a deed meets. */
async function codeOf(deed: Promise<unknown>): Promise<number | string | undefined> {
  try {
    await deed;
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return error.code;
    throw error;
  }
}

describe('types', () => {
  it('come back as they were stored, fields in their order', async () => {
    const options = { promoteValues: false, promoteLongs: false, promoteBuffers: false };
    const stored = {
      _id: 1,
      double: new Double(1),
      int: new Int32(1),
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      date: new Date(-1),
      id: new ObjectId(),
      uuid: new UUID(),
      timestamp: new Timestamp({ t: 1, i: 2 }),
      none: null,
      nested: { z: new Int32(1), a: [new Int32(1), 'x', { b: null }] },
    };
    await rows.insertOne(stored);
    const found = await rows.findOne({}, options);
    expect(Object.keys(found ?? {})).toEqual(Object.keys(stored));
    expect(found?.['double']).toEqual(new Double(1));
    expect(found?.['int']).toEqual(new Int32(1));
    expect(found?.['long']).toEqual(stored.long);
    expect(String(found?.['decimal'])).toBe('1.10');
    expect(found?.['date']).toEqual(stored.date);
    expect(found?.['nested']).toEqual(stored.nested);
  });

  it('have one order', async () => {
    const values = [
      null,
      -1,
      0.5,
      Long.fromNumber(2),
      'a',
      'b',
      { a: 1 },
      [],
      new ObjectId(),
      false,
      true,
      new Date(0),
      /x/,
    ];
    await rows.insertMany(values.map((v, _id) => ({ _id, v })));
    const sorted = await rows.find().sort({ v: 1, _id: 1 }).toArray();
    // The empty array sorts below null.
    expect(sorted.map((row) => row._id)).toEqual([7, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]);
  });

  it('grow from Int32 to Long, and refuse to overflow a Long', async () => {
    await rows.insertOne({ _id: 1, n: 2_147_483_647, l: Long.MAX_VALUE });
    await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    expect((await rows.findOne({}, { promoteValues: false, promoteLongs: false }))?.['n']).toEqual(
      Long.fromString('2147483648'),
    );
    expect(await codeOf(rows.updateOne({ _id: 1 }, { $inc: { l: Long.ONE } }))).toBe(2);
  });

  it('null is found by missing and null alike, and equal numbers of any type are one key', async () => {
    await rows.insertMany([{ _id: 1 }, { _id: 2, a: null }, { _id: 3, a: 0 }]);
    expect(await rows.countDocuments({ a: null })).toBe(2);
    expect(await rows.countDocuments({ a: { $exists: true } })).toBe(2);
    expect(await codeOf(rows.insertOne({ _id: new Double(1) as unknown as number }))).toBe(11000);
  });
});

describe('updates', () => {
  it('reach array elements by position, filter and all', async () => {
    await rows.insertOne({
      _id: 1,
      list: [
        { k: 1, n: 0 },
        { k: 2, n: 0 },
        { k: 3, n: 0 },
      ],
    });
    await rows.updateOne({ 'list.k': 2 }, { $set: { 'list.$.n': 5 } });
    await rows.updateOne({ _id: 1 }, { $inc: { 'list.$[big].n': 10 } }, { arrayFilters: [{ 'big.k': { $gte: 2 } }] });
    await rows.updateOne({ _id: 1 }, { $inc: { 'list.$[].n': 1 } });
    expect((await rows.findOne())?.['list']).toEqual([
      { k: 1, n: 1 },
      { k: 2, n: 16 },
      { k: 3, n: 11 },
    ]);
  });

  it('push with sort and slice', async () => {
    await rows.insertOne({ _id: 1, top: [5, 1] });
    await rows.updateOne({ _id: 1 }, { $push: { top: { $each: [9, 3], $sort: -1, $slice: 3 } } } as Document);
    expect((await rows.findOne())?.['top']).toEqual([9, 5, 3]);
  });

  it('by pipeline read the old document', async () => {
    await rows.insertOne({ _id: 1, a: 2, b: 3 });
    await rows.updateOne({ _id: 1 }, [{ $set: { sum: { $add: ['$a', '$b'] }, a: '$b' } }, { $unset: 'b' }]);
    expect(await rows.findOne()).toEqual({ _id: 1, a: 3, sum: 5 });
  });

  it('by pipeline set fields whatever they are called, and take them away', async () => {
    await rows.insertOne({ _id: 1, a: 1 });
    const set = (field: string, value: unknown) =>
      rows.updateOne({ _id: 1 }, [
        { $replaceWith: { $setField: { field: { $literal: field }, input: '$$ROOT', value } } },
      ]);
    await set('$b', 2);
    await set('c.d', 3);
    await set('a', '$$REMOVE');
    expect(await rows.findOne()).toEqual({ _id: 1, $b: 2, 'c.d': 3 });
  });

  it('upsert what the query fixes', async () => {
    const told = await rows.updateOne(
      { _id: 'x', 'a.b': 1, c: { $gt: 1 } },
      { $set: { d: 1 }, $setOnInsert: { e: 2 } },
      { upsert: true },
    );
    expect(told.upsertedId).toBe('x');
    expect(await rows.findOne()).toEqual({ _id: 'x', a: { b: 1 }, d: 1, e: 2 });
  });

  it.each([
    ['an unknown operator', { $foo: { a: 1 } }, 9],
    ['two on one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['a step through a scalar', { $set: { 's.x': 1 } }, 28],
    ['a number on a text', { $inc: { s: 1 } }, 14],
    ['another _id', { $set: { _id: 2 } }, 66],
    ['an element of no array', { $push: { s: 1 } }, 2],
  ])('refuse %s', async (_name, update, code) => {
    await rows.insertOne({ _id: 1, s: 'text' });
    expect(await codeOf(rows.updateOne({ _id: 1 }, update as Document))).toBe(code);
    expect(await rows.findOne()).toEqual({ _id: 1, s: 'text' });
  });
});

describe('refusals', () => {
  it.each([
    ['a command', { noSuchCommand: 1 }, 59],
    ['an option', { find: 'rows', noSuchOption: 1 }, 40415],
    ['a query operator', { find: 'rows', filter: { a: { $noSuch: 1 } } }, 2],
    ['a top-level operator', { find: 'rows', filter: { $noSuch: 1 } }, 2],
    ['a stage', { aggregate: 'rows', pipeline: [{ $noSuch: 1 }], cursor: {} }, 40324],
    ['an expression', { aggregate: 'rows', pipeline: [{ $project: { a: { $noSuch: 1 } } }], cursor: {} }, 168],
    [
      'an accumulator',
      { aggregate: 'rows', pipeline: [{ $group: { _id: null, a: { $noSuch: 1 } } }], cursor: {} },
      15952,
    ],
    [
      'a stage inside $lookup',
      { aggregate: 'rows', pipeline: [{ $lookup: { from: 'none', as: 'x', pipeline: [{ $no: 1 }] } }], cursor: {} },
      40324,
    ],
    [
      'a script',
      { aggregate: 'rows', pipeline: [{ $set: { a: { $function: { body: '', args: [], lang: 'js' } } } }], cursor: {} },
      168,
    ],
    ['a cursor', { getMore: Long.fromNumber(5), collection: 'rows' }, 43],
    ['a hint', { find: 'rows', hint: 'none' }, 2],
    ['a drop of an index', { dropIndexes: 'rows', index: 'none' }, 27],
  ])('of %s that is not there carry its code', async (_name, command, code) => {
    await rows.insertOne({ _id: 1 });
    expect(await codeOf(db.command(command))).toBe(code);
  });
});

describe('indexes', () => {
  it('keep values unique and name the duplicate', async () => {
    await rows.createIndexes([{ key: { a: 1, b: 1 }, unique: true }]);
    await rows.insertOne({ a: 1, b: 'x' });
    const error: unknown = await rows.insertOne({ a: 1, b: 'x' }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 11000, keyPattern: { a: 1, b: 1 }, keyValue: { a: 1, b: 'x' } });
  });

  it('sparse and partial ones leave documents out', async () => {
    await rows.createIndexes([
      { key: { s: 1 }, unique: true, sparse: true },
      { key: { p: 1 }, unique: true, partialFilterExpression: { on: true } },
    ]);
    await rows.insertMany([{ p: 1 }, { p: 1 }, { p: 1, on: true }]);
    expect(await codeOf(rows.insertOne({ p: 1, on: true }))).toBe(11000);
    expect(await rows.countDocuments({ s: null })).toBe(3);
  });

  it('are used, and explain shows it', async () => {
    await rows.insertMany(Array.from({ length: 200 }, (_, n) => ({ k: n % 10, n, tags: [`t${n % 7}`] })));
    await rows.createIndexes([{ key: { k: 1, n: -1 } }, { key: { tags: 1 } }]);
    const explained = await rows
      .find({ k: 3, n: { $lt: 100 } })
      .sort({ n: -1 })
      .explain('executionStats');
    const text = JSON.stringify(explained['queryPlanner']);
    expect(text).toContain('IXSCAN');
    expect(text).not.toContain('"SORT"');
    expect(explained['executionStats']).toMatchObject({ nReturned: 10, totalDocsExamined: 10 });
    expect(await rows.countDocuments({ tags: { $in: ['t1', 't2'] } })).toBe(58);
  });

  it('are listed, refused when they differ, and dropped', async () => {
    await rows.createIndexes([{ key: { a: 1 }, name: 'one' }]);
    expect(await codeOf(rows.createIndexes([{ key: { a: 1 }, name: 'two' }]))).toBe(85);
    expect(await codeOf(rows.createIndexes([{ key: { b: 1 }, name: 'one' }]))).toBe(86);
    await rows.dropIndex('one');
    expect((await rows.indexes()).map((index) => index.name)).toEqual(['_id_']);
  });

  it('with a collation find text of any case, in Russian too', async () => {
    await rows.createIndexes([{ key: { name: 1 }, unique: true, collation: { locale: 'ru', strength: 2 } }]);
    await rows.insertOne({ name: 'Школа Ёлка' });
    expect(await codeOf(rows.insertOne({ name: 'школа ёлка' }))).toBe(11000);
    const collation = { locale: 'ru', strength: 2 } as const;
    expect(await rows.countDocuments({ name: 'ШКОЛА ЁЛКА' }, { collation })).toBe(1);
    await rows.insertMany([{ name: 'яблоко' }, { name: 'Арбуз' }, { name: 'ёж' }]);
    const sorted = await rows.find().collation({ locale: 'ru' }).sort({ name: 1 }).toArray();
    expect(sorted.map((row): unknown => row['name'])).toEqual(['Арбуз', 'ёж', 'Школа Ёлка', 'яблоко']);
  });
});

describe('cursors', () => {
  it('go on over writes, and end', async () => {
    await rows.insertMany(Array.from({ length: 1000 }, (_, _id) => ({ _id })));
    const found: unknown[] = [];
    for await (const row of rows.find().batchSize(37)) {
      if (found.length === 100) await rows.deleteMany({ _id: { $gte: 900 } });
      found.push(row._id);
    }
    expect(found).toEqual(Array.from({ length: 900 }, (_, _id) => _id));
  });
});

describe('aggregation', () => {
  it('joins, groups and faces', async () => {
    await rows.insertMany([
      { _id: 1, k: 'a', n: 1 },
      { _id: 2, k: 'a', n: 2 },
      { _id: 3, k: 'b', n: 3 },
    ]);
    await db.collection<Row>('kinds').insertMany([{ _id: 'a', title: 'A' }]);
    const joined = await rows
      .aggregate([
        {
          $lookup: {
            from: 'kinds',
            let: { k: '$k' },
            pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$k'] } } }],
            as: 'kind',
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(joined.map((row): unknown => row['kind'])).toEqual([
      [{ _id: 'a', title: 'A' }],
      [{ _id: 'a', title: 'A' }],
      [],
    ]);
    const [faced] = await rows
      .aggregate([
        {
          $facet: {
            all: [{ $count: 'n' }],
            sums: [{ $group: { _id: '$k', n: { $sum: '$n' } } }, { $sort: { _id: 1 } }],
          },
        },
      ])
      .toArray();
    expect(faced).toEqual({
      all: [{ n: 3 }],
      sums: [
        { _id: 'a', n: 3 },
        { _id: 'b', n: 3 },
      ],
    });
  });

  it('adds decimals and longs exactly', async () => {
    await rows.insertMany(
      [1, 2, 3].map((_id) => ({ _id, d: Decimal128.fromString('0.1'), l: Long.fromString('3000000000') })),
    );
    const [sum] = await rows
      .aggregate([{ $group: { _id: null, d: { $sum: '$d' }, l: { $sum: '$l' } } }], { promoteLongs: false })
      .toArray();
    expect([String(sum?.['d']), String(sum?.['l'])]).toEqual(['0.3', '9000000000']);
  });

  it('keeps types, order and null apart from missing in expressions', async () => {
    await rows.insertOne({ _id: 1, double: new Double(2), long: Long.fromString('9007199254740993'), none: null });
    const compute = {
      double: { $abs: '$double' },
      whole: { $abs: -2 },
      divided: { $divide: [4, 2] },
      long: { $add: ['$long', 1] },
      longs: { $filter: { input: ['$long', 1], as: 'x', cond: { $gt: ['$$x', 1] } } },
      none: { $type: '$none' },
      missing: { $type: '$missing' },
      isLess: { $lt: ['$missing', '$none'] },
      arrays: {
        $eq: [
          [1, 2],
          [2, 1],
        ],
      },
      order: { $eq: [{ $literal: { a: 1, b: 2 } }, { $literal: { b: 2, a: 1 } }] },
      10: { $map: { input: [1, 2], as: 'n', in: { $multiply: ['$$n', 10] } } },
      2: { $reduce: { input: [1, 2, 3], initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
      kind: { $switch: { branches: [{ case: { $gt: ['$long', 5] }, then: 'big' }], default: 'small' } },
      day: { $dateToString: { date: new Date(0), format: '%Y-%m-%d %H', timezone: 'Europe/Moscow' } },
      text: { $concat: [{ $toUpper: 'ё' }, { $toString: new Int32(5) }] },
      isFound: { $regexMatch: { input: 'Школа', regex: /^школа$/i } },
    };
    const [told] = await rows
      .aggregate([{ $project: { _id: 0, ...compute } }], { promoteValues: false, promoteLongs: false })
      .toArray();
    expect(told).toEqual({
      double: new Double(2),
      whole: new Int32(2),
      divided: new Double(2),
      long: Long.fromString('9007199254740994'),
      longs: [Long.fromString('9007199254740993')],
      none: 'null',
      missing: 'missing',
      isLess: true,
      arrays: false,
      order: false,
      10: [new Int32(10), new Int32(20)],
      2: new Int32(6),
      kind: 'big',
      day: '1970-01-01 03',
      text: 'Ё5',
      isFound: true,
    });
  });

  it('unwinds, buckets, samples, and computes over windows', async () => {
    await rows.insertMany(
      [
        ['a', 5],
        ['a', 1],
        ['a', 5],
        ['b', 2],
        ['b', 4],
      ].map(([k, n], _id) => ({ _id, k, n, tags: _id === 1 ? [] : ['x', 'y'] })),
    );
    const unwound = await rows
      .aggregate([
        { $match: { _id: { $lt: 2 } } },
        { $unwind: { path: '$tags', includeArrayIndex: 'at', preserveNullAndEmptyArrays: true } },
        { $project: { tags: 1, at: 1 } },
      ])
      .toArray();
    expect(unwound).toEqual([
      { _id: 0, tags: 'x', at: 0 },
      { _id: 0, tags: 'y', at: 1 },
      { _id: 1, at: null },
    ]);
    const buckets = (stage: Document) => rows.aggregate([stage]).toArray();
    expect(await buckets({ $bucket: { groupBy: '$n', boundaries: [0, 2, 5], default: 'more' } })).toEqual([
      { _id: 0, count: 1 },
      { _id: 2, count: 2 },
      { _id: 'more', count: 2 },
    ]);
    expect(await buckets({ $bucketAuto: { groupBy: '$n', buckets: 2, output: { n: { $push: '$n' } } } })).toEqual([
      { _id: { min: 1, max: 5 }, n: [1, 2, 4] },
      { _id: { min: 5, max: 5 }, n: [5, 5] },
    ]);
    expect(await buckets({ $sample: { size: 2 } })).toHaveLength(2);
    const windows = await rows
      .aggregate([
        {
          $setWindowFields: {
            partitionBy: '$k',
            sortBy: { n: 1 },
            output: {
              all: { $sum: '$n' },
              soFar: { $push: '$n', window: { documents: ['unbounded', 'current'] } },
              near: { $max: '$n', window: { documents: [-1, 0] } },
              rank: { $rank: {} },
              dense: { $denseRank: {} },
              before: { $shift: { output: '$n', by: -1, default: 'none' } },
            },
          },
        },
        { $project: { _id: 0, tags: 0 } },
      ])
      .toArray();
    expect(windows).toEqual([
      { k: 'a', n: 1, all: 11, soFar: [1], near: 1, rank: 1, dense: 1, before: 'none' },
      { k: 'a', n: 5, all: 11, soFar: [1, 5], near: 5, rank: 2, dense: 2, before: 1 },
      { k: 'a', n: 5, all: 11, soFar: [1, 5, 5], near: 5, rank: 2, dense: 2, before: 5 },
      { k: 'b', n: 2, all: 6, soFar: [2], near: 2, rank: 1, dense: 1, before: 'none' },
      { k: 'b', n: 4, all: 6, soFar: [2, 4], near: 4, rank: 2, dense: 2, before: 2 },
    ]);
  });

  it('writes by $merge and $out', async () => {
    await rows.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    await rows.aggregate([{ $set: { n: { $multiply: ['$n', 10] } } }, { $merge: { into: 'sums' } }]).toArray();
    await rows.aggregate([{ $match: { _id: 1 } }, { $out: 'copies' }]).toArray();
    expect(await db.collection('sums').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, n: 10 },
      { _id: 2, n: 20 },
    ]);
    expect(await db.collection('copies').countDocuments()).toBe(1);
  });
});

describe('transactions', () => {
  it('are seen whole or not at all', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
        await rows.insertOne({ _id: 2 }, { session });
        await db.collection('made').insertOne({}, { session });
        expect(await rows.countDocuments({}, { session })).toBe(2);
        expect(await rows.countDocuments()).toBe(1);
        expect(await db.listCollections({ name: 'made' }).toArray()).toEqual([]);
      }),
    );
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([{ _id: 1, n: 1 }, { _id: 2 }]);
    expect(await db.collection('made').countDocuments()).toBe(1);
  });

  it('read one moment', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    await client.withSession(async (session) => {
      session.startTransaction({ readConcern: { level: 'snapshot' } });
      expect(await rows.findOne({}, { session })).toEqual({ _id: 1, n: 0 });
      await rows.updateOne({ _id: 1 }, { $set: { n: 5 } });
      await rows.insertOne({ _id: 2 });
      expect(await rows.find({}, { session }).toArray()).toEqual([{ _id: 1, n: 0 }]);
      await session.abortTransaction();
    });
  });

  it('make a collection with its indexes, and fill it', async () => {
    const session = client.startSession();
    await session.withTransaction(async () => {
      await db.createCollection('made', { session });
      await db.collection('made').createIndexes([{ key: { a: 1 }, unique: true }], { session });
      await db.collection('made').insertOne({ a: 1 }, { session });
      expect(await db.collection('made').countDocuments({ a: 1 }, { session })).toBe(1);
    });
    await session.endSession();
    expect(await codeOf(db.collection('made').insertOne({ a: 1 }))).toBe(11000);
  });

  it('that are older than an index read the truth, or are told to retry', async () => {
    await rows.insertMany([{ _id: 1, a: 1 }]);
    const session = client.startSession();
    session.startTransaction();
    await db.collection('other').findOne({}, { session });
    await rows.createIndexes([{ key: { a: 1 } }]);
    const found: unknown = await rows.findOne({ a: 1 }, { session }).catch((error: unknown) => error);
    if (found instanceof MongoServerError) expect(found.hasErrorLabel('TransientTransactionError')).toBe(true);
    else expect(found).toEqual({ _id: 1, a: 1 });
    await session.abortTransaction();
    await session.endSession();
  });

  it('end with their cursors', async () => {
    await rows.insertMany(Array.from({ length: 500 }, (_, _id) => ({ _id })));
    const session = client.startSession();
    session.startTransaction();
    const cursor = rows.find({}, { session, batchSize: 10 });
    await cursor.next();
    await session.commitTransaction();
    expect(await codeOf(cursor.toArray())).toBe(43);
    await session.endSession();
  });

  it('the first updater wins, the second hears a transient conflict', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    const [first, second] = [client.startSession(), client.startSession()];
    first.startTransaction();
    second.startTransaction();
    await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first });
    const error: unknown = await rows
      .updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: second })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 112 });
    expect((error as MongoServerError).hasErrorLabel('TransientTransactionError')).toBe(true);
    await first.commitTransaction();
    await Promise.all([first.endSession(), second.endSession()]);
    expect(await rows.findOne()).toEqual({ _id: 1, n: 1 });
  });

  it('a plain write waits for the transaction that holds its document', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    const session = client.startSession();
    session.startTransaction();
    await rows.updateOne({ _id: 1 }, { $set: { n: 10 } }, { session });
    const plain = rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
    await session.commitTransaction();
    await plain;
    await session.endSession();
    expect(await rows.findOne()).toEqual({ _id: 1, n: 11 });
  });

  it('many at once lose nothing', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        client.withSession((session) =>
          session.withTransaction(async () => {
            await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
            await rows.insertOne({ _id: `event${at}` }, { session });
          }),
        ),
      ),
    );
    expect((await rows.findOne({ _id: 1 }))?.['n']).toBe(20);
    expect(await rows.countDocuments()).toBe(21);
  });
});

describe('retried writes', () => {
  it('are done once', async () => {
    await rows.insertOne({ _id: 1, n: 0 });
    // A client of its own: its session is left with numbers that no pool would reach.
    const own = await MongoClient.connect(process.env['MONGODB_URI'] ?? store?.uri ?? '');
    const session = own.startSession();
    const other = own.db('contract');
    const number = (n: number) => Long.fromNumber(1_000_000 + n);
    const inc = {
      update: 'rows',
      updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } } }],
      txnNumber: number(1),
    };
    const take = {
      findAndModify: 'rows',
      query: { _id: 1 },
      update: { $inc: { n: 10 } },
      new: true,
      txnNumber: number(2),
    };
    const add = { insert: 'rows', documents: [{ _id: 2 }, { _id: 3 }], txnNumber: number(3) };
    for (const command of [inc, take, add]) {
      const told = [await other.command(command, { session }), await other.command(command, { session })].map(
        ({ ok, n, value }) => ({
          ok: ok as unknown,
          n: n as unknown,
          value: value as unknown,
        }),
      );
      expect(told[1]).toEqual(told[0]);
    }
    expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([{ _id: 1, n: 11 }, { _id: 2 }, { _id: 3 }]);
    expect(await codeOf(other.command(inc, { session }))).toBe(225);
    await own.close();
  });
});

describe('collections', () => {
  it('are made, renamed, listed and dropped', async () => {
    await db.createCollection('a');
    expect(await codeOf(db.command({ create: 'a', collation: { locale: 'ru' } }))).toBe(48);
    await db.collection('a').insertOne({ _id: 1 as unknown as ObjectId });
    await db.collection('a').rename('b');
    expect((await db.listCollections({}, { nameOnly: true }).toArray()).map((each) => each.name)).toEqual(['b']);
    expect(await db.collection('b').countDocuments()).toBe(1);
    await db.collection('b').drop();
    expect(await db.listCollections().toArray()).toEqual([]);
  });
});
