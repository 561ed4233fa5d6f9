import { isAllowed } from '#models/people/rights.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

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
  return { unit, current, snapshots, box, isOwn: isAllowed(person, 'contextual.edit', path) };
};
