import { redirect } from '@sveltejs/kit';
import { cookieMaxAge, cookieName, isLocale } from '#lib/paraglide/runtime.js';
import { ownPath } from '#lib/site/own-path.ts';
import type { RequestHandler } from './$types';

/** Chooses the language and leads back: a link, so that it works before the page's script has come. */
export const GET: RequestHandler = ({ params, url, cookies }) => {
  if (isLocale(params.locale))
    cookies.set(cookieName, params.locale, { path: '/', httpOnly: false, sameSite: 'lax', maxAge: cookieMaxAge });
  redirect(303, ownPath(url.searchParams.get('next')));
};
