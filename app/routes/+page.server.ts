import { redirect } from '@sveltejs/kit';
import { isAllowed, RIGHTS } from '#models/people/rights.ts';
import type { Person } from '#models/people/person.ts';
import { isInstitution } from '#models/publication/publication.ts';
import type { PageServerLoad } from './$types';

const BOARD_ROLES = new Set(['regionalCoordinator', 'municipalCoordinator']);

/** Procedures whose progress stands on the first page; the others are a step away. */
const PROGRESS_SHOWN_MAX = 3;

/** What a coordinator sees first (S1-28): publications, materials, and how the work goes; null for who coordinates nothing. */
async function areasOf(person: Person, hub: App.Locals['hub']) {
  const { publications, participations, rollups, contextualData } = hub;
  const unit = (await publications.places(person)).find((place) => !isInstitution(place));
  const own = person.assignments.find((held) => held.unit === unit?.id && !held.procedure);
  if (!unit || !own || !isAllowed(person, 'board.view', own.path)) return null;
  const mine = new Set((await publications.procedures(person, unit.id)).map(({ id }) => id));
  const open = (await participations.procedures()).filter(
    ({ id, deadlineMs }) => mine.has(id) && deadlineMs > hub.now(),
  );
  const hasColleges = unit.kind === 'region' && isAllowed(person, 'contextual.view', own.path);
  return {
    unit,
    box: await publications.box(person, unit.id),
    outbox: unit.acts ? await publications.outbox(person, unit.id) : null,
    progress: await Promise.all(
      open.slice(0, PROGRESS_SHOWN_MAX).map(async ({ id, title }) => {
        const top = await rollups.top(person, id);
        return top === null
          ? { id, title, rollup: null, parts: (await participations.board(person, id)).parts }
          : { id, title, rollup: (await rollups.overview(person, id, top)).rollup, parts: [] };
      }),
    ),
    // Colleges hang directly under their region.
    colleges: hasColleges ? await contextualData.part(person, unit.id) : null,
  };
}

export const load: PageServerLoad = async ({ locals }) => {
  if (await locals.hub.needsSetup()) redirect(303, '/setup');
  const { person, hub } = locals;
  return {
    areas: person ? await areasOf(person, hub) : null,
    procedures: await hub.participations.procedures(),
    cabinets: person ? await hub.participations.cabinets(person) : [],
    forums: person ? await hub.forum.forums(person) : [],
    hasBoards: person?.assignments.some(({ role }) => BOARD_ROLES.has(role)) ?? false,
    hasCabinets: person?.assignments.some(({ role }) => BOARD_ROLES.has(role)) ?? false,
    decides: person?.assignments.some(({ role }) => RIGHTS[role].includes('cabinet.grant')) ?? false,
    isCoordinator: person?.assignments.some(({ role }) => RIGHTS[role].includes('contextual.edit')) ?? false,
    isAdministrator: person?.assignments.some(({ role }) => role === 'administrator') ?? false,
  };
};
