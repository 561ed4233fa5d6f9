import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** What of a page a decision needs, asked for when its error is opened. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => Response.json(await locals.hub.scanning.scanPage(signedIn(locals, url), params.page)));
