/** Queries: a filter document becomes a predicate over documents. */
import {
  decode,
  Int32,
  isDoc,
  kindOf,
  kinds,
  maxKey,
  minKey,
  Opaque,
  RawDoc,
  Regex,
  type Doc,
  type Value,
} from './bson.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { visitPath, type Visit } from './paths.ts';
import {
  compareValues,
  equalValues,
  isNumeric,
  rankOf,
  textOf,
  toDouble,
  toRatio,
  wholeNumber,
  isDecimal,
  decimalText,
  type Collate,
} from './values.ts';

/** What a match leaves behind for the positional operator: where in its array the matched element stands. */
export interface MatchTrace {
  position?: number;
}

export type Predicate = (fields: Doc, trace?: MatchTrace) => boolean;
/** Evaluates `$expr`; passed in, for the expression language is another module's. */
export type ExpressionCompiler = (expression: Value) => (fields: Doc) => boolean;

export interface FilterContext {
  collate?: Collate | undefined;
  expression?: ExpressionCompiler | undefined;
}

/** What one value must be. `isNegative` ones hold when no visited value fulfils them. */
type Test = (value: Value | undefined) => boolean;

export class Filter {
  readonly query: Doc;
  readonly matches: Predicate;
  /** The top fields that the filter looks at; undefined when it may look at all. */
  readonly roots: ReadonlySet<string> | undefined;

  constructor(query: Doc, context: FilterContext = {}) {
    const roots = new Set<string>();
    this.query = query;
    this.matches = compileAll(query, context, roots);
    this.roots = roots.has('*') ? undefined : roots;
  }
}

function compileAll(query: Doc, context: FilterContext, roots: Set<string>): Predicate {
  const predicates: Predicate[] = [];
  for (const [name, condition] of query) predicates.push(compileField(name, condition, context, roots));
  return all(predicates);
}

function all(predicates: Predicate[]): Predicate {
  const [only] = predicates;
  if (predicates.length === 1 && only) return only;
  return (fields, trace) => predicates.every((predicate) => predicate(fields, trace));
}

function compileField(name: string, condition: Value, context: FilterContext, roots: Set<string>): Predicate {
  switch (name) {
    case '$and':
      return all(branches(name, condition, context, roots));
    case '$or': {
      const any = branches(name, condition, context, roots);
      return (fields, trace) => any.some((predicate) => predicate(fields, trace));
    }
    case '$nor': {
      const none = branches(name, condition, context, roots);
      return (fields) => !none.some((predicate) => predicate(fields));
    }
    case '$expr':
      roots.add('*');
      if (!context.expression) throw badValue('$expr is not allowed in this context');
      return context.expression(condition);
    case '$comment':
      return () => true;
    case '$where':
    case '$text':
    case '$jsonSchema':
      throw new CommandError('NotImplemented', `${name} is not supported by this store`);
    default:
  }
  if (name.startsWith('$'))
    throw badValue(
      `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    );
  const path = name.split('.');
  roots.add(path[0] ?? '');
  return all(conditionsOf(path, condition, context));
}

function branches(name: string, condition: Value, context: FilterContext, roots: Set<string>): Predicate[] {
  if (!Array.isArray(condition)) throw badValue(`${name} must be an array`);
  if (condition.length === 0) throw badValue(`$and/$or/$nor must be a nonempty array`);
  return condition.map((branch) => {
    if (!isDoc(branch)) throw badValue(`$or/$and/$nor entries need to be full objects`);
    return compileAll(branch, context, roots);
  });
}

/** Whether a condition is a set of operators rather than a value to equal. */
export function isOperators(condition: Value): condition is Doc {
  if (!isDoc(condition)) return false;
  const [first] = condition.keys();
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db';
}

/** A path that stands for a value as it is: see `singleValueTest`. */
const itself: readonly string[] = [''];

function visit(fields: Doc, path: readonly string[], visitor: Visit, opensLast: boolean): boolean {
  return path === itself ? visitor(fields.get(''), -1) : visitPath(fields, path, visitor, opensLast);
}

/** Holds when a value on the path, or an element of it, passes the test. */
function some(path: readonly string[], test: Test, opensLast = true): Predicate {
  const [field] = path;
  if (path.length === 1 && field !== undefined && path !== itself)
    return (fields, trace) => {
      const value = fields.get(field);
      if (!Array.isArray(value)) return test(value);
      return visitPath(fields, path, tracing(test, trace), opensLast);
    };
  return (fields, trace) => visit(fields, path, tracing(test, trace), opensLast);
}

function tracing(test: Test, trace: MatchTrace | undefined): (value: Value | undefined, position: number) => boolean {
  if (!trace) return test;
  return (value, position) => {
    if (!test(value)) return false;
    if (position >= 0) trace.position = position;
    return true;
  };
}

function not(predicate: Predicate): Predicate {
  return (fields) => !predicate(fields);
}

function conditionsOf(path: readonly string[], condition: Value, context: FilterContext): Predicate[] {
  if (!isOperators(condition))
    return [some(path, condition instanceof Regex ? regexTest(condition) : equalTest(condition, context))];
  const predicates: Predicate[] = [];
  for (const [operator, operand] of condition) {
    if (operator === '$options') {
      if (!condition.has('$regex')) throw badValue('$options needs a $regex');
      continue;
    }
    predicates.push(compileOperator(path, operator, operand, condition, context));
  }
  return predicates;
}

function compileOperator(
  path: readonly string[],
  operator: string,
  operand: Value,
  siblings: Doc,
  context: FilterContext,
): Predicate {
  switch (operator) {
    case '$ne':
      if (operand instanceof Regex) throw badValue("Can't have regex as arg to $ne.");
      return not(some(path, equalTest(operand, context)));
    case '$nin':
      return not(some(path, inTest(operator, operand, context)));
    case '$not':
      return compileNot(path, operand, context);
    case '$all':
      return compileEvery(path, operand, context);
    case '$elemMatch':
      return compileElemMatch(path, operand, context);
    case '$size': {
      const size = wholeNumber(operand);
      if (size === undefined) throw failedToParse(`Failed to parse $size. Expected an integer`);
      if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${size}`);
      return some(path, (value) => Array.isArray(value) && value.length === size, false);
    }
    case '$exists': {
      const exists = some(path, (value) => value !== undefined);
      return operandTrue(operand) ? exists : not(exists);
    }
    case '$eq':
      return some(path, equalTest(operand, context));
    default:
      return some(path, valueTest(operator, operand, siblings, context));
  }
}

