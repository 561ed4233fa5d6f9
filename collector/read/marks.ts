/** What is marked and what is written: darkness against the paper around, never a guess. */
import type { CollectorFinding, MarkEvidence, PixelBox } from '../finding.ts';
import { aroundField, type Box, type FieldOf, type FormField, type FormPage, type MarkOption } from '../form.ts';
import type { ChoiceDecision, FieldReading, Homography, MarkDecision } from '../reading.ts';
import type { GreyImage } from './grey.ts';
import { apply } from './homography.ts';

/** Below is empty, from the other on is marked; between them a person decides. 0 is an empty bubble, 1 one filled with the blackest ink. */
export const EMPTY_MAX = 0.13;
export const MARKED_MIN = 0.34;
/** How dark the paper around a bubble must be for it to count as stained. */
export const STAIN_MIN = 0.38;
/** The share of bubbles that are surely empty on any page, from which the darkness of an empty one is taken. */
const BASELINE_SHARE = 0.3;
const BASELINE_MAX = 0.25;
/** Of the bubble's radius: within it neither outline nor what runs over it counts. */
const DISC_SHARE = 0.76;
const DISC_POINTS = 13;
/** A mark no darker than this, beside which the paper is dark on one side as well, may be the edge of a stain. */
const SURE_MIN = 0.8;
const CLOUD_MIN = 0.18;
const RING_MM = [2.9, 3.3];
const RING_POINTS = 24;

/** Levels of the page, of 255. */
export interface PageLevels {
  paper: number;
  ink: number;
}

interface Measured {
  darkness: number;
  isStained: boolean;
}

export function readFields(
  image: GreyImage,
  geometry: Homography,
  page: FormPage,
  levels: PageLevels,
): { fields: FieldReading[]; findings: CollectorFinding[] } {
  const measured = measureOptions(image, geometry, page, levels);
  const findings: CollectorFinding[] = [];
  const stained: string[] = [];
  const fields = page.fields.map((field): FieldReading => {
    const crop = cropAround(geometry, aroundField(field), image);
    switch (field.kind) {
      case 'choice':
      case 'attendance': {
        const marks = evidenceOf(field, measured);
        const isStained = optionsOf(field).some(({ option }) => measured.get(option)?.isStained);
        const reading = field.kind === 'choice' ? readChoice(field, marks, crop) : readAttendance(field, marks, crop);
        const { kind } = reading.decision;
        if (isStained) {
          stained.push(field.key);
          const options = marks.filter(({ darkness }) => darkness >= EMPTY_MAX).map(({ option }) => option);
          return { ...reading, decision: { ...reading.decision, kind: 'doubtful', options } } as FieldReading;
        }
        if (kind === 'doubtful') findings.push({ code: 'MARK_AMBIGUOUS', data: { field: field.key, crop, marks } });
        if (kind === 'multiple') findings.push({ code: 'MARK_MULTIPLE', data: { field: field.key, crop, marks } });
        return reading;
      }
      case 'freeAnswer':
      case 'text':
        return { kind: field.kind, key: field.key, crop, ...readWriting(image, geometry, field.box, levels) };
      default:
        return field satisfies never;
    }
  });
  if (stained.length > 0) {
    const crops = fields.filter(({ key }) => stained.includes(key)).map(({ crop }) => crop);
    findings.unshift({ code: 'MARK_STAIN', data: { fields: stained, crop: around(crops) } });
  }
  return { fields, findings };
}

type Bubbles = FieldOf<'choice'> | FieldOf<'attendance'>;

function optionsOf(field: Bubbles): { option: MarkOption; row: MarkEvidence['row'] }[] {
  const corrections = field.kind === 'choice' ? (field.correction ?? []) : [];
  return [
    ...field.options.map((option) => ({ option, row: 'answer' as const })),
    ...corrections.map((option) => ({ option, row: 'correction' as const })),
  ];
}

function evidenceOf(field: Bubbles, measured: ReadonlyMap<MarkOption, Measured>): MarkEvidence[] {
  return optionsOf(field).map(({ option, row }) => ({
    ...{ option: option.key, row },
    darkness: Math.round((measured.get(option)?.darkness ?? 0) * 1000) / 1000,
  }));
}

function readChoice(
  field: FieldOf<'choice'>,
  marks: MarkEvidence[],
  crop: PixelBox,
): FieldReading & { kind: 'choice' } {
  return { kind: 'choice', key: field.key, crop, marks, decision: decideChoice(marks) };
}

