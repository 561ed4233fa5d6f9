/** A line for each thing that the command has to say, in the words that the pages use. */
import { scanFindingWords } from '#lib/scanning/finding-words.ts';
import { refusalWords } from '#lib/refusal/words.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Locale } from '#lib/paraglide/runtime.js';
import type { UploadOutcome } from '#models/upload/upload.ts';
import { OUTCOME_WAIT_MS } from './scan-outcome.ts';

export type Told =
  | { kind: 'sent' | 'known'; name: string }
  | { kind: 'waiting'; name: string; waitMs: number }
  | { kind: 'heard'; name: string; outcome: Exclude<UploadOutcome, { status: 'pending' }> }
  /** Sent, but nothing was heard of it in time. */
  | { kind: 'unheard'; name: string };

/** Whether the command has to end with a failure. */
export const isFailure = (told: Told): boolean =>
  told.kind === 'unheard' || (told.kind === 'heard' && told.outcome.status !== 'read');

export function toldWords(told: Told, locale: Locale, zone: string): string {
  const { name } = told;
  switch (told.kind) {
    case 'sent':
      return m.scan_send_sent({ name }, { locale });
    case 'known':
      return m.scan_send_known({ name }, { locale });
    case 'waiting':
      return m.scan_send_waiting({ name, seconds: told.waitMs / 1_000 }, { locale });
    case 'unheard':
      return m.scan_send_unheard({ name, minutes: OUTCOME_WAIT_MS / 60_000 }, { locale });
    case 'heard':
      return heardWords(name, told.outcome, locale, zone);
    default:
      throw told satisfies never;
  }
}

function heardWords(
  name: string,
  outcome: Exclude<UploadOutcome, { status: 'pending' }>,
  locale: Locale,
  zone: string,
): string {
  switch (outcome.status) {
    case 'read':
      return m.scan_send_read({ name, pages: outcome.pages, errors: outcome.errors }, { locale });
    case 'refused':
      return m.scan_send_refused({ name, ...refusalWords(outcome, zone) }, { locale });
    case 'unreadable': {
      const empty = {
        title: m.scan_send_empty_title({}, { locale }),
        why: m.scan_send_empty_why({}, { locale }),
        remedy: m.scan_send_empty_remedy({}, { locale }),
      };
      const causes = outcome.findings.map((finding) => scanFindingWords(finding, '', locale));
      return (causes.length > 0 ? causes : [empty])
        .map((cause) => m.scan_send_refused({ name, ...cause }, { locale }))
        .join('\n');
    }
    default:
      throw outcome satisfies never;
  }
}
