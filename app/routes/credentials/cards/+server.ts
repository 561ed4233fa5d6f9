import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** Opens the secrets of the named institutions and answers with their cards: the only time that they are anywhere (ADR 15). */
export const POST: RequestHandler = ({ request, locals, url }) =>
  orRefusalJson(async () => {
    const person = signedIn(locals, url);
    const { hub, address } = locals;
    const { cards, outcome } = await hub.credentials.openMany(person, await request.json(), address);
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
