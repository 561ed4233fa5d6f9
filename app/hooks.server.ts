import { sequence, type Handle, type HandleServerError } from '@sveltejs/kit/hooks';
import { refusalOf, statusOf } from '#lib/refusal/refusal.server.ts';
import { parseTheme } from '#lib/ui/theme.ts';
import { paraglideMiddleware } from '#lib/paraglide/server.js';

/** The hub and the person behind the request. */
const withHub: Handle = async ({ event, resolve }) => {
  const hub = globalThis.svodDoor;
  if (!hub) throw new Error('the hub is not running');
  event.locals.hub = hub;
  event.locals.address = event.request.headers.get('x-svod-address') ?? '';
  const personId = await hub.signIn.identify(event.request.headers);
  event.locals.person = personId === null ? null : await hub.people.load(personId);
  const response = await resolve(event);
  // What one person saw must not come back from a shared computer's cache after he signed out.
  if (event.locals.person && !response.headers.has('cache-control'))
    response.headers.set('cache-control', 'private, no-store');
  return response;
};

const withLocale: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, ({ locale }) => {
    const theme = parseTheme(event.cookies.get('theme'));
    return resolve(event, {
      transformPageChunk: ({ html }) => html.replace('%lang%', locale).replace('%theme%', theme),
    });
  });

export const handle = sequence(withLocale, withHub);

/** A refusal becomes its status and its words; the unexpected is logged once with an id, and the user sees the id, never the stack. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  if (kind !== 'unknown') return {};
  const refusal = refusalOf(error);
  if (refusal) return { status: statusOf(refusal.code), message: refusal.code, ...refusal };
  return { fault: globalThis.svodDoor?.fault(error, `page ${event.route.id ?? ''}`) ?? '' };
};
