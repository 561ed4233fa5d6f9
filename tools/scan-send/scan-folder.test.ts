import { expect, it } from 'vitest';
import { lookAgain, stillFiles, STILL_MS, type FoundFile } from './scan-folder.ts';

const file = (bytes: number, modifiedMs = 0): FoundFile => ({ name: 'a.pdf', bytes, modifiedMs });

it('[S1-04] a file is taken when its size and its moment stood still for five seconds, and not while a scanner writes it', () => {
  let seen = lookAgain(new Map(), [file(10)], 0);
  seen = lookAgain(seen, [file(20)], 4_000);
  expect(stillFiles(seen, STILL_MS)).toEqual([]);
  seen = lookAgain(seen, [file(20)], 4_000 + STILL_MS - 1);
  expect(stillFiles(seen, 4_000 + STILL_MS - 1)).toEqual([]);
  expect(stillFiles(lookAgain(seen, [file(20)], 4_000 + STILL_MS), 4_000 + STILL_MS)).toHaveLength(1);
  // Written anew with as many bytes; and one that is empty.
  expect(stillFiles(lookAgain(seen, [file(20, 1)], 4_000 + STILL_MS), 4_000 + STILL_MS)).toEqual([]);
  expect(stillFiles(lookAgain(new Map(), [file(0)], 0), STILL_MS)).toEqual([]);
});
