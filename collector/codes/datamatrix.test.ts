import { describe, expect, it } from 'vitest';
import { encode, type PageCode } from '../code.ts';
import { chanceOf } from '../degrade/chance.ts';
import { searchCodes } from '../read/search.ts';
import { datamatrixOf, MODULES, readDatamatrix } from './datamatrix.ts';

const SEED = 11;
const codeOf = (number: number): PageCode => ({
  ...{ procedure: 7 * number, institution: 31 * number, holder: { kind: 'participant', number } },
  ...{ form: 1 + (number % 255), version: 1, page: 1 + (number % 31) },
});

describe('the DataMatrix of a page', () => {
  it('[S1-12] is what any other reader understands', async () => {
    for (const number of [1, 77, 9_000]) {
      const text = encode(codeOf(number));
      const modules = datamatrixOf(text);
      const [scale, quiet] = [6, 3];
      const side = (MODULES + 2 * quiet) * scale;
      const data = Uint8Array.from({ length: side * side }, (_, at) => {
        const [row, column] = [Math.floor(at / side / scale) - quiet, Math.floor((at % side) / scale) - quiet];
        const isIn = row >= 0 && column >= 0 && row < MODULES && column < MODULES;
        return isIn && modules[row * MODULES + column] ? 0 : 255;
      });
      const found = await searchCodes({ width: side, height: side, data });
      expect(found.map((code) => [code.text, code.format])).toEqual([[text, 'datamatrix']]);
    }
  });

  it('[S1-12] is read with modules wrong or unknown, and never as another page', () => {
    console.info(`seed ${SEED}`);
    const chance = chanceOf(SEED);
    for (const [wrong, unknown, readMin] of [
      [0, 0, 1],
      [8, 0, 1],
      [0, 24, 0.95],
      [60, 0, 0],
      [20, 60, 0],
      [400, 0, 0],
    ] as const) {
      let read = 0;
      const pages = 120;
      for (let number = 0; number < pages; number++) {
        const text = encode(codeOf(number));
        const darkness = datamatrixOf(text).map((isDark): number => (isDark ? 0.9 : 0.1));
        for (let turn = 0; turn < wrong; turn++) {
          const at = Math.floor(chance() * darkness.length);
          darkness[at] = 1 - (darkness[at] ?? 0);
        }
        for (let turn = 0; turn < unknown; turn++)
          darkness[Math.floor(chance() * darkness.length)] = 0.49 + 0.02 * chance();
        const said = readDatamatrix(darkness);
        if (said !== null) expect(said).toBe(text);
        if (said === text) read++;
      }
      expect(read / pages, `${wrong} wrong, ${unknown} unknown`).toBeGreaterThanOrEqual(readMin);
    }
  });

  it('chance is no page', () => {
    const chance = chanceOf(SEED);
    for (let turn = 0; turn < 500; turn++)
      expect(readDatamatrix(Array.from({ length: MODULES * MODULES }, () => chance()))).toBeNull();
  });
});
