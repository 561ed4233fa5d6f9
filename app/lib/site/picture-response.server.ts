/** Pictures that belong to somebody: kept by the browser, and asked for each time whether he may still see them. */
import { createHash } from 'node:crypto';

/** `mark` is whatever the picture is made of: the same mark, the same bytes. */
export async function pictureResponse(
  request: Request,
  mark: string,
  load: () => Promise<Uint8Array>,
): Promise<Response> {
  const headers = {
    etag: `"${createHash('sha256').update(mark).digest('base64url').slice(0, 22)}"`,
    // Whoever signed out on a shared computer leaves nothing that is shown without being asked for.
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
  };
  if (request.headers.get('if-none-match') === headers.etag) return new Response(null, { status: 304, headers });
  const content = (await load()) as Uint8Array<ArrayBuffer>;
  return new Response(content, { headers: { ...headers, 'content-type': 'image/jpeg' } });
}
