import { basisWord, rightWord, rowWord } from '#lib/deeds/right-words.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The table of rights as a file: every role, also those that hold nothing. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const { hub } = locals;
  const { roles, without, rows } = hub.rights.table(signedIn(locals, url));
  const all = [...roles, ...without];
  const headings = [m.rights_what(), ...all.map((role) => say(`role_${role}`)), m.rights_basis()];
  const lines = rows.map(({ name, basis, rights }) => [
    rowWord(name),
    ...all.map((role) => (rights[role] ? rightWord(rights[role]) : null)),
    basisWord(basis),
  ]);
  return fileResponse(await hub.workbooks.tableXlsx(m.rights_title(), headings, lines), 'xlsx', m.rights_title());
};
