/** Aggregation stages as streams of documents; `undefined` among them is a place to rest. */
import { doc, encode, int, isDoc, type Doc, type Value } from './bson.ts';
import { CommandError, failedToParse, typeMismatch } from './errors.ts';
import { compile, follow } from './expressions.ts';
import { bucketAuto, bucketStages, group } from './grouping.ts';
import { Filter } from './matcher.ts';
import { withField } from './paths.ts';
import { Projection, type ProjectionKind } from './projection.ts';
import { sorted, sortFieldsOf } from './sort.ts';
import { counted, expanding, gathered, inTurns, mapping, specOf, turnRows } from './stage.ts';
import type { PipelineContext, Stage, StageMaker, Docs } from './stage.ts';
import { isTrue, nameOf } from './values.ts';
import { setWindowFields } from './windows.ts';

export type { Docs, PipelineContext } from './stage.ts';

/** The stages of a pipeline. Errors: what is no stage. */
export function stagesOf(pipeline: Value | undefined): Doc[] {
  if (!Array.isArray(pipeline)) throw typeMismatch("'pipeline' option must be specified as an array");
  return pipeline.map((stage) => {
    if (!isDoc(stage)) throw typeMismatch("Each element of the 'pipeline' array must be an object");
    if (stage.size !== 1) throw new CommandError(40323, 'A pipeline stage must be an object with exactly one field.');
    return stage;
  });
}

export function compilePipeline(stages: readonly Doc[], context: PipelineContext): Stage {
  const compiled = stages.map((stage) => {
    const [[name, operand] = ['', null]] = stage;
    if (name === '$out' || name === '$merge')
      throw new CommandError(40601, `${name} can only be the final stage in the pipeline`);
    if (name === '$changeStream') throw new CommandError(40573, 'The $changeStream stage is only for replica sets');
    const make = makers.get(name);
    if (!make) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    return make(operand, context, name);
  });
  return (rows) => compiled.reduce<Docs>((before, stage) => stage(before), rows);
}

export function filterContext({ collation, variables }: PipelineContext) {
  return {
    collate: collation?.compare,
    expression: (expression: Value) => {
      const value = compile(expression, variables);
      return (fields: Doc) => isTrue(value(fields));
    },
    value: (expression: Value) => compile(expression, variables),
  };
}

const match: StageMaker = (operand, context, name) => {
  const filter = new Filter(specOf(name, operand), filterContext(context));
  return mapping((row) => (filter.matches(row) ? row : undefined));
};

function projecting(kind: ProjectionKind): StageMaker {
  return (operand, context, name) => {
    const spec = specOf(name, operand);
    if (spec.size === 0) throw new CommandError(51272, `Invalid ${name}: it must have at least one field`);
    const projection = new Projection(spec, filterContext(context), kind);
    return mapping((row) => projection.apply(row));
  };
}

const unset: StageMaker = (operand, context) => {
  const names = Array.isArray(operand) ? operand : [operand];
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '' || name.startsWith('$')))
    throw new CommandError(31002, '$unset specification must be a string or an array of strings');
  return projecting('$project')(new Map(names.map((name) => [nameOf(name), int(0)])), context, '$unset');
};

const replaceWith: StageMaker = (operand, { variables }) => {
  const value = compile(operand, variables);
  return mapping((row) => {
    const root = value(row);
    if (!isDoc(root)) throw new CommandError(40228, "'newRoot' expression must evaluate to an object");
    return root;
  });
};

const limit: StageMaker = (operand, _, name) => {
  const most = counted(name, operand, 1);
  return function* (rows) {
    let left = most;
    for (const row of rows) {
      yield row;
      if (row && --left === 0) return;
    }
  };
};

const skip: StageMaker = (operand, _, name) => {
  const count = counted(name, operand, 0);
  return (rows) => {
    let left = count;
    return mapping((row) => (left-- > 0 ? undefined : row))(rows);
  };
};

const sort: StageMaker = (operand, { collation }, name) => {
  const fields = sortFieldsOf(specOf(name, operand));
  return function* (rows) {
    const look = (row: Doc) => ({ fields: row, bytes: encode(row).length });
    let told = 0;
    for (const row of sorted(rows, look, fields, 0, collation?.compare)) {
      yield row;
      if (++told % turnRows === 0) yield undefined;
    }
  };
};

const unwind: StageMaker = (operand, _, name) => {
  const spec = typeof operand === 'string' ? doc({ path: operand }) : specOf(name, operand, unwindOptions);
  const text = nameOf(spec.get('path'));
  if (!text.startsWith('$')) throw new CommandError(28818, `path option to $unwind should begin with a '$': ${text}`);
  const path = text.slice(1).split('.');
  const position = nameOf(spec.get('includeArrayIndex'));
  const keepsEmpty = isTrue(spec.get('preserveNullAndEmptyArrays'));
  const numbered = (row: Doc, at: bigint | null) => (position === '' ? row : withField(row, position.split('.'), at));
  return expanding(function* (row) {
    const value = follow(row, path);
    if (Array.isArray(value) && value.length > 0) {
      for (const [at, item] of value.entries()) {
        yield numbered(withField(row, path, item), BigInt(at));
        if (at % turnRows === turnRows - 1) yield undefined;
      }
    } else if (Array.isArray(value)) {
      if (keepsEmpty) yield numbered(withField(row, path, undefined), null);
    } else if (keepsEmpty || (value !== undefined && value !== null)) yield numbered(row, null);
  });
};
const unwindOptions = ['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'];

