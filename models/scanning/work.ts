/**
 * A participant's work (domain 4.1 Work, S1-13, S1-54): its pages as they came, what is marked on them, and what experts have to check.
 * The participant is a number. Pure, browser-safe.
 */
import { z } from 'zod';
import { HOLDER_NUMBER_MAX } from '#collector/code.ts';
import type { FormDefinition } from '#collector/form.ts';
import type { FieldReading } from '#collector/reading.ts';
import { answerOf, codeOf, type Answer, type ScanPage } from './scan-page.ts';

/** What is preprocessed awaits its check in the same moment: one state. */
export const WORK_STATES = ['uploaded', 'awaitingCheck', 'inCheck', 'checked', 'nothingToCheck'] as const;
export type WorkState = (typeof WORK_STATES)[number];

export interface Work {
  /** `procedure/college/participant`. */
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  room: number;
  participant: number;
  /** The batch that its first page came in. */
  batch: string;
  /** Page id by number of the page in the form. */
  pages: Record<string, string>;
  /** Additional sheets that were given to it, page ids. */
  more: string[];
  pagesExpected: number;
  errorsOpen: number;
  /** By field; free answers are `written` or null. */
  answers: Record<string, Answer>;
  /** Free answers with something in them: what experts see. */
  freeAnswers: string[];
  /** Free answers that experts have finished. */
  checkedAnswers: string[];
  /** By free answer: which part of which image it is. What was marked on another one is no mark of it. */
  sources: Record<string, string>;
  /** Whether an expert has begun. */
  isBegun: boolean;
  status: WorkState;
}

export const isWhole = ({ pages, pagesExpected }: Pick<Work, 'pages' | 'pagesExpected'>): boolean =>
  Object.keys(pages).length >= pagesExpected;

/**
 * The state of a work, from what is in it. Experts check extended answers only (S1-54): where none is written, nobody has checked anything,
 * and the work is not counted among those that are to be checked.
 */
export function workState(work: Omit<Work, 'status'>): WorkState {
  if (!isWhole(work) || work.errorsOpen > 0) return 'uploaded';
  if (work.freeAnswers.length === 0) return 'nothingToCheck';
  const left = work.freeAnswers.filter((key) => !work.checkedAnswers.includes(key));
  if (left.length === 0) return 'checked';
  if (work.isBegun) return 'inCheck';
  return 'awaitingCheck';
}

export const newWork = (
  place: Pick<Work, 'id' | 'procedure' | 'centre' | 'college' | 'room' | 'participant' | 'batch'>,
  form: FormDefinition,
): Work => ({
  ...{ rev: 0, ...place, pages: {}, more: [], pagesExpected: form.pages.length, errorsOpen: 0, answers: {} },
  ...{ freeAnswers: [], checkedAnswers: [], sources: {}, isBegun: false, status: 'uploaded' as const },
});

/** What an expert is shown of an answer: another image, or another part of it, is another answer. */
function sourceOf({ id, image }: ScanPage, { crop: { x, y, width, height } }: FieldReading): string {
  return [id, image?.sha256.slice(0, 16) ?? '', x, y, width, height].join(' ');
}

/** Free answers of which what experts saw is there no more: a sheet was scanned anew, or the page was given to another. */
export const answersChanged = (before: Work, after: Work): string[] =>
  Object.keys(before.sources).filter((key) => before.sources[key] !== after.sources[key]);

/** The work as its standing pages make it. */
export function gathered(work: Work, standing: readonly ScanPage[], errorsOpen: number): Work {
  const pages: Record<string, string> = {};
  const more: string[] = [];
  const answers: Record<string, Answer> = {};
  const freeAnswers: string[] = [];
  const sources: Record<string, string> = {};
  for (const page of standing) {
    const code = codeOf(page);
    const isMore = page.reading?.identity?.code.holder.kind === 'spare';
    if (!code) continue;
    if (isMore) more.push(page.id);
    else pages[String(code.page)] = page.id;
    for (const field of page.reading?.fields ?? []) {
      const key = isMore ? `${field.key}-${page.id}` : field.key;
      answers[key] = answerOf(field, page.decisions);
      if (field.kind !== 'freeAnswer' || answers[key] === null) continue;
      freeAnswers.push(key);
      sources[key] = sourceOf(page, field);
    }
  }
  const now = {
    ...{ ...work, pages, more: more.sort(), errorsOpen, answers, freeAnswers: freeAnswers.sort(), sources },
    checkedAnswers: work.checkedAnswers.filter((key) => sources[key] === work.sources[key]),
  };
  return { ...now, status: workState(now) };
}

/** A free answer was checked, or is no longer; an expert has begun. */
export function checkedWork(work: Work, field: string, isDone: boolean): Work {
  const others = work.checkedAnswers.filter((key) => key !== field);
  const now = {
    ...{ ...work, rev: work.rev + 1, isBegun: true },
    checkedAnswers: isDone ? [...others, field].sort() : others,
  };
  return { ...now, status: workState(now) };
}

/** As an address has it: the number of a participant code. */
export const participantSchema = z.coerce.number().int().min(0).max(HOLDER_NUMBER_MAX);
