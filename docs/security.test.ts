import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/security.md', 'utf8').replaceAll(/\s+/g, ' ');
const tests = globSync('{app,deploy,e2e,embedded,exchange,models,realtime,server}/**/*.{test,spec}.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

describe('docs/security.md', () => {
  it('quotes tests that there are', () => {
    const quoted = [...page.matchAll(/«([^»]{12,})»/g)].map(([, title = '']) => title);
    expect(quoted.length).toBeGreaterThan(30);
    // Short words in these marks are buttons of the pages.
    expect(quoted.filter((title) => !tests.includes(title))).toEqual([]);
  });
});
