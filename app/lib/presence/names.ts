/** How people who are present are named on a page. Pure. */
import type { PresentPerson } from '#realtime/contract.ts';

/** «Орлова Анна Петровна» as «Орлова А. П.»; a name of one word stays as it is. */
export function shortName(name: string): string {
  const [surname = '', ...rest] = name.trim().split(/\s+/);
  return [surname, ...rest.map((part) => `${part.charAt(0)}.`)].join(' ');
}

/** Names shown beside each other; the others are a number. */
export const NAMED_MAX = 3;

/**
 * The people as words, without doubles: `nameOf` gives the word of a role for whoever is known by nothing else. Whoever
 * writes stands first.
 */
export function namesOf(
  people: readonly PresentPerson[],
  nameOfRole: (role: PresentPerson['role']) => string,
): { names: string[]; more: number } {
  const writersFirst = people.toSorted((a, b) => Number(b.doing === 'writing') - Number(a.doing === 'writing'));
  const all = [...new Set(writersFirst.map(({ name, role }) => (name === null ? nameOfRole(role) : shortName(name))))];
  return { names: all.slice(0, NAMED_MAX), more: Math.max(0, all.length - NAMED_MAX) };
}
