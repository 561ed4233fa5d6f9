/** Updates: operators, positional paths and array filters change a document in place. */
import { encode, int, isDoc, kinds, Opaque, Regex, type Doc, type Value } from './bson.ts';
import { badValue, CommandError, failedToParse, typeMismatch } from './errors.ts';
import { elementTest, Filter, isOperators, type FilterContext, type MatchTrace } from './matcher.ts';
import { calculate } from './numbers.ts';
import { isPosition } from './paths.ts';
import { comparatorOf, type SortField } from './sort.ts';
import { compareText, compareValues, equalValues, isNumeric, typeName, wholeNumber, type Collate } from './values.ts';

export interface UpdateContext extends FilterContext {
  now: Date;
  arrayFilters?: readonly Doc[];
}

export interface Situation {
  trace: MatchTrace;
  isInsert: boolean;
}

/** What a field holds afterwards; `undefined` is a field that is not there. */
type Change = (held: Value | undefined) => Value | undefined;
type Operator = (operand: Value, context: UpdateContext, field: string) => Change;

/** One field of an update: where, and what becomes of it. */
interface Step {
  path: string[];
  operator: string;
  change: Change;
  /** Where `$rename` puts it. */
  target?: string[];
}

const backfillMax = 1_500_000;

/** An update by operators. Errors at construction: what the update itself says wrong. */
export class OperatorUpdate {
  readonly #steps: Step[] = [];
  readonly #filters = new Map<string, Filter>();

  constructor(update: Doc, context: UpdateContext) {
    for (const filter of context.arrayFilters ?? []) this.#addFilter(filter, context);
    for (const [name, fields] of update) {
      const operator = operators.get(name);
      if (!operator) throw failedToParse(`Unknown modifier: ${name}. Expected a valid update modifier or a pipeline`);
      if (!isDoc(fields))
        throw failedToParse(`Modifiers operate on fields but we found ${typeName(fields)} instead: ${name}`);
      for (const [field, operand] of fields) {
        const target = name === '$rename' ? { target: targetOf(field, operand) } : {};
        this.#steps.push({
          path: field.split('.'),
          operator: name,
          change: operator(operand, context, field),
          ...target,
        });
      }
    }
    const touched = this.#steps.flatMap(({ path, target }) => (target ? [path, target] : [path]));
    for (const path of touched) this.#checkPath(path);
    const used = new Set(touched.flat());
    for (const name of this.#filters.keys())
      if (!used.has(`$[${name}]`))
        throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    this.#steps.sort((a, b) => comparePaths(a.path, b.path));
    touched.sort(comparePaths);
    for (const [at, path] of touched.entries()) {
      const next = touched[at + 1];
      if (next && path.every((part, depth) => next[depth] === part))
        throw new CommandError(
          'ConflictingUpdateOperators',
          `Updating the path '${next.join('.')}' would create a conflict at '${path.join('.')}'`,
        );
    }
  }

  #addFilter(filter: Doc, context: UpdateContext): void {
    const [name, ...others] = identifiersOf(filter);
    if (name === undefined || others.length > 0)
      throw failedToParse('Error parsing array filter: Expected a single top-level field name');
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw badValue(`Error parsing array filter: The top-level field name must be an identifier, found '${name}'`);
    if (this.#filters.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    this.#filters.set(name, new Filter(filter, context));
  }

  #checkPath(path: string[]): void {
    const field = path.join('.');
    if (path.includes(''))
      throw new CommandError('EmptyFieldName', `The update path '${field}' contains an empty field name.`);
    for (const [depth, part] of path.entries()) {
      const identifier = /^\$\[(.*)\]$/.exec(part)?.[1];
      if (identifier && !this.#filters.has(identifier))
        throw badValue(`No array filter found for identifier '${identifier}' in path '${field}'`);
      const isPositional = identifier !== undefined || (part === '$' && depth > 0);
      if (part.startsWith('$') && !isPositional && !['$id', '$ref', '$db'].includes(part))
        throw new CommandError(
          'DollarPrefixedFieldName',
          `The dollar ($) prefixed field '${part}' is not allowed here.`,
        );
    }
  }

  /** Changes the document in place. */
  apply(fields: Doc, { trace, isInsert }: Situation): void {
    for (const step of this.#steps) {
      if (step.operator === '$setOnInsert' && !isInsert) continue;
      if (step.target) rename(fields, step.path, step.target);
      else this.#reach(fields, step.path, step, trace);
    }
  }

  /** Does a step to whatever a path leads to from here. */
  #reach(holder: Doc | Value[], [part = '', ...rest]: string[], step: Step, trace: MatchTrace): void {
    for (const name of this.#namesOf(part, holder, trace)) {
      if (rest.length === 0) put(holder, name, step);
      else {
        const next = enter(holder, name, rest, step);
        if (next) this.#reach(next, rest, step, trace);
      }
    }
  }

  /** The names that a part of a path stands for: a positional one for places in an array. */
  #namesOf(part: string, holder: Doc | Value[], trace: MatchTrace): string[] {
    if (part === '$') {
      if (trace.position === undefined)
        throw badValue('The positional operator did not find the match needed from the query.');
      return [String(trace.position)];
    }
    if (!part.startsWith('$[')) return [part];
    if (!Array.isArray(holder)) throw noArray();
    const name = part.slice(2, -1);
    const filter = this.#filters.get(name);
    return [...holder.keys()]
      .filter((at) => !filter || filter.matches(new Map([[name, holder[at] ?? null]])))
      .map(String);
  }
}

