/** Where the images of pages lie, and how one is read. */
export const imageBlob = (file: string, n: number): string => `page-${file}-${n}`;
export const thumbnailBlob = (file: string, n: number): string => `thumb-${file}-${n}`;

/** A file whole in memory: what reads it needs it so, and it is within its limit. */
export async function readWhole(pieces: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
