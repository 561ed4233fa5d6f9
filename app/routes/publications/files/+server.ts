import { FILE_BYTES_MAX } from '#models/publication/publication.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { readBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** One file as the body, its name and whose it is in the address: it waits for its publication. */
export const POST: RequestHandler = ({ request, locals, url }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.limits.upload(person.id);
    const file = { name: url.searchParams.get('name') ?? '', ...(await readBody(request, FILE_BYTES_MAX)) };
    return Response.json(await hub.publications.sendFile(person, url.searchParams.get('unit') ?? '', file));
  });
