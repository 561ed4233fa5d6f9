/** PROTOCOL.md is kept true by tests: each of its rules is quoted by at least one. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('has a test that quotes each rule', () => {
  const rules = [...readFileSync('realtime/PROTOCOL.md', 'utf8').matchAll(/^- \*\*([A-Z]-\d+)\*\*/gm)].map(
    ([, rule]) => rule ?? '',
  );
  const files = execFileSync('git', ['ls-files', '*.test.ts', '*.spec.ts'], { encoding: 'utf8' }).trim().split('\n');
  const quoted = new Set(
    files
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/\[([A-Z]-\d+(?:, [A-Z]-\d+)*)\]/g)])
      .flatMap(([, ids]) => (ids ?? '').split(', ')),
  );
  expect(rules.length).toBeGreaterThan(30);
  expect(rules.filter((rule) => !quoted.has(rule))).toEqual([]);
});
