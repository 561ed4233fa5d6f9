/**
 * Aggregation expressions become functions of a document. What chooses or binds variables is here; operators that only need
 * their operands are in `operators.ts`, and what mingo evaluates in `foreign.ts`.
 */
import { isDoc, type Doc, type Value } from './bson.ts';
import { CommandError, failedToParse } from './errors.ts';
import { foreignOperator } from './foreign.ts';
import { operators } from './operators.ts';
import { isTrue } from './values.ts';

export type Expression = (fields: Doc) => Value | undefined;
/** Variables have values when an expression is compiled: those of `let`, and the outer document's in `$lookup`. */
export type Variables = ReadonlyMap<string, Value | undefined>;

/** A variable as expressions see it: `$map` and its kin write into it before each turn. */
interface Cell {
  value: Value | undefined;
}
type Scope = ReadonlyMap<string, Cell>;

export function compile(expression: Value, variables: Variables): Expression {
  return compileIn(new Map([...variables].map(([name, value]) => [name, { value }])), expression);
}

function compileIn(scope: Scope, expression: Value): Expression {
  if (typeof expression === 'string')
    return expression.startsWith('$') ? compilePath(scope, expression) : () => expression;
  if (Array.isArray(expression)) {
    const items = expression.map((item) => compileIn(scope, item));
    return (fields) => items.map((item) => item(fields) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const [name] = expression.keys();
  if (!name?.startsWith('$')) return compileObject(scope, expression);
  if (expression.size > 1)
    throw new CommandError(15983, `An expression must have exactly one field: ${[...expression.keys()].join()}`);
  const operand = expression.get(name) ?? null;
  return forms.get(name)?.(scope, operand, name) ?? compileOperator(scope, operand, name);
}

function compileObject(scope: Scope, expression: Doc): Expression {
  const members = [...expression].map(([name, value]) => {
    if (name.startsWith('$')) throw unknownExpression(name);
    if (name.includes('.')) throw new CommandError(16405, `FieldPath field names may not contain '.': ${name}`);
    return { name, value: compileIn(scope, value) };
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

function unknownExpression(name: string): CommandError {
  return new CommandError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
}

function compilePath(scope: Scope, text: string): Expression {
  const [head = '', ...rest] = text.split('.');
  if (rest.includes('') || head === '$')
    throw new CommandError(40353, `FieldPath must not be empty or end with a '.': ${text}`);
  if (!head.startsWith('$$')) return (fields) => follow(fields, [head.slice(1), ...rest]);
  const name = head.slice(2);
  const cell = scope.get(name) ?? (name === 'NOW' ? { value: new Date() } : undefined);
  if (cell) return () => follow(cell.value, rest);
  if (name === 'ROOT' || name === 'CURRENT') return (fields) => follow(fields, rest);
  if (name === 'REMOVE') return () => undefined;
  throw new CommandError(17276, `Use of undefined variable: ${name}`);
}

/** The value at a path, gathered from each document where it passes an array. */
export function follow(from: Value | undefined, path: string[]): Value | undefined {
  let value = from;
  for (const [depth, part] of path.entries()) {
    if (isDoc(value)) value = value.get(part);
    else if (Array.isArray(value)) {
      const rest = path.slice(depth);
      return value.map((item) => (isDoc(item) ? follow(item, rest) : undefined)).filter((item) => item !== undefined);
    } else return undefined;
  }
  return value;
}

function compileOperator(scope: Scope, operand: Value, name: string): Expression {
  const own = operators.get(name);
  const [first] = isDoc(operand) ? operand.keys() : [];
  const isNamed = isDoc(operand) && first !== undefined && !first.startsWith('$');
  const names = own ? own.names : isNamed ? [...operand.keys()] : undefined;
  const parts = names && partsOf(name, operand, [], names);
  const values = listed(scope, names && parts ? names.map((each) => parts.get(each) ?? null) : operand);
  if (own && (values.length < own.least || values.length > own.most))
    throw new CommandError(16020, `Expression ${name} takes ${own.least} arguments. ${values.length} were passed in.`);
  const run = own ? own.run : foreignOperator(name, names, values.length);
  if (!run) throw unknownExpression(name);
  return (fields) => run(...values.map((value) => value(fields)));
}

/** An expression that is more than its operands. */
type Form = (scope: Scope, operand: Value, name: string) => Expression;

function listed(scope: Scope, operand: Value): Expression[] {
  return (Array.isArray(operand) ? operand : [operand]).map((item) => compileIn(scope, item));
}

/** Operands that have names. Errors: one that is missing or that nobody knows. */
function partsOf(name: string, operand: Value, required: string[], optional: readonly string[] = []): Doc {
  if (!isDoc(operand)) throw failedToParse(`${name} only supports an object as its argument`);
  for (const each of required) if (!operand.has(each)) throw failedToParse(`Missing '${each}' parameter to ${name}`);
  for (const each of operand.keys())
    if (!required.includes(each) && !optional.includes(each))
      throw failedToParse(`Unrecognized parameter to ${name}: ${each}`);
  return operand;
}

const conditional: Form = (scope, operand, name) => {
  const parts = isDoc(operand) ? partsOf(name, operand, ['if', 'then', 'else']) : undefined;
  const list = parts ? ['if', 'then', 'else'].map((each) => parts.get(each) ?? null) : operand;
  const [condition, then, otherwise, ...others] = listed(scope, list);
  if (!condition || !then || !otherwise || others.length > 0)
    throw new CommandError(16020, 'Expression $cond takes exactly 3 arguments.');
  return (fields) => (isTrue(condition(fields)) ? then(fields) : otherwise(fields));
};

const firstPresent: Form = (scope, operand) => {
  const parts = listed(scope, operand);
  if (parts.length < 2) throw new CommandError(1257300, '$ifNull needs at least two arguments');
  return (fields) => {
    let value: Value | undefined;
    for (const part of parts) if ((value = part(fields)) !== undefined && value !== null) return value;
    return value;
  };
};

const choose: Form = (scope, operand, name) => {
  const spec = partsOf(name, operand, ['branches'], ['default']);
  const branches = spec.get('branches');
  if (!Array.isArray(branches) || branches.length === 0) throw new CommandError(40068, '$switch requires branches');
  const compiled = branches.map((branch) => {
    const parts = partsOf(name, branch, ['case', 'then']);
    return { holds: compileIn(scope, parts.get('case') ?? null), then: compileIn(scope, parts.get('then') ?? null) };
  });
  const otherwise = spec.has('default') ? compileIn(scope, spec.get('default') ?? null) : undefined;
  return (fields) => {
    const then = compiled.find(({ holds }) => isTrue(holds(fields)))?.then ?? otherwise;
    if (then) return then(fields);
    throw new CommandError(40066, '$switch could not find a matching branch, and no default was specified.');
  };
};

/** An expression that sees further variables, and a way to set them before it is evaluated. */
function binding(scope: Scope, names: string[], body: Value) {
  const cells = names.map((name): [string, Cell] => {
    if (!/^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name))
      throw failedToParse(`'${name}' starts with an invalid character for a user variable name`);
    return [name, { value: undefined }];
  });
  const run = compileIn(new Map([...scope, ...cells]), body);
  return (fields: Doc, ...values: (Value | undefined)[]) => {
    for (const [at, [, cell]] of cells.entries()) cell.value = values[at];
    return run(fields);
  };
}

const letting: Form = (scope, operand, name) => {
  const spec = partsOf(name, operand, ['vars', 'in']);
  const bindings = spec.get('vars');
  if (!isDoc(bindings)) throw new CommandError(16876, '$let needs an object of variables');
  const values = listed(scope, [...bindings.values()]);
  const body = binding(scope, [...bindings.keys()], spec.get('in') ?? null);
  return (fields) => body(fields, ...values.map((value) => value(fields)));
};

/** `$map`, `$filter` and `$reduce`: what an expression is for each element of an array; null when there is none. */
function eachElement(
  bodyName: string,
  tell: (
    items: Value[],
    turn: (...values: (Value | undefined)[]) => Value | undefined,
    start: Value | undefined,
  ) => Value | undefined,
): Form {
  return (scope, operand, name) => {
    const isReduce = name === '$reduce';
    const spec = partsOf(name, operand, ['input', bodyName], isReduce ? ['initialValue'] : ['as']);
    const as = spec.get('as') ?? 'this';
    const input = compileIn(scope, spec.get('input') ?? null);
    const start = compileIn(scope, spec.get('initialValue') ?? null);
    const names = isReduce ? ['this', 'value'] : [typeof as === 'string' ? as : ''];
    const body = binding(scope, names, spec.get(bodyName) ?? null);
    return (fields) => {
      const items = input(fields) ?? null;
      if (items === null) return null;
      if (!Array.isArray(items)) throw new CommandError(16883, `input to ${name} must be an array`);
      return tell(items, (...values) => body(fields, ...values), start(fields));
    };
  };
}

const forms = new Map<string, Form>([
  ['$literal', (_, operand) => () => operand],
  ['$expr', compileIn],
  [
    '$and',
    (scope, operand) => {
      const parts = listed(scope, operand);
      return (fields) => parts.every((part) => isTrue(part(fields)));
    },
  ],
  [
    '$or',
    (scope, operand) => {
      const parts = listed(scope, operand);
      return (fields) => parts.some((part) => isTrue(part(fields)));
    },
  ],
  ['$cond', conditional],
  ['$ifNull', firstPresent],
  ['$switch', choose],
  ['$let', letting],
  ['$map', eachElement('in', (items, turn) => items.map((item) => turn(item) ?? null))],
  ['$filter', eachElement('cond', (items, turn) => items.filter((item) => isTrue(turn(item))))],
  [
    '$reduce',
    eachElement('in', (items, turn, start) =>
      items.reduce<Value | undefined>((value, item) => turn(item, value), start),
    ),
  ],
]);
