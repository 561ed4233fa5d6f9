/** What hands leave on a printed page: bubbles filled in a hurry, lines of writing, dots of ink. */
import { type Box, type FormField, type FormPage } from '../form.ts';
import type { GreyImage } from '../read/grey.ts';
import { between, type Chance } from './chance.ts';

/** What somebody marks in a field: the key of an option and, where he changed his mind, that of its correction; null leaves it empty. */
export type Choose = (
  field: Exclude<FormField, { kind: 'freeAnswer' | 'text' }>,
) => { option: string; instead?: string } | null;

/** How a page is filled in: as chance has it, unless told. */
export interface Hand {
  choose?: Choose;
  /** Whether something is written into a box. */
  writes?: () => boolean;
}

/** Fills bubbles and boxes as a hurried hand would; returns what is true of the page then. */
export function fillIn(
  image: GreyImage,
  page: FormPage,
  dpi: number,
  chance: Chance,
  { choose = (field) => atRandom(field, chance), writes = () => chance() < 0.6 }: Hand = {},
): Record<string, string | null> {
  const truth: Record<string, string | null> = {};
  for (const field of page.fields) {
    truth[field.key] = null;
    if (field.kind === 'freeAnswer' || field.kind === 'text') {
      if (writes()) scribble(image, field.box, dpi, chance);
      continue;
    }
    const chosen = choose(field);
    const option = field.options.find(({ key }) => key === chosen?.option);
    if (!chosen || !option) continue;
    fillBubble(image, option.box, dpi, chance);
    truth[field.key] = option.key;
    const other = field.kind === 'choice' ? field.correction?.find(({ key }) => key === chosen.instead) : undefined;
    if (!other) continue;
    fillBubble(image, other.box, dpi, chance);
    truth[field.key] = other.key;
  }
  return truth;
}

/** One field in ten stays empty, one in twenty is corrected. */
function atRandom(field: Parameters<Choose>[0], chance: Chance): ReturnType<Choose> {
  const isLeft = chance() < 0.1;
  const option = field.options[Math.floor(chance() * field.options.length)];
  if (isLeft || !option || (field.kind === 'attendance' && field.row === null && chance() < 0.9)) return null;
  if (field.kind !== 'choice' || !field.correction || chance() > 0.05) return { option: option.key };
  const instead = field.correction[Math.floor(chance() * field.correction.length)];
  return instead ? { option: option.key, instead: instead.key } : { option: option.key };
}

export function fillBubble(
  image: GreyImage,
  box: Box,
  dpi: number,
  chance: Chance,
  level = between(chance, 10, 90),
): void {
  const perMm = dpi / 25.4;
  const radius = (box.width / 2) * between(chance, 0.82, 1.05) * perMm;
  const x = (box.x + box.width / 2 + between(chance, -0.4, 0.4)) * perMm;
  const y = (box.y + box.height / 2 + between(chance, -0.4, 0.4)) * perMm;
  for (let row = Math.floor(y - radius); row <= y + radius; row++)
    for (let column = Math.floor(x - radius); column <= x + radius; column++) {
      const isIn =
        (row - y) ** 2 + (column - x) ** 2 <=
        (radius * (0.92 + 0.08 * Math.sin(3 * Math.atan2(row - y, column - x)))) ** 2;
      if (isIn && chance() < 0.96) darken(image, column, row, level);
    }
}

function scribble(image: GreyImage, box: Box, dpi: number, chance: Chance): void {
  const perMm = dpi / 25.4;
  const lines = Math.max(1, Math.floor(between(chance, 1, box.height / 9)));
  for (let line = 0; line < lines; line++) {
    const length = between(chance, 20, box.width - 12);
    const height = between(chance, 1, 2);
    for (let along = 0; along < length; along += 0.08) {
      const x = box.x + 5 + along;
      const y = box.y + 6 + line * 8 + height * Math.sin(along * 1.9) + 0.4 * Math.sin(along * 7.3);
      dot(image, x * perMm, y * perMm, 0.22 * perMm, 40);
    }
  }
}

export function dot(image: GreyImage, x: number, y: number, radius: number, level: number): void {
  for (let row = Math.floor(y - radius); row <= y + radius; row++)
    for (let column = Math.floor(x - radius); column <= x + radius; column++)
      if ((row - y) ** 2 + (column - x) ** 2 <= radius * radius) darken(image, column, row, level);
}

function darken(image: GreyImage, column: number, row: number, level: number): void {
  if (column < 0 || row < 0 || column >= image.width || row >= image.height) return;
  const at = row * image.width + column;
  image.data[at] = Math.min(image.data[at] ?? 255, level);
}
