import { UNITS_FILE_BYTES_MAX } from '#models/org/unit.form.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { readBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** A list of units as the body, its name and its territory in the address. */
export const POST: RequestHandler = ({ request, locals, url }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.limits.upload(person.id);
    const name = url.searchParams.get('name') ?? '';
    const file = { name, ...(await readBody(request, UNITS_FILE_BYTES_MAX)) };
    return Response.json(await hub.imports.send(person, url.searchParams.get('unit') ?? '', file));
  });
