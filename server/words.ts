/** Words that leave the pages: texts of the record, always Russian, and letters in the reader's language. From the message files. */
import { m } from '#lib/paraglide/messages.js';
import type { RecordTexts } from '#models/context.ts';
import type { PushWords } from '#models/push/push.actions.ts';
import type { LetterParams, LetterWords } from '#models/letter/letter.actions.ts';

export const recordTexts: RecordTexts = {
  attestation: (institution, year) => m.attestation_text({ institution, year }, { locale: 'ru' }),
  printWords: () => ({
    title: m.print_title({}, { locale: 'ru' }),
    pageOf: m.print_page_of({ page: '{page}', pages: '{pages}' }, { locale: 'ru' }),
    correction: m.print_correction({}, { locale: 'ru' }),
    participant: m.print_participant({}, { locale: 'ru' }),
    spare: m.print_spare({}, { locale: 'ru' }),
    room: m.print_room({}, { locale: 'ru' }),
    batch: m.print_batch({}, { locale: 'ru' }),
  }),
};

/** Moments in letters: of the capital, named; a letter does not know where it is read. */
const LETTER_ZONE = 'Europe/Moscow';

type Say = (params: LetterParams, options: { locale: 'ru' | 'en' }) => string;
/** Found by the kind of the letter; a test of the message files holds every kind to its words. */
const messages = m as unknown as Readonly<Record<string, Say | undefined>>;

export const letterWords: LetterWords = (kind, params, language) => {
  const atMs = params['atMs'];
  const moment = new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: LETTER_ZONE,
  });
  const { role } = params;
  const shown = {
    ...params,
    ...(typeof atMs === 'number' ? { at: moment.format(atMs) } : {}),
    ...(typeof role === 'string' ? { role: messages[`role_${role}`]?.({}, { locale: language }) ?? role } : {}),
  };
  const say = (part: 'subject' | 'text'): string => {
    const key = `letter_${kind}_${part}`;
    return messages[key]?.(shown, { locale: language }) ?? key;
  };
  return { subject: say('subject'), text: `${say('text')}\n\n${m.letter_foot({}, { locale: language })}\n` };
};

/** On a locked screen: why, which forum, and of when the question is; never what was written. */
export const pushWords: PushWords = ({ kind, title, count, atMs, zone }, locale) => {
  if (kind === 'test') return { title: m.push_title_test({}, { locale }), body: m.push_body_test({}, { locale }) };
  const moment = new Intl.DateTimeFormat(locale === 'ru' ? 'ru-RU' : 'en-GB', {
    ...{ day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' },
    timeZone: zone,
  });
  return {
    title: messages[`push_title_${kind}`]?.({}, { locale }) ?? kind,
    body:
      kind === 'many'
        ? m.push_body_many({ title, count }, { locale })
        : m.push_body_one({ title, at: moment.format(atMs) }, { locale }),
  };
};
