/**
 * What happens to pages between printer and reader, each kind with its own strength of chance. `isHeldOut` kinds are for the test alone: no
 * threshold was ever set while looking at them.
 */
import jpegTurbo from '@julusian/jpeg-turbo';
import type { Box } from '../form.ts';
import { DATAMATRIX_BOX, QR_BOX, SQUARE_CENTRES, TWIN_BOX } from '../layout.ts';
import { type GreyImage, sampleAt, turn } from '../read/grey.ts';
import { between, type Chance, either } from './chance.ts';
import { dot } from './hand.ts';

export interface Degradation {
  name: string;
  isHeldOut: boolean;
  apply: (page: GreyImage, chance: Chance, perMm: number) => GreyImage;
}

type Change = Degradation['apply'];

/* ---- geometry ---- */

function warp(
  image: GreyImage,
  width: number,
  height: number,
  from: (x: number, y: number) => [number, number],
  beyond = 255,
): GreyImage {
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [x, y] = from(column + 0.5, row + 0.5);
      const isOut = x < 0 || y < 0 || x >= image.width || y >= image.height;
      data[row * width + column] = isOut ? beyond : sampleAt(image, x, y);
    }
  return { width, height, data };
}

const rotated =
  (degrees: number, beyond = 255): Change =>
  (image, chance) => {
    const angle = ((degrees * between(chance, 0.7, 1) * either(chance)) / 180) * Math.PI;
    const [cos, sin, cx, cy] = [Math.cos(angle), Math.sin(angle), image.width / 2, image.height / 2];
    return warp(
      image,
      image.width,
      image.height,
      (x, y) => [cx + cos * (x - cx) + sin * (y - cy), cy - sin * (x - cx) + cos * (y - cy)],
      beyond,
    );
  };

const shear: Change = (image, chance) => {
  const slope = between(chance, 0.01, 0.025) * either(chance);
  return warp(image, image.width, image.height, (x, y) => [x + slope * (y - image.height / 2), y]);
};

const perspective: Change = (image, chance) => {
  const [a, b] = [between(chance, -0.03, 0.03), between(chance, -0.03, 0.03)];
  return warp(image, image.width, image.height, (x, y) => {
    const depth = 1 + a * (x / image.width - 0.5) + b * (y / image.height - 0.5);
    return [
      image.width / 2 + ((x - image.width / 2) * 1.03) / depth,
      image.height / 2 + ((y - image.height / 2) * 1.03) / depth,
    ];
  });
};

const scaled =
  (least: number, most: number): Change =>
  (image, chance) => {
    const factor = between(chance, least, most);
    const [cx, cy] = [image.width / 2, image.height / 2];
    return warp(image, image.width, image.height, (x, y) => [cx + (x - cx) / factor, cy + (y - cy) / factor]);
  };

const shifted: Change = (image, chance, perMm) => {
  const [dx, dy] = [between(chance, 2, 6) * perMm * either(chance), between(chance, 2, 6) * perMm * either(chance)];
  return warp(image, image.width, image.height, (x, y) => [x + dx, y + dy]);
};

const stretched: Change = (image, chance) => {
  const factor = 1 + between(chance, 0.01, 0.03) * either(chance);
  return warp(image, image.width, Math.round(image.height * factor), (x, y) => [x, y / factor]);
};

const jittered: Change = (image, chance, perMm) => {
  const [reach, length] = [between(chance, 0.1, 0.25) * perMm, between(chance, 30, 80) * perMm];
  return warp(image, image.width, image.height, (x, y) => [
    x + reach * Math.sin(y / length),
    y + reach * Math.sin(y / (length * 0.7)),
  ]);
};

const onLargerBed: Change = (image, chance, perMm) => {
  const [right, down] = [between(chance, 5, 35) * perMm, between(chance, 5, 45) * perMm];
  const [width, height] = [Math.round(image.width + 45 * perMm), Math.round(image.height + 60 * perMm)];
  return warp(image, width, height, (x, y) => [x - right, y - down], between(chance, 0, 1) < 0.5 ? 250 : 30);
};

const cut =
  (edge: 'left' | 'top' | 'right' | 'bottom', least: number, most: number): Change =>
  (image, chance, perMm) => {
    const gone = Math.round(between(chance, least, most) * perMm);
    const isAcross = edge === 'left' || edge === 'right';
    const [width, height] = [image.width - (isAcross ? gone : 0), image.height - (isAcross ? 0 : gone)];
    const [dx, dy] = [edge === 'left' ? gone : 0, edge === 'top' ? gone : 0];
    return warp(image, width, height, (x, y) => [x + dx, y + dy]);
  };

