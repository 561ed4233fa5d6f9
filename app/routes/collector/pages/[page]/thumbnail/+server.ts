import { signedIn } from '#lib/site/file-response.server.ts';
import { pictureResponse } from '#lib/site/picture-response.server.ts';
import type { RequestHandler } from './$types';

/** The page small, for a contact sheet. */
export const GET: RequestHandler = async ({ request, params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning } = locals.hub;
  const rev = await scanning.pageRev(person, params.page);
  return pictureResponse(request, `thumbnail ${params.page} ${rev}`, async () =>
    Buffer.concat(await Array.fromAsync(await scanning.thumbnail(person, params.page))),
  );
};
