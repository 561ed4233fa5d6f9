/** What comes next for an institution, told from its row on the board alone: a restart loses nothing. Pure. */
import { z } from 'zod';
import type { Character, FileKind, Stage } from './cast.ts';
import { STAGES } from './cast.ts';

export type Deed =
  | { kind: 'register' }
  | { kind: 'give' }
  | { kind: 'decline' }
  | { kind: 'activate' }
  | { kind: 'template' }
  /** `correct` is the next file after one with errors, `revise` a better one in the place of data that stand. */
  | { kind: 'send' | 'correct' | 'revise'; file: FileKind; attempt: number; isAttested: boolean }
  | { kind: 'attest' };
export type DeedKind = Deed['kind'];

/** A row of the board, as far as the demonstration looks at it. */
export const rowSchema = z.object({
  institution: z.string(),
  name: z.string(),
  registeredAtMs: z.number().nullable(),
  access: z.enum(['awaited', 'given', 'declined', 'activated']).nullable(),
  progress: z.object({
    phase: z.enum(['none', 'uploaded', 'attested', 'processing', 'processed', 'failed']),
    templateAtMs: z.number().nullable(),
    reportAtMs: z.number().nullable(),
    attempts: z.number(),
    errors: z.number(),
  }),
});
export type Row = z.infer<typeof rowSchema>;

export const isBeingRead = ({ progress }: Row): boolean =>
  progress.phase === 'attested' || progress.phase === 'processing';

export function stageOf({ access, progress }: Row): Stage {
  if (progress.phase === 'failed' || progress.phase === 'uploaded') return progress.phase;
  if (progress.reportAtMs !== null) return 'report';
  if (progress.templateAtMs !== null) return 'template';
  switch (access) {
    case null:
      return 'nothing';
    case 'awaited':
    case 'declined':
      return 'registered';
    case 'given':
    case 'activated':
      return access;
    default:
      throw access satisfies never;
  }
}

/** The next deed, or null when it is the hub's turn or the institution goes no further. */
export function nextDeed(row: Row, character: Character): Deed | null {
  const stage = stageOf(row);
  if (isBeingRead(row)) return null;
  const hasArrived = STAGES.indexOf(stage) >= STAGES.indexOf(character.goesTo);
  if (hasArrived && stage !== 'report') return null;
  const attempt = row.progress.attempts;
  const file = character.files[Math.min(attempt, character.files.length - 1)] ?? 'good';
  switch (stage) {
    case 'nothing':
      return { kind: 'register' };
    case 'registered':
      if (row.access === 'awaited') return { kind: character.isDoubted ? 'decline' : 'give' };
      // Whom the visitor himself turned away stays away.
      return character.isDoubted ? { kind: 'give' } : null;
    case 'given':
      return { kind: 'activate' };
    case 'activated':
      return { kind: 'template' };
    case 'template':
      return { kind: 'send', file, attempt, isAttested: !(character.forgetsTick && attempt === 0) };
    case 'uploaded':
      return { kind: 'attest' };
    case 'failed':
      return { kind: 'correct', file, attempt, isAttested: true };
    case 'report':
      return { kind: 'revise', file: 'good', attempt, isAttested: true };
    default:
      throw stage satisfies never;
  }
}
