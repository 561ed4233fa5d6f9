import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Person } from '#models/people/person.ts';
import type { Actions, PageServerLoad } from './$types';

/** «Форум поддержки»: the questions of a procedure, and the one that the address names (S1-42). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { person } = locals;
  // With the question that a colleague's link names.
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  const { forum: queries } = locals.hub;
  const [page, parts] = await Promise.all([
    queries.page(person, params.procedure),
    queries.territories(person, params.procedure),
  ]);
  const opened = url.searchParams.get('q');
  // After the list: what is written between the two comes as a fact.
  const thread = opened === null ? null : await queries.thread(person, params.procedure, opened).catch(() => null);
  return { ...page, thread, parts };
};

interface DeedEvent {
  request: Request;
  locals: App.Locals;
  params: { procedure: string };
  url: URL;
}
async function deed(
  { request, locals, params, url }: DeedEvent,
  work: (person: Person, procedure: string, field: (name: string) => string) => Promise<void>,
) {
  const person = signedIn(locals, url);
  const form = await request.formData();
  return orFail(async () => {
    await work(person, params.procedure, (name) => textOf(form, name));
    return { done: true };
  });
}

export const actions: Actions = {
  close: (event) =>
    deed(event, (person, procedure, field) => event.locals.hub.forum.close(person, procedure, field('question'))),
  reopen: (event) =>
    deed(event, (person, procedure, field) => event.locals.hub.forum.reopen(person, procedure, field('question'))),
  official: (event) =>
    deed(event, (person, procedure, field) => {
      const message = field('message');
      return event.locals.hub.forum.makeOfficial(person, procedure, field('question'), message === '' ? null : message);
    }),
  link: (event) =>
    deed(event, (person, procedure, field) =>
      event.locals.hub.forum.link(person, procedure, field('question'), field('original')),
    ),
  unlink: (event) =>
    deed(event, (person, procedure, field) => event.locals.hub.forum.unlink(person, procedure, field('question'))),
  follow: (event) =>
    deed(event, (person, procedure, field) =>
      event.locals.hub.attention.follow(person, procedure, field('question'), field('follow') !== ''),
    ),
  pin: (event) =>
    deed(event, (person, procedure, field) =>
      event.locals.hub.forum.pin(person, procedure, field('question'), {
        isPinned: field('pinned') !== '',
        reason: field('reason'),
      }),
    ),
  hide: (event) =>
    deed(event, (person, procedure, field) =>
      event.locals.hub.forum.hide(person, procedure, field('question'), field('message'), { reason: field('reason') }),
    ),
  tellAll: (event) =>
    deed(event, async (person, procedure, field) => {
      await event.locals.hub.incidents.tellAll(person, procedure, field('incident'), { text: field('text') });
    }),
  acknowledge: (event) =>
    deed(event, (person, procedure, field) =>
      event.locals.hub.incidents.acknowledge(person, procedure, field('incident')),
    ),
  readAll: (event) => deed(event, (person, procedure) => event.locals.hub.forum.readAll(person, procedure)),
};