/** Whatever stands in the row of corrections makes the first row void. */
export function decideChoice(marks: readonly MarkEvidence[]): ChoiceDecision {
  const corrected = decide(marks.filter(({ row }) => row === 'correction'));
  if (corrected.kind !== 'none') return { ...corrected, isCorrected: true };
  return { ...decide(marks.filter(({ row }) => row === 'answer')), isCorrected: false };
}

function readAttendance(
  field: FieldOf<'attendance'>,
  marks: MarkEvidence[],
  crop: PixelBox,
): FieldReading & { kind: 'attendance' } {
  return { kind: 'attendance', key: field.key, row: field.row, crop, marks, decision: decide(marks) as never };
}

function decide(marks: readonly MarkEvidence[]): MarkDecision {
  const marked = marks.filter(({ darkness }) => darkness >= MARKED_MIN).map(({ option }) => option);
  const doubtful = marks.filter(({ darkness }) => darkness >= EMPTY_MAX && darkness < MARKED_MIN);
  const [first] = marked;
  if (doubtful.length > 0)
    return {
      kind: 'doubtful',
      options: marks.filter(({ darkness }) => darkness >= EMPTY_MAX).map(({ option }) => option),
    };
  if (marked.length > 1) return { kind: 'multiple', options: marked };
  return first === undefined ? { kind: 'none' } : { kind: 'one', option: first };
}

