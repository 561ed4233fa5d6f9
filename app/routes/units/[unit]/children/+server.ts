import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** What hangs under a unit, when its line is opened. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => Response.json(await locals.hub.units.children(signedIn(locals, url), params.unit)));
