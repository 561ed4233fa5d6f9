/** Enrolling a second factor, the same for one who has to and for one who wants to. */
import type { Cookies } from '@sveltejs/kit';
import type { Person } from '#models/people/person.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { qrPicture } from './qr.server.ts';

export async function loadEnrolment(locals: App.Locals, person: Person) {
  const { secret, uri } = await locals.hub.safeguards.enrolment(person);
  return { enrolment: { secret, qr: qrPicture(uri) }, username: person.username };
}

/** Takes the first code. The session goes on under a new token; the recovery codes are in this answer only. */
export async function confirmEnrolment(
  { request, locals, cookies }: { request: Request; locals: App.Locals; cookies: Cookies },
  person: Person,
) {
  const code = textOf(await request.formData(), 'code');
  return orFail(async () => {
    const { recovery } = await locals.hub.safeguards.confirmSecondFactor(person.id, code, getLocale());
    setCookies(cookies, await locals.hub.signIn.reopen(person.id, request.headers, getLocale()));
    return { recovery };
  });
}
