import type { Handle, HandleServerError } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { paraglideMiddleware } from '#lib/paraglide/server.js';

/** The hub and the person behind the request. */
const withHub: Handle = async ({ event, resolve }) => {
  const hub = globalThis.svodDoor;
  if (!hub) throw new Error('the hub is not running');
  event.locals.hub = hub;
  event.locals.address = event.request.headers.get('x-svod-address') ?? '';
  const personId = await hub.signIn.identify(event.request.headers);
  event.locals.person = personId === null ? null : await hub.people.load(personId);
  return resolve(event);
};

const withLocale: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, ({ request, locale }) => {
    event.request = request;
    return resolve(event, { transformPageChunk: ({ html }) => html.replace('%lang%', locale) });
  });

export const handle = sequence(withLocale, withHub);

/** The unexpected is logged once with an id; the user sees the id, never the stack. */
export const handleError: HandleServerError = ({ error, event, status, message }) => {
  if (status === 404) return { message };
  return { message, fault: globalThis.svodDoor?.fault(error, `page ${event.route.id ?? '?'}`) ?? '' };
};
