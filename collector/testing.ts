/** Files as scanners and ill-wishers write them, made by hand for tests. */
import { crc32, deflateRawSync } from 'node:zlib';
import PDFDocument from 'pdfkit';
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

/** Grey pages without compression, one strip each. */
export function tiffOf(images: readonly GreyImage[], bits: 8 | 16 = 8): Uint8Array {
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0])];
  let at = 8;
  for (const [index, { width, height, data }] of images.entries()) {
    const pixels =
      bits === 8 ? Buffer.from(data) : Buffer.concat(Array.from(data, (value) => Buffer.from([value, value])));
    const entries: [tag: number, type: number, value: number][] = [
      [256, 4, width],
      [257, 4, height],
      [258, 3, bits],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, at + 2 + 9 * 12 + 4],
      [277, 3, 1],
      [278, 4, height],
      [279, 4, pixels.length],
    ];
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    for (const [row, [tag, type, value]] of entries.entries()) {
      directory.writeUInt16LE(tag, 2 + row * 12);
      directory.writeUInt16LE(type, 4 + row * 12);
      directory.writeUInt32LE(1, 6 + row * 12);
      directory.writeUInt32LE(value, 10 + row * 12);
    }
    const end = at + directory.length + pixels.length;
    const padded = end % 2 === 0 ? pixels : Buffer.concat([pixels, Buffer.from([0])]);
    at += directory.length + padded.length;
    directory.writeUInt32LE(index + 1 < images.length ? at : 0, directory.length - 4);
    parts.push(directory, padded);
  }
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