const resampled =
  (least: number, most: number): Change =>
  (image, chance, perMm) => {
    const factor = between(chance, least, most) / (perMm * 25.4);
    const [width, height] = [Math.round(image.width * factor), Math.round(image.height * factor)];
    const [data, step] = [new Uint8Array(width * height), 1 / factor];
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        let [sum, count] = [0, 0];
        for (let y = Math.floor(row * step); y < Math.min(image.height, (row + 1) * step); y++)
          for (let x = Math.floor(column * step); x < Math.min(image.width, (column + 1) * step); x++) {
            sum += image.data[y * image.width + x] ?? 255;
            count++;
          }
        data[row * width + column] = sum / Math.max(1, count);
      }
    return { width, height, data };
  };

/* ---- light and sensor ---- */

const mapped = (image: GreyImage, change: (value: number, x: number, y: number) => number): GreyImage => {
  const data = new Uint8Array(image.data.length);
  for (let at = 0; at < data.length; at++) {
    const x = at % image.width;
    data[at] = Math.min(255, Math.max(0, change(image.data[at] ?? 0, x, (at - x) / image.width)));
  }
  return { ...image, data };
};

const gaussian = (chance: Chance): number => chance() + chance() + chance() + chance() - 2;

const noise =
  (least: number, most: number): Change =>
  (image, chance) => {
    const strength = between(chance, least, most) * 1.7;
    return mapped(image, (value) => value + strength * gaussian(chance));
  };

const saltAndPepper =
  (share: number): Change =>
  (image, chance) =>
    mapped(image, (value) => {
      const drawn = chance();
      return drawn < share ? 0 : drawn < 2 * share ? 255 : value;
    });

/** Box blur, three times: close to a bell. */
const blurred =
  (least: number, most: number, axes: 'both' | 'across' = 'both'): Change =>
  (image, chance, perMm) => {
    const radius = Math.max(1, Math.round((between(chance, least, most) * perMm) / 2));
    let data = image.data;
    for (let pass = 0; pass < 2; pass++) {
      data = boxBlur(data, image.width, image.height, 1, radius);
      if (axes === 'both') data = boxBlur(data, image.width, image.height, image.width, radius);
    }
    return { ...image, data };
  };

function boxBlur(data: Uint8Array, width: number, height: number, stride: number, radius: number): Uint8Array {
  const blurredData = new Uint8Array(data.length);
  const [length, lines] = stride === 1 ? [width, height] : [height, width];
  for (let line = 0; line < lines; line++) {
    const start = stride === 1 ? line * width : line;
    const at = (index: number): number => data[start + Math.min(length - 1, Math.max(0, index)) * stride] ?? 255;
    let sum = 0;
    for (let index = -radius; index <= radius; index++) sum += at(index);
    for (let index = 0; index < length; index++) {
      blurredData[start + index * stride] = sum / (2 * radius + 1);
      sum += at(index + radius + 1) - at(index - radius);
    }
  }
  return blurredData;
}

const jpeg =
  (least: number, most: number): Change =>
  (image, chance) => {
    const quality = Math.round(between(chance, least, most));
    const packed = packJpeg(image, quality);
    return { ...image, data: new Uint8Array(jpegTurbo.decompressSync(packed, { format: jpegTurbo.FORMAT_GRAY }).data) };
  };

export function packJpeg(image: GreyImage, quality: number): Buffer {
  return jpegTurbo.compressSync(Buffer.from(image.data.buffer, image.data.byteOffset, image.data.length), {
    ...{
      width: image.width,
      height: image.height,
      format: jpegTurbo.FORMAT_GRAY,
      subsampling: jpegTurbo.SAMP_GRAY,
      quality,
    },
  });
}

const contrast =
  (ink: [number, number], paper: [number, number]): Change =>
  (image, chance) => {
    const [dark, light] = [between(chance, ...ink), between(chance, ...paper)];
    return mapped(image, (value) => dark + ((light - dark) * value) / 255);
  };

const gamma =
  (least: number, most: number): Change =>
  (image, chance) => {
    const power = between(chance, least, most);
    return mapped(image, (value) => 255 * (value / 255) ** power);
  };