function measureOptions(
  image: GreyImage,
  geometry: Homography,
  page: FormPage,
  levels: PageLevels,
): Map<MarkOption, Measured> {
  const measured = new Map<MarkOption, Measured>();
  for (const field of page.fields)
    if (field.kind === 'choice' || field.kind === 'attendance')
      for (const { option } of optionsOf(field)) measured.set(option, measure(image, geometry, option.box, levels));
  // An empty bubble is not white: it has a letter, and its outline blurs into it.
  const sorted = [...measured.values()].map(({ darkness }) => darkness).sort((one, other) => one - other);
  const baseline = Math.min(BASELINE_MAX, Math.max(0, sorted[Math.floor(sorted.length * BASELINE_SHARE)] ?? 0));
  for (const one of measured.values()) one.darkness = clamp((one.darkness - baseline) / (1 - baseline));
  return measured;
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

/** Steps of the image for a millimetre to the right and one down, at a point of the page. */
function frameAt(
  geometry: Homography,
  x: number,
  y: number,
): { x: number; y: number; rx: number; ry: number; dx: number; dy: number } {
  const place = apply(geometry, x, y);
  const right = apply(geometry, x + 1, y);
  const down = apply(geometry, x, y + 1);
  return { ...place, rx: right.x - place.x, ry: right.y - place.y, dx: down.x - place.x, dy: down.y - place.y };
}

/** Points of the unit circle, so that no angle is worked out for a bubble. */
const CIRCLE = Array.from({ length: RING_POINTS }, (_, point) => (point / RING_POINTS) * 2 * Math.PI);
const CIRCLE_X = Float64Array.from(CIRCLE, Math.cos);
const CIRCLE_Y = Float64Array.from(CIRCLE, Math.sin);
/** Points of the unit disc. */
const DISC = Array.from({ length: DISC_POINTS * DISC_POINTS }, (_, at) => ({
  right: (((at % DISC_POINTS) + 0.5) / DISC_POINTS) * 2 - 1,
  down: ((Math.floor(at / DISC_POINTS) + 0.5) / DISC_POINTS) * 2 - 1,
})).filter(({ right, down }) => right * right + down * down <= 1);
const DISC_X = Float64Array.from(DISC, ({ right }) => right);
const DISC_Y = Float64Array.from(DISC, ({ down }) => down);
const ring = new Uint8Array(RING_MM.length * RING_POINTS);

function measure(image: GreyImage, geometry: Homography, box: Box, levels: PageLevels): Measured {
  const { width, height, data } = image;
  const { x, y, rx, ry, dx, dy } = frameAt(geometry, box.x + box.width / 2, box.y + box.height / 2);
  const valueAt = (right: number, down: number): number => {
    const column = Math.floor(x + right * rx + down * dx);
    const row = Math.floor(y + right * ry + down * dy);
    return column < 0 || row < 0 || column >= width || row >= height ? 255 : (data[row * width + column] ?? 255);
  };
  let to = 0;
  for (const radius of RING_MM)
    for (let point = 0; point < RING_POINTS; point++)
      ring[to++] = valueAt(radius * (CIRCLE_X[point] ?? 0), radius * (CIRCLE_Y[point] ?? 0));
  ring.sort();
  const paper = ring[Math.floor(ring.length * 0.7)] ?? 255;
  const darker = ring[Math.floor(ring.length * 0.25)] ?? 255;
  const radius = (box.width / 2) * DISC_SHARE;
  let sum = 0;
  for (let point = 0; point < DISC.length; point++)
    sum += valueAt((DISC_X[point] ?? 0) * radius, (DISC_Y[point] ?? 0) * radius);
  const range = Math.max(1, levels.paper - levels.ink);
  const local = Math.max(1, paper - levels.ink, range / 3);
  const darkness = (paper - sum / DISC.length) / local;
  const isCloudy = darkness >= EMPTY_MAX && darkness < SURE_MIN && (paper - darker) / local > CLOUD_MIN;
  return { darkness, isStained: isCloudy || (levels.paper - paper) / range > STAIN_MIN };
}

const LINE_POINTS = 40;

/** The share of printed outlines that show where they are expected: darker than what lies beyond them. 0 for a page without any. */
export function outlinesShown(image: GreyImage, geometry: Homography, page: FormPage, levels: PageLevels): number {
  let [shown, total] = [0, 0];
  const faint = (levels.paper - levels.ink) * 0.06;
  for (const field of page.fields) {
    if (field.kind === 'choice' || field.kind === 'attendance')
      for (const { option } of optionsOf(field)) {
        const { x, y, width } = option.box;
        const frame = frameAt(geometry, x + width / 2, y + width / 2);
        const outline = meanOfRing(image, frame, width / 2 - 0.2);
        const beyond = Math.min(meanOfRing(image, frame, width / 2 + 0.45), meanOfRing(image, frame, width / 2 + 0.9));
        total++;
        if (beyond - outline > faint) shown++;
      }
    else {
      const { x, y, width, height } = field.box;
      for (const [fromX, fromY, stepX, stepY, offX, offY] of [
        [x, y, width, 0, 0, -0.6],
        [x, y + height, width, 0, 0, 0.6],
        [x, y, 0, height, -0.6, 0],
        [x + width, y, 0, height, 0.6, 0],
      ] as const) {
        const [start, end] = [apply(geometry, fromX, fromY), apply(geometry, fromX + stepX, fromY + stepY)];
        const side = apply(geometry, fromX + stepY, fromY + stepX);
        const length = Math.max(stepX, stepY);
        const line = (right: number, down: number): number => {
          const aside = (right + down) / length;
          const [x, y] = [start.x + (side.x - start.x) * aside, start.y + (side.y - start.y) * aside];
          let sum = 0;
          for (let point = 0; point < LINE_POINTS; point++) {
            const share = (point + 0.5) / LINE_POINTS;
            sum += pixelAt(image, x + (end.x - start.x) * share, y + (end.y - start.y) * share);
          }
          return sum / LINE_POINTS;
        };
        total++;
        if (line(offX, offY) - Math.min(line(0, 0), line(offX / 3, offY / 3), line(-offX / 3, -offY / 3)) > faint)
          shown++;
      }
    }
  }
  return total === 0 ? 0 : shown / total;
}

const pixelAt = ({ width, height, data }: GreyImage, x: number, y: number): number =>
  x < 0 || y < 0 || x >= width || y >= height ? 255 : (data[Math.floor(y) * width + Math.floor(x)] ?? 255);

function meanOfRing(image: GreyImage, frame: ReturnType<typeof frameAt>, radius: number): number {
  let sum = 0;
  for (let point = 0; point < RING_POINTS; point++) {
    const [right, down] = [radius * (CIRCLE_X[point] ?? 0), radius * (CIRCLE_Y[point] ?? 0)];
    sum += pixelAt(image, frame.x + right * frame.rx + down * frame.dx, frame.y + right * frame.ry + down * frame.dy);
  }
  return sum / RING_POINTS;
}

/* ---- writing ---- */

const CELL_MM = 4;
const CELL_POINTS = 10;
const INSET_MM = 1.5;
/** Darkness from which a point counts as ink, and the share of such points beyond that of a typical cell. */
const INK_MIN = 0.22;
const CELL_SHARE_MIN = 0.05;

/** Whether anything is written in a box: only when no cell of it has more ink than noise explains is it blank. */
export function readWriting(
  image: GreyImage,
  geometry: Homography,
  box: Box,
  levels: PageLevels,
): { isBlank: boolean; inkShare: number } {
  const inner = {
    x: box.x + INSET_MM,
    y: box.y + INSET_MM,
    width: box.width - 2 * INSET_MM,
    height: box.height - 2 * INSET_MM,
  };
  const shares = inkOfCells(image, geometry, inner, levels);
  const sorted = Float64Array.from(shares).sort();
  const usual = Math.min(0.3, sorted[Math.floor(sorted.length * 0.3)] ?? 0);
  const inkShare = shares.reduce((sum, share) => sum + Math.max(0, share - usual), 0) / Math.max(1, shares.length);
  return {
    isBlank: !shares.some((share) => share > usual + CELL_SHARE_MIN),
    inkShare: Math.round(inkShare * 10_000) / 10_000,
  };
}

function inkOfCells(image: GreyImage, geometry: Homography, box: Box, levels: PageLevels): Float64Array {
  const { width, height, data } = image;
  const columns = Math.max(1, Math.floor(box.width / CELL_MM));
  const rows = Math.max(1, Math.floor(box.height / CELL_MM));
  const [stepRight, stepDown] = [box.width / columns / CELL_POINTS, box.height / rows / CELL_POINTS];
  const range = Math.max(1, levels.paper - levels.ink);
  const shares = new Float64Array(columns * rows);
  const values = new Uint8Array(CELL_POINTS * CELL_POINTS);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const frame = frameAt(geometry, box.x + (column * box.width) / columns, box.y + (row * box.height) / rows);
      const [ax, ay] = [frame.rx * stepRight, frame.ry * stepRight];
      const [bx, by] = [frame.dx * stepDown, frame.dy * stepDown];
      let lightest = 0;
      for (let down = 0, point = 0; down < CELL_POINTS; down++)
        for (let right = 0; right < CELL_POINTS; right++, point++) {
          const x = Math.floor(frame.x + (right + 0.5) * ax + (down + 0.5) * bx);
          const y = Math.floor(frame.y + (right + 0.5) * ay + (down + 0.5) * by);
          const value = x < 0 || y < 0 || x >= width || y >= height ? 255 : (data[y * width + x] ?? 255);
          values[point] = value;
          if (value > lightest) lightest = value;
        }
      const threshold = Math.min(lightest, levels.paper) - range * INK_MIN;
      let inked = 0;
      for (let point = 0; point < values.length; point++) if ((values[point] ?? 255) < threshold) inked++;
      shares[row * columns + column] = inked / values.length;
    }
  return shares;
}

