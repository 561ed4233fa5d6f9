/**
 * Whom a message of the forum is meant for: a role or a territory, never a person. Who is mentioned is derived from what he holds when it
 * is asked, so that no list of people is kept. Pure, browser-safe.
 */
import { z } from 'zod';
import type { Assignment, Role } from '../../people/rights.ts';

/** Roles that read forums (domain 2.2). */
export const MENTIONED_ROLES = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'institutionCoordinator',
  'roomOrganizer',
] as const satisfies readonly Role[];

/** Of one message: who calls everybody calls nobody. */
export const MENTIONS_MAX = 10;
/** Of one question, the latest ones. */
export const MENTIONS_KEPT_MAX = 20;

export const mentionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('role'), role: z.enum(MENTIONED_ROLES) }),
  z.strictObject({ kind: z.literal('unit'), unit: z.string().min(1).max(100) }),
]);
export type MentionInput = z.output<typeof mentionSchema>;

/** A territory is kept with its name and path, as they were when it was mentioned. */
export type Mention =
  { kind: 'role'; role: (typeof MENTIONED_ROLES)[number] } | { kind: 'unit'; unit: string; name: string; path: string };

/** A mention and the message that has it. */
export interface Mentioned {
  n: number;
  mention: Mention;
}

/** Whether somebody who holds this is meant. A role that is bound to another procedure is none here. */
export const isMeant = (mention: Mention, holds: readonly Assignment[], procedure: string): boolean =>
  holds.some(
    ({ role, path, procedure: only }) =>
      (!only || only === procedure) &&
      (mention.kind === 'role' ? role === mention.role : path.startsWith(mention.path)),
  );

/** The paths of all territories by which he is meant: those that he holds, and what holds them. */
export const pathsMeant = (holds: readonly Assignment[]): string[] => [
  ...new Set(
    holds.flatMap(({ path }) => {
      const ids = path.split('/').filter((id) => id !== '');
      return ids.map((_, index) => `/${ids.slice(0, index + 1).join('/')}/`);
    }),
  ),
];

/** What may be mentioned, as it is written after the sign. */
export interface MentionChoice {
  label: string;
  mention: MentionInput;
}

/** The mentions in a text. Of two names that begin alike the longer one is meant where it stands. */
export function mentionsIn(text: string, choices: readonly MentionChoice[]): MentionInput[] {
  let rest = text;
  const found: MentionInput[] = [];
  for (const { label, mention } of choices.toSorted((a, b) => b.label.length - a.label.length)) {
    const written = `@${label}`;
    if (!rest.includes(written)) continue;
    found.push(mention);
    rest = rest.replaceAll(written, ' ');
  }
  return found.slice(0, MENTIONS_MAX);
}
