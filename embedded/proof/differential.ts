/** The same random deeds on the store and on the naive model; whatever differs is a mismatch. */
import { isDeepStrictEqual } from 'node:util';
import { MongoServerError, type Collection, type Document, type Filter, type UpdateFilter } from 'mongodb';
import type { Chance } from '#chance/chance.ts';
import { matches, Refused, sorted, updated, type Fields, type Json } from './naive-model.ts';

interface Row extends Document {
  _id: number;
}

const names = ['a', 'b', 'c', 'd', 'e', 'c.x', 'd.x', 'd.y'];
/** `e` never holds an array: only one field of a compound index may. */
const tops = ['a', 'b', 'c', 'd', 'e'];

export interface DifferentialResult {
  operations: number;
  mismatches: string[];
}

/** One lane: its own collection, its own model, deeds one after another. */
export async function runLane(
  collection: Collection<Row>,
  random: Chance,
  operations: number,
): Promise<DifferentialResult> {
  const lane = new Lane(collection, random);
  await lane.prepare();
  for (let done = 0; done < operations; done++) {
    await lane.step();
    if (done % 500 === 499) await lane.compareAll();
  }
  await lane.compareAll();
  return { operations, mismatches: lane.mismatches };
}

class Lane {
  readonly mismatches: string[] = [];
  readonly #collection: Collection<Row>;
  readonly #random: Chance;
  #rows: Fields[] = [];
  #nextId = 0;

  constructor(collection: Collection<Row>, random: Chance) {
    this.#collection = collection;
    this.#random = random;
  }