const thresholded =
  (least: number, most: number): Change =>
  (image, chance) => {
    const level = between(chance, least, most);
    return mapped(image, (value) => (value < level ? 0 : 255));
  };

const chain =
  (...changes: Change[]): Change =>
  (image, chance, perMm) =>
    changes.reduce((changed, change) => change(changed, chance, perMm), image);

const shadow: Change = (image, chance) => {
  const [strength, angle] = [between(chance, 0.3, 0.5), between(chance, 0, 2 * Math.PI)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return mapped(
    image,
    (value, x, y) =>
      value *
      (1 - strength * Math.min(1, Math.max(0, 0.5 + cos * (x / image.width - 0.5) + sin * (y / image.height - 0.5)))),
  );
};

const edgeShadow: Change = (image, chance, perMm) => {
  const [width, strength] = [between(chance, 10, 30) * perMm, between(chance, 0.4, 0.75)];
  return mapped(image, (value, x) => value * (1 - strength * Math.exp(-x / width)));
};

const fold: Change = (image, chance, perMm) => {
  const [at, width, slope] = [
    between(chance, 0.3, 0.7) * image.height,
    between(chance, 0.5, 1.5) * perMm,
    between(chance, -0.02, 0.02),
  ];
  return mapped(image, (value, x, y) => {
    const distance = Math.abs(y - at - slope * x);
    const side = y > at + slope * x ? 0.9 : 1;
    return value * side * (distance < width ? 0.55 + (0.45 * distance) / width : 1);
  });
};

const moire: Change = (image, chance) => {
  const [length, angle, strength] = [between(chance, 5, 14), between(chance, 0, Math.PI), between(chance, 20, 45)];
  const [cos, sin] = [Math.cos(angle) / length, Math.sin(angle) / length];
  return mapped(image, (value, x, y) => value + strength * Math.sin(2 * Math.PI * (cos * x + sin * y)));
};

const dithered: Change = (image) => {
  const data = Float32Array.from(image.data);
  const { width } = image;
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    const result = value < 128 ? 0 : 255;
    const error = value - result;
    data[at] = result;
    for (const [step, share] of [
      [1, 7],
      [width - 1, 3],
      [width, 5],
      [width + 1, 1],
    ] as const)
      if (at + step < data.length) data[at + step] = (data[at + step] ?? 0) + (error * share) / 16;
  }
  return { ...image, data: Uint8Array.from(data) };
};

const bleedThrough: Change = (image, chance) => {
  const strength = between(chance, 0.1, 0.22);
  return mapped(image, (value, x, y) =>
    Math.min(value, 255 - strength * (255 - (image.data[y * image.width + image.width - 1 - x] ?? 255))),
  );
};

const spread =
  (isDarker: boolean, mm: number): Change =>
  (image, _, perMm) => {
    const reach = Math.max(1, Math.round(mm * perMm));
    const pick = isDarker ? Math.min : Math.max;
    let data = image.data;
    for (const stride of [1, image.width]) {
      const next = new Uint8Array(data);
      for (let step = 1; step <= reach; step++)
        for (let at = 0; at < data.length; at++)
          next[at] = pick(next[at] ?? 0, data[at - step * stride] ?? 255, data[at + step * stride] ?? 255);
      data = next;
    }
    return { ...image, data };
  };

const toner: Change = (image, chance, perMm) => {
  const length = between(chance, 60, 160) * perMm;
  return mapped(
    image,
    (value, x) =>
      value +
      (255 - value) * Math.max(0, 0.62 * Math.sin((2 * Math.PI * x) / length)) +
      (value < 128 && chance() < 0.06 ? 200 : 0),
  );
};

/* ---- what people and feeders do ---- */

const copyOf = (image: GreyImage): GreyImage => ({ ...image, data: new Uint8Array(image.data) });

const streaks =
  (level: number, count: number): Change =>
  (image, chance, perMm) => {
    const changed = copyOf(image);
    for (let streak = 0; streak < count; streak++) {
      const [at, width] = [
        Math.floor(chance() * image.width),
        Math.max(1, Math.round(between(chance, 0.15, 0.7) * perMm)),
      ];
      for (let y = 0; y < image.height; y++)
        for (let x = at; x < Math.min(image.width, at + width); x++) changed.data[y * image.width + x] = level;
    }
    return changed;
  };

