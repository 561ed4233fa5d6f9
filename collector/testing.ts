/** Files as scanners and ill-wishers write them, made by hand for tests. */
import { crc32, deflateRawSync } from 'node:zlib';
import PDFDocument from 'pdfkit';
import sharp from 'sharp';
import type { GreyImage } from './read/grey.ts';

export interface ZippedFile {
  name: string;
  content: Uint8Array;
  /** Instead of the true one. */
  declaredBytes?: number;
  flags?: number;
  method?: number;
}

export function zipOf(files: readonly ZippedFile[]): Uint8Array {
  const [local, central]: Buffer[][] = [[], []];
  let offset = 0;
  for (const { name, content, declaredBytes, flags = 0, method = 8 } of files) {
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags | 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(declaredBytes ?? content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const head = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central?.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, tail, nameBytes);
    local?.push(head);
    offset += head.length;
  }
  const directory = Buffer.concat(central ?? []);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...(local ?? []), directory, end]));
}

/** Grey pages without compression, one strip each; `isBig` as BigTIFF has them, for files past four gigabytes. */
export function tiffOf(images: readonly GreyImage[], bits: 8 | 16 = 8, isBig = false): Uint8Array {
  const layout = isBig ? BIG : CLASSIC;
  const head = Buffer.from(
    isBig ? [0x49, 0x49, 0x2b, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0] : [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0],
  );
  const parts: Buffer[] = [head];
  let at = head.length;
  for (const [index, { width, height, data }] of images.entries()) {
    const pixels =
      bits === 8 ? Buffer.from(data) : Buffer.concat(Array.from(data, (value) => Buffer.from([value, value])));
    const size = layout.count + 9 * layout.entry + layout.offset;
    const entries: [tag: number, type: number, value: number][] = [
      [256, 4, width],
      [257, 4, height],
      [258, 3, bits],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at + size],
      [277, 3, 1],
      [278, 4, height],
      [279, 4, pixels.length],
    ];
    const directory = Buffer.alloc(size);
    directory.writeUInt16LE(entries.length, 0);
    for (const [row, [tag, type, value]] of entries.entries()) {
      const start = layout.count + row * layout.entry;
      directory.writeUInt16LE(tag, start);
      directory.writeUInt16LE(type, start + 2);
      directory.writeUInt32LE(1, start + 4);
      directory.writeUInt32LE(value, start + 4 + layout.offset);
    }
    const end = at + directory.length + pixels.length;
    const padded = end % 2 === 0 ? pixels : Buffer.concat([pixels, Buffer.from([0])]);
    at += directory.length + padded.length;
    directory.writeUInt32LE(index + 1 < images.length ? at : 0, directory.length - layout.offset);
    parts.push(directory, padded);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Bytes of what a directory is made of. */
const CLASSIC = { count: 2, entry: 12, offset: 4 };
const BIG = { count: 8, entry: 20, offset: 8 };

/** The page in two levels, as a TIFF by CCITT group 4. */
export async function faxOf({ width, height, data }: GreyImage): Promise<Uint8Array> {
  const levels = sharp(data, { raw: { width, height, channels: 1 } })
    .threshold(128)
    .toColourspace('b-w');
  return new Uint8Array(await levels.tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer());
}

/** The values of a tag in the first directory of a little-endian TIFF. */
export function tagOf(tiff: Buffer, wanted: number): number[] {
  const start = tiff.readUInt32LE(4);
  for (let row = 0; row < tiff.readUInt16LE(start); row++) {
    const at = start + 2 + row * 12;
    if (tiff.readUInt16LE(at) !== wanted) continue;
    const [size, count] = [tiff.readUInt16LE(at + 2) === 3 ? 2 : 4, tiff.readUInt32LE(at + 4)];
    const from = size * count <= 4 ? at + 8 : tiff.readUInt32LE(at + 8);
    return Array.from({ length: count }, (_, index) => tiff.readUIntLE(from + index * size, size));
  }
  return [];
}

/** One page that consists of one image, packed as `filter` says. */
export function pdfAround(
  packed: Uint8Array,
  { width, height }: { width: number; height: number },
  filter: 'JBIG2Decode' | 'CCITTFaxDecode' | 'FlateDecode',
  bits: 1 | 8 = 1,
): Uint8Array {
  const parameters = filter === 'CCITTFaxDecode' ? `/DecodeParms<</K -1/Columns ${width}/Rows ${height}>>` : '';
  const drawn = 'q 595.28 0 0 841.89 0 0 cm /I Do Q';
  const objects: (string | [string, Uint8Array])[] = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.28 841.89]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>',
    [
      `<</Type/XObject/Subtype/Image/Width ${width}/Height ${height}/BitsPerComponent ${bits}/ColorSpace/DeviceGray/Filter/${filter}${parameters}/Length ${packed.length}>>`,
      packed,
    ],
    [`<</Length ${drawn.length}>>`, Buffer.from(drawn)],
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.5\n')];
  const offsets: number[] = [];
  let at = parts[0]?.length ?? 0;
  for (const [index, object] of objects.entries()) {
    const [dictionary, stream] = typeof object === 'string' ? [object, null] : object;
    const body = [Buffer.from(`${index + 1} 0 obj\n${dictionary}\n`)];
    if (stream) body.push(Buffer.from('stream\n'), Buffer.from(stream), Buffer.from('\nendstream\n'));
    body.push(Buffer.from('endobj\n'));
    offsets.push(at);
    parts.push(...body);
    at += body.reduce((sum, { length }) => sum + length, 0);
  }
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n<</Size ${count}/Root 1 0 R>>\n`),
    Buffer.from(`startxref\n${at}\n%%EOF\n`),
  );
  return new Uint8Array(Buffer.concat(parts));
}

/** As a scanner writes them: a JPEG a page, over all of it. */
export async function pdfOf(
  jpegs: readonly Uint8Array[],
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Uint8Array> {
  const document = new PDFDocument({ size: 'A4', margin: 0, autoFirstPage: false, ...options });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const jpeg of jpegs) {
    document.addPage();
    document.image(Buffer.from(jpeg), 0, 0, { width: document.page.width, height: document.page.height });
  }
  document.end();
  await new Promise((resolve) => document.on('end', resolve));
  return new Uint8Array(Buffer.concat(chunks));
}
