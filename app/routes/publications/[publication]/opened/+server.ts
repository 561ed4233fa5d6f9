import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** The page stands before its reader. Not by loading it: pages are loaded ahead for whoever only points at a link. */
export const POST: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) return Response.json({ refusal: { code: 'not_signed_in', params: {} } }, { status: 401 });
    await hub.publications.open(person, {
      publication: params.publication,
      unit: url.searchParams.get('as') ?? '',
    });
    return new Response(null, { status: 204 });
  });