function noArray(): CommandError {
  return badValue('The path must exist in the document in order to apply array updates.');
}

/** Operators that leave alone what is not there. */
const removing = new Set(['$unset', '$pull', '$pullAll', '$pop']);

/** The document or array behind a name, made if the step makes what it needs. */
function enter(holder: Doc | Value[], name: string, rest: string[], step: Step): Doc | Value[] | undefined {
  const held = child(holder, name);
  if (isDoc(held) || Array.isArray(held)) return held;
  if (rest.some((part) => part.startsWith('$['))) throw noArray();
  if (removing.has(step.operator)) return undefined;
  if (held !== undefined)
    throw new CommandError(
      'PathNotViable',
      `Cannot create field '${rest.join('.')}' in element {${name}: ${typeName(held)}}`,
    );
  const made: Doc = new Map();
  put(holder, name, { ...step, change: () => made });
  return made;
}

/** Changes what a name holds in a document, or a position in an array. */
function put(holder: Doc | Value[], name: string, { operator, change }: Step): void {
  const held = child(holder, name);
  if (held === undefined && removing.has(operator)) return;
  const value = change(held);
  if (isDoc(holder)) {
    if (value === undefined) holder.delete(name);
    else holder.set(name, value);
    return;
  }
  if (!isPosition(name)) throw new CommandError('PathNotViable', `Cannot create field '${name}' in an array`);
  if (Number(name) >= holder.length + backfillMax) throw badValue(`can't backfill more than ${backfillMax} elements`);
  while (holder.length < Number(name)) holder.push(null);
  holder[Number(name)] = value ?? null;
}

function child(value: Value | undefined, part: string): Value | undefined {
  if (isDoc(value)) return value.get(part);
  return Array.isArray(value) && isPosition(part) ? value[Number(part)] : undefined;
}

function rename(fields: Doc, path: string[], target: string[]): void {
  const valueAt = (each: string[]) => each.reduce<Value | undefined>(child, fields);
  const value = valueAt(path);
  if (value === undefined) return;
  for (const each of [path, target])
    if (each.some((_, depth) => depth > 0 && Array.isArray(valueAt(each.slice(0, depth)))))
      throw badValue(`The source and target of $rename must not pass an array: ${each.join('.')}`);
  write(fields, path, '$unset', undefined);
  write(fields, target, '$set', value);
}

function write(fields: Doc, path: string[], operator: string, value: Value | undefined): void {
  const step: Step = { path, operator, change: () => value };
  let holder: Doc | Value[] | undefined = fields;
  for (const [depth, name] of path.slice(0, -1).entries()) holder &&= enter(holder, name, path.slice(depth + 1), step);
  if (holder) put(holder, path.at(-1) ?? '', step);
}

