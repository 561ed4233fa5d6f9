/**
 * The scanning centre of a region (S1-03): the РЦОИ or another scanning point, which technical requirements were found to be met there, by
 * whom and when, and who confirmed that all of them are. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';

/**
 * What a scanning point must have. The sources name no list: these are what the reading of forms rests on. A new one is a word here; what
 * was confirmed without it is then no longer fit.
 */
export const REQUIREMENTS = ['resolution', 'feeder', 'workstation', 'line', 'storage', 'specialist'] as const;
export type Requirement = (typeof REQUIREMENTS)[number];

/** The РЦОИ itself, or another point of the region. */
export const CENTRE_SORTS = ['dataProcessingCentre', 'other'] as const;
export type CentreSort = (typeof CENTRE_SORTS)[number];

export const choiceSchema = z.strictObject({
  unit: z.string().max(40),
  sort: z.enum(CENTRE_SORTS),
  /** The revision that the writer saw; 0 before the first. */
  rev: z.coerce.number().int().min(0),
});

export const checkSchema = z.strictObject({
  requirement: z.enum(REQUIREMENTS),
  isMet: z.boolean(),
  /** The unit whose equipment was looked at: another may have been chosen meanwhile. */
  unit: z.string().max(40),
});

/** Who said so, and when. */
export interface Said {
  byName: string;
  atMs: number;
}

/** A requirement that was found to be met. */
export interface Met extends Said {
  requirement: Requirement;
}

interface Chosen {
  /** The region's code: it has one centre. */
  id: string;
  rev: number;
  unit: string;
  unitName: string;
  sort: CentreSort;
  chosen: Said;
  met: Met[];
}

/** `fit`: somebody of the region confirmed that everything that is required is there. */
export type ScanningCentre = Chosen & ({ status: 'chosen' } | { status: 'fit'; confirmed: Said });

export const metIn = ({ met }: Pick<Chosen, 'met'>, requirement: Requirement): Met | null =>
  met.find((one) => one.requirement === requirement) ?? null;
export const unmetOf = (one: Pick<Chosen, 'met'>): Requirement[] =>
  REQUIREMENTS.filter((requirement) => metIn(one, requirement) === null);

const again = ({ id, rev, unit, unitName, sort, chosen, met }: ScanningCentre): Chosen => ({
  ...{ id, rev: rev + 1, unit, unitName, sort, chosen, met },
});

/**
 * The region says which point scans. Another point is looked at anew: nothing that was confirmed elsewhere holds there.
 * Null when it says the same. Errors: `stale_write` over a choice that the writer did not see.
 */
export function choose(
  present: ScanningCentre | null,
  place: { region: string; unit: string; unitName: string; sort: CentreSort; knownRev: number },
  said: Said,
): ScanningCentre | null {
  const { region: id, unit, unitName, sort, knownRev } = place;
  if ((present?.rev ?? 0) !== knownRev) throw new HubError('stale_write');
  if (present?.unit === unit)
    return present.sort === sort && present.unitName === unitName
      ? null
      : { ...present, rev: present.rev + 1, unitName, sort };
  return { ...{ id, rev: knownRev + 1, unit, unitName, sort, chosen: said, met: [] }, status: 'chosen' };
}

/**
 * One requirement was looked at: it is met, or not any longer, and then the centre is not fit. Null when that was said before.
 * Errors: `stale_write` when it was looked at elsewhere, `scanning_specialist_absent`.
 */
export function check(
  one: ScanningCentre,
  { requirement, isMet, unit }: z.output<typeof checkSchema>,
  { specialists, said }: { specialists: number; said: Said },
): ScanningCentre | null {
  if (one.unit !== unit) throw new HubError('stale_write');
  if ((metIn(one, requirement) !== null) === isMet) return null;
  if (isMet && requirement === 'specialist' && specialists === 0)
    throw new HubError('scanning_specialist_absent', { name: one.unitName });
  const others = one.met.filter((other) => other.requirement !== requirement);
  return { ...again(one), met: isMet ? [...others, { requirement, ...said }] : others, status: 'chosen' };
}

/** Everything that is required is there. Null when that was said before. Errors: `stale_write`, `scanning_unmet` with how many are left. */
export function confirm(one: ScanningCentre, unit: string, said: Said): ScanningCentre | null {
  if (one.unit !== unit) throw new HubError('stale_write');
  if (isFit(one)) return null;
  const count = unmetOf(one).length;
  if (count > 0) throw new HubError('scanning_unmet', { count });
  return { ...again(one), status: 'fit', confirmed: said };
}

/** Confirmed, and nothing is required since that was not looked at. */
export const isFit = (one: ScanningCentre): boolean => one.status === 'fit' && unmetOf(one).length === 0;

/** How far a region is; a region without a centre, or with one that is not confirmed, is marked. */
export const CENTRE_STATES = ['missing', 'unfit', 'fit'] as const;
export type CentreState = (typeof CENTRE_STATES)[number];
export const centreState = (one: ScanningCentre | null): CentreState =>
  one === null ? 'missing' : isFit(one) ? 'fit' : 'unfit';

/** Specialists work at the centre that their region named (S1-04). Errors: `scanning_elsewhere` with its name. */
export function demandAtCentre(one: ScanningCentre | null, unit: string): void {
  if (one && one.unit !== unit) throw new HubError('scanning_elsewhere', { name: one.unitName });
}

/* ---- live ---- */

export type ScanningCentreFact = { type: 'scanningCentreChanged'; body: { centre: ScanningCentre } };

/** Applies a fact: the newer revision wins. Null is before the first choice. */
export const applyScanningCentreFact = (
  present: ScanningCentre | null,
  { body: { centre } }: ScanningCentreFact,
): ScanningCentre | null => (present && present.rev >= centre.rev ? present : centre);
