import { redirect } from '@sveltejs/kit';
import { confirmEnrolment, loadEnrolment } from '#lib/sign-in/enrolment.server.ts';
import type { Actions, PageServerLoad } from './$types';

function personOf(locals: App.Locals) {
  if (!locals.person) redirect(303, '/sign-in?next=/account');
  return locals.person;
}

export const load: PageServerLoad = async ({ locals }) => {
  const person = personOf(locals);
  if ((await locals.hub.safeguards.view(person)).secondFactor.status === 'offered')
    return loadEnrolment(locals, person);
  // In the answer to the form that turned it on; whoever comes here otherwise begins in his account, with his password.
  return { enrolment: null, username: person.username };
};

export const actions: Actions = {
  default: (event) => confirmEnrolment(event, personOf(event.locals)),
};
