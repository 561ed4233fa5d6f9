import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { m } from '#lib/paraglide/messages.js';
import { error } from '@sveltejs/kit';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { format, ...place } = params;
  if (format !== 'xls' && format !== 'xlsx') error(404, 'not_found');
  const person = signedIn(locals, url);
  const bytes = await locals.hub.submissions.template(person, place, format);
  return fileResponse(bytes, format, m.template_file_name({ institution: place.institution }, { locale: 'ru' }));
};
