/** Pages printed, filled in and spoilt by the generator, at 150 dpi for the sake of time; the bench does it all at 300. */
import { beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../code.ts';
import { chanceOf } from '../degrade/chance.ts';
import { DEGRADATIONS } from '../degrade/kinds.ts';
import { type FilledPage, filledPages } from '../degrade/paper.ts';
import { boxesOf } from '../form.ts';
import { ANSWERS } from '../forms/answers.ts';
import { ATTENDANCE_SHEET } from '../forms/attendance.ts';
import { FORMS } from '../forms/index.ts';
import { SQUARE_CENTRES } from '../layout.ts';
import type { PageReading, ReadingHints } from '../reading.ts';
import { type GreyImage, turn } from './grey.ts';
import { apply } from './homography.ts';
import { decideChoice } from './marks.ts';
import { readPage } from './read-page.ts';

const SEED = 5;
const DPI = 150;
const PER_MM = DPI / 25.4;
let pages: FilledPage[];
beforeAll(async () => {
  console.info(`seed ${SEED}`);
  pages = await filledPages(10, DPI, SEED);
});

const at = (index: number): FilledPage => {
  const page = pages[index];
  if (!page) throw new Error(`no page ${index}`);
  return page;
};
const copyOf = ({ image }: FilledPage): GreyImage => ({ ...image, data: new Uint8Array(image.data) });
const read = (image: GreyImage, hints: ReadingHints = {}): Promise<PageReading> =>
  readPage(image, { forms: FORMS, hints });
const codesOf = (reading: PageReading): string[] => reading.findings.map(({ code }) => code);
function paint(image: GreyImage, x: number, y: number, width: number, height: number, level: number): void {
  for (let row = Math.round(y * PER_MM); row < (y + height) * PER_MM; row++)
    for (let column = Math.round(x * PER_MM); column < (x + width) * PER_MM; column++)
      if (column < image.width && row < image.height) image.data[row * image.width + column] = level;
}
function marksAsWere(reading: PageReading, truth: FilledPage['truth']): void {
  for (const field of reading.fields)
    if (field.kind === 'choice' || field.kind === 'attendance') {
      const { decision } = field;
      if (decision.kind === 'one') expect(decision.option, field.key).toBe(truth[field.key]);
      if (decision.kind === 'none') expect(truth[field.key], field.key).toBeNull();
    }
}

describe('a page', () => {
  it('[S1-12] of every form is read as it was printed and filled in, with nothing to complain of', async () => {
    for (const page of pages) {
      const reading = await read(page.image);
      expect(reading.identity?.code).toEqual(page.code);
      expect(reading.identity?.sources).toEqual(['datamatrix', 'twin']);
      expect(codesOf(reading)).toEqual([]);
      marksAsWere(reading, page.truth);
    }
  });

  it('[S1-12] with every third kind of damage is the page that it is or none at all, and its marks are right or asked about', async () => {
    let identified = 0;
    const some = DEGRADATIONS.filter((_, index) => index % 3 === 0);
    for (const [index, kind] of some.entries()) {
      const page = at(index % pages.length);
      const reading = await read(kind.apply(copyOf(page), chanceOf(SEED + index), PER_MM));
      if (reading.identity) {
        expect(reading.identity.text, kind.name).toBe(page.text);
        identified++;
      }
      marksAsWere(reading, page.truth);
    }
    expect(identified / some.length).toBeGreaterThan(0.93);
  });

  it('[S1-12] upside down or turned by a quarter heals by itself and is told', async () => {
    for (const quarters of [1, 2, 3] as const) {
      const reading = await read(turn(at(0).image, quarters));
      expect(reading.identity?.text).toBe(at(0).text);
      expect(reading.findings).toEqual([{ code: 'UPSIDE_DOWN', data: { quarterTurns: (4 - quarters) as 1 | 2 | 3 } }]);
      marksAsWere(reading, at(0).truth);
    }
  });

  it('[S1-12] whose codes say different things is nobody’s', async () => {
    const image = copyOf(at(0));
    const other = at(1).image;
    for (let row = Math.round(260 * PER_MM); row < image.height; row++)
      image.data.set(other.data.subarray(row * other.width, (row + 1) * other.width), row * image.width);
    const reading = await read(image);
    expect(reading.identity).toBeNull();
    const conflict = reading.findings.find(({ code }) => code === 'CODE_CONFLICT');
    expect(conflict?.code === 'CODE_CONFLICT' && new Set(conflict.data.candidates.map(({ text }) => text))).toEqual(
      new Set([at(0).text, at(1).text]),
    );
    const typed = await read(image, { code: at(0).code });
    expect(typed.identity).toEqual({
      code: at(0).code,
      text: encode(at(0).code),
      sources: ['typed'],
      isRepaired: false,
    });
    marksAsWere(typed, at(0).truth);
  });

  it('[S1-12] whose codes are gone asks for the printed code, and is read with it', async () => {
    const image = copyOf(at(0));
    for (const [x, y] of [
      [170, 10],
      [20, 267],
      [170, 267],
    ] as const)
      paint(image, x, y, 20, 20, 255);
    const reading = await read(image);
    expect(codesOf(reading)).toEqual(['CODE_UNREADABLE']);
    const typed = await read(image, { code: at(0).code });
    expect(codesOf(typed)).toEqual([]);
    marksAsWere(typed, at(0).truth);
  });

  it('[S1-12] without squares and codes asks for its corners, and is read with them', async () => {
    const image = copyOf(at(0));
    for (const { x, y } of SQUARE_CENTRES) paint(image, x - 8, y - 8, 16, 16, 255);
    for (const [x, y] of [
      [170, 10],
      [20, 267],
      [170, 267],
    ] as const)
      paint(image, x, y, 20, 20, 255);
    expect(codesOf(await read(image))).toEqual(['GEOMETRY_UNKNOWN']);
    const corners = SQUARE_CENTRES.map(({ x, y }) => ({ x: x * PER_MM, y: y * PER_MM })) as never;
    const clicked = await read(image, { corners, code: at(0).code });
    expect(codesOf(clicked)).toEqual([]);
    marksAsWere(clicked, at(0).truth);
  });

  it('[S1-12] of which two squares are left is placed by them and its codes, and nothing is searched', async () => {
    for (const [first, second] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const) {
      const image = copyOf(at(0));
      for (const gone of [first, second]) {
        const { x, y } = SQUARE_CENTRES[gone] ?? { x: 0, y: 0 };
        paint(image, x - 4, y - 4, 8, 8, 255);
      }
      const reading = await read(image);
      expect(reading.identity?.text).toBe(at(0).text);
      expect(reading.findings).toEqual([{ code: 'FIDUCIAL_MISSING', data: { found: 2 } }]);
      expect(reading.stageMs.search).toBeUndefined();
      marksAsWere(reading, at(0).truth);
    }
  });

  it('[S1-12] with the lines of a dirty glass over squares, codes and marks is read as if there were none', async () => {
    const image = copyOf(at(0));
    for (const x of [11, 24.2, 61, 105, 150.3, 178, 199]) paint(image, x, 0, 0.6, 297, 40);
    const reading = await read(image);
    expect(reading.identity?.text).toBe(at(0).text);
    expect(reading.findings).toEqual([{ code: 'STREAKED', data: { streaks: 7 } }]);
    marksAsWere(reading, at(0).truth);
    const asked = reading.fields.filter((field) => 'decision' in field && field.decision.kind === 'doubtful');
    expect(asked).toEqual([]);
  });

  it('[S1-12] cut off below its marks keeps every mark, wherever the cut goes through the codes', async () => {
    const sheet = pages.find(({ code }) => code.form === ATTENDANCE_SHEET.number) ?? at(0);
    for (const gone of [8, 12, 16, 20]) {
      const height = sheet.image.height - Math.round(gone * PER_MM);
      const image = { ...sheet.image, height, data: sheet.image.data.slice(0, sheet.image.width * height) };
      const reading = await read(image);
      expect(reading.identity?.text).toBe(sheet.text);
      marksAsWere(reading, sheet.truth);
      expect(codesOf(reading).filter((code) => code.startsWith('MARK_'))).toEqual([]);
    }
  });

  it('[S1-12] that is blank is told from one that cannot be read', async () => {
    const blank = { width: 1240, height: 1754, data: new Uint8Array(1240 * 1754).fill(250) };
    expect(codesOf(await read(blank))).toEqual(['PAGE_BLANK']);
    paint(blank, 50, 0, 0.6, 298, 40);
    expect(codesOf(await read(blank))).toEqual(['PAGE_BLANK']);
    const onDarkGround = { width: 1240, height: 1754, data: new Uint8Array(1240 * 1754).fill(20) };
    paint(onDarkGround, 60, 90, 80, 110, 230);
    expect(codesOf(await read(onDarkGround))).toEqual(['CONTRAST_LOW', 'GEOMETRY_UNKNOWN']);
  });

  it('[S1-12] of a form that is unknown, or of another version, says so', async () => {
    expect(codesOf(await readPage(at(0).image, { forms: [] }))).toEqual(['FORM_UNKNOWN']);
    const newer = FORMS.map((form) => (form.id === 'answers' ? { ...form, version: 2 } : form));
    const reading = await readPage(at(0).image, { forms: newer });
    expect(reading.findings).toEqual([{ code: 'FORM_VERSION_OLD', data: { form: 1, version: 1, newest: 2 } }]);
  });

  it('[S1-25] scanned in too few dots, without contrast or in two levels tells its scanner’s fault', async () => {
    const changed = async (name: string): Promise<string[]> => {
      const kind = DEGRADATIONS.find((one) => one.name === name);
      return kind ? codesOf(await read(kind.apply(copyOf(at(0)), chanceOf(1), PER_MM))) : [];
    };
    expect(await changed('120 dpi')).toEqual(['DPI_LOW']);
    expect(await changed('very low contrast')).toContain('CONTRAST_LOW');
    expect(await changed('black and white')).toEqual(['BW_LOSSY']);
  });
});

describe('marks', () => {
  const marks = (answer: number[], correction: number[] = []): Parameters<typeof decideChoice>[0] => [
    ...answer.map((darkness, index) => ({ option: 'abcd'.charAt(index), row: 'answer' as const, darkness })),
    ...correction.map((darkness, index) => ({ option: 'abcd'.charAt(index), row: 'correction' as const, darkness })),
  ];

  it('[S1-12] that are doubtful or double are never guessed', () => {
    expect(decideChoice(marks([0.02, 0.8, 0.01, 0]))).toEqual({ kind: 'one', option: 'b', isCorrected: false });
    expect(decideChoice(marks([0, 0, 0, 0]))).toEqual({ kind: 'none', isCorrected: false });
    expect(decideChoice(marks([0, 0.25, 0, 0]))).toMatchObject({ kind: 'doubtful', options: ['b'] });
    expect(decideChoice(marks([0.9, 0.2, 0, 0]))).toMatchObject({ kind: 'doubtful', options: ['a', 'b'] });
    expect(decideChoice(marks([0.9, 0.8, 0, 0]))).toMatchObject({ kind: 'multiple', options: ['a', 'b'] });
  });

  it('[S1-12] in the row of corrections void the first row', () => {
    expect(decideChoice(marks([0.9, 0, 0, 0], [0, 0, 0.7, 0]))).toEqual({
      kind: 'one',
      option: 'c',
      isCorrected: true,
    });
    expect(decideChoice(marks([0.9, 0, 0, 0], [0, 0, 0.2, 0]))).toMatchObject({ kind: 'doubtful', isCorrected: true });
  });

  it('[S1-12] made by the edge of a stain are asked about, not guessed', async () => {
    const index = pages.findIndex(({ code }) => code.form === ANSWERS.number && code.page === 1);
    const image = copyOf(at(index));
    const field = ANSWERS.pages[0]?.fields[0];
    const box = (field && boxesOf(field)[5]) ?? { x: 0, y: 0 };
    // As dark as pencil, over half of the bubble and far beyond it.
    paint(image, box.x - 6, box.y - 4, 8.6, 13, 70);
    const reading = await read(image);
    const stained = reading.findings.find(({ code }) => code === 'MARK_STAIN');
    expect(stained?.code === 'MARK_STAIN' && stained.data.fields).toContain(field?.key);
    marksAsWere(reading, at(index).truth);
  });

  it('[S1-12] half filled, doubled and stained come back from a page as questions with their crop', async () => {
    const index = pages.findIndex(({ code }) => code.form === ANSWERS.number && code.page === 1);
    const page = at(index);
    const image = copyOf(page);
    const boxOf = (key: string, option: number): { x: number; y: number } => {
      const field = ANSWERS.pages[0]?.fields.find((one) => one.key === key);
      return (field && boxesOf(field)[option]) ?? { x: 0, y: 0 };
    };
    for (const key of ['q1', 'q2', 'q3'])
      for (let option = 0; option < 8; option++) {
        const { x, y } = boxOf(key, option);
        paint(image, x + 0.5, y + 0.5, 4, 4, 255);
      }
    paint(image, boxOf('q1', 1).x + 1.6, boxOf('q1', 1).y + 0.6, 1, 3.8, 20);
    for (const option of [0, 3]) paint(image, boxOf('q2', option).x + 0.8, boxOf('q2', option).y + 0.8, 3.6, 3.6, 20);
    paint(image, boxOf('q3', 0).x - 3, boxOf('q3', 0).y - 2, 10, 9, 60);
    const reading = await read(image);
    const named = reading.findings.flatMap((finding) =>
      finding.code === 'MARK_AMBIGUOUS' || finding.code === 'MARK_MULTIPLE'
        ? [`${finding.code} ${finding.data.field}`]
        : [],
    );
    expect(named).toEqual(expect.arrayContaining(['MARK_AMBIGUOUS q1', 'MARK_MULTIPLE q2']));
    const stain = reading.findings.find(({ code }) => code === 'MARK_STAIN');
    expect(stain?.code === 'MARK_STAIN' && stain.data.fields).toContain('q3');
    const double = reading.findings.find(({ code }) => code === 'MARK_MULTIPLE');
    const corner = reading.geometry && apply(reading.geometry, boxOf('q2', 0).x - 3, boxOf('q2', 0).y - 3);
    expect(double?.code === 'MARK_MULTIPLE' && double.data.crop.x).toBe(Math.floor(corner?.x ?? -1));
  });
});
