/** One command as it arrived, and what it may use. */
import { isDoc, type Doc, type Value } from './bson.ts';
import type { Catalog, Collection } from './catalog.ts';
import { toCollation, type Collation } from './collation.ts';
import { Cursors, Pace } from './cursors.ts';
import { CommandError, failedToParse, typeMismatch } from './errors.ts';
import { compile, type Variables } from './expressions.ts';
import type { FailPoint } from './failpoint.ts';
import type { SessionFields, Sessions } from './sessions.ts';
import type { Storage } from './storage.ts';
import type { Direct, Scope } from './transactions.ts';
import { nameOf, typeName, wholeNumber } from './values.ts';

/** The parts of the store that commands work with. */
export interface Engine {
  storage: Storage;
  catalog: Catalog;
  direct: Direct;
  sessions: Sessions;
  cursors: Cursors;
  port: number;
  /** Only in a store started for specification tests. */
  failPoint: FailPoint | undefined;
}

/** The options of a command or of one of its statements. Null counts as missing; a wrong type is refused when it is read. */
export class Options {
  readonly name: string;
  readonly body: Doc;

  constructor(name: string, body: Doc) {
    this.name = name;
    this.body = body;
  }

  get(name: string): Value | undefined {
    return this.body.get(name) ?? undefined;
  }

  #wrongType(name: string, wanted: string): CommandError {
    const given = typeName(this.get(name));
    return typeMismatch(`BSON field '${this.name}.${name}' is the wrong type '${given}', expected type '${wanted}'`);
  }

  document(name: string): Doc | undefined {
    const value = this.get(name);
    if (value === undefined || isDoc(value)) return value;
    throw this.#wrongType(name, 'object');
  }

  list(name: string): Value[] {
    const value = this.get(name);
    if (Array.isArray(value)) return value;
    throw this.#wrongType(name, 'array');
  }

  /** A list of statements, each of which may carry these options only. */
  statements(name: string, known: string): Options[] {
    return this.list(name).map((item) => {
      if (!isDoc(item)) throw typeMismatch(`BSON field '${this.name}.${name}' must hold objects`);
      const statement = new Options(`${this.name}.${name}`, item);
      statement.refuseUnknown(new Set(known.split(' ')));
      return statement;
    });
  }

  refuseUnknown(known: ReadonlySet<string>): void {
    for (const name of this.body.keys())
      if (!known.has(name))
        throw new CommandError('IDLUnknownField', `BSON field '${this.name}.${name}' is an unknown field.`);
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
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'boolean') return value;
    const number = wholeNumber(value);
    if (number === undefined) throw this.#wrongType(name, 'bool');
    return number !== 0;
  }

  /** Its own collation, or its collection's. */
  collation(collection: Collection | undefined): Collation | undefined {
    const own = this.get('collation');
    return own === undefined ? collection?.collation : toCollation(own);
  }
}

export class Request extends Options {
  readonly engine: Engine;
  readonly db: string;
  readonly scope: Scope;
  readonly session: SessionFields;
  readonly connectionId: number;
  readonly pace: Pace;

  constructor(engine: Engine, name: string, body: Doc, scope: Scope, session: SessionFields, connectionId: number) {
    super(name, body);
    this.engine = engine;
    this.db = nameOf(body.get('$db')) || 'admin';
    this.scope = scope;
    this.session = session;
    this.connectionId = connectionId;
    this.pace = new Pace(wholeNumber(body.get('maxTimeMS')) ?? 0);
  }

  /** The same circumstances, another command. */
  about(name: string, body: Doc): Request {
    return new Request(this.engine, name, body, this.scope, this.session, this.connectionId);
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

  /** The values of `let`; they are constants. */
  get variables(): Variables {
    return variablesOf(this.document('let'));
  }
}

export function variablesOf(bindings: Doc | undefined): Variables {
  return new Map([...(bindings ?? [])].map(([name, value]) => [name, compile(value, new Map())(new Map())]));
}
