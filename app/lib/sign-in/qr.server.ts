/** A QR code as one path of an image, made here: the secret in it goes to nobody else. */
import { encode } from 'uqr';

export interface QrPicture {
  /** Modules along a side, with the quiet zone. */
  size: number;
  /** One square a dark module. */
  path: string;
}

/** Modules of light around it, as the standard asks. */
const QUIET_MODULES = 4;

export function qrPicture(text: string): QrPicture {
  const { size, data } = encode(text, { ecc: 'M', border: QUIET_MODULES });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { size, path };
}
