import { HubError } from '#models/error.ts';
import { FILE_BYTES_MAX } from '#models/attendance/attendance.form.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** Takes the bytes of a file, or only their number when there are more than a file may have: those are never kept. */
async function readBody(request: Request): Promise<{ bytes: number; content: Uint8Array | null }> {
  const declared = Number(request.headers.get('content-length') ?? '0');
  if (declared > FILE_BYTES_MAX) return { bytes: declared, content: null };
  try {
    const content = new Uint8Array(await request.arrayBuffer());
    return { bytes: content.length, content: content.length > FILE_BYTES_MAX ? null : content };
  } catch (thrown) {
    // Sent without its length and cut off at the server's own limit.
    const isTooLong = typeof thrown === 'object' && thrown !== null && 'status' in thrown && thrown.status === 413;
    if (isTooLong) return { bytes: FILE_BYTES_MAX + 1, content: null };
    // The sender cancelled or lost his line: nobody hears the answer, and nothing of ours broke.
    throw new HubError('line_lost');
  }
}

/** The file as the body, its name in the address: progress is the browser's own, and nothing is parsed before it is allowed. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.limits.upload(person.id);
    const name = url.searchParams.get('name') ?? '';
    const isAttested = url.searchParams.get('attested') === 'yes';
    const { bytes, content } = await readBody(request);
    return Response.json(await hub.submissions.send(person, params, { name, bytes, content, isAttested }));
  });
