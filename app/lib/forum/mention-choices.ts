/** What may be mentioned in a forum, in the words of the page: roles that read it, and the parts of its territory. */
import { MENTIONED_ROLES, type Mention, type MentionChoice } from '#models/forum/attention/mention.ts';
import type { ForumPart } from '#models/forum/forum-overview.queries.ts';
import { say } from '#lib/say.ts';

export const mentionChoices = (parts: readonly ForumPart[]): MentionChoice[] => [
  ...MENTIONED_ROLES.map((role) => ({ label: say(`role_${role}`), mention: { kind: 'role', role } as const })),
  ...parts.map(({ id, name }) => ({ label: name, mention: { kind: 'unit', unit: id } as const })),
];

export const mentionName = (mention: Mention): string =>
  mention.kind === 'role' ? say(`role_${mention.role}`) : mention.name;
