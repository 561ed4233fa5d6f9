import { m } from '#lib/paraglide/messages.js';
import { fileStream, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Printed forms as one PDF, passed on as they are read. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const file = await hub.scanning.printFile(person, params.procedure, params.centre, params.run);
  return fileStream(file, 'pdf', m.collector_print_file({ college: file.name }));
};
