/** Updates: operators, positional paths and array filters change a document in place. */
import { encode, int, Int32, isDoc, kinds, Opaque, type Doc, type Value } from './bson.ts';
import { badValue, CommandError, failedToParse, typeMismatch } from './errors.ts';
import { Filter, isOperators, type FilterContext, type MatchTrace } from './matcher.ts';
import { calculate } from './numbers.ts';
import { isPosition } from './paths.ts';
import {
  compareText,
  compareValues,
  equalValues,
  isNumeric,
  toDouble,
  toRatio,
  typeName,
  wholeNumber,
  type Collate,
} from './values.ts';

export interface UpdateContext extends FilterContext {
  now: Date;
  arrayFilters?: readonly Doc[];
}

export interface Situation {
  trace: MatchTrace;
  isInsert: boolean;
}

/** Where an update writes: a field of a document or a place in an array. */
interface Holder {
  get(): Value | undefined;
  set(value: Value): void;
  unset(): void;
  path: string;
}

type Operator = (operand: Value, context: UpdateContext, field: string) => (holder: Holder, isInsert: boolean) => void;

/** An update by operators. Errors at construction: what the update itself says wrong. */
export class OperatorUpdate {
  readonly #changes: { path: string[]; operator: string; apply: (holder: Holder, isInsert: boolean) => void }[] = [];
  readonly #filters = new Map<string, Filter>();
  readonly #used = new Set<string>();

  constructor(update: Doc, context: UpdateContext) {
    for (const filter of context.arrayFilters ?? []) this.#addFilter(filter, context);
    for (const [operator, fields] of update) {
      const compile = operators.get(operator);
      if (!compile)
        throw failedToParse(
          `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
        );
      if (!isDoc(fields))
        throw failedToParse(
          `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ...}`,
        );
      for (const [field, operand] of fields) this.#add(operator, field, operand, compile, context);
    }
    for (const name of this.#filters.keys())
      if (!this.#used.has(name))
        throw failedToParse(`The array filter for identifier '${name}' was not used in the update`);
    this.#changes.sort((a, b) => comparePaths(a.path, b.path));
    this.#refuseConflicts();
  }

  #addFilter(filter: Doc, context: UpdateContext): void {
    const roots = identifiersOf(filter);
    const [name] = roots;
    if (name === undefined || roots.size !== 1)
      throw failedToParse(`Error parsing array filter: Expected a single top-level field name, found ${roots.size}`);
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw badValue(
        `Error parsing array filter: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      );
    if (this.#filters.has(name))
      throw failedToParse(`Found multiple array filters with the same top-level field name ${name}`);
    this.#filters.set(name, new Filter(filter, context));
  }

  #add(operator: string, field: string, operand: Value, compile: Operator, context: UpdateContext): void {
    const paths = operator === '$rename' ? [field, renameTarget(field, operand)] : [field];
    for (const path of paths.map((text) => text.split('.'))) {
      if (path.includes(''))
        throw new CommandError(
          'EmptyFieldName',
          `The update path '${field}' contains an empty field name, which is not allowed.`,
        );
      for (const [depth, part] of path.entries()) this.#checkPart(part, depth, field);
    }
    this.#changes.push({ path: field.split('.'), operator, apply: compile(operand, context, field) });
    if (operator === '$rename')
      this.#changes.push({
        path: renameTarget(field, operand).split('.'),
        operator: '$renamed',
        apply: () => undefined,
      });
  }

  #checkPart(part: string, depth: number, field: string): void {
    const identifier = /^\$\[(.*)\]$/.exec(part)?.[1];
    if (identifier) {
      if (!this.#filters.has(identifier))
        throw badValue(`No array filter found for identifier '${identifier}' in path '${field}'`);
      this.#used.add(identifier);
    } else if (part.startsWith('$') && identifier === undefined && (part !== '$' || depth === 0) && !isReference(part))
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${part}' in '${field}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
  }

  #refuseConflicts(): void {
    for (const [position, { path }] of this.#changes.entries()) {
      const next = this.#changes[position + 1]?.path;
      if (next && path.every((part, depth) => next[depth] === part))
        throw new CommandError(
          'ConflictingUpdateOperators',
          `Updating the path '${next.join('.')}' would create a conflict at '${path.join('.')}'`,
        );
    }
  }

  /** Changes the document in place. */
  apply(fields: Doc, { trace, isInsert }: Situation): void {
    for (const { path, operator, apply } of this.#changes) {
      if (operator === '$setOnInsert' && !isInsert) continue;
      if (operator === '$renamed') continue;
      if (operator === '$rename') {
        apply(rootHolder(fields), isInsert);
        continue;
      }
      const removes = operator === '$unset' || operator === '$pull' || operator === '$pullAll' || operator === '$pop';
      for (const concrete of this.#concrete(fields, path, trace)) {
        const holder = locate(fields, concrete, !removes);
        if (holder) apply(holder, isInsert);
      }
    }
  }

  /** The path with its positional parts replaced by the positions they stand for in this document. */
  #concrete(fields: Doc, path: string[], trace: MatchTrace): string[][] {
    let found: { path: string[]; value: Value | undefined }[] = [{ path: [], value: fields }];
    for (const part of path) {
      const next: typeof found = [];
      for (const { path: before, value } of found) {
        if (part === '$') {
          if (trace.position === undefined)
            throw badValue('The positional operator did not find the match needed from the query.');
          const place = String(trace.position);
          next.push({ path: [...before, place], value: child(value, place) });
        } else if (part.startsWith('$[')) {
          if (!Array.isArray(value))
            throw badValue(
              `The path '${before.join('.')}' must exist in the document in order to apply array updates.`,
            );
          const filter = this.#filters.get(part.slice(2, -1));
          const name = part.slice(2, -1);
          for (const [offset, item] of value.entries())
            if (!filter || filter.matches(new Map([[name, item]])))
              next.push({ path: [...before, String(offset)], value: item });
        } else next.push({ path: [...before, part], value: child(value, part) });
      }
      found = next;
    }
    return found.map((each) => each.path);
  }
}

