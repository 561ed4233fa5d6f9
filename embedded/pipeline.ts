/** Aggregation stages as streams of documents; `undefined` among them is a place to rest. */
import { Aggregator } from 'mingo';
import * as windowOperators from 'mingo/operators/window';
import { doc, encode, int, isDoc, type Doc, type Value } from './bson.ts';
import { accumulatorOf, type AccumulatorMaker } from './accumulators.ts';
import type { Collation } from './collation.ts';
import { CommandError, failedToParse } from './errors.ts';
import { compile, follow, foreignly, fromPlain, inspect, toPlain, type Variables } from './expressions.ts';
import { encodeKey } from './keys.ts';
import { Filter } from './matcher.ts';
import { Projection } from './projection.ts';
import { sorted, sortFieldsOf } from './sort.ts';
import { compareValues, isTrue, nameOf, wholeNumber } from './values.ts';

export type Docs = Iterable<Doc | undefined>;
export type Stage = (rows: Docs) => Docs;

export interface PipelineContext {
  collation: Collation | undefined;
  variables: Variables;
  /** What another collection of the same database gives when these stages run over it. */
  read(collection: string, stages: Doc[], variables: Variables): Docs;
}

type StageMaker = (operand: Value, context: PipelineContext) => Stage;

/** The stages of a pipeline. Errors: what is no stage. */
export function stagesOf(pipeline: Value | undefined): Doc[] {
  if (!Array.isArray(pipeline))
    throw new CommandError('TypeMismatch', "'pipeline' option must be specified as an array");
  return pipeline.map((stage) => {
    if (!isDoc(stage)) throw new CommandError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    if (stage.size !== 1)
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    return stage;
  });
}

export function compilePipeline(stages: readonly Doc[], context: PipelineContext): Stage {
  const compiled = stages.map((stage) => {
    const [[name, operand] = ['', null]] = stage;
    const make = makers.get(name);
    if (name === '$out' || name === '$merge')
      throw new CommandError(40601, `${name} can only be the final stage in the pipeline`);
    if (name === '$changeStream')
      throw new CommandError(40573, 'The $changeStream stage is not supported by this store');
    if (!make) throw new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    return make(operand, context);
  });
  return (rows) => compiled.reduce<Docs>((before, stage) => stage(before), rows);
}

export function filterIn(context: PipelineContext, query: Doc): Filter {
  return new Filter(query, filterContext(context));
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

function documentOperand(name: string, operand: Value): Doc {
  if (!isDoc(operand)) throw new CommandError(15959, `the ${name} specification must be an object`);
  return operand;
}

/** A stage that makes one document of one. */
function mapping(change: (fields: Doc) => Doc | undefined): Stage {
  return function* (rows) {
    for (const row of rows) {
      if (!row) yield undefined;
      else {
        const changed = change(row);
        if (changed) yield changed;
      }
    }
  };
}

/** A stage that needs all documents before it tells any. */
function gathering(tell: (rows: Doc[]) => Docs): Stage {
  return function* (rows) {
    const all: Doc[] = [];
    for (const row of rows) {
      if (row) all.push(row);
      else yield undefined;
    }
    yield* tell(all);
  };
}

const match: StageMaker = (operand, context) => {
  const filter = filterIn(context, documentOperand('$match', operand));
  return mapping((fields) => (filter.matches(fields) ? fields : undefined));
};

const project: StageMaker = (operand, context) => {
  const spec = documentOperand('$project', operand);
  if (spec.size === 0)
    throw new CommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const projection = new Projection(spec, filterContext(context), true);
  return mapping((fields) => projection.apply(fields));
};

const unset: StageMaker = (operand, context) => {
  const names = Array.isArray(operand) ? operand : [operand];
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '' || name.startsWith('$')))
    throw new CommandError(31002, '$unset specification must be a string or an array of strings');
  const projection = new Projection(new Map(names.map((name) => [nameOf(name), int(0)])), filterContext(context), true);
  return mapping((fields) => projection.apply(fields));
};

