/** Real files of each kind where the project has them; the others by what tells them apart. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileTypeOf } from './file-type.ts';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../../exchange/fixtures/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const OLE = bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1');
const container = (...streams: string[]): Uint8Array =>
  Buffer.concat([OLE, Buffer.alloc(512), ...streams.map((name) => Buffer.from(name, 'utf16le')), Buffer.alloc(512)]);
const refused = (code: string): unknown => expect.objectContaining({ code });

describe('the kind of a file', () => {
  it.each([
    ['xlsx', fixture('good.xlsx')],
    ['xlsx', fixture('good-xlsx-named.xls')],
    ['xls', fixture('good.xls')],
    ['ods', fixture('ods-renamed.xls')],
    ['pdf', fixture('pdf-renamed.xlsx')],
    ['pdf', bytes('%PDF-1.4\n')],
    ['doc', container('WordDocument')],
    ['ppt', container('PowerPoint Document')],
    ['jpg', bytes('\xff\xd8\xff\xe0\x00\x10JFIF\x00')],
    ['rtf', bytes('{\\rtf1\\ansi}')],
  ] as const)('is %s by its content, whatever its name', async (type, content) => {
    expect(await fileTypeOf(content)).toBe(type);
  });

  it.each([
    ['a page', fixture('html-renamed.xls')],
    ['a script', bytes('<script>alert(1)</script>')],
    ['a picture that is a program', bytes('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>')],
    ['a program', bytes('MZ\x90\x00\x03')],
    ['nothing', new Uint8Array()],
    ['a text', bytes('просто текст')],
    ['an unknown container', container('Nothing')],
  ])('is refused of %s', async (_what, content) => {
    await expect(fileTypeOf(content)).rejects.toEqual(refused('file_kind_refused'));
  });

  it('is refused of what brings a program along', async () => {
    await expect(fileTypeOf(container('Workbook', '_VBA_PROJECT'))).rejects.toEqual(refused('file_macros'));
  });
});
