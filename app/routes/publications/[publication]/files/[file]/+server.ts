import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** A file of a publication. Always as a download, never opened by the browser: its content is not ours. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { file, bytes } = await locals.hub.publications.file(
    person,
    params.publication,
    params.file,
    url.searchParams.get('as'),
  );
  return fileResponse(bytes, 'raw', file.name);
};