const addFields: StageMaker = (operand, { variables }) => {
  const members: { path: string[]; value: (fields: Doc) => Value | undefined }[] = [];
  const collect = (spec: Doc, before: string[]) => {
    for (const [name, value] of spec) {
      const path = [...before, ...name.split('.')];
      if (path.includes('') || path.some((part) => part.startsWith('$')))
        throw new CommandError('FailedToParse', `Invalid $addFields :: caused by :: FieldPath '${name}' is not valid`);
      const [first] = isDoc(value) ? value.keys() : [];
      if (isDoc(value) && first !== undefined && !first.startsWith('$')) collect(value, path);
      else members.push({ path, value: compile(value, variables) });
    }
  };
  collect(documentOperand('$addFields', operand), []);
  return mapping((fields) =>
    members.reduce((changed, { path, value }) => withField(changed, path, value(fields)), fields),
  );
};

/** A copy in which the path holds the value; through arrays, in each element. */
function withField(fields: Doc, [name = '', ...rest]: string[], value: Value | undefined): Doc {
  const copy: Doc = new Map(fields);
  const next = rest.length === 0 ? value : within(fields.get(name), rest, value);
  if (next === undefined) copy.delete(name);
  else copy.set(name, next);
  return copy;
}

function within(held: Value | undefined, path: string[], value: Value | undefined): Value {
  if (Array.isArray(held)) return held.map((item) => within(item, path, value));
  return withField(isDoc(held) ? held : new Map<string, Value>(), path, value);
}

const replaceRoot: StageMaker = (operand, { variables }) => {
  const value = compile(operand, variables);
  return mapping((fields) => {
    const root = value(fields);
    if (!isDoc(root)) throw new CommandError(40228, "'newRoot' expression must evaluate to an object");
    return root;
  });
};

function counted(name: string, operand: Value, least: number): number {
  const number = wholeNumber(operand);
  if (number === undefined || number < least)
    throw new CommandError(
      least > 0 ? 15958 : 5107200,
      `invalid argument to ${name} stage: expected a number of at least ${least}`,
    );
  return number;
}

const limit: StageMaker = (operand) => {
  const most = counted('$limit', operand, 1);
  return function* (rows) {
    let left = most;
    for (const row of rows) {
      yield row;
      if (row && --left === 0) return;
    }
  };
};

const skip: StageMaker = (operand) => {
  let left = counted('$skip', operand, 0);
  return mapping((fields) => (left-- > 0 ? undefined : fields));
};

const sort: StageMaker = (operand, { collation }) => {
  const fields = sortFieldsOf(documentOperand('$sort', operand));
  return (rows) => sorted(rows, (row) => ({ fields: row, bytes: encode(row).length }), fields, 0, collation?.compare);
};

type Member = [name: string, make: AccumulatorMaker];

/** Groups by a key; `undefined` keeps a document out. */
function grouping(
  keyOf: (fields: Doc) => Value | undefined,
  members: Member[],
  collation: Collation | undefined,
): Stage {
  return function* (rows) {
    const groups = new Map<string, { key: Value; gathered: [string, ReturnType<AccumulatorMaker>][] }>();
    for (const row of rows) {
      if (!row) {
        yield undefined;
        continue;
      }
      const key = keyOf(row);
      if (key === undefined) continue;
      const id = encodeKey([key], [1], collation?.fold).toString('latin1');
      let group = groups.get(id);
      if (!group) groups.set(id, (group = { key, gathered: members.map(([name, make]) => [name, make()]) }));
      for (const [, accumulator] of group.gathered) accumulator.take(row);
    }
    let told = 0;
    for (const { key, gathered } of groups.values()) {
      yield new Map<string, Value>([
        ['_id', key],
        ...gathered.map(([name, each]): [string, Value] => [name, each.result()]),
      ]);
      if (++told % 500 === 0) yield undefined;
    }
  };
}