function isReference(part: string): boolean {
  return part === '$id' || part === '$ref' || part === '$db';
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

function child(value: Value | undefined, part: string): Value | undefined {
  if (isDoc(value)) return value.get(part);
  return Array.isArray(value) && isPosition(part) ? value[Number(part)] : undefined;
}

/** Finds the place a path names; makes the documents on the way if `creates`. */
function locate(fields: Doc, path: string[], creates: boolean): Holder | undefined {
  let at: Doc | Value[] = fields;
  for (const [depth, part] of path.slice(0, -1).entries()) {
    let next = child(at, part);
    if (next === undefined) {
      if (!creates) return undefined;
      next = new Map<string, Value>();
      holderOf(at, part, path).set(next);
    }
    if (!isDoc(next) && !Array.isArray(next)) {
      if (!creates) return undefined;
      throw new CommandError(
        'PathNotViable',
        `Cannot create field '${path[depth + 1] ?? ''}' in element {${part}: ${describe(next)}}`,
      );
    }
    at = next;
  }
  const last = path.at(-1) ?? '';
  if (!creates && child(at, last) === undefined) return undefined;
  return holderOf(at, last, path);
}

function describe(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return isNumeric(value)
    ? String(toDouble(value))
    : value === null || typeof value === 'boolean'
      ? String(value)
      : typeName(value);
}

function rootHolder(fields: Doc): Holder {
  return { get: () => fields, set: () => undefined, unset: () => undefined, path: '' };
}

function holderOf(at: Doc | Value[], part: string, path: string[]): Holder {
  const text = path.join('.');
  if (isDoc(at))
    return {
      get: () => at.get(part),
      set: (value) => void at.set(part, value),
      unset: () => void at.delete(part),
      path: text,
    };
  if (!isPosition(part))
    throw new CommandError('PathNotViable', `Cannot create field '${part}' in element {${path.at(-2) ?? ''}: [...]}`);
  const position = Number(part);
  if (position >= at.length + 1_500_000) throw badValue(`can't backfill more than 1500000 elements`);
  return {
    get: () => at[position],
    set: (value) => {
      while (at.length < position) at.push(null);
      at[position] = value;
    },
    unset: () => {
      if (position < at.length) at[position] = null;
    },
    path: text,
  };
}

function renameTarget(field: string, operand: Value): string {
  if (typeof operand !== 'string')
    throw badValue(`The 'to' field for $rename must be a string: ${field}: ${describe(operand)}`);
  if (operand === field) throw badValue(`The source and target field for $rename must differ: ${field}: "${operand}"`);
  return operand;
}

/** A value of its own for each place it is written to. */
export function copy(value: Value): Value {
  if (Array.isArray(value)) return value.map(copy);
  return isDoc(value) ? new Map([...value].map(([name, field]) => [name, copy(field)])) : value;
}

function arithmetic(operator: '$inc' | '$mul'): Operator {
  const [operation, verb] = operator === '$inc' ? (['add', 'increment'] as const) : (['multiply', 'multiply'] as const);
  return (operand, _context, field) => {
    if (!isNumeric(operand))
      throw typeMismatch(`Cannot ${verb} with non-numeric argument: {${field}: ${describe(operand)}}`);
    return (holder) => {
      const value = holder.get();
      if (value === undefined) {
        holder.set(operator === '$inc' ? operand : (calculate('multiply', operand, int(0)) ?? int(0)));
        return;
      }
      if (!isNumeric(value))
        throw typeMismatch(
          `Cannot apply ${operator} to a value of non-numeric type. {path: '${holder.path}'} has the field of non-numeric type ${typeName(value)}`,
        );
      const result = calculate(operation, value, operand);
      if (result === undefined)
        throw badValue(
          `Failed to apply ${operator} operations to current value for field '${holder.path}': the result overflows a long`,
        );
      holder.set(result);
    };
  };
}

function extreme(sign: 1 | -1): Operator {
  return (operand, context) => (holder) => {
    const value = holder.get();
    if (value === undefined || compareValues(operand, value, context.collate) * sign > 0) holder.set(copy(operand));
  };
}

const currentDate: Operator = (operand, context, field) => {
  const kind = isDoc(operand) ? operand.get('$type') : operand;
  if (isDoc(operand) && [...operand.keys()].some((name) => name !== '$type'))
    throw badValue(`Unrecognized $currentDate option: ${[...operand.keys()].join()}`);
  if (kind !== 'date' && kind !== 'timestamp' && typeof kind !== 'boolean')
    throw badValue(
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}): ${field}`,
    );
  return (holder) => holder.set(kind === 'timestamp' ? timestamp(context.now) : context.now);
};

export function timestamp(now: Date, increment = 1): Opaque {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(increment, 0);
  bytes.writeUInt32LE(Math.floor(now.getTime() / 1000), 4);
  return new Opaque(kinds.timestamp, bytes);
}

const rename: Operator = (operand, _context, field) => {
  const from = field.split('.');
  const to = renameTarget(field, operand).split('.');
  return (holder) => {
    const fields = holder.get();
    if (!isDoc(fields)) return;
    const source = locate(fields, from, false);
    const value = source?.get();
    if (!source || value === undefined) return;
    for (const path of [from, to])
      for (let depth = 1; depth < path.length; depth++)
        if (Array.isArray(locate(fields, path.slice(0, depth), false)?.get()))
          throw badValue(`The source and target of $rename must not pass an array: ${path.join('.')}`);
    source.unset();
    locate(fields, to, true)?.set(value);
  };
};

function arrayIn(holder: Holder, operator: string): Value[] | undefined {
  const value = holder.get();
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    const message =
      operator === '$push' || operator === '$addToSet'
        ? `The field '${holder.path}' must be an array but is of type ${typeName(value)} in document`
        : `Cannot apply ${operator} to a non-array value`;
    throw operator === '$pop'
      ? typeMismatch(`Path '${holder.path}' contains an element of non-array type '${typeName(value)}'`)
      : badValue(message);
  }
  return value;
}

const pushOptions = new Set(['$each', '$slice', '$sort', '$position']);

const push: Operator = (operand, context) => {
  const isModified = isDoc(operand) && operand.has('$each');
  const each = isModified ? operand.get('$each') : [operand];
  if (!Array.isArray(each))
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName(each)}`);
  const option = (name: string) => (isModified ? operand.get(name) : undefined);
  if (isModified)
    for (const name of operand.keys())
      if (!pushOptions.has(name)) throw badValue(`Unrecognized clause in $push: ${name}`);
  const whole = (name: string) => {
    const value = option(name);
    const number = wholeNumber(value);
    if (value !== undefined && number === undefined)
      throw badValue(`The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
    return number;
  };
  const slice = whole('$slice');
  const position = whole('$position');
  const order = pushOrder(option('$sort'), context.collate);
  return (holder) => {
    const items = [...(arrayIn(holder, '$push') ?? [])];
    const place =
      position === undefined ? items.length : position < 0 ? Math.max(0, items.length + position) : position;
    items.splice(place, 0, ...each.map(copy));
    if (order) items.sort(order);
    holder.set(slice === undefined ? items : slice < 0 ? items.slice(slice) : items.slice(0, slice));
  };
};

function pushOrder(
  sort: Value | undefined,
  collate: Collate | undefined,
): ((a: Value, b: Value) => number) | undefined {
  if (sort === undefined) return undefined;
  if (!isDoc(sort)) {
    const direction = wholeNumber(sort);
    if (direction !== 1 && direction !== -1) throw badValue(`The $sort element value must be either 1 or -1`);
    return (a, b) => direction * compareValues(a, b, collate);
  }
  const fields = [...sort].map(([name, direction]) => {
    const sign = wholeNumber(direction);
    if (sign !== 1 && sign !== -1) throw badValue(`The $sort element value must be either 1 or -1`);
    return { path: name.split('.'), sign };
  });
  if (fields.length === 0) throw badValue('The $sort pattern is empty when it should be a set of fields.');
  const at = (value: Value, path: string[]) => path.reduce<Value | undefined>(child, value) ?? null;
  return (a, b) => {
    for (const { path, sign } of fields) {
      const order = sign * compareValues(at(a, path), at(b, path), collate);
      if (order !== 0) return order;
    }
    return 0;
  };
}

const addToSet: Operator = (operand, context) => {
  const isModified = isDoc(operand) && operand.has('$each');
  const each = isModified ? operand.get('$each') : [operand];
  if (!Array.isArray(each))
    throw typeMismatch(`The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`);
  if (isModified && operand.size > 1) throw badValue(`Found unexpected fields after $each in $addToSet`);
  return (holder) => {
    const items = [...(arrayIn(holder, '$addToSet') ?? [])];
    for (const item of each)
      if (!items.some((held) => equalValues(held, item, context.collate))) items.push(copy(item));
    holder.set(items);
  };
};

const pop: Operator = (operand, _context, field) => {
  const end = wholeNumber(operand);
  if (end !== 1 && end !== -1) throw failedToParse(`$pop expects 1 or -1, found: ${describe(operand)} for ${field}`);
  return (holder) => {
    const items = arrayIn(holder, '$pop');
    if (items) holder.set(end === 1 ? items.slice(0, -1) : items.slice(1));
  };
};

const pull: Operator = (operand, context) => {
  const matches = pullTest(operand, context);
  return (holder) => {
    const items = arrayIn(holder, '$pull');
    if (items) holder.set(items.filter((item) => !matches(item)));
  };
};

function pullTest(operand: Value, context: UpdateContext): (item: Value) => boolean {
  if (isDoc(operand) && !isOperators(operand)) {
    const filter = new Filter(operand, context);
    return (item) => isDoc(item) && filter.matches(item);
  }
  const filter = new Filter(
    new Map([
      [
        'v',
        new Map([
          [
            '$elemMatch',
            isOperators(operand)
              ? operand
              : new Map([[operand === null ? '$eq' : '$in', operand === null ? null : [operand]]]),
          ],
        ]),
      ],
    ]),
    context,
  );
  return (item) => filter.matches(new Map([['v', [item]]]));
}

const pullAll: Operator = (operand, context) => {
  if (!Array.isArray(operand))
    throw badValue(`$pullAll requires an array argument but was given a ${typeName(operand)}`);
  return (holder) => {
    const items = arrayIn(holder, '$pullAll');
    if (items) holder.set(items.filter((item) => !operand.some((each) => equalValues(each, item, context.collate))));
  };
};

const bit: Operator = (operand) => {
  if (!isDoc(operand) || operand.size === 0)
    throw badValue(`You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}}`);
  const steps = [...operand].map(([name, mask]) => {
    if (name !== 'and' && name !== 'or' && name !== 'xor')
      throw badValue(
        `The $bit operator only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator`,
      );
    if (!(mask instanceof Int32) && typeof mask !== 'bigint')
      throw badValue(
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(mask)}' is not supported here`,
      );
    return { name, mask };
  });
  return (holder) => {
    let value = holder.get() ?? int(0);
    for (const { name, mask } of steps) {
      if (!(value instanceof Int32) && typeof value !== 'bigint')
        throw badValue(
          `Cannot apply $bit to a value of non-integral type. ${holder.path} has the field of non-integer type ${typeName(value)}`,
        );
      const [x, y] = [toRatio(value).top, toRatio(mask).top];
      const result = name === 'and' ? x & y : name === 'or' ? x | y : x ^ y;
      value = value instanceof Int32 && mask instanceof Int32 ? int(Number(result)) : result;
    }
    holder.set(value);
  };
};

