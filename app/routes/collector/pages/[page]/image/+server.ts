import { signedIn } from '#lib/site/file-response.server.ts';
import { pictureResponse } from '#lib/site/picture-response.server.ts';
import type { RequestHandler } from './$types';

/** The whole page, upright where its place is known. */
export const GET: RequestHandler = async ({ request, params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning } = locals.hub;
  const rev = await scanning.pageRev(person, params.page);
  return pictureResponse(request, `image ${params.page} ${rev}`, () => scanning.pageImage(person, params.page));
};
