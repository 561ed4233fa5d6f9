/** Projections: which fields a document keeps, and which are computed for it. */
import { isDoc, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { Filter, type FilterContext, type MatchTrace } from './matcher.ts';
import { isNumeric, isTrue, wholeNumber } from './values.ts';

export type ValueCompiler = (expression: Value) => (fields: Doc) => Value | undefined;

export interface ProjectionContext extends FilterContext {
  value: ValueCompiler;
}

/** In `find`, `$slice`, `$elemMatch` and `.$` choose elements; in `$addFields` every value is an expression. */
export type ProjectionKind = 'find' | '$project' | '$addFields';

interface Node {
  children: Map<string, Node>;
  rule?: Rule;
}

type Rule =
  | { kind: 'take' | 'drop' }
  | { kind: 'choose'; from: (value: Value, trace: MatchTrace | undefined) => Value | undefined }
  | { kind: 'compute'; value: (fields: Doc) => Value | undefined };

export class Projection {
  readonly #root: Node = { children: new Map() };
  /** Whether fields that are not named are left out. */
  readonly #includes: boolean;
  readonly #computes: boolean;

  constructor(given: Doc, context: ProjectionContext, kind: ProjectionKind = 'find') {
    let includes: boolean | undefined;
    let mayInclude = false;
    let computes = false;
    for (const [name, value] of flattened(given)) {
      const isPositional = kind === 'find' && name.endsWith('.$');
      const rule = isPositional ? positional : ruleOf(name, value, context, kind);
      place(this.#root, isPositional ? name.slice(0, -2) : name, rule);
      computes ||= rule.kind === 'compute';
      const decides = isPositional || (rule.kind !== 'choose' && (name !== '_id' || rule.kind === 'compute'));
      if (!decides) {
        mayInclude ||= rule.kind === 'take' || (isDoc(value) && value.has('$elemMatch'));
        continue;
      }
      if (includes !== undefined && includes === (rule.kind === 'drop'))
        throw new CommandError(includes ? 31254 : 31253, `Cannot do both inclusion and exclusion, as on field ${name}`);
      includes = rule.kind !== 'drop';
    }
    this.#computes = computes;
    this.#includes = kind !== '$addFields' && (includes ?? mayInclude);
    const hasId = this.#root.children.has('_id');
    if (this.#includes && !hasId) this.#root.children.set('_id', { children: new Map(), rule: { kind: 'take' } });
  }

  /** A new document; the values in it are shared with the old one. */
  apply(fields: Doc, trace?: MatchTrace): Doc {
    const kept = this.#keep(this.#root, fields, trace);
    return this.#computes ? compute(this.#root, kept, fields) : kept;
  }

  #keep(node: Node, fields: Doc, trace: MatchTrace | undefined): Doc {
    const result: Doc = new Map();
    for (const [name, value] of fields) {
      const next = node.children.get(name);
      const kept = next ? this.#keepValue(next, value, trace) : this.#includes ? undefined : value;
      if (kept !== undefined) result.set(name, kept);
    }
    return result;
  }

  #keepValue(node: Node, value: Value, trace: MatchTrace | undefined): Value | undefined {
    switch (node.rule?.kind) {
      case 'take':
        return value;
      case 'drop':
        return undefined;
      case 'choose':
        return node.rule.from(value, trace);
      case 'compute':
        // In `$addFields` it takes the place of the old one.
        return this.#includes ? undefined : value;
      default:
    }
    if (isDoc(value)) return this.#keep(node, value, trace);
    if (Array.isArray(value))
      return value.map((item) => this.#keepValue(node, item, trace)).filter((item) => item !== undefined);
    return this.#includes ? undefined : value;
  }
}

function place(root: Node, name: string, rule: Rule): void {
  let node = root;
  for (const part of name.split('.')) {
    if (part === '' || part.startsWith('$'))
      throw new CommandError(40353, `FieldPath '${name}' must not have parts that are empty or begin with a '$'`);
    if (node.rule) throw new CommandError(31249, `Path collision at ${name}`);
    let next = node.children.get(part);
    if (!next) node.children.set(part, (next = { children: new Map() }));
    node = next;
  }
  if (node.rule || node.children.size > 0) throw new CommandError(31250, `Path collision at ${name}`);
  node.rule = rule;
}

/** Sets what is computed; through arrays, in each element. */
function compute(node: Node, into: Doc, root: Doc): Doc {
  for (const [name, next] of node.children) {
    const value = next.rule?.kind === 'compute' ? next.rule.value(root) : computeWithin(next, into.get(name), root);
    if (value !== undefined) into.set(name, value);
    else if (next.rule?.kind === 'compute') into.delete(name);
  }
  return into;
}

function computeWithin(node: Node, held: Value | undefined, root: Doc): Value | undefined {
  if (!hasComputed(node)) return held;
  if (Array.isArray(held)) return held.map((item) => computeWithin(node, item, root) ?? null);
  return compute(node, isDoc(held) ? held : new Map<string, Value>(), root);
}

function hasComputed(node: Node): boolean {
  return node.rule?.kind === 'compute' || node.children.values().some(hasComputed);
}

/** `{ a: { b: 1 } }` as `{ 'a.b': 1 }`; operators stay. */
function flattened(spec: Doc, before = '', into: Doc = new Map()): Doc {
  for (const [name, value] of spec) {
    const [first] = isDoc(value) ? value.keys() : [];
    if (isDoc(value) && first !== undefined && !first.startsWith('$')) flattened(value, `${before}${name}.`, into);
    else into.set(before + name, value);
  }
  return into;
}

function ruleOf(name: string, value: Value, context: ProjectionContext, kind: ProjectionKind): Rule {
  if (kind === '$addFields') return { kind: 'compute', value: context.value(value) };
  if (typeof value === 'boolean' || isNumeric(value)) return { kind: isTrue(value) ? 'take' : 'drop' };
  if (isDoc(value) && value.size === 0)
    throw new CommandError(51270, `An empty sub-projection is not a valid value, found at path ${name}`);
  if (isDoc(value) && kind === 'find') {
    const [slice, elemMatch] = [value.get('$slice'), value.get('$elemMatch')];
    if (slice !== undefined) return slicing(slice);
    if (elemMatch !== undefined) return matching(elemMatch, context);
  }
  return { kind: 'compute', value: context.value(value) };
}

const positional: Rule = {
  kind: 'choose',
  from: (value, trace) => {
    if (!Array.isArray(value)) return value;
    const { position } = trace ?? {};
    if (position === undefined)
      throw new CommandError(51246, "positional operator '.$' couldn't find a matching element in the array");
    return value.slice(position, position + 1);
  },
};

function slicing(value: Value): Rule {
  const [first, second, ...others] = (Array.isArray(value) ? value : [value]).map(wholeNumber);
  if (first === undefined || others.length > 0 || (Array.isArray(value) && second === undefined))
    throw badValue('$slice needs a number or an array of two');
  if (second !== undefined && second <= 0) throw new CommandError(28724, "$slice's limit must be positive");
  const limit = second ?? Math.abs(first);
  return {
    kind: 'choose',
    from: (items) => {
      if (!Array.isArray(items)) return items;
      const start = first < 0 ? Math.max(0, items.length + first) : second === undefined ? 0 : first;
      return items.slice(start, start + limit);
    },
  };
}

function matching(query: Value, context: ProjectionContext): Rule {
  if (!isDoc(query)) throw badValue('$elemMatch: Invalid argument, object required');
  const filter = new Filter(new Map([['v', new Map([['$elemMatch', query]])]]), context);
  return {
    kind: 'choose',
    from: (items) => {
      const found: MatchTrace = {};
      if (!Array.isArray(items) || !filter.matches(new Map([['v', items]]), found)) return undefined;
      return items.slice(found.position, (found.position ?? 0) + 1);
    },
  };
}
