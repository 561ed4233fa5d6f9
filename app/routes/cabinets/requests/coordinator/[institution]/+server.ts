import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Who coordinates an institution now, for whoever decides whether another shall (S0-11). */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => {
    const name = await locals.hub.contextualData.coordinator(signedIn(locals, url), params.institution);
    return Response.json({ name }, { headers: { 'cache-control': 'no-store' } });
  });
