import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** What somebody who writes an answer may choose from; asked for when he begins. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.cannedAnswers.list(signedIn(locals, url), params.procedure)),
  );
