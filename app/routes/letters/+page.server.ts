import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url, setHeaders }) => {
  const { hub, person } = locals;
  if (!person && !hub.letters.areShownTo(null)) redirect(303, `/sign-in?next=${url.pathname}`);
  setHeaders({ 'cache-control': 'private, no-store' });
  const letters = await hub.letters.list(person);
  return {
    isKept: hub.letters.areKept,
    letters: letters.map((letter) => ({
      id: letter.id,
      to: letter.to,
      subject: letter.subject,
      status: letter.status,
      createdAtMs: letter.createdAtMs,
      // What waits for the mail server is between the person and his mailbox.
      text: letter.status === 'kept' ? letter.text : null,
    })),
  };
};
