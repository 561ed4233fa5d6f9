import { roleOf } from '#lib/people/people-filter.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Where the reader may appoint to a role, by a part of the name. */
export const GET: RequestHandler = ({ locals, url }) =>
  orRefusalJson(async () => {
    const person = signedIn(locals, url);
    const role = roleOf(url.searchParams.get('role'));
    const procedure = url.searchParams.get('procedure') || null;
    const sought = (url.searchParams.get('q') ?? '').slice(0, 100);
    return Response.json(role ? await locals.hub.appointments.places(person, role, procedure, sought) : []);
  });
