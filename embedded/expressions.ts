/**
 * Aggregation expressions. Paths, literals, comparisons, logic and arithmetic are evaluated here, on typed values; the
 * other operators by mingo, on plain values.
 */
import { deserialize, serialize } from 'bson';
import { Aggregator } from 'mingo';
import * as accumulatorOperators from 'mingo/operators/accumulator';
import * as expressionOperators from 'mingo/operators/expression';
import { decode, encode, int, isDoc, undefinedValue, type Doc, type Value } from './bson.ts';
import { badValue, CommandError, failedToParse, typeMismatch } from './errors.ts';
import { calculate, negate } from './numbers.ts';
import {
  compareValues,
  dateMs,
  equalValues,
  isNumeric,
  isTrue,
  toDouble,
  typeName,
  wholeNumber,
  type Numeric,
} from './values.ts';

export type Expression = (fields: Doc) => Value | undefined;
/** Variables have values when an expression is compiled: those of `let`, and the outer document's in `$lookup`. */
export type Variables = ReadonlyMap<string, Value | undefined>;

export function compile(expression: Value, variables: Variables): Expression {
  if (typeof expression === 'string')
    return expression.startsWith('$') ? compilePath(expression, variables) : () => expression;
  if (Array.isArray(expression)) {
    const items = expression.map((item) => compile(item, variables));
    return (fields) => items.map((item) => item(fields) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const [operator] = expression.keys();
  if (!operator?.startsWith('$')) return compileObject(expression, variables);
  if (expression.size > 1)
    throw new CommandError(
      15983,
      `An object representing an expression must have exactly one field: ${[...expression.keys()].join(', ')}`,
    );
  const operand = expression.get(operator) ?? null;
  const own = operators.get(operator);
  return own ? own(operand, variables) : compileForeign(expression, variables);
}

function compileObject(expression: Doc, variables: Variables): Expression {
  const members = [...expression].map(([name, value]) => {
    if (name.startsWith('$')) throw new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
    if (name.includes('.')) throw new CommandError(16405, `FieldPath field names may not contain '.': ${name}`);
    return { name, value: compile(value, variables) };
  });
  return (fields) => {
    const result: Doc = new Map();
    for (const { name, value } of members) {
      const each = value(fields);
      if (each !== undefined) result.set(name, each);
    }
    return result;
  };
}

function compilePath(text: string, variables: Variables): Expression {
  const [head = '', ...rest] = text.split('.');
  if (rest.includes('') || head === '$' || head === '')
    throw new CommandError(40353, `FieldPath must not be empty or end with a '.': ${text}`);
  if (!head.startsWith('$$')) return (fields) => follow(fields, [head.slice(1), ...rest]);
  switch (head) {
    case '$$ROOT':
    case '$$CURRENT':
      return (fields) => follow(fields, rest);
    case '$$REMOVE':
      return () => undefined;
    case '$$NOW': {
      const now = new Date();
      return () => now;
    }
    default:
  }
  const name = head.slice(2);
  if (!variables.has(name)) throw new CommandError(17276, `Use of undefined variable: ${name}`);
  const value = follow(variables.get(name), rest);
  return () => value;
}

/** The value at a path, gathered from each element where it passes an array. */
export function follow(from: Value | undefined, path: string[]): Value | undefined {
  let value = from;
  for (const [depth, part] of path.entries()) {
    if (isDoc(value)) value = value.get(part);
    else if (Array.isArray(value)) {
      const rest = path.slice(depth);
      return value.map((item) => follow(item, rest)).filter((item) => item !== undefined);
    } else return undefined;
  }
  return value;
}

type Compiler = (operand: Value, variables: Variables) => Expression;

function operandsOf(name: string, operand: Value, variables: Variables, count?: number): Expression[] {
  const list = Array.isArray(operand) ? operand : [operand];
  if (count !== undefined && list.length !== count)
    throw new CommandError(
      16020,
      `Expression ${name} takes exactly ${count} arguments. ${list.length} were passed in.`,
    );
  return list.map((item) => compile(item, variables));
}

function comparison(name: string, holds: (order: number) => boolean): Compiler {
  return (operand, variables) => {
    const [left, right] = operandsOf(name, operand, variables, 2);
    return (fields) => holds(compareValues(left?.(fields) ?? undefinedValue, right?.(fields) ?? undefinedValue));
  };
}

const add: Compiler = (operand, variables) => {
  const terms = operandsOf('$add', operand, variables);
  return (fields) => {
    let date: bigint | undefined;
    let sum: Numeric = int(0);
    for (const term of terms) {
      const value = term(fields);
      if (value === undefined || value === null) return null;
      if (value instanceof Date) {
        if (date !== undefined) throw new CommandError(16612, 'only one date allowed in an $add expression');
        date = dateMs(value);
      } else if (isNumeric(value)) sum = calculate('add', sum, value) ?? toDouble(sum) + toDouble(value);
      else throw new CommandError('TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    }
    return date === undefined ? sum : new Date(Number(date) + Math.round(toDouble(sum)));
  };
};

const subtract: Compiler = (operand, variables) => {
  const [left, right] = operandsOf('$subtract', operand, variables, 2);
  return (fields) => {
    const [a, b] = [left?.(fields) ?? null, right?.(fields) ?? null];
    if (a === null || b === null) return null;
    if (a instanceof Date)
      return b instanceof Date
        ? dateMs(a) - dateMs(b)
        : new Date(a.getTime() - (isNumeric(b) ? Math.round(toDouble(b)) : NaN));
    if (!isNumeric(a) || !isNumeric(b)) throw typeMismatch(`can't $subtract ${typeName(b)} from ${typeName(a)}`);
    return calculate('add', a, negate(b)) ?? toDouble(a) - toDouble(b);
  };
};

const multiply: Compiler = (operand, variables) => {
  const factors = operandsOf('$multiply', operand, variables);
  return (fields) => {
    let product: Numeric = int(1);
    for (const factor of factors) {
      const value = factor(fields);
      if (value === undefined || value === null) return null;
      if (!isNumeric(value)) throw typeMismatch(`$multiply only supports numeric types, not ${typeName(value)}`);
      product = calculate('multiply', product, value) ?? toDouble(product) * toDouble(value);
    }
    return product;
  };
};

const conditional: Compiler = (operand, variables) => {
  const parts = isDoc(operand)
    ? [operand.get('if'), operand.get('then'), operand.get('else')]
    : Array.isArray(operand)
      ? operand
      : [];
  if (parts.length !== 3 || parts.some((part) => part === undefined))
    throw new CommandError(17080, "$cond needs 'if', 'then' and 'else'");
  const [condition, then, otherwise] = parts.map((part) => compile(part ?? null, variables));
  return (fields) => (isTrue(condition?.(fields)) ? then?.(fields) : otherwise?.(fields));
};

const includes: Compiler = (operand, variables) => {
  const [needle, hay] = operandsOf('$in', operand, variables, 2);
  return (fields) => {
    const items = hay?.(fields);
    if (!Array.isArray(items))
      throw new CommandError(40081, `$in requires an array as a second argument, found: ${typeName(items)}`);
    const value = needle?.(fields) ?? undefinedValue;
    return items.some((item) => equalValues(item, value));
  };
};

const size: Compiler = (operand, variables) => {
  const [only] = operandsOf('$size', operand, variables, 1);
  return (fields) => {
    const items = only?.(fields);
    if (!Array.isArray(items))
      throw new CommandError(17124, `The argument to $size must be an array, but was of type: ${typeName(items)}`);
    return int(items.length);
  };
};

const elementAt: Compiler = (operand, variables) => {
  const [array, position] = operandsOf('$arrayElemAt', operand, variables, 2);
  return (fields) => {
    const [items, at] = [array?.(fields) ?? null, position?.(fields) ?? null];
    if (items === null || at === null) return null;
    const place = wholeNumber(at);
    if (!Array.isArray(items) || place === undefined)
      throw new CommandError(28689, '$arrayElemAt needs an array and a whole number');
    return items.at(place);
  };
};

/** The name that `$getField` and its kin are given; it may hold dots and dollars. */
function fieldNameOf(name: string, value: Value | undefined, variables: Variables): string {
  if (typeof value === 'string' && value.startsWith('$'))
    throw new CommandError(5654600, `${name} requires 'field' to be a constant`);
  const text = compile(value ?? null, variables)(new Map());
  if (typeof text !== 'string') throw new CommandError(5654602, `${name} requires 'field' to evaluate to a string`);
  return text;
}

const getField: Compiler = (operand, variables) => {
  const spec = isDoc(operand) && operand.has('field') ? operand : new Map<string, Value>([['field', operand]]);
  const name = fieldNameOf('$getField', spec.get('field'), variables);
  const input = compile(spec.get('input') ?? '$$CURRENT', variables);
  return (fields) => {
    const from = input(fields);
    return isDoc(from) ? from.get(name) : null;
  };
};

function settingField(operator: string): Compiler {
  return (operand, variables) => {
    if (!isDoc(operand)) throw new CommandError(4161100, `${operator} only supports an object as its argument`);
    const name = fieldNameOf(operator, operand.get('field'), variables);
    const input = compile(operand.get('input') ?? null, variables);
    const value = compile(operator === '$unsetField' ? '$$REMOVE' : (operand.get('value') ?? null), variables);
    return (fields) => {
      const from = input(fields) ?? null;
      if (from === null) return null;
      if (!isDoc(from)) throw new CommandError(4161105, `${operator} requires 'input' to evaluate to an object`);
      const copy: Doc = new Map(from);
      const told = value(fields);
      if (told === undefined) copy.delete(name);
      else copy.set(name, told);
      return copy;
    };
  };
}

const operators = new Map<string, Compiler>([
  ['$getField', getField],
  ['$setField', settingField('$setField')],
  ['$unsetField', settingField('$unsetField')],
  ['$literal', (operand) => () => operand],
  ['$expr', (operand, variables) => compile(operand, variables)],
  ['$eq', comparison('$eq', (order) => order === 0)],
  ['$ne', comparison('$ne', (order) => order !== 0)],
  ['$gt', comparison('$gt', (order) => order > 0)],
  ['$gte', comparison('$gte', (order) => order >= 0)],
  ['$lt', comparison('$lt', (order) => order < 0)],
  ['$lte', comparison('$lte', (order) => order <= 0)],
  ['$and', (operand, variables) => every(operandsOf('$and', operand, variables))],
  ['$or', (operand, variables) => any(operandsOf('$or', operand, variables))],
  ['$not', (operand, variables) => not(operandsOf('$not', operand, variables, 1))],
  ['$cond', conditional],
  ['$ifNull', (operand, variables) => firstPresent(operandsOf('$ifNull', operand, variables))],
  ['$add', add],
  ['$subtract', subtract],
  ['$multiply', multiply],
  ['$in', includes],
  ['$size', size],
  ['$arrayElemAt', elementAt],
]);

function every(parts: Expression[]): Expression {
  return (fields) => parts.every((part) => isTrue(part(fields)));
}

function any(parts: Expression[]): Expression {
  return (fields) => parts.some((part) => isTrue(part(fields)));
}

function not([only]: Expression[]): Expression {
  return (fields) => !isTrue(only?.(fields));
}

function firstPresent(parts: Expression[]): Expression {
  if (parts.length < 2) throw new CommandError(1257300, '$ifNull needs at least two arguments');
  return (fields) => {
    for (const part of parts) {
      const value = part(fields);
      if (value !== undefined && value !== null) return value;
    }
    return parts.at(-1)?.(fields);
  };
}

type Plain = Record<string, unknown>;

/** Operators that run a caller's script, and those that would name a field past our checks (they are evaluated here). */
const refused = new Set(['$function', '$accumulator', '$where', '$getField', '$setField', '$unsetField']);
const asExpressions =
  '$sum $avg $min $max $first $last $stdDevPop $stdDevSamp $mergeObjects $firstN $lastN $minN $maxN $median $percentile'.split(
    ' ',
  );
const foreign = new Set([
  ...Object.keys(expressionOperators),
  ...Object.keys(accumulatorOperators).filter((name) => asExpressions.includes(name)),
]);
/** mingo follows paths with plain property access; these would lead it out of the document. */
const inherited = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'caller',
  'callee',
  'arguments',
]);

function compileForeign(expression: Doc, variables: Variables): Expression {
  const roots = new Set<string>();
  inspect(expression, roots);
  const stage = toPlain(new Map([['$replaceRoot', new Map([['newRoot', new Map([['v', expression]])]])]]));
  const known = new Map([...variables].filter((each): each is [string, Value] => each[1] !== undefined));
  const aggregator = new Aggregator([stage], { variables: toPlain(known), scriptEnabled: false });
  const needed = roots.has('*') ? undefined : roots;
  return (fields) => {
    const input = needed ? new Map([...fields].filter(([name]) => needed.has(name))) : fields;
    return foreignly(() => fromPlain(aggregator.run([toPlain(input)])[0]).get('v'));
  };
}

/** Refuses unknown operators and dangerous names before anything runs; notes the fields that are read. */
export function inspect(value: Value, roots: Set<string>, also: ReadonlySet<string> = new Set()): void {
  if (typeof value === 'string' && value.startsWith('$')) {
    const parts = value.replace(/^\$+/, '').split('.');
    for (const part of parts)
      if (inherited.has(part)) throw badValue(`the field name '${part}' cannot be used in this expression`);
    if (!value.startsWith('$$')) roots.add(parts[0] ?? '');
    else if (parts[0] === 'ROOT' || parts[0] === 'CURRENT') roots.add('*');
  } else if (Array.isArray(value)) for (const item of value) inspect(item, roots, also);
  else if (isDoc(value)) {
    for (const [name, inner] of value) {
      if (inherited.has(name)) throw badValue(`the field name '${name}' cannot be used in this expression`);
      if (name.startsWith('$') && ((!foreign.has(name) && !also.has(name)) || refused.has(name)))
        throw new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
      if (name !== '$literal') inspect(inner, roots, also);
    }
  }
}

/** Runs mingo; what it throws becomes an error of the command. */
export function foreignly<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw failedToParse(error instanceof Error ? error.message : String(error));
  }
}

export function toPlain(fields: Doc): Plain {
  return deserialize(encode(fields), { promoteBuffers: false });
}

export function fromPlain(value: unknown): Doc {
  return decode(Buffer.from(serialize(value as Plain, { ignoreUndefined: true })));
}
