import { UNIT_KINDS, type UnitKind } from '#models/org/unit.ts';
import type { Locale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { formatNumber } from '#lib/ui/format.ts';

/** «муниципалитетов: 25 · колледжей: 3» */
export function countsInWords(counts: Partial<Record<UnitKind, number>>, locale: Locale): string {
  return UNIT_KINDS.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    return count > 0 ? [say(`unit_count_${kind}`, { count: formatNumber(count, locale) })] : [];
  }).join(' · ');
}
