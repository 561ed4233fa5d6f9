import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** One thread, asked for when it is opened: the stream's state has the list only. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.forum.thread(signedIn(locals, url), params.procedure, params.question)),
  );