const stains =
  (count: number, strength: [number, number], radius: [number, number]): Change =>
  (image, chance, perMm) => {
    const spots = Array.from({ length: count }, () => ({
      ...{ x: chance() * image.width, y: chance() * image.height },
      ...{ radius: between(chance, ...radius) * perMm, strength: between(chance, ...strength) },
    }));
    return mapped(image, (value, x, y) => {
      let share = 1;
      for (const spot of spots)
        if ((x - spot.x) ** 2 + (y - spot.y) ** 2 < spot.radius ** 2) share *= 1 - spot.strength;
      return value * share;
    });
  };

function stroke(image: GreyImage, box: Box, chance: Chance, perMm: number, width: number): void {
  const [fromX, toX] = [box.x - 3, box.x + box.width + 3];
  const [fromY, toY] = [box.y + chance() * box.height, box.y + chance() * box.height];
  const bend = between(chance, -4, 4);
  for (let share = 0; share <= 1; share += 0.002)
    dot(
      image,
      (fromX + (toX - fromX) * share) * perMm,
      (fromY + (toY - fromY) * share + bend * Math.sin(share * Math.PI)) * perMm,
      (width / 2) * perMm,
      35,
    );
}

const penOver =
  (boxes: readonly Box[], strokes: number, width: number): Change =>
  (image, chance, perMm) => {
    const changed = copyOf(image);
    for (const box of boxes) for (let index = 0; index < strokes; index++) stroke(changed, box, chance, perMm, width);
    return changed;
  };

const whiteOver =
  (boxes: readonly Box[], share: [number, number]): Change =>
  (image, chance, perMm) => {
    const changed = copyOf(image);
    for (const box of boxes) {
      const height = box.height * between(chance, ...share);
      const top = chance() < 0.5 ? box.y : box.y + box.height - height;
      fill(changed, { ...box, y: top, height }, perMm, 250);
    }
    return changed;
  };

function fill(image: GreyImage, box: Box, perMm: number, level: number): void {
  for (let y = Math.max(0, Math.floor(box.y * perMm)); y < Math.min(image.height, (box.y + box.height) * perMm); y++)
    for (let x = Math.max(0, Math.floor(box.x * perMm)); x < Math.min(image.width, (box.x + box.width) * perMm); x++)
      image.data[y * image.width + x] = level;
}

const squaresGone =
  (count: number): Change =>
  (image, chance, perMm) => {
    const changed = copyOf(image);
    const first = Math.floor(chance() * 4);
    for (let index = 0; index < count; index++) {
      const centre = SQUARE_CENTRES[(first + index) % 4];
      if (centre) fill(changed, { x: centre.x - 7, y: centre.y - 7, width: 14, height: 14 }, perMm, 250);
    }
    return changed;
  };

const squareScrawled: Change = (image, chance, perMm) => {
  const changed = copyOf(image);
  const centre = SQUARE_CENTRES[Math.floor(chance() * 4)];
  if (centre)
    for (let index = 0; index < 3; index++)
      stroke(changed, { x: centre.x - 5, y: centre.y - 5, width: 10, height: 10 }, chance, perMm, 1.2);
  return changed;
};

const punched: Change = (image, _, perMm) => {
  const changed = copyOf(image);
  for (const y of [108.5, 188.5]) dot(changed, 8 * perMm, y * perMm, 3 * perMm, 15);
  return changed;
};

const cornerFolded: Change = (image, chance, perMm) => {
  const [corner, size] = [Math.floor(chance() * 4), between(chance, 18, 26) * perMm];
  return mapped(image, (value, x, y) => {
    const across = corner === 0 || corner === 3 ? x : image.width - x;
    const down = corner < 2 ? y : image.height - y;
    return across + down < size ? 235 : value;
  });
};

const lidShadow: Change = (image, chance, perMm) => {
  const width = between(chance, 2, 7) * perMm;
  return mapped(image, (value, x, y) => (x < width || y < width * 0.6 || image.width - x < width * 0.8 ? 20 : value));
};

const CODES = [DATAMATRIX_BOX, TWIN_BOX, QR_BOX];

const tuned = (name: string, apply: Change): Degradation => ({ name, isHeldOut: false, apply });
const heldOut = (name: string, apply: Change): Degradation => ({ name, isHeldOut: true, apply });

