/** From the image of a page to its reading. Every step says what it could not do; none guesses. */
import { decode, encode } from '../code.ts';
import type { CodeSource, CollectorFinding } from '../finding.ts';
import { findForm, type FormDefinition } from '../form.ts';
import { DATAMATRIX_BOX, QR_BOX, SQUARE_CENTRES, SQUARE_MM, TWIN_BOX } from '../layout.ts';
import {
  type Homography,
  type PageIdentity,
  type PageReading,
  READER_VERSION,
  type ReadingHints,
  type ReadingStage,
} from '../reading.ts';
import {
  type CodedPlace,
  likelihood,
  orientations,
  placeCodes,
  type ReadCode,
  readCopies,
  readPlaces,
  readTogether,
} from './codes.ts';
import { type GreyImage, levelsIn } from './grey.ts';
import { apply } from './homography.ts';
import { locate, locateByCodes, type Located, loneSquares, refine, sameMap, scaleOf, uprightBy } from './locate.ts';
import { cropAround, fieldsBeyond, outlinesShown, type PageLevels, readFields } from './marks.ts';
import { type FoundCode, searchCodes } from './search.ts';
import { expectedPerMm } from './squares.ts';
import { withoutStreaks } from './streaks.ts';

export const DPI_MIN = 140;
export const CONTRAST_MIN = 90;
export const SKEW_DEGREES_MAX = 4;
/** Of points looked at: a page with less ink is blank. */
const BLANK_INK_SHARE = 0.0006;
/** What is darker on the whole is no paper: a lid left open, a table under a photographed page (grey level, 0 … 255). */
const PAPER_MIN = 96;
/** Of the printed outlines: where no squares vouch for the place, so many must show where they are expected. */
const OUTLINES_MIN = 0.75;

export interface ReadRequest {
  forms: readonly FormDefinition[];
  hints?: ReadingHints;
  /** A clock in milliseconds, for the stage times. */
  clock?: () => number;
}