function targetOf(field: string, operand: Value): string[] {
  if (typeof operand !== 'string') throw badValue(`The 'to' field for $rename must be a string: ${field}`);
  if (operand === field) throw badValue(`The source and target field for $rename must differ: ${field}`);
  return operand.split('.');
}

function identifiersOf(filter: Doc): Set<string> {
  const names = new Set<string>();
  for (const [name, value] of filter) {
    if (!name.startsWith('$')) names.add(name.split('.')[0] ?? '');
    else if (Array.isArray(value))
      for (const branch of value) if (isDoc(branch)) for (const inner of identifiersOf(branch)) names.add(inner);
  }
  return names;
}

function comparePaths(a: string[], b: string[]): number {
  for (const [depth, part] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    const bothNumbers = isPosition(part) && isPosition(other);
    const order = bothNumbers ? Number(part) - Number(other) : compareText(part, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** A value of its own for each place it is written to. */
function copy(value: Value): Value {
  if (Array.isArray(value)) return value.map(copy);
  return isDoc(value) ? new Map([...value].map(([name, field]) => [name, copy(field)])) : value;
}

function arithmetic(name: '$inc' | '$mul'): Operator {
  const operation = name === '$inc' ? 'add' : 'multiply';
  return (operand, _, field) => {
    if (!isNumeric(operand)) throw typeMismatch(`Cannot ${name} with non-numeric argument: ${field}`);
    return (held = int(0)) => {
      if (!isNumeric(held))
        throw typeMismatch(`Cannot apply ${name} to a value of non-numeric type ${typeName(held)}: '${field}'`);
      const result = calculate(operation, held, operand);
      if (result === undefined)
        throw badValue(`Failed to apply ${name} to field '${field}': the result overflows a long`);
      return result;
    };
  };
}

function extreme(sign: 1 | -1): Operator {
  return (operand, context) => (held) =>
    held === undefined || compareValues(operand, held, context.collate) * sign > 0 ? copy(operand) : held;
}

const set: Operator = (operand) => () => copy(operand);

const currentDate: Operator = (operand, context, field) => {
  const kind = isDoc(operand) && operand.size === 1 ? operand.get('$type') : operand;
  if (kind !== 'date' && kind !== 'timestamp' && (typeof kind !== 'boolean' || isDoc(operand)))
    throw badValue(`$currentDate takes true or {$type: 'timestamp/date'}: ${field}`);
  return () => (kind === 'timestamp' ? timestamp(context.now) : context.now);
};

export function timestamp(now: Date, increment = 1): Opaque {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(increment, 0);
  bytes.writeUInt32LE(Math.floor(now.getTime() / 1000), 4);
  return new Opaque(kinds.timestamp, bytes);
}

/** The array that an operator works on. Errors: what is none. */
function arrayOf(held: Value | undefined, field: string, refuse = badValue): Value[] {
  if (Array.isArray(held)) return held;
  if (held === undefined) return [];
  throw refuse(`The field '${field}' must be an array but is of type ${typeName(held)}`);
}

/** What `$push` and `$addToSet` add, and how. Errors: clauses that nobody knows. */
function additions(operand: Value, known: readonly string[], refuse: (message: string) => CommandError) {
  const clauses = isDoc(operand) && operand.has('$each') ? operand : new Map<string, Value>([['$each', [operand]]]);
  const each = clauses.get('$each');
  if (!Array.isArray(each)) throw refuse(`The argument to $each must be an array but it was of type ${typeName(each)}`);
  for (const name of clauses.keys()) if (!known.includes(name)) throw badValue(`Unrecognized clause: ${name}`);
  return { each, clauses };
}

const push: Operator = (operand, context, field) => {
  const { each, clauses } = additions(operand, ['$each', '$slice', '$sort', '$position'], badValue);
  const whole = (name: string) => {
    const value = clauses.get(name);
    const number = wholeNumber(value);
    if (value !== undefined && number === undefined)
      throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
    return number;
  };
  const [slice, position] = [whole('$slice'), whole('$position')];
  const order = orderOf(clauses.get('$sort'), context.collate);
  return (held) => {
    const items = [...arrayOf(held, field)];
    const place = position !== undefined && position < 0 ? Math.max(0, items.length + position) : position;
    items.splice(place ?? items.length, 0, ...each.map(copy));
    if (order) items.sort(order);
    if (slice === undefined) return items;
    return slice < 0 ? items.slice(slice) : items.slice(0, slice);
  };
};

function orderOf(sort: Value | undefined, collate?: Collate): ((a: Value, b: Value) => number) | undefined {
  if (sort === undefined) return undefined;
  const fields = [...(isDoc(sort) ? sort : [['', sort] as const])].map(([name, value]): SortField => {
    const direction = wholeNumber(value);
    if (direction !== 1 && direction !== -1) throw badValue('The $sort element value must be either 1 or -1');
    return { path: isDoc(sort) ? name.split('.') : [], direction };
  });
  if (fields.length === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
  const compare = comparatorOf(fields, collate);
  const keyOf = (item: Value) => fields.map(({ path }) => path.reduce<Value | undefined>(child, item) ?? null);
  return (a, b) => compare(keyOf(a), keyOf(b));
}

const addToSet: Operator = (operand, context, field) => {
  const { each } = additions(operand, ['$each'], typeMismatch);
  return (held) => {
    const items = [...arrayOf(held, field)];
    for (const item of each)
      if (!items.some((other) => equalValues(other, item, context.collate))) items.push(copy(item));
    return items;
  };
};

const pop: Operator = (operand, _, field) => {
  const end = wholeNumber(operand);
  if (end !== 1 && end !== -1) throw failedToParse(`$pop expects 1 or -1 for ${field}`);
  return (held) =>
    end === 1 ? arrayOf(held, field, typeMismatch).slice(0, -1) : arrayOf(held, field, typeMismatch).slice(1);
};

const pull: Operator = (operand, context, field) => {
  const test = elementTest(operand, context);
  const ofDocuments = isDoc(operand) && !isOperators(operand);
  return (held) => arrayOf(held, field).filter((item) => !((isDoc(item) || !ofDocuments) && test(item)));
};

const pullAll: Operator = (operand, context, field) => {
  if (!Array.isArray(operand))
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  return (held) =>
    arrayOf(held, field).filter((item) => !operand.some((each) => equalValues(each, item, context.collate)));
};

const operators = new Map<string, Operator>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', () => () => undefined],
  ['$inc', arithmetic('$inc')],
  ['$mul', arithmetic('$mul')],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$currentDate', currentDate],
  ['$rename', () => (held) => held],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pop', pop],
  ['$pull', pull],
  ['$pullAll', pullAll],
]);

/** The fields that a query fixes by equality: what an upsert begins with. */
export function equalities(query: Doc, into: Doc = new Map()): Doc {
  for (const [name, condition] of query) {
    const isSure = name === '$and' || (name === '$or' && Array.isArray(condition) && condition.length === 1);
    if (isSure && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) equalities(branch, into);
    } else if (!name.startsWith('$')) {
      const value = equalityIn(condition);
      if (value !== undefined) write(into, name.split('.'), '$set', copy(value));
    }
  }
  return into;
}

function equalityIn(condition: Value): Value | undefined {
  if (!isOperators(condition)) return condition instanceof Regex ? undefined : condition;
  const one = (value: Value | undefined) => (Array.isArray(value) && value.length === 1 ? value[0] : undefined);
  return condition.get('$eq') ?? one(condition.get('$in')) ?? one(condition.get('$all'));
}

export function isPipeline(update: Value): update is Value[] {
  return Array.isArray(update);
}

/** Operators or a replacement. Errors: a mixture of both. */
export function isReplacement(update: Doc): boolean {
  const [first] = update.keys();
  const isByOperators = first?.startsWith('$') === true;
  const stranger = [...update.keys()].find((name) => name.startsWith('$') !== isByOperators);
  if (stranger === undefined) return !isByOperators;
  if (isByOperators)
    throw failedToParse(`Unknown modifier: ${stranger}. Expected a valid update modifier or a pipeline`);
  throw new CommandError(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${stranger}' is not allowed in a replacement document.`,
  );
}

/** Whether two values are the same to the byte: `{ a: 1, b: 2 }` with its fields in the same order and of the same types. */
export function equalParts(a: Value, b: Value): boolean {
  return encode(new Map([['', a]])).equals(encode(new Map([['', b]])));
}
