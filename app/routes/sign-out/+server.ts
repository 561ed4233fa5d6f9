import { redirect } from '@sveltejs/kit';
import { setCookies } from '#lib/site/cookies.server.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ locals, request, cookies }) => {
  if (locals.sessionId !== null) setCookies(cookies, await locals.hub.signIn.signOut(request.headers));
  redirect(303, '/');
};