function membersOf(spec: Iterable<[string, Value]>, variables: Variables): Member[] {
  return [...spec].map(([name, operand]) => {
    if (name.includes('.')) throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw new CommandError(40236, `The field name '${name}' cannot be an operator name`);
    return [name, accumulatorOf(name, operand, variables)];
  });
}

const group: StageMaker = (operand, { variables, collation }) => {
  const spec = documentOperand('$group', operand);
  if (!spec.has('_id')) throw new CommandError(15955, 'a group specification must include an _id');
  const key = compile(spec.get('_id') ?? null, variables);
  const members = membersOf(
    [...spec].filter(([name]) => name !== '_id'),
    variables,
  );
  return grouping((fields) => key(fields) ?? null, members, collation);
};

const bucket: StageMaker = (operand, { variables, collation }) => {
  const spec = documentOperand('$bucket', operand);
  const boundaries = spec.get('boundaries');
  if (!Array.isArray(boundaries) || boundaries.length < 2)
    throw new CommandError(40192, "The $bucket 'boundaries' field must be an array with at least 2 values");
  const value = compile(spec.get('groupBy') ?? null, variables);
  const otherwise = spec.get('default');
  const output = spec.get('output');
  const members = membersOf(isDoc(output) ? output : [['count', doc({ $sum: int(1) })]], variables);
  const stage = grouping(
    (fields) => {
      const own = value(fields) ?? null;
      const place = boundaries.findLastIndex((boundary) => compareValues(boundary, own) <= 0);
      const found = place < boundaries.length - 1 ? boundaries[place] : undefined;
      if (found === undefined && otherwise === undefined)
        throw new CommandError(
          40066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        );
      return found ?? otherwise;
    },
    members,
    collation,
  );
  const ordered = sort(doc({ _id: int(1) }), { variables, collation, read: () => [] });
  return (rows) => ordered(stage(rows));
};

const unwind: StageMaker = (operand) => {
  const spec = typeof operand === 'string' ? doc({ path: operand }) : documentOperand('$unwind', operand);
  const text = spec.get('path');
  if (typeof text !== 'string' || !text.startsWith('$'))
    throw new CommandError(28818, `path option to $unwind stage should be prefixed with a '$': ${nameOf(text)}`);
  const path = text.slice(1).split('.');
  const position = nameOf(spec.get('includeArrayIndex'));
  const keepsEmpty = isTrue(spec.get('preserveNullAndEmptyArrays'));
  const told = (fields: Doc, item: Value | undefined, at: number | null) => {
    const changed = withField(fields, path, item);
    return position === '' ? changed : withField(changed, position.split('.'), at === null ? null : BigInt(at));
  };
  return function* (rows) {
    for (const row of rows) {
      if (!row) {
        yield undefined;
        continue;
      }
      const value = follow(row, path);
      if (Array.isArray(value) && value.length > 0) for (const [at, item] of value.entries()) yield told(row, item, at);
      else if (Array.isArray(value) || value === undefined || value === null) {
        if (keepsEmpty)
          yield position === '' && !Array.isArray(value)
            ? row
            : told(row, Array.isArray(value) ? undefined : value, null);
      } else yield told(row, value, null);
    }
  };
};

const count: StageMaker = (operand) => {
  const name = nameOf(operand);
  if (name === '' || name.startsWith('$') || name.includes('.'))
    throw new CommandError(40156, 'the count field must be a non-empty string without $ and dots');
  return function* (rows) {
    let n = 0;
    for (const row of rows) {
      if (row) n++;
      else yield undefined;
    }
    if (n > 0) yield doc({ [name]: int(n) });
  };
};

const sortByCount: StageMaker = (operand, context) => {
  const stages = [
    doc({ $group: doc({ _id: operand, count: doc({ $sum: int(1) }) }) }),
    doc({ $sort: doc({ count: int(-1) }) }),
  ];
  return compilePipeline(stages, context);
};

