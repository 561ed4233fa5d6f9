import type { RequestEvent } from '@sveltejs/kit';
import { sequence, type Handle, type HandleServerError } from '@sveltejs/kit/hooks';
import type { Door } from '#server/door.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { refusalOf, statusOf } from '#lib/refusal/refusal.server.ts';
import { parseTheme } from '#lib/ui/theme.ts';
import { isLeaving, lookThrough } from '#lib/viewing/looking.server.ts';
import { paraglideMiddleware } from '#lib/paraglide/server.js';

/** Finds the person behind the session. While it has duties he is an entrant, and nobody to every other page. */
async function identify(event: RequestEvent, hub: Door): Promise<void> {
  const visit = await hub.signIn.use(event.request.headers);
  const isFree = visit?.duties.length === 0;
  const [person, through] = await Promise.all([
    visit && hub.people.load(visit.personId),
    visit && isFree && !isLeaving(event) ? hub.viewings.through(visit.sessionId, visit.personId) : null,
  ]);
  event.locals.sessionId = visit?.sessionId ?? null;
  event.locals.device = visit?.device ?? '';
  event.locals.person = isFree ? (through?.owner ?? person) : null;
  event.locals.viewing = through && {
    id: through.id,
    viewer: { id: through.viewer.id, name: through.viewer.name },
    ownerName: through.owner.name,
    untilMs: through.untilMs,
  };
  event.locals.entrant = person && visit && visit.duties.length > 0 ? { person, duties: visit.duties } : null;
  if (visit) setCookies(event.cookies, visit.cookies);
}

/** The hub and the person behind the request. */
const withHub: Handle = async ({ event, resolve }) => {
  const hub = globalThis.svodDoor;
  if (!hub) throw new Error('the hub is not running');
  event.locals.hub = hub;
  event.locals.address = event.request.headers.get('x-svod-address') ?? '';
  await identify(event, hub);
  const { person, entrant, sessionId, viewing } = event.locals;
  const owner = viewing?.viewer ?? person ?? entrant?.person ?? null;
  const origin = {
    person: owner && { id: owner.id, name: owner.name },
    ...(viewing ? { viewing: viewing.id } : {}),
    address: event.locals.address,
    agent: event.request.headers.get('user-agent') ?? '',
    device: event.locals.device,
    session: sessionId ?? '',
  };
  const response = await hub.from(origin, () => (viewing ? lookThrough(event, viewing.id, resolve) : resolve(event)));
  // What one person saw must not come back from a shared computer's cache after he signed out.
  if (event.locals.sessionId !== null && !response.headers.has('cache-control'))
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
