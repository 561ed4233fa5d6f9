import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Person } from '../people/person.ts';
import type { Assignment } from '../people/rights.ts';
import type { Procedure } from '../procedure/procedure.ts';
import { forumRights, type Author, type ForumRights } from './forum.ts';

/** The procedure of a forum and what somebody may do in it. What is not there and what is not his to read look alike from outside. */
export async function openForum(
  { procedures }: Pick<Context, 'procedures'>,
  person: Person,
  procedureId: string,
): Promise<{ procedure: Procedure; rights: ForumRights }> {
  const procedure = await procedures.find(procedureId);
  const rights = procedure && forumRights(person, procedure);
  if (!procedure || !rights?.reads) throw new HubError('not_allowed');
  return { procedure, rights };
}

/** As whom somebody writes now, and from where. */
export async function authorOf(
  { units }: Pick<Context, 'units'>,
  { id, name }: Person,
  { role, unit }: Assignment,
): Promise<Author> {
  const { name: unitName, path } = await units.get(unit);
  return { id, name, role, unit, unitName, path };
}
