import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Questions by words and filters, the best first (S1-42). */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => {
    const given = url.searchParams;
    const wanted = {
      text: given.get('text') ?? '',
      isTyping: true,
      isMine: given.get('mine') !== null,
      isOfficial: given.get('official') !== null,
      ...(given.has('status') && { status: given.get('status') }),
      ...(given.has('territory') && { territory: given.get('territory') }),
      ...(given.has('stage') && { stage: given.get('stage') }),
      ...(given.has('since') && { sinceMs: Number(given.get('since')) }),
    };
    return Response.json(await locals.hub.forum.search(signedIn(locals, url), params.procedure, wanted));
  });
