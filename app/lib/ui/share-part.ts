import type { ColourRole } from './mark-state.ts';

/** A part of a whole, told by colour, by pattern and by word. */
export type SharePart = { key: string; label: string; value: number; role: ColourRole };
