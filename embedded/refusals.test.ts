/** What MongoDB has and this store leaves out is refused like what nobody knows, and never ignored. */
import { describe, expect, it } from 'vitest';
import { doc, int } from './bson.ts';
import { compile } from './expressions.ts';
import { Filter } from './matcher.ts';
import { compilePipeline } from './pipeline.ts';
import { OperatorUpdate } from './updater.ts';

const context = { collation: undefined, variables: new Map<string, null>(), read: () => [] };

describe('left out', () => {
  it.each(['$bitsAllSet', '$bitsAnyClear', '$near', '$geoWithin', '$jsonSchema'])('query operator %s', (name) => {
    expect(() => new Filter(doc({ a: doc({ [name]: int(1) }) }))).toThrow(expect.objectContaining({ code: 2 }));
  });

  it.each(['$where', '$text', '$jsonSchema'])('query %s', (name) => {
    expect(() => new Filter(doc({ [name]: 'x' }))).toThrow(expect.objectContaining({ code: 238 }));
  });

  it('update operator $bit', () => {
    const update = doc({ $bit: doc({ a: doc({ and: int(1) }) }) });
    expect(() => new OperatorUpdate(update, { now: new Date(0) })).toThrow(expect.objectContaining({ code: 9 }));
  });

  it.each(['$graphLookup', '$densify', '$fill', '$redact', '$geoNear', '$listLocalSessions'])('stage %s', (name) => {
    expect(() => compilePipeline([doc({ [name]: doc({}) })], context)).toThrow(
      expect.objectContaining({ code: 40324 }),
    );
  });

  it.each(['$dateFromString', '$dateAdd', '$range', '$zip', '$sortArray', '$getField', '$function'])(
    'expression %s',
    (name) => {
      expect(() => compile(doc({ [name]: doc({}) }), new Map())).toThrow(expect.objectContaining({ code: 168 }));
    },
  );

  it.each(['$topN', '$firstN', '$stdDevPop', '$percentile', '$accumulator'])('accumulator %s', (name) => {
    const stage = doc({ $group: doc({ _id: null, a: doc({ [name]: int(1) }) }) });
    expect(() => compilePipeline([stage], context)).toThrow(expect.objectContaining({ code: 15952 }));
  });

  it.each([doc({ $derivative: doc({}) }), doc({ $sum: int(1), window: doc({ range: [int(-1), int(0)] }) })])(
    'a window function or window, %#',
    (output) => {
      const stage = doc({ $setWindowFields: doc({ sortBy: doc({ a: int(1) }), output: doc({ b: output }) }) });
      expect(() => compilePipeline([stage], context)).toThrow();
    },
  );
});
