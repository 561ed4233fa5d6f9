import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** A file that waits is not wanted any longer. */
export const POST: RequestHandler = ({ params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.publications.dropFile(person, params.file);
    return new Response(null, { status: 204 });
  });
