/** Files as downloads: named in Russian, never cached, never opened in the page's origin. */
import { redirect } from '@sveltejs/kit';
import type { Person } from '#models/people/person.ts';

const TYPES = {
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  pdf: 'application/pdf',
  raw: 'application/octet-stream',
} as const;

/** The person, or the way to sign in and back. */
export function signedIn(locals: App.Locals, url: URL): Person {
  if (!locals.person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`);
  return locals.person;
}

/** What a download says of itself. `name` without its ending, but for `raw`, whose name is the sender's own. */
function headersOf(bytes: number, type: keyof typeof TYPES, name: string): Record<string, string> {
  const fullName = type === 'raw' ? name : `${name}.${type}`;
  // RFC 6266 with RFC 8187: a plain name for old clients, the real one beside it.
  const plain = fullName.replaceAll(/[^\w.-]+/g, '_');
  const encoded = encodeURIComponent(fullName).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'content-type': TYPES[type],
    'content-length': String(bytes),
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  };
}

export const fileResponse = (bytes: Uint8Array, type: keyof typeof TYPES, name: string): Response =>
  new Response(bytes as Uint8Array<ArrayBuffer>, { headers: headersOf(bytes.length, type, name) });

/** Read as fast as it is taken; whoever goes away ends the reading. */
function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = await pieces.next();
      if (piece.done === true) controller.close();
      else controller.enqueue(piece.value);
    },
    async cancel() {
      await pieces.return?.();
    },
  });
}

/** A large file, passed on piece by piece as it is read. */
export const fileStream = (
  { bytes, content }: { bytes: number; content: AsyncIterable<Uint8Array> },
  type: keyof typeof TYPES,
  name: string,
): Response => new Response(streamOf(content), { headers: headersOf(bytes, type, name) });
