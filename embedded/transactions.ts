/** Through what a command reads and writes: the store as it is, or one transaction. */
import type { Doc } from './bson.ts';
import type { Catalog, Collection } from './catalog.ts';
import { CommandError, writeConflict } from './errors.ts';
import type { Snapshot, Storage, View } from './storage.ts';

export interface Scope {
  readonly view: View;
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

/** The newest state; each write joins the open group. It knows who is about to write what, and what was written lately. */
export class Direct implements Scope {
  readonly isTransaction = false;
  readonly view: Storage;
  readonly catalog: Catalog;
  readonly #claims = new Map<string, Transaction>();
  /** When each resource was written, on a clock of writes: since the oldest open transaction began. */
  readonly #written = new Map<string, number>();
  readonly #open = new Set<Transaction>();
  #clock = 0;

  constructor(storage: Storage, catalog: Catalog) {
    this.view = storage;
    this.catalog = catalog;
    catalog.afterChange = (collection) => this.#wrote(catalogResource(collection.namespace));
  }

  collection(db: string, name: string): Collection | undefined {
    return this.catalog.get(db, name);
  }

  create(db: string, name: string, options: Doc): Collection {
    const collection = this.catalog.make(db, name, options);
    this.catalog.add(collection);
    return collection;
  }

  claim(resource: string): void {
    const holder = this.#claims.get(resource);
    if (holder) throw new Busy(holder.ended);
    this.#wrote(resource);
  }

  #wrote(resource: string): void {
    if (this.#open.size > 0) this.#written.set(resource, ++this.#clock);
  }

  /** Returns the time at which the transaction began. */
  begin(transaction: Transaction): number {
    this.#open.add(transaction);
    return this.#clock;
  }

  claimFor(transaction: Transaction, resource: string): void {
    const holder = this.#claims.get(resource);
    if (holder === transaction) return;
    if (holder || this.isWrittenSince(transaction.began, resource)) throw writeConflict();
    this.#claims.set(resource, transaction);
  }

  isWrittenSince(time: number, resource: string): boolean {
    return (this.#written.get(resource) ?? 0) > time;
  }

  end(transaction: Transaction, claimed: Iterable<string>, isCommitted: boolean): void {
    this.#open.delete(transaction);
    for (const resource of claimed) {
      this.#claims.delete(resource);
      if (isCommitted) this.#wrote(resource);
    }
    if (this.#open.size === 0) this.#written.clear();
  }
}

/** What stands for a collection's options and indexes among the resources. */
function catalogResource(namespace: string): string {
  return `c:${namespace}`;
}

/** Writes over a snapshot; the first updater wins. */
export class Transaction implements Scope {
  readonly isTransaction = true;
  readonly view: Snapshot;
  readonly began: number;
  readonly ended: Promise<void>;
  /** Commands at work in it. */
  running = 0;
  readonly #direct: Direct;
  readonly #claimed = new Set<string>();
  readonly #created = new Map<string, Collection>();
  /** The namespaces looked up: they must still be so at the commit. */
  readonly #seen = new Set<string>();
  #tellEnded: () => void = () => undefined;

  constructor(snapshot: Snapshot, direct: Direct) {
    this.view = snapshot;
    this.#direct = direct;
    this.began = direct.begin(this);
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
  }

  /** Errors: SnapshotUnavailable when its indexes are younger than the snapshot. */
  collection(db: string, name: string): Collection | undefined {
    const namespace = `${db}.${name}`;
    const created = this.#created.get(namespace);
    if (created) return created;
    this.#seen.add(namespace);
    if (this.#direct.isWrittenSince(this.began, catalogResource(namespace)))
      throw new CommandError(
        'SnapshotUnavailable',
        `Unable to read from a snapshot due to pending collection catalog changes of ${namespace}; please retry the operation.`,
      ).label('TransientTransactionError');
    return this.#direct.collection(db, name);
  }

  create(db: string, name: string, options: Doc): Collection {
    const collection = this.#direct.catalog.make(db, name, options);
    this.#seen.add(collection.namespace);
    this.#created.set(collection.namespace, collection);
    return collection;
  }

  isNew(collection: Collection): boolean {
    return this.#created.get(collection.namespace) === collection;
  }

  claim(resource: string): void {
    this.#direct.claimFor(this, resource);
    this.#claimed.add(resource);
  }

  /** Everything at once joins the open group. Errors: WriteConflict when a collection or its indexes changed meanwhile. */
  commit(): void {
    const isChanged = this.view.isChanged || this.#created.size > 0;
    const isOutdated = [...this.#seen].some((namespace) =>
      this.#direct.isWrittenSince(this.began, catalogResource(namespace)),
    );
    if (isChanged && isOutdated) {
      this.end(false);
      throw writeConflict();
    }
    for (const collection of this.#created.values()) this.#direct.catalog.add(collection);
    this.view.replay(this.#direct.view);
    this.end(true);
  }

  end(isCommitted: boolean): void {
    // Whoever still reads or writes in it must not meet the next one's snapshot: he meets an error.
    this.#direct.view.release(this.view, this.running === 0);
    this.#direct.end(this, this.#claimed, isCommitted);
    this.#tellEnded();
  }
}
