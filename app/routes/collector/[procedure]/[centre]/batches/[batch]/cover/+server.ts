import { m } from '#lib/paraglide/messages.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The sheet that goes on top of the batch (S1-24). */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { name, number, bytes } = await locals.hub.scanning.coverFile(signedIn(locals, url), params);
  return fileResponse(bytes, 'pdf', m.collector_cover_file({ college: name, number }));
};