export async function readPage(
  received: GreyImage,
  { forms, hints = {}, clock = () => 0 }: ReadRequest,
): Promise<PageReading> {
  const stageMs: PageReading['stageMs'] = {};
  const timed = async <T>(stage: ReadingStage, work: () => T | Promise<T>): Promise<T> => {
    const start = clock();
    const result = await work();
    stageMs[stage] = (stageMs[stage] ?? 0) + clock() - start;
    return result;
  };
  const findings: CollectorFinding[] = [];
  const base = { readerVersion: READER_VERSION, width: received.width, height: received.height, stageMs };

  const { image, tone } = await timed('geometry', () => cleaned(received));
  let located = await timed('geometry', () => locate(image, hints, tone.paper - tone.ink));
  let read = located ? await timed('code', () => readAt(image, located)) : null;
  if (located && read && read.codes.length === 0 && !hints.code) {
    const place = read.place;
    read = await timed('repair', () => repair(image, place));
  }
  if ((!read || read.codes.length === 0) && !hints.code) {
    // A blank page has nothing to be found, and is told at once.
    if (!located && tone.isBlank)
      return { ...base, ...nothing, findings: [{ code: 'PAGE_BLANK', data: { inkShare: tone.inkShare } }] };
    const found = await timed('search', () => searchCodes(image));
    if (found.length > 0) {
      const geometry = located ? null : await timed('search', () => locateByCodes(image, found));
      if (geometry) located = geometry;
      read = {
        codes: found.map(sourceOf),
        isRepaired: false,
        place: located ? placeCodes(image, located.geometry) : (read?.place ?? null),
      };
      // The found codes say which way is up where the squares alone could not.
      if (located && !geometry) located = { ...located, geometry: uprightBy(found, located.geometry) };
    }
  }
  const identity = identify(
    read?.codes ?? [],
    read?.isRepaired ?? false,
    hints,
    findings,
    image,
    located?.geometry ?? null,
  );
  if (located && read?.place && !sameMap(located.geometry, read.place.geometry) && located.isOpen)
    located = { ...located, geometry: read.place.geometry };
  if (!located) {
    findings.push(...toneFindings(tone, null));
    if (!identity && tone.isBlank) findings.push({ code: 'PAGE_BLANK', data: { inkShare: tone.inkShare } });
    else findings.push({ code: 'GEOMETRY_UNKNOWN', data: { found: loneSquares(image) } });
    return { ...base, ...nothing, identity, findings };
  }

  const { geometry, isSure } = refine(located, read?.place ?? null, image);
  const perMm = scaleOf(geometry);
  const dpi = Math.round(perMm * 25.4);
  const form = identity ? findForm(forms, identity.code.form, identity.code.version) : null;
  const page = form?.isExact ? form.form.pages.find(({ number }) => number === identity?.code.page) : undefined;
  const pageLevels = levelsOf(image, geometry, tone);
  findings.push(...toneFindings(tone, pageLevels), ...placeFindings(located, geometry, dpi, image, page?.fields ?? []));
  if (!identity && findings.every(({ code }) => code !== 'CODE_CONFLICT')) {
    const crops = [DATAMATRIX_BOX, TWIN_BOX, QR_BOX].map((box) => cropAround(geometry, widened(box), image));
    findings.push({ code: 'CODE_UNREADABLE', data: { crops } });
  }
  if (identity && (!form || (form.isExact && !page)))
    findings.push({ code: 'FORM_UNKNOWN', data: { form: identity.code.form } });
  if (identity && form && !form.isExact)
    findings.push({
      code: 'FORM_VERSION_OLD',
      data: { form: identity.code.form, version: identity.code.version, newest: form.newest },
    });
  // A place that nothing vouches for would give marks of somewhere else.
  const isProved = isSure || hints.corners !== undefined || !page;
  if (!isProved && (await timed('marks', () => outlinesShown(image, geometry, page, pageLevels))) < OUTLINES_MIN) {
    findings.push({ code: 'GEOMETRY_UNKNOWN', data: { found: loneSquares(image) } });
    return { ...base, dpi, identity, geometry: null, fields: [], findings };
  }
  const fields = page ? await timed('marks', () => readFields(image, geometry, page, pageLevels)) : null;
  return {
    ...base,
    dpi,
    identity,
    geometry,
    fields: fields?.fields ?? [],
    findings: [...findings, ...(fields?.findings ?? [])],
  };
}

const nothing = { dpi: null, identity: null, geometry: null, fields: [] };

const widened = ({ x, y, width, height }: typeof QR_BOX): typeof QR_BOX => ({
  ...{ x: x - 4, y: y - 4 },
  ...{ width: width + 8, height: height + 8 },
});

/* ---- whose it is ---- */

interface Read {
  codes: ReadCode[];
  isRepaired: boolean;
  place: CodedPlace | null;
}

async function readAt(image: GreyImage, located: Located | null): Promise<Read> {
  if (!located) return { codes: [], isRepaired: false, place: null };
  let best: CodedPlace | null = null;
  for (const geometry of located.isOpen ? orientations(image, located.geometry) : [located.geometry]) {
    const place = placeCodes(image, geometry);
    const codes = readCopies(image, place);
    // A copy that nobody confirms is asked for a second witness.
    if (codes.length === 1) codes.push(...(await readPlaces(image, place.geometry, ['qr'])));
    if (codes.length > 0) return { codes, isRepaired: false, place };
    if (!best || likelihood(place) > likelihood(best)) best = place;
  }
  return { codes: [], isRepaired: false, place: best };
}

async function repair(image: GreyImage, place: CodedPlace | null): Promise<Read> {
  if (!place) return { codes: [], isRepaired: false, place };
  const together = readTogether(image, place);
  const others = await readPlaces(image, place.geometry, together === null ? ['qr', 'datamatrix', 'twin'] : ['qr']);
  if (together === null) return { codes: others, isRepaired: false, place };
  return {
    codes: [{ text: together, source: 'datamatrix' }, { text: together, source: 'twin' }, ...others],
    isRepaired: true,
    place,
  };
}