  async prepare(): Promise<void> {
    await this.#collection.drop();
    const indexes: Record<string, 1 | -1>[] = [
      { a: 1 },
      { b: -1 },
      { a: 1, e: -1 },
      { e: 1, 'c.x': 1 },
      { 'd.x': -1, e: 1 },
    ];
    for (const index of indexes) if (this.#random.happens(0.6)) await this.#collection.createIndexes([{ key: index }]);
    if (this.#random.happens(0.5))
      await this.#collection.createIndexes([{ key: { b: 1 }, name: 'sparse', sparse: true }]);
    if (this.#random.happens(0.5))
      await this.#collection.createIndexes([
        { key: { a: 1 }, name: 'partial', partialFilterExpression: { b: { $gt: 1 } } },
      ]);
    await this.#collection.createIndexes([{ key: { u: 1 }, unique: true, sparse: true }]);
  }

  #differs(what: string, wanted: unknown, found: unknown): void {
    this.mismatches.push(`${what}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
  }

  #expect(what: string, wanted: unknown, found: unknown): void {
    if (!isDeepStrictEqual(wanted, found)) this.#differs(what, wanted, found);
  }

  #scalar(): Json {
    const random = this.#random;
    return random.oneOf<() => Json>([
      () => null,
      () => random.below(6) - 1,
      () => random.below(6),
      () => random.below(4) + 0.5,
      () => random.oneOf(['', 'a', 'b', 'ab', 'ё']),
      () => random.happens(0.5),
    ])();
  }

  #value(): Json {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.6) return this.#scalar();
    if (kind < 0.8)
      return Array.from({ length: random.below(4) }, () =>
        random.happens(0.2) ? { x: this.#scalar() } : this.#scalar(),
      );
    const fields: Fields = {};
    for (const name of ['x', 'y'])
      if (random.happens(0.6)) fields[name] = random.happens(0.8) ? this.#scalar() : [this.#scalar(), this.#scalar()];
    return fields;
  }

  #valueFor(name: string): Json {
    return name === 'e' ? this.#scalar() : this.#value();
  }

  #document(): Fields {
    const fields: Fields = { _id: this.#nextId++ };
    for (const name of tops) if (this.#random.happens(0.7)) fields[name] = this.#valueFor(name);
    if (this.#random.happens(0.1)) fields['u'] = this.#random.below(40);
    return fields;
  }

  #condition(depth = 0): Json {
    const random = this.#random;
    const operator = random.oneOf([
      '',
      '',
      '$eq',
      '$ne',
      '$gt',
      '$gte',
      '$lt',
      '$lte',
      '$in',
      '$nin',
      '$exists',
      '$not',
      '$size',
      '$all',
      '$elemMatch',
      '$mod',
      'range',
    ]);
    const some = () => Array.from({ length: 1 + random.below(3) }, () => this.#scalar());
    switch (operator) {
      case '':
        return this.#value();
      case '$in':
      case '$nin':
      case '$all':
        return { [operator]: some() };
      case '$exists':
        return { $exists: random.happens(0.5) };
      case '$size':
        return { $size: random.below(4) };
      case '$mod':
        return { $mod: [2, random.below(2)] };
      case '$elemMatch':
        return {
          $elemMatch: random.happens(0.5) ? { $gt: this.#number(), $lt: this.#number() + 2 } : { x: this.#scalar() },
        };
      case 'range':
        return { $gte: this.#number(), $lt: this.#number() + 2 };
      case '$not':
        return depth > 0 ? this.#scalar() : { $not: { [random.oneOf(['$gt', '$eq', '$lte'])]: this.#scalar() } };
      default:
        return { [operator]: this.#scalar() };
    }
  }

  #number(): number {
    return this.#random.below(5) - 1;
  }

  #query(depth = 0): Fields {
    const random = this.#random;
    if (depth === 0 && random.happens(0.25)) return { _id: random.below(this.#nextId + 1) };
    const query: Fields = {};
    for (let left = random.below(2) + 1; left > 0; left--) query[random.oneOf(names)] = this.#condition();
    if (depth < 2 && random.happens(0.2))
      query[random.oneOf(['$or', '$and', '$nor'])] = [this.#query(depth + 1), this.#query(depth + 1)];
    return query;
  }

  #update(): Record<string, Fields> {
    const random = this.#random;
    const update: Record<string, Fields> = {};
    const taken = new Set<string>();
    for (let left = 1 + random.below(2); left > 0; left--) {
      const name = random.oneOf(names);
      const root = name.slice(0, 1);
      if (taken.has(root)) continue;
      taken.add(root);
      const operator = random.oneOf(
        name === 'e'
          ? ['$set', '$unset', '$inc', '$min']
          : ['$set', '$unset', '$inc', '$mul', '$min', '$max', '$push', '$addToSet', '$pull', '$pop'],
      );
      const operand: Json =
        operator === '$inc' || operator === '$mul'
          ? this.#number()
          : operator === '$pop'
            ? random.oneOf([1, -1])
            : operator === '$set'
              ? this.#valueFor(name)
              : this.#scalar();
      (update[operator] ??= {})[name] = operand;
    }
    return update;
  }

  async step(): Promise<void> {
    const kind = this.#random.next();
    if (kind < 0.25 && this.#rows.length < 120) await this.#insert();
    else if (kind < 0.5) await this.#find();
    else if (kind < 0.75) await this.#updateSome();
    else if (kind < 0.8) await this.#replace();
    else if (kind < 0.85) await this.#count();
    else if (kind < 0.9) await this.#findAndModify();
    else if (kind < 0.95) await this.#group();
    else await this.#remove();
  }

  #takesUnique(fields: Fields): boolean {
    return (
      fields['u'] !== undefined && this.#rows.some((row) => row['_id'] !== fields['_id'] && row['u'] === fields['u'])
    );
  }

  async #insert(): Promise<void> {
    const fields = this.#document();
    const refused = await refusal(() => this.#collection.insertOne(structuredClone(fields) as Row));
    const wanted = this.#takesUnique(fields) ? 11000 : undefined;
    if (refused !== wanted) this.#differs(`insert ${JSON.stringify(fields)}`, wanted, refused);
    if (wanted === undefined) this.#rows.push(fields);
  }

  async #find(): Promise<void> {
    const query = this.#query();
    const sort: [string, 1 | -1][] = [
      ...(this.#random.happens(0.7)
        ? [[this.#random.oneOf(tops), this.#random.oneOf([1, -1])] as [string, 1 | -1]]
        : []),
      ['_id', 1],
    ];
    const [skip, limit] = [this.#random.below(3), this.#random.below(6)];
    const found = await this.#collection
      .find(query as Filter<Row>)
      .sort(sort)
      .skip(skip)
      .limit(limit)
      .toArray();
    const all = sorted(
      this.#rows.filter((row) => matches(row, query)),
      sort,
    );
    this.#expect(
      `find ${JSON.stringify({ query, sort, skip, limit })}`,
      all.slice(skip, limit === 0 ? undefined : skip + limit),
      found,
    );
  }

  async #count(): Promise<void> {
    const query = this.#query();
    const found = await this.#collection.countDocuments(query);
    this.#expect(`count ${JSON.stringify(query)}`, this.#rows.filter((row) => matches(row, query)).length, found);
  }

  async #group(): Promise<void> {
    const query = this.#query();
    const found = await this.#collection
      .aggregate([
        { $match: query },
        { $group: { _id: '$b', n: { $sum: 1 }, least: { $min: '$_id' } } },
        { $sort: { least: 1 } },
      ])
      .toArray();
    const groups: { _id: Json; n: number; least: Json }[] = [];
    for (const row of this.#rows.filter((each) => matches(each, query))) {
      const key = row['b'] ?? null;
      const held = groups.find((group) => isDeepStrictEqual(group._id, key));
      if (held) {
        held.n++;
        if (Number(row['_id']) < Number(held.least)) held.least = row['_id'] ?? null;
      } else groups.push({ _id: key, n: 1, least: row['_id'] ?? null });
    }
    this.#expect(
      `group ${JSON.stringify(query)}`,
      groups.sort((a, b) => Number(a.least) - Number(b.least)),
      found,
    );
  }

  async #updateSome(): Promise<void> {
    const query = this.#query();
    const update = this.#update();
    const isMany = this.#random.happens(0.4);
    if (Object.keys(update).length === 0) return;
    const filter = query as Filter<Row>;
    const change = update as UpdateFilter<Row>;
    if (!isMany) {
      // Which one is changed must not depend on the plan: the least _id, by findOneAndUpdate's sort.
      const wanted = this.#change(
        sorted(
          this.#rows.filter((row) => matches(row, query)),
          [['_id', 1]],
        ).slice(0, 1),
        update,
      );
      const refused = await refusal(() => this.#collection.findOneAndUpdate(filter, change, { sort: { _id: 1 } }));
      if ((refused !== undefined) !== wanted)
        this.#differs(`update ${JSON.stringify({ query, update })}`, wanted, refused);
      return;
    }
    const rows = this.#rows.filter((row) => matches(row, query));
    // An update of many that is refused midway leaves some changed, in an order that is the plan's.
    if (rows.some((row) => outcome(row, update) === undefined)) return;
    this.#change(rows, update);
    const refused = await refusal(() => this.#collection.updateMany(filter, change));
    if (refused !== undefined) this.#differs(`updateMany ${JSON.stringify({ query, update })}`, 'success', refused);
  }

  /** Returns whether the update is refused. */
  #change(rows: Fields[], update: Record<string, Fields>): boolean {
    for (const row of rows) {
      const after = outcome(row, update);
      if (!after) return true;
      this.#rows[this.#rows.indexOf(row)] = after;
    }
    return false;
  }

  async #replace(): Promise<void> {
    const _id = this.#random.below(this.#nextId + 1);
    const fields: Fields = { ...this.#document(), _id };
    const refused = await refusal(() => this.#collection.replaceOne({ _id }, structuredClone(fields)));
    const place = this.#rows.findIndex((row) => row['_id'] === _id);
    const wanted = place >= 0 && this.#takesUnique(fields) ? 11000 : undefined;
    if (refused !== wanted) this.#differs(`replace ${JSON.stringify(fields)}`, wanted, refused);
    if (place >= 0 && wanted === undefined) this.#rows[place] = { _id, ...fields };
  }

  async #findAndModify(): Promise<void> {
    const query = this.#query();
    const found = await this.#collection.findOneAndDelete(query, { sort: { a: -1, _id: 1 } });
    const [wanted] = sorted(
      this.#rows.filter((row) => matches(row, query)),
      [
        ['a', -1],
        ['_id', 1],
      ],
    );
    this.#expect(`findOneAndDelete ${JSON.stringify(query)}`, wanted ?? null, found);
    this.#rows = this.#rows.filter((row) => row !== wanted);
  }

  async #remove(): Promise<void> {
    const query = this.#query();
    const { deletedCount } = await this.#collection.deleteMany(query);
    const left = this.#rows.filter((row) => !matches(row, query));
    this.#expect(`delete ${JSON.stringify(query)}`, this.#rows.length - left.length, deletedCount);
    this.#rows = left;
  }

  async compareAll(): Promise<void> {
    const found = await this.#collection.find({}).sort({ _id: 1 }).toArray();
    this.#expect('all documents', sorted(this.#rows, [['_id', 1]]), found);
    this.#rows = found;
  }
}

function outcome(row: Fields, update: Record<string, Fields>): Fields | undefined {
  try {
    return updated(row, update);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The code of a refusal; undefined when there was none. */
async function refusal(deed: () => Promise<unknown>): Promise<number | undefined> {
  try {
    await deed();
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError) return Number(error.code);
    throw error;
  }
}
