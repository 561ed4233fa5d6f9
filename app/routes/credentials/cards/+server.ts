import { CARDS_AT_ONCE_MAX } from '#models/credential/credential-handover.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { readBody } from '#lib/site/request-body.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** A list of so many cards with the longest codes, twice over (bytes). */
const BODY_BYTES_MAX = 2 * CARDS_AT_ONCE_MAX * 100;

/** What was sent, whatever it is: the use case tells what is wrong with it. Null for what is no list at all. */
async function chosenOf(request: Request): Promise<unknown> {
  const { content } = await readBody(request, BODY_BYTES_MAX);
  try {
    return JSON.parse(new TextDecoder().decode(content ?? new Uint8Array()));
  } catch {
    return null;
  }
}

/** Opens the secrets of the named institutions and answers with their cards: the only time that they are anywhere (ADR 15). */
export const POST: RequestHandler = ({ request, locals, url }) =>
  orRefusalJson(async () => {
    const person = signedIn(locals, url);
    const { hub, address } = locals;
    const { cards, outcome } = await hub.credentials.openMany(person, await chosenOf(request), address);
    const [first] = cards;
    if (!first) return Response.json({ outcome });
    const place = { locale: getLocale(), zone: first.zone };
    const words = {
      ...{ title: m.cards_title(), forWhom: m.card_for_whom(), site: m.card_site(), username: m.card_username() },
      ...{ secret: m.card_secret(), instructions: m.card_instructions(), note: m.card_note() },
      ...{ foldIn: m.card_fold_in(), foldBack: m.card_fold_back(), cut: m.card_cut() },
    };
    const printed = cards.map(({ openedAtMs, zone: _, ...card }) => ({
      ...card,
      openedAt: m.card_opened_at({ time: formatDateTime(openedAtMs, place), name: person.name }),
    }));
    const bytes = await hub.workbooks.cardsPdf(printed, words, url.searchParams.get('perPage') === '1' ? 1 : 2);
    const response = fileResponse(bytes, 'pdf', `${m.cards_title()} ${formatDateTime(hub.now(), place)}`);
    // What was refused is told beside the file; by number only, because a heading holds no Russian.
    response.headers.set('x-svod-refused', String(outcome.refused.length));
    return response;
  });
