/** No document, path or operator reaches JavaScript's own objects. */
import { afterEach, describe, expect, it } from 'vitest';
import { decode, doc, encode, int, isDoc, type Doc, type Value } from './bson.ts';
import { compile } from './expressions.ts';
import { Filter } from './matcher.ts';
import { compilePipeline } from './pipeline.ts';
import { Projection } from './projection.ts';
import { equalities, OperatorUpdate } from './updater.ts';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
const before = Object.getOwnPropertyNames(Object.prototype).join();
const now = new Date(0);
const situation = { trace: {}, isInsert: false };

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  expect(Object.keys(Function.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

function nested(path: string, value: Value): Doc {
  return path.split('.').reduceRight<Value>((inner, name) => new Map([[name, inner]]), value) as Doc;
}

describe.each(names)('a field called %s', (name) => {
  it('travels through BSON as any other', () => {
    const fields: Doc = new Map([[name, nested(`${name}.polluted`, int(1))]]);
    expect(decode(encode(fields))).toEqual(fields);
  });

  it.each(['$set', '$inc', '$push', '$max', '$addToSet'])('is written by %s as an own field', (operator) => {
    const fields: Doc = new Map();
    new OperatorUpdate(new Map([[operator, new Map([[`${name}.polluted`, int(1)]])]]), { now }).apply(
      fields,
      situation,
    );
    const inner = fields.get(name);
    expect(isDoc(inner) && inner.has('polluted')).toBe(true);
  });

  it('is renamed, removed and upserted as an own field', () => {
    const fields: Doc = new Map([['a', int(1)]]);
    new OperatorUpdate(new Map([['$rename', new Map([['a', `${name}.polluted`]])]]), { now }).apply(fields, situation);
    expect(fields.get(name)).toEqual(new Map([['polluted', int(1)]]));
    new OperatorUpdate(new Map([['$unset', new Map([[name, '']])]]), { now }).apply(fields, situation);
    expect(fields.size).toBe(0);
    expect(equalities(new Map([[`${name}.polluted`, int(1)]]))).toEqual(nested(`${name}.polluted`, int(1)));
  });

  it('is missing in a document that has none', () => {
    const fields = doc({ a: int(1) });
    expect(new Filter(new Map([[name, doc({ $exists: true })]])).matches(fields)).toBe(false);
    expect(new Filter(new Map([[`a.${name}`, doc({ $exists: true })]])).matches(fields)).toBe(false);
    expect(compile(`$${name}`, new Map())(fields)).toBeUndefined();
    expect(compile(`$${name}.name`, new Map())(fields)).toBeUndefined();
    const projection = new Projection(new Map([[name, int(1)]]), { value: (value) => compile(value, new Map()) });
    expect(projection.apply(fields)).toEqual(new Map());
  });

  it('is a field like any other in every kind of expression', () => {
    const value = (expression: Value) => compile(expression, new Map())(doc({ a: doc({ b: 'x' }) }));
    const own = new Map([[name, 'own']]);
    expect(value(doc({ $toUpper: `$a.${name}` }))).toBe('');
    expect(value(doc({ $map: doc({ input: ['$a'], in: `$$this.${name}` }) }))).toEqual([null]);
    expect(value(doc({ $mergeObjects: ['$a', own] }))).toEqual(new Map([['b', 'x'], ...own]));
    expect(value(doc({ $let: doc({ vars: doc({ v: own }), in: `$$v.${name}` }) }))).toBe('own');
    expect(() => value(doc({ $trim: new Map([[name, 'x']]) }))).toThrow(/Unrecognized/);
    if (name !== 'toString') expect(() => value(doc({ [`$${name}`]: 'x' }))).toThrow(/Unrecognized/);
  });

  it('names a variable or is refused, and never reaches further', () => {
    const spec = doc({ vars: new Map([[name, 'own']]), in: `$$${name}` });
    if (name.startsWith('_')) expect(() => compile(doc({ $let: spec }), new Map())).toThrow(/invalid character/);
    else expect(compile(doc({ $let: spec }), new Map())(new Map())).toBe('own');
    expect(() => compile(`$$${name}`, new Map())).toThrow(/undefined variable/);
  });

  it('is set by stages as an own field', () => {
    const context = { collation: undefined, variables: new Map<string, Value>(), read: () => [] };
    const stages = [
      doc({ $addFields: new Map([[`${name}.polluted`, int(1)]]) }),
      doc({
        $group: new Map<string, Value>([
          ['_id', null],
          [name, doc({ $push: `$${name}` })],
        ]),
      }),
    ];
    const [row] = [...compilePipeline(stages, context)([doc({ a: int(1) })])];
    expect(row?.get(name)).toEqual([new Map([['polluted', int(1)]])]);
  });
});

it('a script is refused everywhere', () => {
  for (const operator of ['$function', '$accumulator', '$where'])
    expect(() => compile(doc({ $not: doc({ $abs: doc({ [operator]: 'x' }) }) }), new Map())).toThrow();
  expect(() => new Filter(doc({ $where: 'true' }))).toThrow(/not supported/);
});
