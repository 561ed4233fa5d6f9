/** Queries: a filter document becomes a predicate over documents. */
import { isDoc, kindOf, kinds, maxKey, minKey, Opaque, Regex, type Doc, type Value } from './bson.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { visitPath, type Visit } from './paths.ts';
import {
  compareValues,
  equalValues,
  isInfinite,
  isNumeric,
  rankOf,
  textOf,
  toDouble,
  toRatio,
  wholeNumber,
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

/** What one value must be; `undefined` is a path that leads nowhere. */
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
  return all([...query].map(([name, condition]) => compileField(name, condition, context, roots)));
}

function all(predicates: Predicate[]): Predicate {
  const [only] = predicates;
  if (predicates.length === 1 && only) return only;
  return (fields, trace) => predicates.every((predicate) => predicate(fields, trace));
}

function not(predicate: Predicate): Predicate {
  return (fields) => !predicate(fields);
}

function compileField(name: string, condition: Value, context: FilterContext, roots: Set<string>): Predicate {
  if (!name.startsWith('$')) {
    const path = name.split('.');
    roots.add(path[0] ?? '');
    return all(conditionsOf(path, condition, context));
  }
  switch (name) {
    case '$and':
      return all(branches(name, condition, context, roots));
    case '$or': {
      const any = branches(name, condition, context, roots);
      return (fields, trace) => any.some((predicate) => predicate(fields, trace));
    }
    case '$nor':
      return all(branches(name, condition, context, roots).map(not));
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
      throw badValue(`unknown top level operator: ${name}`);
  }
}

function branches(name: string, condition: Value, context: FilterContext, roots: Set<string>): Predicate[] {
  if (!Array.isArray(condition) || condition.length === 0) throw badValue(`${name} must be a nonempty array`);
  return condition.map((branch) => {
    if (!isDoc(branch)) throw badValue(`${name} entries need to be full objects`);
    return compileAll(branch, context, roots);
  });
}

/** Whether a condition is a set of operators rather than a value to equal. */
export function isOperators(condition: Value): condition is Doc {
  if (!isDoc(condition)) return false;
  const [first] = condition.keys();
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db';
}

/** A path that stands for a value as it is, never for the elements of an array that it may be: see `elementTest`. */
const itself: readonly string[] = [''];

function visit(fields: Doc, path: readonly string[], visitor: Visit, opensLast: boolean): boolean {
  return path === itself ? visitor(fields.get(''), -1) : visitPath(fields, path, visitor, opensLast);
}

/** Holds when a value on the path, or an element of it, passes the test. */
function some(path: readonly string[], test: Test, opensLast = true): Predicate {
  const tracing = (trace: MatchTrace | undefined): Visit => {
    if (!trace) return test;
    return (value, position) => {
      const passes = test(value);
      if (passes && position >= 0) trace.position = position;
      return passes;
    };
  };
  const [field] = path;
  if (path.length > 1 || field === undefined || path === itself)
    return (fields, trace) => visit(fields, path, tracing(trace), opensLast);
  return (fields, trace) => {
    const value = fields.get(field);
    return Array.isArray(value) ? visitPath(fields, path, tracing(trace), opensLast) : test(value);
  };
}

function conditionsOf(path: readonly string[], condition: Value, context: FilterContext): Predicate[] {
  if (!isOperators(condition)) return [some(path, plainTest(condition, context))];
  return [...condition].map(([operator, operand]) => {
    const compile = operators.get(operator);
    if (compile) return compile(path, operand, context, condition);
    const test = tests.get(operator);
    if (!test) throw badValue(`unknown operator: ${operator}`);
    return some(path, test(operand, context, condition));
  });
}

/** An operator that looks at all that a path leads to. */
type Operator = (path: readonly string[], operand: Value, context: FilterContext, siblings: Doc) => Predicate;
/** An operator that looks at one value. */
type TestMaker = (operand: Value, context: FilterContext, siblings: Doc) => Test;

const negated: Operator = (path, operand, context) => {
  if (operand instanceof Regex) return not(some(path, regexTest(operand)));
  if (!isOperators(operand)) throw badValue('$not needs a regex or a document of operators');
  return not(all(conditionsOf(path, operand, context)));
};

const every: Operator = (path, operand, context) => {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return () => false;
  return all(
    operand.map((item) => {
      if (!isOperators(item)) return some(path, plainTest(item, context));
      const inner = item.get('$elemMatch');
      if (inner === undefined) throw badValue('no $ expressions in $all');
      return elemMatch(path, inner, context, item);
    }),
  );
};

const elemMatch: Operator = (path, operand, context) => {
  if (!isDoc(operand)) throw badValue('$elemMatch needs an Object');
  const test = elementTest(operand, context);
  const find = (trace: MatchTrace | undefined): Visit => {
    return (value, outer) => {
      const position = Array.isArray(value) ? value.findIndex(test) : -1;
      if (trace && position >= 0) trace.position = outer < 0 ? position : outer;
      return position >= 0;
    };
  };
  return (fields, trace) => visit(fields, path, find(trace), false);
};

const logical = new Set(['$and', '$or', '$nor', '$expr', '$comment']);

