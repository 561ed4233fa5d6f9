import { redirect } from '@sveltejs/kit';
import { OWNERSHIPS, UNIT_KINDS } from '#models/org/unit.ts';
import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => ({
  page: await locals.hub.units.unit(signedIn(locals, url), params.unit),
  zones: Intl.supportedValuesOf('timeZone').filter((zone) => /^(Europe|Asia)\//.test(zone)),
});

/** Runs a deed on the unit of the page. */
async function deed(
  { request, locals, params }: { request: Request; locals: App.Locals; params: { unit: string } },
  work: (person: Person, unit: string, field: (name: string) => string) => Promise<void>,
) {
  const form = await request.formData();
  const { person } = locals;
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(`/units/${params.unit}`)}`);
  return orFail(async () => {
    await work(person, params.unit, (name) => textOf(form, name));
    return { isDone: true };
  });
}

/** Kinds without an owner have no such field: then nothing is said. */
const ownershipOf = (text: string) => OWNERSHIPS.find((one) => one === text) ?? null;
const zoneOf = (text: string): string | null => (text === '' ? null : text);

export const actions: Actions = {
  edit: (event) =>
    deed(event, (person, unit, field) =>
      event.locals.hub.units.edit(person, unit, {
        name: field('name'),
        shortName: field('shortName'),
        zone: zoneOf(field('zone')),
        ownership: ownershipOf(field('ownership')),
      }),
    ),
  add: (event) =>
    deed(event, (person, unit, field) =>
      event.locals.hub.units.create(person, unit, {
        id: field('code'),
        kind: UNIT_KINDS.find((kind) => kind === field('kind')),
        name: field('name'),
        shortName: field('shortName'),
        zone: zoneOf(field('zone')),
        ownership: ownershipOf(field('ownership')),
      }),
    ),
  move: (event) => deed(event, (person, unit, field) => event.locals.hub.units.move(person, unit, field('target'))),
  merge: (event) => deed(event, (person, unit, field) => event.locals.hub.units.merge(person, unit, field('target'))),
  close: (event) =>
    deed(event, (person, unit, field) =>
      event.locals.hub.units.close(person, unit, field('target') === '' ? null : field('target')),
    ),
  reopen: (event) => deed(event, (person, unit) => event.locals.hub.units.reopen(person, unit)),
};
