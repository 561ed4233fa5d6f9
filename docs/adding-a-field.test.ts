import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('adding-a-field.md', import.meta.url), 'utf8');
const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name ?? '');
const paths = quoted.filter((name) => /^[\w[\]./-]+\/[\w[\]./+-]+\.(ts|json|svelte|md)$/.test(name));

describe('the walk for a newcomer', () => {
  it('names files that are there', () => {
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
  });

  it('names what the rules, the contract and the outbox really have', () => {
    const source = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    for (const [path, names] of [
      ['models/forum/forum.ts', ['Asked', 'postSchema', 'ask', 'askedAgain']],
      ['models/forum/forum-state.ts', ['applyForumFact', 'ForumFact']],
      ['models/forum/forum.actions.ts', ['decide', 'deedOf']],
      ['app/lib/forum/outbox.ts', ['Outgoing']],
    ] as const)
      for (const name of names) {
        expect(quoted, name).toContain(name);
        expect(source(path), `${path}: ${name}`).toMatch(new RegExp(`\\b${name}\\b`));
      }
  });
});
