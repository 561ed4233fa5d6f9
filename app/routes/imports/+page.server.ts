import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const [roots, imports] = await Promise.all([locals.hub.units.roots(person), locals.hub.units.imports(person)]);
  const territories = roots.filter(({ canManage }) => canManage).map(({ root }) => root.unit);
  return { territories: territories.map(({ id, name }) => ({ id, name })), imports };
};
