/** Sums by name. Pure, browser-safe. */

/** How many of which kind; what is none is not there. */
export type Counts<Kind extends string> = Partial<Record<Kind, number>>;

export const addedCounts = <Kind extends string>(counts: Counts<Kind>, difference: Counts<Kind>): Counts<Kind> =>
  Object.fromEntries(Object.entries(added(counts, difference)).filter(([, count]) => count !== 0)) as Counts<Kind>;

/** Figures with a difference added, or taken away; what was not counted before counts from nought. */
export function added<Figures extends object>(
  figures: Figures,
  difference: Partial<Record<keyof Figures, number>>,
  sign: 1 | -1 = 1,
): Figures {
  const sum = { ...figures } as Partial<Record<keyof Figures, number>>;
  for (const [name, value] of Object.entries(difference) as [keyof Figures, number][])
    sum[name] = (sum[name] ?? 0) + sign * value;
  return sum as Figures;
}