export const DEGRADATIONS: readonly Degradation[] = [
  tuned('as printed', (image) => image),
  tuned('rotated 2°', rotated(2)),
  heldOut('rotated 5°', rotated(5)),
  tuned('rotated 8° on black', rotated(8, 20)),
  tuned('upside down', (image) => turn(image, 2)),
  heldOut(
    'upside down, rotated 3°',
    chain((image) => turn(image, 2), rotated(3)),
  ),
  tuned('quarter turn', (image, chance) => turn(image, either(chance) === 1 ? 1 : 3)),
  heldOut('sheared', shear),
  tuned('perspective', perspective),
  heldOut('scaled 93–97 %', scaled(0.93, 0.97)),
  tuned('scaled 102–104 %', scaled(1.02, 1.04)),
  heldOut('shifted', shifted),
  tuned('stretched by the feeder', stretched),
  heldOut('jittered by the feeder', jittered),
  tuned('on a larger bed', onLargerBed),
  tuned('200 dpi', resampled(190, 210)),
  heldOut('150 dpi', resampled(145, 155)),
  tuned('120 dpi', resampled(115, 125)),
  heldOut('100 dpi', resampled(98, 104)),
  tuned('blurred', blurred(0.15, 0.3)),
  heldOut('strongly blurred', blurred(0.35, 0.5)),
  heldOut('moved while scanned', blurred(0.3, 0.6, 'across')),
  tuned('noise', noise(15, 35)),
  heldOut('strong noise', noise(40, 60)),
  tuned('salt and pepper', saltAndPepper(0.02)),
  heldOut('much salt and pepper', saltAndPepper(0.06)),
  tuned('JPEG 20–30', jpeg(20, 30)),
  heldOut('JPEG 6–10', jpeg(6, 10)),
  tuned('low contrast', contrast([90, 120], [190, 215])),
  heldOut('very low contrast', contrast([140, 160], [195, 215])),
  heldOut('dark paper', contrast([5, 30], [110, 150])),
  tuned('overexposed', gamma(0.35, 0.5)),
  heldOut('underexposed', gamma(2, 3)),
  tuned('black and white', thresholded(110, 150)),
  heldOut('black and white, noise', chain(noise(20, 35), thresholded(100, 160))),
  heldOut('black and white, 200 dpi', chain(resampled(195, 205), thresholded(100, 160))),
  tuned('dithered', chain(contrast([0, 20], [230, 250]), dithered)),
  heldOut('moiré', moire),
  tuned('shadow', shadow),
  heldOut('shadow of the spine', edgeShadow),
  tuned('fold', fold),
  tuned('seen through', bleedThrough),
  heldOut('ink spread', spread(true, 0.12)),
  heldOut('ink worn', spread(false, 0.1)),
  tuned('toner running out', toner),
  tuned('dark streaks', streaks(40, 8)),
  heldOut('white streaks', streaks(255, 20)),
  tuned('stains', stains(5, [0.2, 0.5], [5, 18])),
  heldOut('blots', stains(6, [0.85, 1], [2, 7])),
  tuned('pen over one code', penOver([DATAMATRIX_BOX], 4, 0.8)),
  heldOut('pen over the other code', penOver([TWIN_BOX], 5, 0.9)),
  tuned('pen over all codes', penOver(CODES, 3, 0.7)),
  heldOut('felt pen over all codes', penOver(CODES, 2, 1.6)),
  tuned('label over a part of the codes', whiteOver([DATAMATRIX_BOX], [0.4, 1])),
  heldOut('label over two codes', whiteOver([DATAMATRIX_BOX, QR_BOX], [0.5, 1])),
  tuned('one square gone', squaresGone(1)),
  heldOut('two squares gone', squaresGone(2)),
  heldOut('a square scrawled over', squareScrawled),
  tuned('left edge cut', cut('left', 4, 12)),
  heldOut('top edge cut', cut('top', 4, 11)),
  heldOut('right edge cut', cut('right', 10, 18)),
  tuned('bottom edge cut', cut('bottom', 10, 20)),
  heldOut('punched', punched),
  tuned('corner folded', cornerFolded),
  heldOut('lid open', lidShadow),
  heldOut(
    'photocopied twice',
    chain(
      blurred(0.15, 0.25),
      gamma(0.5, 0.7),
      noise(15, 25),
      rotated(1.5),
      blurred(0.15, 0.25),
      contrast([10, 40], [220, 245]),
    ),
  ),
];
