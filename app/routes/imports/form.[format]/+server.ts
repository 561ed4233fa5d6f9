import { HubError } from '#models/error.ts';
import { m } from '#lib/paraglide/messages.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The empty form of a list. */
export const GET: RequestHandler = async ({ params: { format }, locals, url }) => {
  signedIn(locals, url);
  if (format !== 'xlsx' && format !== 'csv') throw new HubError('not_found');
  return fileResponse(await locals.hub.units.template(format), format, m.units_form_name());
};
