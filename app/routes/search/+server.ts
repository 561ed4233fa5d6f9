import { isMatch, termsOf, wordsOf } from '#models/org/unit-search.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Units of the person's territory and procedures that match what is typed. */
export const GET: RequestHandler = ({ locals, url }) =>
  orRefusalJson(async () => {
    const sought = url.searchParams.get('q') ?? '';
    const person = signedIn(locals, url);
    const [units, procedures] = await Promise.all([
      locals.hub.units.search(person, sought),
      locals.hub.procedures.of(person),
    ]);
    const terms = termsOf(sought);
    const matching = terms.length === 0 ? [] : procedures.filter(({ title }) => isMatch(wordsOf(title), terms));
    return Response.json({ ...units, procedures: matching });
  });
