import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { institutionName, submission } = await locals.hub.submissions.report(signedIn(locals, url), params);
  const { id, report, attestation, processedAtMs, voidedBy } = submission;
  return { institutionName, submission: { id, report, attestation, processedAtMs, voidedBy } };
};
