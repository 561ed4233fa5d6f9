/** `explain`: the plan in MongoDB's words. */
import { doc, int, type Doc, type Value } from './bson.ts';
import { pipelineContext } from './aggregation.ts';
import type { Collection } from './catalog.ts';
import { Filter } from './matcher.ts';
import { filterContext } from './pipeline.ts';
import type { Bound, Plan } from './planner.ts';
import { planOf, type Query } from './query.ts';
import { matchingBytes, rowsOf } from './reading.ts';
import type { Request } from './request.ts';

export async function explainPlan(
  request: Request,
  collection: Collection | undefined,
  query: Query,
  verbosity: string,
): Promise<Doc> {
  const context = pipelineContext(request, query.collation);
  const filter = new Filter(query.query, filterContext(context));
  const chosen = collection && planOf(collection, query, context.variables);
  let winningPlan = chosen ? planStage(chosen, query.query) : doc({ stage: 'EOF' });
  const around = (stage: string, more: Record<string, Value>) =>
    (winningPlan = doc({ stage, ...more, inputStage: winningPlan }));
  if (query.sort.length > 0 && chosen && !chosen.providesSort)
    around('SORT', { sortPattern: new Map(query.sort.map(({ path, direction }) => [path.join('.'), int(direction)])) });
  if (query.skip > 0) around('SKIP', { skipAmount: int(query.skip) });
  if (query.limit > 0) around('LIMIT', { limitAmount: int(query.limit) });
  if (query.projection) around('PROJECTION_DEFAULT', {});
  const told = doc({
    explainVersion: '1',
    queryPlanner: doc({
      namespace: `${request.db}.${collection?.name ?? ''}`,
      parsedQuery: query.query,
      winningPlan,
      rejectedPlans: [],
    }),
  });
  if (verbosity === 'queryPlanner' || !collection || !chosen) return told;
  let examined = 0;
  let returned = 0;
  const counting = function* () {
    for (const row of rowsOf(request.scope.view, collection, chosen)) {
      if (row) examined++;
      yield row;
    }
  };
  for (const row of matchingBytes(counting(), filter)) {
    if (row) returned++;
    else await request.pace.rest();
  }
  told.set(
    'executionStats',
    doc({
      executionSuccess: true,
      nReturned: int(query.limit > 0 ? Math.min(returned, query.limit) : returned),
      totalKeysExamined: int(chosen.kind === 'collection' ? 0 : examined),
      totalDocsExamined: int(examined),
    }),
  );
  return told;
}

function planStage(plan: Plan, query: Doc): Doc {
  switch (plan.kind) {
    case 'collection':
      return doc({ stage: 'COLLSCAN', filter: query, direction: plan.forward ? 'forward' : 'backward' });
    case 'either':
      return doc({ stage: 'OR', inputStages: plan.plans.map((each) => planStage(each, query)) });
    case 'index': {
      const { index, bounds } = plan;
      const indexBounds = new Map(
        index.fields.map(({ name }, position): [string, Value] => [name, (bounds[position] ?? []).map(describe)]),
      );
      for (const [name, list] of indexBounds)
        if (Array.isArray(list) && list.length === 0) indexBounds.set(name, ['[MinKey, MaxKey]']);
      return doc({
        stage: 'FETCH',
        filter: query,
        inputStage: doc({
          stage: 'IXSCAN',
          keyPattern: index.spec.get('key'),
          indexName: index.name,
          isMultiKey: index.isMultikey,
          isUnique: index.isUnique,
          isSparse: index.isSparse,
          isPartial: index.partial !== undefined,
          direction: plan.forward ? 'forward' : 'backward',
          indexBounds,
        }),
      });
    }
    default:
      return plan satisfies never;
  }
}

function describe(bound: Bound): Value {
  if ('point' in bound) return doc({ from: bound.point, to: bound.point });
  return doc({
    above: bound.low?.value,
    below: bound.high?.value,
    includesLow: bound.low?.inclusive,
    includesHigh: bound.high?.inclusive,
  });
}
