import { redirect } from '@sveltejs/kit';
import { RIGHTS } from '#models/people/rights.ts';
import type { PageServerLoad } from './$types';

const BOARD_ROLES = new Set(['regionalCoordinator', 'municipalCoordinator']);

export const load: PageServerLoad = async ({ locals }) => {
  if (await locals.hub.needsSetup()) redirect(303, '/setup');
  const { person, hub } = locals;
  return {
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
