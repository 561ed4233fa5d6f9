/** What a page hears of the journal of deeds: how many entries a territory has. Pure, browser-safe. */
import type { JournalEvent } from '../journal/journal.ts';

export interface DeedsState {
  /** Sealed entries within the territory since the hub counts them. */
  total: number;
}

export type DeedsFact = JournalEvent<DeedsState>;

export const noDeeds = (): DeedsState => ({ total: 0 });

/** The fact carries the whole: applied twice, or late, it takes nothing back. */
export const applyDeedsFact = (state: DeedsState, { body }: DeedsFact): DeedsState => ({
  total: Math.max(state.total, body.total),
});