function operandTrue(operand: Value): boolean {
  return !(operand === false || operand === null || (isNumeric(operand) && toDouble(operand) === 0));
}

function compileNot(path: readonly string[], operand: Value, context: FilterContext): Predicate {
  if (operand instanceof Regex) return not(some(path, regexTest(operand)));
  if (!isDoc(operand)) throw badValue('$not needs a regex or a document');
  if (operand.size === 0) throw badValue('$not cannot be empty');
  if (!isOperators(operand)) throw badValue(`$not needs operators`);
  return not(all(conditionsOf(path, operand, context)));
}

function compileEvery(path: readonly string[], operand: Value, context: FilterContext): Predicate {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return () => false;
  return all(
    operand.map((item) => {
      if (isOperators(item)) {
        if (!item.has('$elemMatch')) throw badValue('no $ expressions in $all');
        return compileElemMatch(path, item.get('$elemMatch') ?? null, context);
      }
      return some(path, item instanceof Regex ? regexTest(item) : equalTest(item, context));
    }),
  );
}

const logical = new Set(['$and', '$or', '$nor', '$expr', '$comment']);

function compileElemMatch(path: readonly string[], operand: Value, context: FilterContext): Predicate {
  if (!isDoc(operand)) throw badValue('$elemMatch needs an Object');
  const [first] = operand.keys();
  const matchesElement: Test =
    isOperators(operand) && first !== undefined && !logical.has(first)
      ? singleValueTest(operand, context)
      : documentTest(compileAll(operand, context, new Set()));
  return (fields, trace) =>
    visit(
      fields,
      path,
      (value, outer) => {
        if (!Array.isArray(value)) return false;
        const position = value.findIndex(matchesElement);
        if (position < 0) return false;
        if (trace) trace.position = outer < 0 ? position : outer;
        return true;
      },
      false,
    );
}

/** Tests the value itself, never the elements of an array that it may be. */
function singleValueTest(operators: Doc, context: FilterContext): Test {
  const test = all(conditionsOf(itself, operators, context));
  return (value) => test(new Map(value === undefined ? [] : [['', value]]));
}

