import { HubError } from '#models/error.ts';

/** Takes the bytes of a file, or only their number when there are more than it may have: those are never kept. */
export async function readBody(
  request: Request,
  bytesMax: number,
): Promise<{ bytes: number; content: Uint8Array | null }> {
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > bytesMax) return { bytes: declared, content: null };
  try {
    const content = new Uint8Array(await request.arrayBuffer());
    return { bytes: content.length, content: content.length > bytesMax ? null : content };
  } catch (thrown) {
    // Sent without its length and cut off at the server's own limit.
    const isTooLong = typeof thrown === 'object' && thrown !== null && 'status' in thrown && thrown.status === 413;
    if (isTooLong) return { bytes: bytesMax + 1, content: null };
    // The sender cancelled or lost his line: nobody hears the answer, and nothing of ours broke.
    throw new HubError('line_lost');
  }
}

/** More than a message of the forum needs, whatever its script (bytes). */
export const JSON_BYTES_MAX = 65_536;

/** What a script sends; null for what is no JSON or too large: the schema of the deed refuses it, after the right was asked. */
export async function jsonBody(request: Request): Promise<unknown> {
  const { content } = await readBody(request, JSON_BYTES_MAX);
  try {
    return content === null ? null : JSON.parse(new TextDecoder().decode(content));
  } catch {
    return null;
  }
}