/** A test of one element of an array, by operators, by a query or by equality. */
export function elementTest(condition: Value, context: FilterContext): Test {
  if (!isDoc(condition)) return plainTest(condition, context);
  const [first = ''] = condition.keys();
  if (isOperators(condition) && !logical.has(first)) {
    const test = all(conditionsOf(itself, condition, context));
    return (value) => test(new Map(value === undefined ? [] : [['', value]]));
  }
  const matches = compileAll(condition, context, new Set());
  return (value) => {
    if (isDoc(value)) return matches(value);
    return Array.isArray(value) && matches(new Map(value.map((item, position) => [String(position), item])));
  };
}

const size: Operator = (path, operand) => {
  const wanted = wholeNumber(operand);
  if (wanted === undefined) throw failedToParse('Failed to parse $size. Expected an integer');
  if (wanted < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: $size: ${wanted}`);
  return some(path, (value) => Array.isArray(value) && value.length === wanted, false);
};

const exists: Operator = (path, operand) => {
  const isThere = some(path, (value) => value !== undefined);
  const isWanted = operand !== false && operand !== null && !(isNumeric(operand) && toDouble(operand) === 0);
  return isWanted ? isThere : not(isThere);
};

const notEqual: Operator = (path, operand, context) => {
  if (operand instanceof Regex) throw badValue("Can't have regex as arg to $ne.");
  return not(some(path, equalTest(operand, context)));
};

const operators = new Map<string, Operator>([
  ['$ne', notEqual],
  ['$nin', (path, operand, context) => not(some(path, inTest(operand, context)))],
  ['$not', negated],
  ['$all', every],
  ['$elemMatch', elemMatch],
  ['$size', size],
  ['$exists', exists],
  [
    '$options',
    (_path, _operand, _context, siblings) => {
      if (!siblings.has('$regex')) throw badValue('$options needs a $regex');
      return () => true;
    },
  ],
]);

function plainTest(condition: Value, context: FilterContext): Test {
  return condition instanceof Regex ? regexTest(condition) : equalTest(condition, context);
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

function inTest(operand: Value, context: FilterContext): Test {
  if (!Array.isArray(operand)) throw badValue('$in and $nin need an array');
  if (operand.some(isOperators)) throw badValue('cannot nest $ under $in and $nin');
  const isText = (item: Value) => typeof item === 'string' && !context.collate;
  const texts = new Set(operand.filter(isText));
  const others = operand.filter((item) => !isText(item)).map((item) => plainTest(item, context));
  return (value) => (typeof value === 'string' && texts.has(value)) || others.some((test) => test(value));
}

function ordered(holds: (order: number) => boolean): TestMaker {
  const allowsEqual = holds(0);
  return (operand, context) => {
    if (operand instanceof Regex) throw badValue("Can't have RegEx as arg to predicate over field.");
    if (operand === null) return (value) => allowsEqual && (value === undefined || value === null);
    const rank = rankOf(operand);
    const isNaNOperand = isNotANumber(operand);
    const anyType = operand instanceof Opaque && (operand.kind === minKey.kind || operand.kind === maxKey.kind);
    return (value) => {
      if (value === undefined) return false;
      if (anyType) return holds(compareValues(value, operand));
      if (rankOf(value) !== rank) return false;
      if (isNaNOperand || isNotANumber(value)) return allowsEqual && isNaNOperand && isNotANumber(value);
      return holds(compareValues(value, operand, context.collate));
    };
  };
}

function isNotANumber(value: Value): boolean {
  return isNumeric(value) && Number.isNaN(toDouble(value));
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

const modulo: TestMaker = (operand) => {
  if (!Array.isArray(operand) || operand.length !== 2) throw badValue('malformed mod, needs to be an array of two');
  const [divisor, remainder] = operand.map(truncated);
  if (divisor === undefined || remainder === undefined) throw badValue('malformed mod, needs numbers');
  if (divisor === 0n) throw badValue('divisor cannot be 0');
  return (value) => {
    const number = truncated(value);
    return number !== undefined && number % divisor === remainder;
  };
};

/** The whole part of a finite number. */
function truncated(value: Value | undefined): bigint | undefined {
  if (!isNumeric(value) || isInfinite(value) || isNotANumber(value)) return undefined;
  const { top, bottom } = toRatio(value);
  return top / bottom;
}

const ofType: TestMaker = (operand) => {
  const wanted = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(kindsNamed));
  if (wanted.size === 0) throw failedToParse('$type must match at least one type');
  return (value) => value !== undefined && wanted.has(kindOf(value));
};

function kindsNamed(item: Value): number[] {
  if (item === 'number') return [kinds.double, kinds.int, kinds.long, kinds.decimal];
  const code = wholeNumber(item) === -1 ? kinds.minKey : wholeNumber(item);
  const found = Object.entries(kinds).find(([name, kind]) => name === item || kind === code);
  if (!found) throw badValue(`Unknown type name or code: ${typeof item === 'string' ? item : String(code)}`);
  return [found[1]];
}

const tests = new Map<string, TestMaker>([
  ['$eq', equalTest],
  ['$gt', ordered((order) => order > 0)],
  ['$gte', ordered((order) => order >= 0)],
  ['$lt', ordered((order) => order < 0)],
  ['$lte', ordered((order) => order <= 0)],
  ['$in', inTest],
  ['$regex', (operand, _, siblings) => regexTest(regexOf(operand, siblings.get('$options')))],
  ['$mod', modulo],
  ['$type', ofType],
]);