function documentTest(predicate: Predicate): Test {
  return (value) => {
    if (isDoc(value)) return predicate(value);
    return Array.isArray(value) && predicate(new Map(value.map((item, position) => [String(position), item])));
  };
}

function equalTest(operand: Value, context: FilterContext): Test {
  if (operand === null) return (value) => value === undefined || value === null;
  if (typeof operand === 'string' && !context.collate)
    return (value) => value === operand || (value instanceof Opaque && textOf(value) === operand);
  if (operand instanceof Opaque && operand.kind === kinds.objectId)
    return (value) => value instanceof Opaque && value.kind === kinds.objectId && value.bytes.equals(operand.bytes);
  const rank = rankOf(operand);
  return (value) => value !== undefined && rankOf(value) === rank && equalValues(value, operand, context.collate);
}

function inTest(operator: string, operand: Value, context: FilterContext): Test {
  if (!Array.isArray(operand)) throw badValue(`${operator} needs an array`);
  const tests: Test[] = [];
  const texts = new Set<string>();
  for (const item of operand) {
    if (isOperators(item)) throw badValue(`cannot nest $ under ${operator}`);
    if (typeof item === 'string' && !context.collate) texts.add(item);
    else tests.push(item instanceof Regex ? regexTest(item) : equalTest(item, context));
  }
  return (value) => (typeof value === 'string' && texts.has(value)) || tests.some((test) => test(value));
}

/** The test of an operator that looks at one value. Errors: BadValue for an operator nobody knows. */
function valueTest(operator: string, operand: Value, siblings: Doc, context: FilterContext): Test {
  switch (operator) {
    case '$gt':
      return orderTest(operand, context, (order) => order > 0, false);
    case '$gte':
      return orderTest(operand, context, (order) => order >= 0, true);
    case '$lt':
      return orderTest(operand, context, (order) => order < 0, false);
    case '$lte':
      return orderTest(operand, context, (order) => order <= 0, true);
    case '$in':
      return inTest(operator, operand, context);
    case '$regex':
      return regexTest(regexOf(operand, siblings.get('$options')));
    case '$mod':
      return modTest(operand);
    case '$type':
      return typeTest(operand);
    case '$bitsAllSet':
      return bitsTest(operator, operand, (bits, mask) => (bits & mask) === mask);
    case '$bitsAllClear':
      return bitsTest(operator, operand, (bits, mask) => (bits & mask) === 0n);
    case '$bitsAnySet':
      return bitsTest(operator, operand, (bits, mask) => (bits & mask) !== 0n);
    case '$bitsAnyClear':
      return bitsTest(operator, operand, (bits, mask) => (bits & mask) !== mask);
    default:
      throw badValue(`unknown operator: ${operator}`);
  }
}

function orderTest(
  operand: Value,
  context: FilterContext,
  holds: (order: number) => boolean,
  allowsEqual: boolean,
): Test {
  if (operand instanceof Regex) throw badValue("Can't have RegEx as arg to predicate over field.");
  if (operand === null) return (value) => allowsEqual && (value === undefined || value === null);
  const rank = rankOf(operand);
  const isNaNOperand = isNumeric(operand) && Number.isNaN(toDouble(operand));
  const anyType = operand instanceof Opaque && (operand.kind === minKey.kind || operand.kind === maxKey.kind);
  return (value) => {
    if (value === undefined) return false;
    if (anyType) return holds(compareValues(value, operand));
    if (rankOf(value) !== rank) return false;
    if (isNumeric(value) && (isNaNOperand || Number.isNaN(toDouble(value))))
      return allowsEqual && isNaNOperand && Number.isNaN(toDouble(value));
    return holds(compareValues(value, operand, context.collate));
  };
}

export function regexOf(pattern: Value, options: Value | undefined): Regex {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  if (pattern instanceof Regex) return new Regex(pattern.pattern, options ?? pattern.flags);
  if (typeof pattern === 'string') return new Regex(pattern, options ?? '');
  throw badValue('$regex has to be a string');
}