/* ---- crops ---- */

/** The box of the image that holds a box of the page. */
export function cropAround(geometry: Homography, box: Box, image: { width: number; height: number }): PixelBox {
  const corners = [
    apply(geometry, box.x, box.y),
    apply(geometry, box.x + box.width, box.y),
    apply(geometry, box.x + box.width, box.y + box.height),
    apply(geometry, box.x, box.y + box.height),
  ];
  const left = Math.max(0, Math.floor(Math.min(...corners.map(({ x }) => x))));
  const top = Math.max(0, Math.floor(Math.min(...corners.map(({ y }) => y))));
  const right = Math.min(image.width, Math.ceil(Math.max(...corners.map(({ x }) => x))));
  const bottom = Math.min(image.height, Math.ceil(Math.max(...corners.map(({ y }) => y))));
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

function around(boxes: readonly PixelBox[]): PixelBox {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

export const fieldsBeyond = (
  fields: readonly FormField[],
  geometry: Homography,
  image: { width: number; height: number },
): string[] =>
  fields
    .filter((field) => {
      const box = aroundField(field, 0);
      return [
        [box.x, box.y],
        [box.x + box.width, box.y],
        [box.x, box.y + box.height],
        [box.x + box.width, box.y + box.height],
      ].some(([x = 0, y = 0]) => {
        const point = apply(geometry, x, y);
        return point.x < 0 || point.y < 0 || point.x > image.width || point.y > image.height;
      });
    })
    .map(({ key }) => key);
