/** What a decision about an error makes of its page, and what is said of it. Pure, browser-safe. */
import type { Cause, ScanError, Settlement } from './scan-error.ts';
import { fieldsLeft, findingKey, type FormerPage, type ScanPage } from './scan-page.ts';

/** Decisions that need nothing but the page: they say the same of every page that has the same error. */
export const PLAIN_WAYS = ['markBlank', 'acceptWithReason', 'requestRescan', 'drop'] as const;
export type PlainSettlement = Extract<Settlement, { way: (typeof PLAIN_WAYS)[number] }>;

/** The page after such a decision. */
export function plainlyDecided(page: ScanPage, { finding }: ScanError, settlement: PlainSettlement): ScanPage {
  const { decisions } = page;
  switch (settlement.way) {
    case 'markBlank': {
      if (finding.code === 'PAGE_BLANK') return { ...page, decisions: { ...decisions, dropped: 'blank' } };
      const empty = Object.fromEntries(fieldsLeft(finding).map((field) => [field, null]));
      return { ...page, decisions: { ...decisions, marks: { ...decisions.marks, ...empty } } };
    }
    case 'acceptWithReason': {
      const accepted = { ...decisions.accepted, [findingKey(finding)]: settlement.reason };
      return { ...page, decisions: { ...decisions, accepted } };
    }
    case 'drop':
      return { ...page, decisions: { ...decisions, dropped: 'useless' } };
    case 'requestRescan':
      return page;
    default:
      return settlement satisfies never;
  }
}

/** What is needed to take the decision back: the page as it is before it. */
export function formerOf(page: ScanPage, { id, finding }: ScanError, by: string): FormerPage {
  const { reading, hints, decisions, batch, college } = page;
  const other = finding.code === 'PAGE_DUPLICATE' ? finding.data.otherPageId : null;
  return { error: id, by, reading, hints, decisions, batch, college, other };
}

/** The page as it was before the last decision; null when that was another's, or about another error. */
export function takenBack(page: ScanPage | null, error: string, by: string): ScanPage | null {
  const former = page?.former;
  if (!page || former?.error !== error || former.by !== by) return null;
  const { reading, hints, decisions, batch, college } = former;
  return { ...page, reading, hints, decisions, batch, college, former: null };
}

/** What is said of a decision, for people and for the journal. */
export function saidOf(settlement: Settlement): string | null {
  switch (settlement.way) {
    case 'typeCode':
      return settlement.code;
    case 'rotate':
      return String(settlement.rotate * 90);
    case 'pickForm':
      return `${settlement.form}.${settlement.page} ${settlement.holder}`;
    case 'moveTo':
      return settlement.college ?? String(settlement.participant);
    case 'chooseOfTwo':
      return settlement.choice;
    case 'decideMarks':
      return Object.entries(settlement.marks)
        .map(([field, option]) => `${field}=${option ?? '–'}`)
        .join(' ');
    case 'requestRescan':
      return settlement.note;
    case 'acceptWithReason':
      return settlement.reason;
    case 'clickCorners':
    case 'markBlank':
    case 'drop':
      return null;
    default:
      return settlement satisfies never;
  }
}

export const causeOf = (settlement: Settlement, byName: string): Cause => ({
  ...{ byName, way: settlement.way, said: saidOf(settlement) },
});
/** Nobody's way out: what was decided is decided no more. */
export const backCause = (byName: string): Cause => ({ byName, way: null, said: null });