/** PCRE as JavaScript: flags i, m, s, x, and a leading (?i). Errors: a pattern that does not compile. */
export function compileRegex(regex: Regex): RegExp {
  let { pattern, flags } = regex;
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  if (inline) {
    pattern = pattern.slice(inline[0].length);
    flags += inline[1] ?? '';
  }
  for (const flag of flags) if (!'imsxu'.includes(flag)) throw badValue(`invalid flag in regex options: ${flag}`);
  if (flags.includes('x'))
    pattern = pattern.replaceAll(/\\.|\[(?:\\.|[^\]])*\]|\s+|#[^\n]*/gs, (part) => (/^[\s#]/.test(part) ? '' : part));
  const used = [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('');
  for (const mode of ['u', '']) {
    try {
      return new RegExp(pattern, used + mode);
    } catch {
      // Escapes that the strict mode refuses, such as \-, are fine in the loose one.
    }
  }
  throw new CommandError(51091, `Regular expression is invalid: ${regex.pattern}`);
}

function regexTest(regex: Regex): Test {
  const compiled = compileRegex(regex);
  return (value) => {
    if (value === undefined) return false;
    if (value instanceof Regex) return value.pattern === regex.pattern && value.flags === regex.flags;
    const text = textOf(value);
    return text !== undefined && compiled.test(text);
  };
}

function modTest(operand: Value): Test {
  if (!Array.isArray(operand)) throw badValue('malformed mod, needs to be an array');
  if (operand.length < 2) throw badValue('malformed mod, not enough elements');
  if (operand.length > 2) throw badValue('malformed mod, too many elements');
  const [divisor, remainder] = operand.map((item) => {
    if (!isNumeric(item) || !Number.isFinite(toDouble(item)))
      throw badValue('malformed mod, divisor and remainder must be numbers');
    return BigInt(Math.trunc(toDouble(item)));
  });
  if (divisor === undefined || divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => isNumeric(value) && Number.isFinite(toDouble(value)) && truncated(value) % divisor === remainder;
}

function truncated(value: number | bigint | Int32 | Opaque): bigint {
  if (isDecimal(value) && decimalText(value).includes('Infinity')) return 0n;
  const { top, bottom } = toRatio(value);
  return top / bottom;
}

function typeTest(operand: Value): Test {
  const wanted = new Set<number>();
  for (const item of Array.isArray(operand) ? operand : [operand])
    for (const kind of kindsNamed(item)) wanted.add(kind);
  if (wanted.size === 0) throw failedToParse('$type must match at least one type');
  return (value) => value !== undefined && wanted.has(kindOf(value));
}

function kindsNamed(item: Value): number[] {
  if (item === 'number') return [kinds.double, kinds.int, kinds.long, kinds.decimal];
  if (typeof item === 'string') {
    const found = Object.entries(kinds).find(([name]) => name === item);
    if (!found) throw badValue(`Unknown type name alias: ${item}`);
    return [found[1]];
  }
  const number = wholeNumber(item);
  const kind = number === -1 ? kinds.minKey : number;
  if (!Object.values<number | undefined>(kinds).includes(kind) || kind === undefined)
    throw badValue(`Invalid numerical type code: ${number}`);
  return [kind];
}

function bitsTest(operator: string, operand: Value, holds: (bits: bigint, mask: bigint) => boolean): Test {
  const mask = maskOf(operator, operand);
  return (value) => {
    if (value instanceof Opaque && value.kind === kinds.binData)
      return holds(littleEndian(value.bytes.subarray(5)), mask);
    if (!isNumeric(value) || !Number.isFinite(toDouble(value))) return false;
    const { top, bottom } = toRatio(value);
    if (top % bottom !== 0n) return false;
    return holds(BigInt.asUintN(top < 0n ? 256 : 64, top / bottom), mask);
  };
}

function maskOf(operator: string, operand: Value): bigint {
  if (Array.isArray(operand)) {
    let mask = 0n;
    for (const item of operand) {
      const position = wholeNumber(item);
      if (position === undefined || position < 0) throw badValue(`bit positions must be >= 0 in ${operator}`);
      mask |= 1n << BigInt(Math.min(position, 255));
    }
    return mask;
  }
  if (operand instanceof Opaque && operand.kind === kinds.binData) return littleEndian(operand.bytes.subarray(5));
  const number = wholeNumber(operand);
  if (number === undefined || number < 0) throw badValue(`${operator} takes an Array, a number, or a BinData`);
  return BigInt(number);
}

function littleEndian(bytes: Buffer): bigint {
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return hex === '' ? 0n : BigInt(`0x${hex}`);
}

export function decodeRaw(value: Value): Value {
  return value instanceof RawDoc ? decode(value.bytes) : value;
}
