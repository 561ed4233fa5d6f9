/** One command as it arrived, and what it may use. */
import { isDoc, type Doc, type Value } from './bson.ts';
import type { Catalog, Collection } from './catalog.ts';
import { toCollation, type Collation } from './collation.ts';
import type { Clock } from './clock.ts';
import { Cursors, Pace } from './cursors.ts';
import { CommandError, failedToParse, typeMismatch } from './errors.ts';
import { compile, type Variables } from './expressions.ts';
import { filterContext } from './pipeline.ts';
import { Filter, type FilterContext } from './matcher.ts';
import type { ProjectionContext } from './projection.ts';
import type { FailPoint } from './failpoint.ts';
import type { Direct, Scope } from './scope.ts';
import type { SessionFields, Sessions } from './sessions.ts';
import type { Storage } from './storage.ts';
import { typeName, wholeNumber } from './values.ts';

/** The parts of the store that commands work with. */
export interface Engine {
  storage: Storage;
  catalog: Catalog;
  direct: Direct;
  sessions: Sessions;
  cursors: Cursors;
  clock: Clock;
  port: number;
  /** Only in a store started for specification tests. */
  failPoint: FailPoint | undefined;
}

export class Request {
  readonly engine: Engine;
  readonly name: string;
  readonly db: string;
  readonly body: Doc;
  readonly scope: Scope;
  readonly session: SessionFields;
  readonly pace: Pace;
  readonly connectionId: number;

  constructor(engine: Engine, name: string, body: Doc, scope: Scope, session: SessionFields, connectionId: number) {
    const db = body.get('$db');
    this.engine = engine;
    this.name = name;
    this.db = typeof db === 'string' ? db : 'admin';
    this.body = body;
    this.scope = scope;
    this.session = session;
    this.connectionId = connectionId;
    this.pace = new Pace(wholeNumber(body.get('maxTimeMS')) ?? 0);
  }

  /** The same circumstances, another command. */
  about(name: string, body: Doc): Request {
    return new Request(this.engine, name, body, this.scope, this.session, this.connectionId);
  }

  get(name: string): Value | undefined {
    const value = this.body.get(name);
    return value === null ? undefined : value;
  }

  /** The name of the collection that the command is about. Errors: InvalidNamespace. */
  get target(): string {
    const name = this.body.get(this.name);
    if (typeof name !== 'string')
      throw new CommandError('InvalidNamespace', `collection name has invalid type ${typeName(name)}`);
    if (name === '') throw new CommandError('InvalidNamespace', `Invalid namespace specified '${this.db}.'`);
    return name;
  }

  collection(): Collection | undefined {
    return this.scope.collection(this.db, this.target);
  }

  existing(): Collection {
    const collection = this.collection();
    if (!collection) throw new CommandError('NamespaceNotFound', `ns does not exist: ${this.db}.${this.target}`);
    return collection;
  }

  document(name: string): Doc | undefined {
    const value = this.get(name);
    if (value === undefined || isDoc(value)) return value;
    throw typeMismatch(
      `BSON field '${this.name}.${name}' is the wrong type '${typeName(value)}', expected type 'object'`,
    );
  }

  documents(name: string): Doc[] {
    const value = this.get(name);
    if (!Array.isArray(value))
      throw typeMismatch(
        `BSON field '${this.name}.${name}' is the wrong type '${typeName(value)}', expected type 'array'`,
      );
    return value.map((item) => {
      if (isDoc(item)) return item;
      throw typeMismatch(`BSON field '${this.name}.${name}' must hold objects`);
    });
  }

  whole(name: string, otherwise: number): number {
    const value = this.get(name);
    if (value === undefined) return otherwise;
    const number = wholeNumber(value);
    if (number === undefined) throw failedToParse(`'${name}' must be a whole number, got ${typeName(value)}`);
    if (number < 0) throw new CommandError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
    return number;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.get(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return value;
    const number = wholeNumber(value);
    if (number === undefined)
      throw typeMismatch(
        `BSON field '${this.name}.${name}' is the wrong type '${typeName(value)}', expected type 'bool'`,
      );
    return number !== 0;
  }

  /** The command's collation, or its collection's. */
  collation(collection: Collection | undefined, own: Value | undefined = this.get('collation')): Collation | undefined {
    return own === undefined ? collection?.collation : toCollation(own);
  }

  /** The values of `let`; they are constants. */
  get variables(): Variables {
    return variablesOf(this.document('let'));
  }

  context(collation: Collation | undefined, variables: Variables = this.variables): FilterContext & ProjectionContext {
    return filterContext({ collation, variables, read: () => [] });
  }

  filter(query: Doc, collation: Collation | undefined): Filter {
    return new Filter(query, this.context(collation));
  }
}

export function variablesOf(bindings: Doc | undefined): Variables {
  return new Map([...(bindings ?? [])].map(([name, value]) => [name, compile(value, new Map())(new Map())]));
}
