/** Words of entries: kinds, actors, fields and values. */
import type { DeedEntry, DeedField, DeedKind } from '#models/deeds/deed.ts';
import { m } from '#lib/paraglide/messages.js';
import { isSaid, say } from '#lib/say.ts';

export const kindWord = (kind: DeedKind): string => say(`deed_${kind.replace('.', '_')}`);

/** Who did it, as he was called then. */
export function actorWord({ actor, actorName }: Pick<DeedEntry, 'actor' | 'actorName'>): string {
  if (actor === 'hub') return m.deeds_actor_hub();
  if (actorName !== '') return actorName;
  return actor === 'public' ? m.deeds_actor_public() : actor;
}

/** Codes in their own words; what people typed as they typed it. */
export function valueWord(field: DeedField, value: string | number | null): string {
  if (value === null) return '';
  const keys = [
    `deed_value_${field}_${value}`,
    ...(field === 'role' ? [`role_${value}`] : []),
    ...(field === 'ownership' ? [`unit_ownership_${value}`] : []),
    ...(field === 'kind' ? [`unit_kind_${value}`] : []),
    ...(field === 'code' ? [`refusal_${value}_title`] : []),
  ];
  const said = keys.find(isSaid);
  return said === undefined ? String(value) : say(said);
}
