import { isAllowed } from '#models/people/rights.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** «Мониторинги»: what is open for the institution now, with its own work in it. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const { unit, path } = await hub.contextualData.page(person, params.institution);
  const { current } = await hub.participations.ofInstitution(person, params.institution);
  const snapshots = await Promise.all(
    current
      .filter(({ isOpenToReader }) => isOpenToReader)
      .map(({ procedure }) =>
        hub.submissions.cabinet(person, { procedure: procedure.id, institution: params.institution }),
      ),
  );
  const mayRead = isAllowed(person, 'publications.view', path);
  const box = mayRead ? await hub.publications.box(person, params.institution) : null;
  const invitations = await hub.study.ofCollege(person, params.institution);
  const surveys = (await hub.surveys.ofInstitution(person, params.institution)).current;
  const seesRooms = isAllowed(person, 'rooms.view', path);
  const isOwn = isAllowed(person, 'contextual.edit', path);
  const ownScans = await hub.scanning.ownOf(person, params.institution);
  return { unit, current, snapshots, box, invitations, seesRooms, surveys, ownScans, isOwn };
};

export const actions: Actions = {
  /** A college has read that it takes part in a study (S1-31). */
  acknowledge: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const procedure = textOf(await request.formData(), 'procedure');
    return orFail(async () => {
      await locals.hub.study.acknowledge(person, { procedure, college: params.institution });
      return { done: true };
    });
  },
};
