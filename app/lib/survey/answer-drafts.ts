/**
 * What is typed into a survey and not saved yet, kept in this browser as it is typed: by question, with the revision of its section that
 * the writer saw, so that what somebody else saved meanwhile is noticed also after a reload. Pure but for the storage.
 */
import type { DraftBox } from '#lib/draft/draft-box.ts';
import type { Typed } from '#models/survey/questionnaire.ts';

export interface AnswerDraft {
  typed: Typed;
  /** Revision of the section. */
  rev: number;
}
export type AnswerDrafts = Readonly<Record<string, AnswerDraft>>;

export function readDrafts(box: DraftBox, nowMs: number): { drafts: AnswerDrafts; atMs: number | null } {
  const drafts: Record<string, AnswerDraft> = {};
  let latestMs: number | null = null;
  for (const [question, { text, atMs }] of box.read(nowMs)) {
    const draft = parse(text);
    if (!draft) continue;
    drafts[question] = draft;
    latestMs = Math.max(latestMs ?? 0, atMs);
  }
  return { drafts, atMs: latestMs };
}

export const keepDraft = (box: DraftBox, question: string, draft: AnswerDraft, nowMs: number): void =>
  box.keep(question, JSON.stringify(draft), nowMs);
export const dropDraft = (box: DraftBox, question: string): void => box.keep(question, '', 0);

export const isSameTyped = (one: Typed | undefined, other: Typed | undefined): boolean =>
  JSON.stringify(one ?? '') === JSON.stringify(other ?? '');

function parse(text: string): AnswerDraft | null {
  try {
    const found = JSON.parse(text) as Partial<AnswerDraft> | null;
    const isTyped =
      typeof found?.typed === 'string' ||
      (Array.isArray(found?.typed) && found.typed.every((one) => typeof one === 'string')) ||
      isShare(found?.typed);
    return isTyped && typeof found?.rev === 'number' ? { typed: found.typed as Typed, rev: found.rev } : null;
  } catch {
    return null;
  }
}
const isShare = (typed: unknown): boolean =>
  typeof typed === 'object' &&
  typed !== null &&
  'part' in typed &&
  'whole' in typed &&
  typeof typed.part === 'string' &&
  typeof typed.whole === 'string';