const set: Operator = (operand) => (holder) => holder.set(copy(operand));
const unset: Operator = () => (holder) => holder.unset();

const operators = new Map<string, Operator>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$inc', arithmetic('$inc')],
  ['$mul', arithmetic('$mul')],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$currentDate', currentDate],
  ['$rename', rename],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pop', pop],
  ['$pull', pull],
  ['$pullAll', pullAll],
  ['$bit', bit],
]);

/** The fields that a query fixes by equality: what an upsert begins with. */
export function equalities(query: Doc, into: Doc = new Map()): Doc {
  for (const [name, condition] of query) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) equalities(branch, into);
    } else if (name === '$or' && Array.isArray(condition) && condition.length === 1) {
      for (const branch of condition) if (isDoc(branch)) equalities(branch, into);
    } else if (!name.startsWith('$')) {
      const value = equalityIn(condition);
      if (value !== undefined) locate(into, name.split('.'), true)?.set(copy(value));
    }
  }
  return into;
}

function equalityIn(condition: Value): Value | undefined {
  if (!isOperators(condition)) return typeName(condition) === 'regex' ? undefined : condition;
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
  for (const name of update.keys())
    if (name.startsWith('$') !== isByOperators) {
      if (isByOperators)
        throw failedToParse(
          `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
        );
      throw new CommandError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  return !isByOperators;
}

/** Whether two values are the same to the byte: `{ a: 1, b: 2 }` with its fields in the same order and of the same types. */
export function equalParts(a: Value, b: Value): boolean {
  return encode(new Map([['', a]])).equals(encode(new Map([['', b]])));
}
