import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals }) => ({
  nowMs: locals.hub.now(),
  person: locals.person && {
    name: locals.person.name,
    username: locals.person.username,
    roles: locals.person.assignments.map(({ role }) => role),
    readsLetters: locals.hub.letters.areShownTo(locals.person),
  },
});
