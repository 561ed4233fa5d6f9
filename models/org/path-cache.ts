/**
 * Paths of units and procedures, kept in memory: who may hear a stream is asked for every stream of every socket, and must
 * not cost a query each time. What is asked for in the same moment is read in one query. Whoever changes a path raises the
 * version of the tree (`access.store.ts`); the node then forgets all of them.
 */
import type { Entity, EntityStore } from '../entity.store.ts';

export interface PathCache {
  /** The path, or null for an id that does not exist (which is never kept: it may come to exist). */
  find(id: string): Promise<string | null>;
  forget(): void;
}

/** More paths than this are not kept: a node that has seen a whole country begins anew. */
export const PATHS_KEPT_MAX = 100_000;

export function createPathCache(store: Pick<EntityStore<Entity & { path: string }>, 'list'>): PathCache {
  const known = new Map<string, string>();
  let gathering: { ids: Set<string>; found: Promise<ReadonlyMap<string, string>> } | null = null;
  let forgotten = 0;

  /** Reads what was asked for within the same turn of the event loop. */
  function gather(id: string): Promise<ReadonlyMap<string, string>> {
    if (!gathering) {
      const ids = new Set<string>();
      const found = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        gathering = null;
        const before = forgotten;
        const read = new Map((await store.list({ _id: { $in: [...ids] } })).map((entity) => [entity.id, entity.path]));
        // What was read before the tree changed is an answer, but nothing to keep.
        if (before === forgotten) {
          if (known.size + read.size > PATHS_KEPT_MAX) known.clear();
          for (const [key, path] of read) known.set(key, path);
        }
        return read;
      });
      gathering = { ids, found };
    }
    gathering.ids.add(id);
    return gathering.found;
  }

  return {
    async find(id) {
      return known.get(id) ?? (await gather(id)).get(id) ?? null;
    },
    forget() {
      forgotten += 1;
      known.clear();
    },
  };
}