const sourceOf = ({ text, format }: FoundCode): ReadCode => ({ text, source: format });

function identify(
  codes: readonly ReadCode[],
  isRepaired: boolean,
  hints: ReadingHints,
  findings: CollectorFinding[],
  image: GreyImage,
  geometry: Homography | null,
): PageIdentity | null {
  if (hints.code) return { code: hints.code, text: encode(hints.code), sources: ['typed'], isRepaired: false };
  const texts = new Set(codes.map(({ text }) => text));
  if (texts.size > 1) {
    const candidates = codes.flatMap(({ text, source }) => {
      const code = decode(text);
      const box = source === 'qr' ? QR_BOX : source === 'twin' ? TWIN_BOX : DATAMATRIX_BOX;
      const crop = geometry && cropAround(geometry, widened(box), image);
      return code ? [{ code, text, from: source, crop }] : [];
    });
    findings.push({ code: 'CODE_CONFLICT', data: { candidates } });
    return null;
  }
  const [first] = codes;
  const code = first && decode(first.text);
  if (!first || !code) return null;
  const sources = [...new Set(codes.map(({ source }) => source))] satisfies CodeSource[];
  return { code, text: first.text, sources, isRepaired };
}

/* ---- how well it was scanned ---- */

interface Tone {
  paper: number;
  ink: number;
  /** What is darker is no paper. */
  darkBelow: number;
  inkShare: number;
  /** Light all over, and next to no ink. A page on a dark ground is none: most of what is seen there is not its paper. */
  isBlank: boolean;
  isTwoLevel: boolean;
  /** Lines of a dirty glass that were painted over. */
  streaks: number;
}

/** Without the lines of a dirty glass, and the tone of what is left: lines are no ink. */
function cleaned(received: GreyImage): { image: GreyImage; tone: Tone } {
  const tone = toneOf(received);
  const { image, streaks } = withoutStreaks(received, tone.darkBelow, expectedPerMm(received));
  return { image, tone: streaks === 0 ? tone : { ...toneOf(image), isTwoLevel: tone.isTwoLevel, streaks } };
}

/** Every so many-th pixel of every so many-th row: whole rows, for memory is read by rows. */
const TONE_HOP = { down: 9, across: 7 };

function toneOf({ width, height, data }: GreyImage): Tone {
  const counts = new Uint32Array(256);
  for (let row = 0; row < height; row += TONE_HOP.down)
    for (let at = row * width, end = at + width; at < end; at += TONE_HOP.across) {
      const value = data[at] ?? 255;
      counts[value] = (counts[value] ?? 0) + 1;
    }
  const total = Math.max(1, sumOf(counts, 0, 256));
  const [black = 0, paper = 255] = levelsIn(counts, [0.004, 0.7]);
  const threshold = paper - Math.max(24, (paper - black) * 0.35);
  const inkShare = sumOf(counts, 0, Math.ceil(threshold)) / total;
  return {
    paper,
    ink: black,
    darkBelow: threshold,
    inkShare,
    isBlank: inkShare < BLANK_INK_SHARE && paper >= PAPER_MIN,
    isTwoLevel: sumOf(counts, 9, 247) / total < 0.0005,
    streaks: 0,
  };
}

const sumOf = (counts: Uint32Array, from: number, to: number): number =>
  counts.subarray(Math.max(0, from), Math.max(0, to)).reduce((sum, count) => sum + count, 0);