/** A stage that is short for others. */
function composed(stagesFor: (operand: Value) => Doc[]): StageMaker {
  return (operand, context) => compilePipeline(stagesFor(operand), context);
}

const count = composed((operand) => {
  const name = nameOf(operand);
  if (name === '' || name.startsWith('$') || name.includes('.'))
    throw new CommandError(40156, 'the count field must be a non-empty string without $ and dots');
  return [doc({ $group: doc({ _id: null, [name]: doc({ $sum: int(1) }) }) }), doc({ $project: doc({ _id: int(0) }) })];
});

const sortByCount = composed((operand) => [
  doc({ $group: doc({ _id: operand, count: doc({ $sum: int(1) }) }) }),
  doc({ $sort: doc({ count: int(-1) }) }),
]);

const sample: StageMaker = (operand, _, name) => {
  const size = counted(name, specOf(name, operand).get('size'), 1);
  return function* (rows) {
    // Each document that comes takes the place of a held one as often as chance wants.
    const held: Doc[] = [];
    let seen = 0;
    for (const row of rows) {
      if (!row) yield undefined;
      else {
        const place = seen++ < size ? held.length : Math.floor(Math.random() * seen);
        if (place < size) held[place] = row;
      }
    }
    yield* inTurns(held);
  };
};

const facet: StageMaker = (operand, context, name) => {
  const members = [...specOf(name, operand)].map(([member, pipeline]) => {
    const stages = stagesOf(pipeline);
    if (stages.some((stage) => ['$facet', '$out', '$merge', '$documents'].some((barred) => stage.has(barred))))
      throw new CommandError(40600, 'a $facet pipeline holds a stage that is not allowed there');
    return { member, stage: compilePipeline(stages, context) };
  });
  if (members.length === 0) throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  return function* (rows) {
    const all = yield* gathered(rows, (row) => row);
    const result: Doc = new Map();
    for (const { member, stage } of members) result.set(member, yield* gathered(stage(inTurns(all)), (row) => row));
    yield result;
  };
};

const lookup: StageMaker = (operand, context, name) => {
  const spec = specOf(name, operand, ['from', 'as', 'localField', 'foreignField', 'let', 'pipeline']);
  const [from, as, local, foreign] = ['from', 'as', 'localField', 'foreignField'].map((each) => nameOf(spec.get(each)));
  const stages = spec.has('pipeline') ? stagesOf(spec.get('pipeline')) : [];
  if (!from || !as) throw failedToParse("$lookup needs 'from' and 'as'");
  if (!local !== !foreign || (!local && !spec.has('pipeline')))
    throw failedToParse('$lookup requires either a pipeline, or both localField and foreignField');
  const outer = spec.get('let');
  const bindings = [...(isDoc(outer) ? outer : [])].map(([each, value]) => ({
    each,
    value: compile(value, context.variables),
  }));
  const bound = (row?: Doc) => {
    const variables = new Map(context.variables);
    for (const { each, value } of bindings) variables.set(each, row && value(row));
    return variables;
  };
  // What is wrong in it is refused even where it would never run.
  compilePipeline(stages, { ...context, variables: bound() });
  return expanding(function* (row) {
    const first = local && foreign ? [joining(foreign, follow(row, local.split('.')))] : [];
    const found = yield* gathered(context.read(from, [...first, ...stages], bound(row)), (other) => other);
    yield withField(row, as.split('.'), found);
  });
};

function joining(foreign: string, value: Value = null): Doc {
  return doc({ $match: new Map([[foreign, doc(Array.isArray(value) ? { $in: value } : { $eq: value })]]) });
}

const unionWith: StageMaker = (operand, context, name) => {
  const spec = typeof operand === 'string' ? doc({ coll: operand }) : specOf(name, operand, ['coll', 'pipeline']);
  const stages = spec.has('pipeline') ? stagesOf(spec.get('pipeline')) : [];
  compilePipeline(stages, context);
  return function* (rows) {
    yield* rows;
    yield* context.read(nameOf(spec.get('coll')), stages, context.variables);
  };
};

const documents: StageMaker = (operand, { variables }) => {
  const made = compile(operand, variables)(new Map());
  if (!Array.isArray(made) || !made.every(isDoc))
    throw new CommandError(5858203, 'an array of documents is expected in $documents');
  return () => inTurns(made.filter(isDoc));
};

const makers = new Map<string, StageMaker>([
  ['$match', match],
  ['$project', projecting('$project')],
  ['$addFields', projecting('$addFields')],
  ['$set', projecting('$addFields')],
  ['$unset', unset],
  [
    '$replaceRoot',
    (operand, context, name) => replaceWith(specOf(name, operand).get('newRoot') ?? null, context, name),
  ],
  ['$replaceWith', replaceWith],
  ['$limit', limit],
  ['$skip', skip],
  ['$sort', sort],
  ['$group', group],
  ['$bucket', composed(bucketStages)],
  ['$bucketAuto', bucketAuto],
  ['$setWindowFields', setWindowFields],
  ['$unwind', unwind],
  ['$count', count],
  ['$sortByCount', sortByCount],
  ['$sample', sample],
  ['$facet', facet],
  ['$lookup', lookup],
  ['$unionWith', unionWith],
  ['$documents', documents],
]);
