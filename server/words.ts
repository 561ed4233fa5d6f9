/** Texts that become part of the record: always Russian, from the message files. */
import { m } from '#lib/paraglide/messages.js';
import type { RecordTexts } from '#models/context.ts';

export const recordTexts: RecordTexts = {
  attestation: (institution, year) => m.attestation_text({ institution, year }, { locale: 'ru' }),
};
