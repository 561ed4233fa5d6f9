import { HubError } from '#models/error.ts';
import { LINE_KINDS } from '#models/org/unit-difference.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** A page of the difference. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => {
    const person = signedIn(locals, url);
    const kind = LINE_KINDS.find((candidate) => candidate === url.searchParams.get('kind'));
    const page = Number(url.searchParams.get('page') ?? '0');
    if (!kind || !Number.isInteger(page) || page < 0)
      throw new HubError('bad_input', { field: 'page', reason: 'unreadable' });
    return Response.json(await locals.hub.units.importLines(person, params.import, kind, page));
  });
