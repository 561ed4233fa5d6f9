/** Projections of `find` and `findAndModify`. */
import { isDoc, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { Filter, type FilterContext, type MatchTrace } from './matcher.ts';
import { isNumeric, isTrue, wholeNumber } from './values.ts';

export type ValueCompiler = (expression: Value) => (fields: Doc) => Value | undefined;

export interface ProjectionContext extends FilterContext {
  value: ValueCompiler;
}

interface Node {
  children: Map<string, Node>;
  rule?: Rule;
}

type Rule =
  | { kind: 'take' | 'drop' }
  | { kind: 'slice'; skip: number; limit: number }
  | { kind: 'elemMatch'; filter: Filter }
  | { kind: 'position' }
  | { kind: 'computed'; value: (fields: Doc) => Value | undefined };

export class Projection {
  readonly #root: Node = { children: new Map() };
  readonly #includes: boolean;
  readonly #takesId: boolean;
  /** The query's trace is needed for `field.$`. */
  readonly needsPosition: boolean = false;

  constructor(given: Doc, context: ProjectionContext, isStage = false) {
    const spec = flattened(given);
    let includes: boolean | undefined;
    let takesId = true;
    for (const [name, value] of spec) {
      const rule = ruleOf(name, value, context, isStage);
      if (name === '_id' && (rule.kind === 'take' || rule.kind === 'drop')) {
        takesId = rule.kind === 'take';
        continue;
      }
      if (rule.kind === 'position') this.needsPosition = true;
      if (rule.kind !== 'slice' && rule.kind !== 'elemMatch') {
        const isInclusion = rule.kind !== 'drop';
        if (includes !== undefined && includes !== isInclusion)
          throw new CommandError(
            isInclusion ? 31253 : 31254,
            `Cannot do ${isInclusion ? 'inclusion' : 'exclusion'} on field ${name} in ${isInclusion ? 'exclusion' : 'inclusion'} projection`,
          );
        includes = isInclusion;
      }
      this.#place(rule.kind === 'position' ? name.slice(0, -2) : name, rule);
    }
    const onlyId = includes === undefined && spec.has('_id') && takesId;
    const onlyElemMatch =
      includes === undefined && [...this.#root.children.values()].some((node) => node.rule?.kind === 'elemMatch');
    this.#includes = includes ?? (onlyId || onlyElemMatch);
    this.#takesId = takesId;
  }

  #place(name: string, rule: Rule): void {
    let node = this.#root;
    const parts = name.split('.');
    if (parts.includes('')) throw new CommandError(40353, "FieldPath must not end with a '.' or contain empty parts.");
    for (const part of parts) {
      if (node.rule) throw new CommandError(31249, `Path collision at ${name}`);
      let next = node.children.get(part);
      if (!next) node.children.set(part, (next = { children: new Map() }));
      node = next;
    }
    if (node.rule || node.children.size > 0) throw new CommandError(31250, `Path collision at ${name}`);
    node.rule = rule;
  }

  /** A new document; the values in it are shared with the old one. */
  apply(fields: Doc, trace?: MatchTrace): Doc {
    const result: Doc = new Map();
    const id = fields.get('_id');
    if (this.#takesId && id !== undefined && this.#includes && !this.#root.children.has('_id')) result.set('_id', id);
    for (const [name, value] of fields) {
      if (name === '_id' && !this.#root.children.has('_id')) {
        if (this.#takesId && !this.#includes) result.set(name, value);
        continue;
      }
      const node = this.#root.children.get(name);
      const projected = node ? this.#project(node, value, fields, trace) : this.#includes ? undefined : value;
      if (projected !== undefined) result.set(name, projected);
    }
    this.#compute(this.#root, result, fields);
    return result;
  }

  #project(node: Node, value: Value, root: Doc, trace: MatchTrace | undefined): Value | undefined {
    const { rule } = node;
    if (rule) return applyRule(rule, value, trace);
    if (isDoc(value)) {
      const result: Doc = new Map();
      for (const [name, field] of value) {
        const next = node.children.get(name);
        const projected = next ? this.#project(next, field, root, trace) : this.#includes ? undefined : field;
        if (projected !== undefined) result.set(name, projected);
      }
      return result;
    }
    if (Array.isArray(value)) {
      const items = value.map((item) =>
        isDoc(item) || Array.isArray(item) ? this.#project(node, item, root, trace) : this.#includes ? undefined : item,
      );
      return items.filter((item) => item !== undefined);
    }
    return this.#includes ? undefined : value;
  }

  #compute(node: Node, into: Doc, root: Doc): void {
    for (const [name, next] of node.children) {
      if (next.rule?.kind === 'computed') {
        const value = next.rule.value(root);
        if (value !== undefined) into.set(name, value);
        else into.delete(name);
      } else if (hasComputed(next)) {
        let inner = into.get(name);
        if (!isDoc(inner)) into.set(name, (inner = new Map<string, Value>()));
        this.#compute(next, inner, root);
      }
    }
  }
}

/** `{ a: { b: 1 } }` as `{ 'a.b': 1 }`; operators stay. */
function flattened(spec: Doc, before = '', into: Doc = new Map()): Doc {
  for (const [name, value] of spec) {
    const [first] = isDoc(value) ? value.keys() : [];
    const isNested = isDoc(value) && first !== undefined && !first.startsWith('$');
    if (isNested) flattened(value, `${before}${name}.`, into);
    else into.set(before + name, value);
  }
  return into;
}

function hasComputed(node: Node): boolean {
  return node.rule?.kind === 'computed' || [...node.children.values()].some(hasComputed);
}

function ruleOf(name: string, value: Value, context: ProjectionContext, isStage: boolean): Rule {
  if (name.endsWith('.$') && !isStage) return { kind: 'position' };
  if (typeof value === 'boolean' || isNumeric(value)) return { kind: isTrue(value) ? 'take' : 'drop' };
  // In a stage $slice is an expression.
  if (isDoc(value) && !isStage) {
    const [operator] = value.keys();
    if (operator === '$slice') return sliceRule(value.get('$slice') ?? null);
    if (operator === '$elemMatch') {
      const query = value.get('$elemMatch') ?? null;
      if (!isDoc(query)) throw badValue('$elemMatch: Invalid argument, object required');
      return { kind: 'elemMatch', filter: new Filter(new Map([['v', new Map([['$elemMatch', query]])]]), context) };
    }
    if (value.size === 0)
      throw new CommandError(51270, `An empty sub-projection is not a valid value. Found empty object at path ${name}`);
  }
  return { kind: 'computed', value: context.value(value) };
}

function sliceRule(value: Value): Rule {
  const [first, second] = Array.isArray(value) ? value.map(wholeNumber) : [wholeNumber(value)];
  if (first === undefined || (Array.isArray(value) && second === undefined))
    throw badValue('$slice needs a number or an array of two');
  if (second !== undefined && second <= 0)
    throw new CommandError(28724, 'First argument to $slice must be an array, and third positive');
  if (second !== undefined) return { kind: 'slice', skip: first, limit: second };
  return first < 0 ? { kind: 'slice', skip: first, limit: -first } : { kind: 'slice', skip: 0, limit: first };
}

function applyRule(rule: Rule, value: Value, trace: MatchTrace | undefined): Value | undefined {
  switch (rule.kind) {
    case 'take':
      return value;
    case 'drop':
    case 'computed':
      return undefined;
    case 'slice': {
      if (!Array.isArray(value)) return value;
      const start = rule.skip < 0 ? Math.max(0, value.length + rule.skip) : rule.skip;
      return value.slice(start, start + rule.limit);
    }
    case 'position': {
      if (!Array.isArray(value)) return value;
      if (trace?.position === undefined)
        throw new CommandError(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
        );
      const item = value[trace.position];
      return item === undefined ? [] : [item];
    }
    case 'elemMatch': {
      if (!Array.isArray(value)) return undefined;
      const found: MatchTrace = {};
      if (!rule.filter.matches(new Map([['v', value]]), found) || found.position === undefined) return undefined;
      const item = value[found.position];
      return item === undefined ? undefined : [item];
    }
    default:
      return rule satisfies never;
  }
}
