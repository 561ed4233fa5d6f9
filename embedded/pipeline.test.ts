/** No stage works on for long without a place to rest. */
import { expect, it } from 'vitest';
import { doc, int, isDoc, type Doc } from './bson.ts';
import { compilePipeline, stagesOf, type Docs } from './pipeline.ts';

const count = 20_000;
/** Far more than a stage does between two rests, far less than all. */
const workMax = 6000;

let work = 0;

/** Documents that tell when one of their fields is read. */
class Watched extends Map<string, ReturnType<typeof int>> {
  override get(name: string): ReturnType<typeof int> | undefined {
    work++;
    return super.get(name);
  }
}

function* rows(): Docs & Generator<Doc | undefined> {
  for (let n = 0; n < count; n++) {
    yield new Watched([
      ['_id', int(n)],
      ['n', int((n * 7919) % 1000)],
    ]);
    if (n % 100 === 99) yield undefined;
  }
}

const one = int(1);
it.each([
  ['$sort', [doc({ $sort: doc({ n: one, _id: int(-1) }) })]],
  ['$group', [doc({ $group: doc({ _id: '$n', ids: doc({ $push: '$_id' }), set: doc({ $addToSet: '$_id' }) }) })]],
  [
    '$group behind $sort',
    [doc({ $sort: doc({ n: one }) }), doc({ $group: doc({ _id: null, sum: doc({ $sum: '$n' }) }) })],
  ],
  [
    '$bucketAuto',
    [doc({ $bucketAuto: doc({ groupBy: '$n', buckets: one, output: doc({ sum: doc({ $sum: '$n' }) }) }) })],
  ],
  ['$facet', [doc({ $facet: doc({ a: [doc({ $match: doc({ n: one }) })], b: [doc({ $match: doc({ n: one }) })] }) })]],
  [
    '$setWindowFields',
    [doc({ $setWindowFields: doc({ sortBy: doc({ n: one }), output: doc({ sum: doc({ $sum: '$n' }) }) }) })],
  ],
  ['$match behind $sample', [doc({ $sample: doc({ size: int(count) }) }), doc({ $match: doc({ n: int(5) }) })]],
])('%s rests between slices of its work', (_name, stages) => {
  work = 0;
  let longest = 0;
  let told = 0;
  const run = compilePipeline(stagesOf(stages), { collation: undefined, variables: new Map(), read: () => [] });
  for (const row of run(rows())) {
    longest = Math.max(longest, work);
    work = 0;
    if (isDoc(row)) told++;
  }
  expect(told).toBeGreaterThan(0);
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThan(workMax);
});
