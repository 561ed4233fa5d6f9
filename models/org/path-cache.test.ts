import { describe, expect, it } from 'vitest';
import { createPathCache } from './path-cache.ts';

/** A store in memory that counts how often it is asked. */
function setUp(paths: Record<string, string>) {
  const asked: string[][] = [];
  const cache = createPathCache({
    list: (filter) => {
      const ids = (filter['_id'] as { $in: string[] }).$in;
      asked.push(ids);
      return Promise.resolve(ids.flatMap((id) => (paths[id] === undefined ? [] : [{ id, rev: 1, path: paths[id] }])));
    },
  });
  return { asked, cache, paths };
}

describe('paths kept in memory', () => {
  it('are read once, and together when they are asked for in the same moment', async () => {
    const { asked, cache } = setUp({ a: '/a/', b: '/a/b/' });
    expect(await Promise.all(['a', 'b', 'a'].map((id) => cache.find(id)))).toEqual(['/a/', '/a/b/', '/a/']);
    expect(await cache.find('b')).toBe('/a/b/');
    expect(asked).toEqual([['a', 'b']]);
  });

  it('never keep that something does not exist', async () => {
    const { cache, paths } = setUp({});
    expect(await cache.find('new')).toBeNull();
    paths['new'] = '/new/';
    expect(await cache.find('new')).toBe('/new/');
  });

  it('are read anew once the tree has changed, also when that happens while they are read', async () => {
    const { asked, cache, paths } = setUp({ a: '/old/a/' });
    await cache.find('a');
    paths['a'] = '/new/a/';
    cache.forget();
    expect(await cache.find('a')).toBe('/new/a/');

    cache.forget();
    const early = cache.find('a');
    await new Promise((resolve) => setImmediate(resolve));
    cache.forget();
    expect(await early).toBe('/new/a/');
    await cache.find('a');
    expect(asked).toHaveLength(4);
  });
});
