import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The organizer and the access of one institution, asked for when its row is opened: not part of the board's stream. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.participations.participation(signedIn(locals, url), params)),
  );
