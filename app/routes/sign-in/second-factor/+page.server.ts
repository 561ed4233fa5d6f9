import { redirect } from '@sveltejs/kit';
import { confirmEnrolment, loadEnrolment } from '#lib/sign-in/enrolment.server.ts';
import { ownPath } from '#lib/site/own-path.ts';
import type { Actions, PageServerLoad } from './$types';

function entrantOf({ locals, url }: { locals: App.Locals; url: URL }) {
  if (locals.entrant?.duties[0] !== 'secondFactor')
    redirect(303, `/sign-in?next=${encodeURIComponent(ownPath(url.searchParams.get('next')))}`);
  return locals.entrant.person;
}

export const load: PageServerLoad = async (event) => {
  const person = entrantOf(event);
  const { safeguards } = event.locals.hub;
  const next = ownPath(event.url.searchParams.get('next'));
  // In the answer to the form that turned it on, where no script asked for the answer alone.
  if ((await safeguards.view(person)).secondFactor.status === 'on')
    return { enrolment: null, username: person.username, next };
  return { ...(await loadEnrolment(event.locals, person)), next };
};

export const actions: Actions = {
  default: (event) => confirmEnrolment(event, entrantOf(event)),
};
