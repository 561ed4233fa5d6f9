import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals, url }) => ({
  // Asked with every page: through whose eyes it is read may have changed in another tab.
  path: url.pathname,
  nowMs: locals.hub.now(),
  viewing: locals.viewing && {
    viewerName: locals.viewing.viewer.name,
    ownerName: locals.viewing.ownerName,
    untilMs: locals.viewing.untilMs,
  },
  person: locals.person && {
    name: locals.person.name,
    username: locals.person.username,
    roles: locals.person.assignments.map(({ role }) => role),
    readsLetters: locals.hub.letters.areShownTo(locals.person),
  },
});
