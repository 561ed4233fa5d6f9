/** Through what a command reads and writes: the store as it is, or one transaction. */
import type { Catalog, Collection } from './catalog.ts';
import type { Doc } from './bson.ts';
import { CommandError, writeConflict } from './errors.ts';
import { Overlay } from './overlay.ts';
import type { Snapshot, Storage, WritableView } from './storage.ts';

export interface Scope {
  readonly view: WritableView;
  readonly isTransaction: boolean;
  collection(db: string, name: string): Collection | undefined;
  create(db: string, name: string, options: Doc): Collection;
  /** Takes what is about to be written. Errors: WriteConflict in a transaction; outside one, `Busy`. */
  claim(resource: string): void;
}

/** A transaction holds what a plain write wants: wait for its end, then try again. */
export class Busy extends Error {
  readonly ended: Promise<void>;
  constructor(ended: Promise<void>) {
    super('held by a transaction');
    this.ended = ended;
  }
}

/** Who is about to write what, and what was written since the oldest open transaction began. */
export class Conflicts {
  readonly #claims = new Map<string, Transaction>();
  readonly #written = new Map<string, number>();
  readonly #open = new Set<Transaction>();
  #clock = 0;

  begin(transaction: Transaction): number {
    this.#open.add(transaction);
    return this.#clock;
  }

  end(transaction: Transaction, claimed: Iterable<string>, committed: boolean): void {
    this.#open.delete(transaction);
    for (const resource of claimed) {
      this.#claims.delete(resource);
      if (committed) this.wrote(resource);
    }
    if (this.#open.size === 0) this.#written.clear();
  }

  claimFor(transaction: Transaction, resource: string): void {
    const holder = this.#claims.get(resource);
    if (holder === transaction) return;
    if (holder || (this.#written.get(resource) ?? 0) > transaction.began) throw writeConflict();
    this.#claims.set(resource, transaction);
  }

  holder(resource: string): Transaction | undefined {
    return this.#claims.get(resource);
  }

  wrote(resource: string): void {
    if (this.#open.size > 0) this.#written.set(resource, ++this.#clock);
  }
}

/** The newest state; each write joins the open group. */
export class Direct implements Scope {
  readonly isTransaction = false;
  readonly view: Storage;
  readonly #catalog: Catalog;
  readonly #conflicts: Conflicts;

  constructor(storage: Storage, catalog: Catalog, conflicts: Conflicts) {
    this.view = storage;
    this.#catalog = catalog;
    this.#conflicts = conflicts;
  }

  collection(db: string, name: string): Collection | undefined {
    return this.#catalog.get(db, name);
  }

  create(db: string, name: string, options: Doc): Collection {
    const collection = this.#catalog.make(db, name, options);
    this.#catalog.add(collection);
    return collection;
  }

  claim(resource: string): void {
    const holder = this.#conflicts.holder(resource);
    if (holder) throw new Busy(holder.ended);
    this.#conflicts.wrote(resource);
  }
}

export class Transaction implements Scope {
  readonly isTransaction = true;
  readonly view: Overlay;
  readonly began: number;
  readonly ended: Promise<void>;
  readonly #snapshot: Snapshot;
  readonly #storage: Storage;
  readonly #catalog: Catalog;
  readonly #conflicts: Conflicts;
  readonly #claimed = new Set<string>();
  readonly #created = new Map<string, Collection>();
  /** What was seen of the catalog: it must still be so at the commit. */
  readonly #seen = new Map<Collection, string>();
  #tellEnded: () => void = () => undefined;

  constructor(snapshot: Snapshot, storage: Storage, catalog: Catalog, conflicts: Conflicts) {
    this.#snapshot = snapshot;
    this.#storage = storage;
    this.#catalog = catalog;
    this.#conflicts = conflicts;
    this.view = new Overlay(snapshot.view);
    this.began = conflicts.begin(this);
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
  }

  collection(db: string, name: string): Collection | undefined {
    const created = this.#created.get(`${db}.${name}`);
    if (created) return created;
    const collection = this.#catalog.get(db, name);
    if (collection && !this.#seen.has(collection)) this.#seen.set(collection, shapeOf(collection));
    return collection;
  }

  create(db: string, name: string, options: Doc): Collection {
    const collection = this.#catalog.make(db, name, options);
    this.#created.set(collection.namespace, collection);
    return collection;
  }

  isNew(collection: Collection): boolean {
    return this.#created.get(collection.namespace) === collection;
  }

  claim(resource: string): void {
    this.#conflicts.claimFor(this, resource);
    this.#claimed.add(resource);
  }

  /** Everything at once joins the open group. Errors: WriteConflict when a collection or its indexes changed meanwhile. */
  commit(): void {
    const changed = [...this.#seen].some(
      ([collection, shape]) =>
        this.#catalog.get(collection.db, collection.name) !== collection || shapeOf(collection) !== shape,
    );
    const taken = [...this.#created.values()].some(
      (collection) => this.#catalog.get(collection.db, collection.name) !== undefined,
    );
    if ((changed && !this.view.isEmpty) || taken) {
      this.abort();
      throw writeConflict();
    }
    for (const collection of this.#created.values()) this.#catalog.add(collection);
    this.view.replay(this.#storage);
    this.#end(true);
  }

  abort(): void {
    this.#end(false);
  }

  #end(committed: boolean): void {
    this.#snapshot.release();
    this.#conflicts.end(this, this.#claimed, committed);
    this.#tellEnded();
  }
}

function shapeOf(collection: Collection): string {
  return collection.indexes.map((index) => index.id).join();
}

export function namespaceExists(db: string, name: string): CommandError {
  return new CommandError('NamespaceExists', `Collection ${db}.${name} already exists.`);
}
