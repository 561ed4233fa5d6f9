/**
 * The one place that keeps a view through another's eyes to looking (ADR 21): nothing is sent, no file is taken along, nothing that
 * opens an account is shown, and every page is noted before it is read.
 */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { stringify } from 'devalue';
import type { RefusalCode } from '#models/error.ts';
import { statusOf, type Refusal } from '#lib/refusal/refusal.server.ts';

/** Pages of the person himself: his sessions, his ways in, letters to others. By the route's beginning. */
const CLOSED = ['/account', '/letters', '/sign-in', '/invitation', '/setup'];

const isReading = ({ request: { method } }: RequestEvent): boolean => method === 'GET' || method === 'HEAD';

/** What ends a view is done by the viewer as himself: its own form, and signing out. */
export const isLeaving = (event: RequestEvent): boolean =>
  !isReading(event) && (event.route.id === '/viewing' || event.route.id === '/sign-out');

const isClosed = (route: string | null): boolean =>
  CLOSED.some((closed) => route === closed || route?.startsWith(`${closed}/`) === true);

/** A refusal to whatever asks: a form of a page, a script, or a browser without one. */
function refuse({ request }: RequestEvent, code: RefusalCode): Response {
  const refusal: Refusal = { code, params: {} };
  const status = statusOf(code);
  const accepts = request.headers.get('accept') ?? '';
  if (isForm(request) && accepts.includes('application/json'))
    // As `enhance` reads the failure of a form.
    return Response.json({ type: 'failure', status, data: stringify({ refusal }) }, { status });
  if (isForm(request)) redirect(303, `/viewing?refused=${code}`);
  return Response.json({ refusal }, { status });
}

const isForm = ({ headers }: Request): boolean =>
  /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/.test(headers.get('content-type') ?? '');

/** Answers a request of a session that looks through another's eyes. */
export async function lookThrough(
  event: RequestEvent,
  viewing: string,
  resolve: (event: RequestEvent) => Response | Promise<Response>,
): Promise<Response> {
  if (!isReading(event)) return refuse(event, 'viewing_only');
  if (isClosed(event.route.id)) redirect(303, '/viewing?refused=viewing_closed');
  // What leads nowhere shows nothing, and the page of the view itself is no page of his.
  if (event.route.id !== null && event.route.id !== '/viewing')
    if (!(await event.locals.hub.viewings.look(viewing, event.url.pathname))) redirect(303, '/viewing');
  const response = await resolve(event);
  if (!response.headers.get('content-disposition')?.startsWith('attachment')) return response;
  await response.body?.cancel();
  return refuse(event, 'viewing_only');
}
