import { HubError } from '#models/error.ts';
import { m } from '#lib/paraglide/messages.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The territory of a unit, or everything the person sees, in the shape that an import takes. */
export const GET: RequestHandler = async ({ params: { format }, locals, url }) => {
  if (format !== 'xlsx' && format !== 'csv') throw new HubError('not_found');
  const bytes = await locals.hub.units.export(signedIn(locals, url), format, url.searchParams.get('unit'));
  return fileResponse(bytes, format, m.units_export_name());
};