const sample: StageMaker = (operand) => {
  const size = counted('$sample', documentOperand('$sample', operand).get('size') ?? null, 1);
  return gathering((rows) => {
    for (let at = rows.length - 1; at > 0; at--) {
      const other = Math.floor(Math.random() * (at + 1));
      const [a, b] = [rows[at], rows[other]];
      if (a && b) [rows[at], rows[other]] = [b, a];
    }
    return rows.slice(0, size);
  });
};

const facet: StageMaker = (operand, context) => {
  const members = [...documentOperand('$facet', operand)].map(([name, pipeline]) => {
    const stages = stagesOf(pipeline);
    if (stages.some((stage) => ['$facet', '$out', '$merge', '$documents'].some((barred) => stage.has(barred))))
      throw new CommandError(40600, 'a $facet pipeline holds a stage that is not allowed there');
    return { name, stage: compilePipeline(stages, context) };
  });
  if (members.length === 0) throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  return gathering(function* (rows) {
    const result: Doc = new Map();
    for (const { name, stage } of members) {
      const told: Value[] = [];
      for (const row of stage(rows)) {
        if (row) told.push(row);
        else yield undefined;
      }
      result.set(name, told);
    }
    yield result;
  });
};

const lookupOptions = new Set(['from', 'as', 'localField', 'foreignField', 'let', 'pipeline']);

const lookup: StageMaker = (operand, context) => {
  const spec = documentOperand('$lookup', operand);
  for (const name of spec.keys())
    if (!lookupOptions.has(name)) throw failedToParse(`unknown argument to $lookup: ${name}`);
  const [from, as, local, foreign] = ['from', 'as', 'localField', 'foreignField'].map((name) => nameOf(spec.get(name)));
  const stages = spec.has('pipeline') ? stagesOf(spec.get('pipeline')) : [];
  if (!from || !as) throw failedToParse("$lookup needs 'from' and 'as'");
  if (!local !== !foreign || (!local && !spec.has('pipeline')))
    throw failedToParse('$lookup requires either a pipeline, or both localField and foreignField');
  const outer = spec.get('let');
  const bindings = [...(isDoc(outer) ? outer : [])].map(([name, value]) => ({
    name,
    value: compile(value, context.variables),
  }));
  return function* (rows) {
    for (const row of rows) {
      if (!row) {
        yield undefined;
        continue;
      }
      const variables = new Map(context.variables);
      for (const { name, value } of bindings) variables.set(name, value(row));
      const first =
        local && foreign ? [doc({ $match: new Map([[foreign, equalling(follow(row, local.split('.')))]]) })] : [];
      const found: Value[] = [];
      for (const other of context.read(from, [...first, ...stages], variables)) {
        if (other) found.push(other);
        else yield undefined;
      }
      yield withField(row, as.split('.'), found);
    }
  };
};

function equalling(value: Value | undefined): Doc {
  return Array.isArray(value) ? doc({ $in: value }) : doc({ $eq: value ?? null });
}

const graphLookup: StageMaker = (operand, context) => {
  const spec = documentOperand('$graphLookup', operand);
  const [from, as, connectFrom, connectTo, depthField] = [
    'from',
    'as',
    'connectFromField',
    'connectToField',
    'depthField',
  ].map((name) => nameOf(spec.get(name)));
  const start = compile(spec.get('startWith') ?? null, context.variables);
  const depthMax = wholeNumber(spec.get('maxDepth')) ?? Infinity;
  const restriction = spec.get('restrictSearchWithMatch');
  if (!from || !as || !connectFrom || !connectTo)
    throw failedToParse('$graphLookup needs from, as, connectFromField and connectToField');
  return function* (rows) {
    for (const row of rows) {
      if (!row) {
        yield undefined;
        continue;
      }
      const reached = new Map<string, Doc>();
      let frontier = listOf(start(row));
      for (let depth = 0; frontier.length > 0 && depth <= depthMax; depth++) {
        const query = doc({
          $and: [new Map([[connectTo, doc({ $in: frontier })]]), ...(isDoc(restriction) ? [restriction] : [])],
        });
        frontier = [];
        for (const other of context.read(from, [doc({ $match: query })], context.variables)) {
          if (!other) {
            yield undefined;
            continue;
          }
          const id = encodeKey([other.get('_id') ?? null], [1]).toString('latin1');
          if (reached.has(id)) continue;
          reached.set(id, depthField ? withField(other, depthField.split('.'), BigInt(depth)) : other);
          frontier.push(...listOf(follow(other, connectFrom.split('.'))));
        }
      }
      yield withField(row, as.split('.'), [...reached.values()]);
    }
  };
};

