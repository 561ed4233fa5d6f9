/** What kind of file some bytes are, by their content: a name says nothing (S0-05). */
import { fileTypeFromBuffer } from 'file-type';
import { HubError } from '../error.ts';
import { FILE_TYPES, type FileType } from './publication.ts';

const isFileType = (ext: string): ext is FileType => (FILE_TYPES as readonly string[]).includes(ext);

/** Kinds of the old binary container, by the stream that each of them has; names in it are UTF-16. */
const CONTAINED: readonly (readonly [FileType, string])[] = [
  ['xls', 'Workbook'],
  ['xls', 'Book'],
  ['doc', 'WordDocument'],
  ['ppt', 'PowerPoint Document'],
];
/** Where macros lie: in the old container, and in the new one under the name of the part. */
const MACRO_STREAM = Buffer.from('_VBA_PROJECT', 'utf16le');
const MACRO_PART = Buffer.from('vbaProject.bin');

/** Errors: HubError `file_kind_refused` for what is none of the kinds that are taken, `file_macros` for one that brings a program. */
export async function fileTypeOf(bytes: Uint8Array): Promise<FileType> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found = await fileTypeFromBuffer(buffer).catch(() => undefined);
  if (found?.ext === 'cfb') {
    if (buffer.includes(MACRO_STREAM)) throw new HubError('file_macros');
    const contained = CONTAINED.find(([, stream]) => buffer.includes(Buffer.from(stream, 'utf16le')));
    if (contained) return contained[0];
  }
  if (!found || !isFileType(found.ext)) {
    if (found && /^(docm|xlsm|pptm|dotm|xltm|potm)$/.test(found.ext)) throw new HubError('file_macros');
    throw new HubError('file_kind_refused');
  }
  if (found.ext.endsWith('x') && buffer.includes(MACRO_PART)) throw new HubError('file_macros');
  return found.ext;
}