/** Ink as the corner squares have it, paper as beside them. */
function levelsOf(image: GreyImage, geometry: Homography, tone: Tone): PageLevels {
  const inks: number[] = [];
  for (const centre of SQUARE_CENTRES) {
    const values: number[] = [];
    for (let down = -1; down <= 1; down++)
      for (let across = -1; across <= 1; across++) {
        const { x, y } = apply(geometry, centre.x + (across * SQUARE_MM) / 5, centre.y + (down * SQUARE_MM) / 5);
        if (x >= 0 && y >= 0 && x < image.width && y < image.height)
          values.push(image.data[Math.floor(y) * image.width + Math.floor(x)] ?? 255);
      }
    values.sort((one, other) => one - other);
    const middle = values[Math.floor(values.length / 2)];
    if (middle !== undefined && middle < tone.paper - 20) inks.push(middle);
  }
  const ink = inks.length > 0 ? inks.reduce((sum, value) => sum + value, 0) / inks.length : tone.ink;
  return { paper: tone.paper, ink };
}

function toneFindings(tone: Tone, pageLevels: PageLevels | null): CollectorFinding[] {
  const findings: CollectorFinding[] = [];
  const contrast = Math.round(tone.paper - (pageLevels?.ink ?? tone.ink));
  if (contrast < CONTRAST_MIN) findings.push({ code: 'CONTRAST_LOW', data: { contrast, contrastMin: CONTRAST_MIN } });
  if (tone.streaks > 0) findings.push({ code: 'STREAKED', data: { streaks: tone.streaks } });
  if (tone.isTwoLevel) findings.push({ code: 'BW_LOSSY', data: {} });
  return findings;
}

function placeFindings(
  located: Located,
  geometry: Homography,
  dpi: number,
  image: GreyImage,
  fields: Parameters<typeof fieldsBeyond>[0],
): CollectorFinding[] {
  const findings: CollectorFinding[] = [];
  if (dpi < DPI_MIN) findings.push({ code: 'DPI_LOW', data: { dpi, dpiMin: DPI_MIN } });
  const [middle, right] = [apply(geometry, 55, 148), apply(geometry, 155, 148)];
  const degrees = (Math.atan2(right.y - middle.y, right.x - middle.x) * 180) / Math.PI;
  const turns = (((Math.round(degrees / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3;
  const skew = Math.abs(degrees - Math.round(degrees / 90) * 90);
  if (skew > SKEW_DEGREES_MAX)
    findings.push({ code: 'SKEW_HIGH', data: { degrees: Math.round(skew * 10) / 10, degreesMax: SKEW_DEGREES_MAX } });
  if (turns !== 0) findings.push({ code: 'UPSIDE_DOWN', data: { quarterTurns: ((4 - turns) % 4) as 1 | 2 | 3 } });
  const found = located.squares.filter((square) => square !== null).length;
  if (found < 4) findings.push({ code: 'FIDUCIAL_MISSING', data: { found } });
  const edges = cutEdges(geometry, image);
  if (edges.length > 0)
    findings.push({ code: 'EDGE_CUT', data: { edges, fields: fieldsBeyond(fields, geometry, image) } });
  return findings;
}

/** Edges of the page (upright) at which even the squares are not wholly in the image. */
function cutEdges(geometry: Homography, image: GreyImage): ('top' | 'right' | 'bottom' | 'left')[] {
  const reach = SQUARE_MM / 2 - 0.5;
  const isOut = SQUARE_CENTRES.map(({ x, y }) =>
    [
      [x - reach, y - reach],
      [x + reach, y - reach],
      [x - reach, y + reach],
      [x + reach, y + reach],
    ].some(([px = 0, py = 0]) => {
      const point = apply(geometry, px, py);
      return point.x < 0 || point.y < 0 || point.x > image.width || point.y > image.height;
    }),
  );
  const [topLeft, topRight, bottomRight, bottomLeft] = isOut;
  const edges: [boolean, 'top' | 'right' | 'bottom' | 'left'][] = [
    [Boolean(topLeft && topRight), 'top'],
    [Boolean(topRight && bottomRight), 'right'],
    [Boolean(bottomRight && bottomLeft), 'bottom'],
    [Boolean(bottomLeft && topLeft), 'left'],
  ];
  return edges.filter(([isCut]) => isCut).map(([, edge]) => edge);
}
