/** Maps between the page in millimetres and the image in pixels. */
import type { Homography } from '../reading.ts';

export interface Point {
  x: number;
  y: number;
}

export function apply(map: Homography, x: number, y: number): Point {
  const depth = map[6] * x + map[7] * y + map[8];
  return { x: (map[0] * x + map[1] * y + map[2]) / depth, y: (map[3] * x + map[4] * y + map[5]) / depth };
}

/**
 * The map that takes `from` to `to`, by least squares where there are more than needed: four points a homography, three an affine map, two a
 * similarity. More points than three give an affine map when asked to. Null when the points do not determine one.
 */
export function fit(from: readonly Point[], to: readonly Point[], isAffine = from.length === 3): Homography | null {
  if (from.length < 2) return null;
  if (from.length === 2) return fitSimilarity(from, to);
  // Centred and scaled: sums of products of millimetres and pixels lose digits otherwise.
  const source = normalize(from);
  const target = normalize(to);
  const rows: number[][] = [];
  const sides: number[] = [];
  for (const [at, { x, y }] of source.points.entries()) {
    const { x: u, y: v } = target.points[at] ?? { x: 0, y: 0 };
    rows.push(
      [x, y, 1, 0, 0, 0, ...(isAffine ? [] : [-u * x, -u * y])],
      [0, 0, 0, x, y, 1, ...(isAffine ? [] : [-v * x, -v * y])],
    );
    sides.push(u, v);
  }
  const solved = solve(rows, sides);
  if (!solved) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = solved;
  return compose(compose(denormalize(target), [a, b, c, d, e, f, g, h, 1]), renormalize(source));
}

/** Moved, turned and scaled, nothing else; by least squares. */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Homography | null {
  const [source, target] = [normalize(from), normalize(to)];
  let [along, across, spread] = [0, 0, 0];
  for (const [at, { x, y }] of source.points.entries()) {
    const { x: u, y: v } = target.points[at] ?? { x: 0, y: 0 };
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  if (spread === 0) return null;
  const [a, b] = [along / spread, across / spread];
  return compose(compose(denormalize(target), [a, -b, 0, b, a, 0, 0, 0, 1]), renormalize(source));
}

interface Normalized {
  points: Point[];
  centre: Point;
  scale: number;
}

function normalize(points: readonly Point[]): Normalized {
  const centre = {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
  const spread = Math.sqrt(
    points.reduce((sum, { x, y }) => sum + (x - centre.x) ** 2 + (y - centre.y) ** 2, 0) / points.length,
  );
  const scale = spread > 0 ? 1 / spread : 1;
  return {
    centre,
    scale,
    points: points.map(({ x, y }) => ({ x: (x - centre.x) * scale, y: (y - centre.y) * scale })),
  };
}

const renormalize = ({ centre, scale }: Normalized): Homography => [
  ...([scale, 0, -centre.x * scale] as const),
  ...([0, scale, -centre.y * scale] as const),
  ...([0, 0, 1] as const),
];
const denormalize = ({ centre, scale }: Normalized): Homography => [
  ...([1 / scale, 0, centre.x] as const),
  ...([0, 1 / scale, centre.y] as const),
  ...([0, 0, 1] as const),
];

/** First `second`, then `first`. */
export function compose(first: Homography, second: Homography): Homography {
  const product = Array.from({ length: 9 }, (_, at) => {
    const row = Math.floor(at / 3) * 3;
    const column = at % 3;
    return [0, 1, 2].reduce((sum, index) => sum + (first[row + index] ?? 0) * (second[index * 3 + column] ?? 0), 0);
  });
  return product as unknown as Homography;
}

/** Normal equations by elimination with pivots. */
function solve(rows: readonly number[][], sides: readonly number[]): number[] | null {
  const size = rows[0]?.length ?? 0;
  const table = Array.from({ length: size }, (_, one) => [
    ...Array.from({ length: size }, (_, other) =>
      rows.reduce((sum, row) => sum + (row[one] ?? 0) * (row[other] ?? 0), 0),
    ),
    rows.reduce((sum, row, at) => sum + (row[one] ?? 0) * (sides[at] ?? 0), 0),
  ]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++)
      if (Math.abs(table[row]?.[column] ?? 0) > Math.abs(table[pivot]?.[column] ?? 0)) pivot = row;
    const [upper, lower] = [table[column] ?? [], table[pivot] ?? []];
    [table[column], table[pivot]] = [lower, upper];
    const lead = lower[column] ?? 0;
    if (Math.abs(lead) < 1e-12) return null;
    for (const [at, row] of table.entries()) {
      if (at === column) continue;
      const factor = (row[column] ?? 0) / lead;
      for (let index = column; index <= size; index++) row[index] = (row[index] ?? 0) - factor * (lower[index] ?? 0);
    }
  }
  return table.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1));
}