function listOf(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

const unionWith: StageMaker = (operand, context) => {
  const spec = typeof operand === 'string' ? doc({ coll: operand }) : documentOperand('$unionWith', operand);
  const stages = spec.has('pipeline') ? stagesOf(spec.get('pipeline')) : [];
  return function* (rows) {
    yield* rows;
    yield* context.read(nameOf(spec.get('coll')), stages, context.variables);
  };
};

const documents: StageMaker = (operand, { variables }) => {
  const made = compile(operand, variables)(new Map());
  if (!Array.isArray(made) || !made.every(isDoc))
    throw new CommandError(5858203, 'an array of documents is expected in $documents');
  return () => made.filter(isDoc);
};

const windowNames = new Set(Object.keys(windowOperators));

/** Window functions by mingo; only what they add is taken over, so that the other fields keep their types. */
const setWindowFields: StageMaker = (operand) => {
  const spec = documentOperand('$setWindowFields', operand);
  const output = spec.get('output');
  if (!isDoc(output)) throw failedToParse("$setWindowFields needs 'output'");
  inspect(spec, new Set(), windowNames);
  const run = foreignStage('$setWindowFields', spec);
  return gathering(function* (rows) {
    const place = '\u0001place';
    const told = run(rows.map((row, position) => new Map([...row, [place, int(position)]])));
    for (const result of told) {
      const row = rows[wholeNumber(result.get(place)) ?? -1];
      if (row)
        yield [...output.keys()].reduce(
          (changed, name) => withField(changed, name.split('.'), follow(result, name.split('.'))),
          row,
        );
    }
  });
};

function foreignStage(name: string, operand: Value): (rows: Doc[]) => Doc[] {
  const aggregator = new Aggregator([toPlain(new Map([[name, operand]]))], {
    // mingo writes some window functions as $function; `inspect` has refused the caller's own.
    scriptEnabled: name === '$setWindowFields',
  });
  return (rows) => foreignly(() => aggregator.run(rows.map(toPlain)).map(fromPlain));
}

function foreignMaker(name: string): StageMaker {
  return (operand) => {
    inspect(operand, new Set());
    const run = foreignStage(name, operand);
    return gathering(run);
  };
}

const makers = new Map<string, StageMaker>([
  ['$match', match],
  ['$project', project],
  ['$unset', unset],
  ['$addFields', addFields],
  ['$set', addFields],
  [
    '$replaceRoot',
    (operand, context) => replaceRoot(documentOperand('$replaceRoot', operand).get('newRoot') ?? null, context),
  ],
  ['$replaceWith', replaceRoot],
  ['$limit', limit],
  ['$skip', skip],
  ['$sort', sort],
  ['$group', group],
  ['$bucket', bucket],
  ['$unwind', unwind],
  ['$count', count],
  ['$sortByCount', sortByCount],
  ['$sample', sample],
  ['$facet', facet],
  ['$lookup', lookup],
  ['$graphLookup', graphLookup],
  ['$unionWith', unionWith],
  ['$documents', documents],
  ['$setWindowFields', setWindowFields],
  ...['$bucketAuto', '$densify', '$fill', '$redact'].map((name): [string, StageMaker] => [name, foreignMaker(name)]),
]);
