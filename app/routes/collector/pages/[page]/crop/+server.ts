import { cropSchema } from '#models/scanning/scan-page.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { pictureResponse } from '#lib/site/picture-response.server.ts';
import { searchOf } from '#lib/site/asked.server.ts';
import type { RequestHandler } from './$types';

/** A part of a page: `?x&y&w&h` in pixels of the image as it came. */
export const GET: RequestHandler = async ({ request, params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning } = locals.hub;
  const rev = await scanning.pageRev(person, params.page);
  const box = cropSchema.parse(searchOf(url));
  return pictureResponse(request, `crop ${params.page} ${rev} ${JSON.stringify(box)}`, () =>
    scanning.crop(person, params.page, box),
  );
};
