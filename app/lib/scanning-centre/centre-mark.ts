import { centreState, REQUIREMENTS, unmetOf, type ScanningCentre } from '#models/scanning-centre/scanning-centre.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** How far a region is with its scanning centre: one without it is a problem, as one that nobody confirmed is unfinished. */
export function centreMark(centre: ScanningCentre | null): MarkState {
  switch (centreState(centre)) {
    case 'missing':
      return { state: 'problem' };
    case 'unfit':
      return { state: 'underWay', share: centre ? 1 - unmetOf(centre).length / REQUIREMENTS.length : 0 };
    case 'fit':
      return { state: 'done' };
  }
}
