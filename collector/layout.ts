/** Where on every printed page the squares and codes stand, for printer and reader alike. Millimetres; pure, browser-safe. */
import { type Box, PAGE_MM } from './form.ts';

export const SQUARE_MM = 6;
const SQUARE_CENTRE_MM = 12;

/** Centres of the corner squares: top left, top right, bottom right, bottom left. */
export const SQUARE_CENTRES: readonly { x: number; y: number }[] = [
  { x: SQUARE_CENTRE_MM, y: SQUARE_CENTRE_MM },
  { x: PAGE_MM.width - SQUARE_CENTRE_MM, y: SQUARE_CENTRE_MM },
  { x: PAGE_MM.width - SQUARE_CENTRE_MM, y: PAGE_MM.height - SQUARE_CENTRE_MM },
  { x: SQUARE_CENTRE_MM, y: PAGE_MM.height - SQUARE_CENTRE_MM },
];

const CODE_MM = 16;

/** Top right. */
export const DATAMATRIX_BOX: Box = { x: 172, y: 12, width: CODE_MM, height: CODE_MM };
/** Bottom left, where the first one comes to lie when the page is turned by half: an upside-down page is found at the same places. */
export const TWIN_BOX: Box = {
  x: PAGE_MM.width - DATAMATRIX_BOX.x - CODE_MM,
  y: PAGE_MM.height - DATAMATRIX_BOX.y - CODE_MM,
  ...{ width: CODE_MM, height: CODE_MM },
};
/** Bottom right. */
export const QR_BOX: Box = { x: 172, y: TWIN_BOX.y, width: CODE_MM, height: CODE_MM };
