import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The file as it was sent. Always as a download, never opened by the browser: its content is not ours. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { submission: id, ...place } = params;
  const person = signedIn(locals, url);
  const { submission, bytes } = await locals.hub.submissions.file(person, place, id);
  await locals.hub.deeds.noteExport(person, [place.institution], 'original', null);
  return fileResponse(bytes, 'raw', submission.fileName);
};
