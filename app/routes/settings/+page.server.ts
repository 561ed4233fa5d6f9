import { redirect } from '@sveltejs/kit';
import { contactOf } from '#lib/procedure/contact-form.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import type { Person } from '#models/people/person.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** One region, of several the one that the address names, with what hangs under it. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const { hub, person } = locals;
  if (!person) redirect(303, '/sign-in?next=/settings');
  const [tree, procedures] = await Promise.all([hub.units.tree(person), hub.participations.procedures()]);
  const regions = tree.filter(({ kind }) => kind === 'region');
  const region = regions.find(({ id }) => id === url.searchParams.get('region')) ?? regions[0];
  return {
    regions: regions.map(({ id, name }) => ({ id, name })),
    region: region && { id: region.id, name: region.name },
    municipalities: tree.filter(({ parent }) => parent === region?.id).length,
    institutions: region ? await hub.units.countInstitutions(region.path) : 0,
    procedures: procedures.filter((procedure) => procedure.region === region?.id),
  };
};

/** Parses a form into strings and runs a deed of the settings with it. */
async function deed<T>(
  { request, locals }: { request: Request; locals: App.Locals },
  work: (person: Person, field: (name: string) => string) => Promise<T>,
) {
  const form = await request.formData();
  const { person } = locals;
  if (!person) redirect(303, '/sign-in?next=/settings');
  return orFail(() => work(person, (name) => textOf(form, name)));
}

export const actions: Actions = {
  institutions: (event) =>
    deed(event, async (person, field) => ({
      imported: await event.locals.hub.units.addInstitutionLines(person, field('region'), field('lines')),
    })),

  procedure: (event) =>
    deed(event, async (person, field) => {
      const procedure = await event.locals.hub.procedures.create(person, field('region'), {
        kind: 'attendance',
        title: field('title'),
        academicYear: field('academicYear'),
        deadline: field('deadline'),
        centre: contactOf(field),
      });
      return { opened: procedure.title };
    }),
};
