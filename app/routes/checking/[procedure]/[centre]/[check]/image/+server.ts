import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The picture of an answer, for whoever has it under a claim: never kept by the browser, since the claim ends. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const bytes = await locals.hub.scanning.checkImage(signedIn(locals, url), params);
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': 'image/jpeg',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    },
  });
};
