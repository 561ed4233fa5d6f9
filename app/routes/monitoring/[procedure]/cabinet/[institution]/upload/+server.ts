import { FILE_BYTES_MAX } from '#models/attendance/attendance.form.ts';
import { readBody } from '#lib/site/request-body.server.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** The file as the body, its name in the address: progress is the browser's own, and nothing is parsed before it is allowed. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.limits.upload(person.id);
    const name = url.searchParams.get('name') ?? '';
    const isAttested = url.searchParams.get('attested') === 'yes';
    const { bytes, content } = await readBody(request, FILE_BYTES_MAX);
    return Response.json(await hub.submissions.send(person, params, { name, bytes, content, isAttested }));
  });
