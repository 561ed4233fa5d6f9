/** An institution's cabinet in one procedure as a live state, and how a fact changes it. Pure, browser-safe. */
import type { ParticipationView } from '../participation/participation.ts';
import type { SubmissionView } from './submission.ts';

/** How many of the latest submissions a cabinet shows. */
export const SUBMISSIONS_SHOWN_MAX = 30;

export interface CabinetState {
  participation: ParticipationView;
  /** Latest first. */
  submissions: SubmissionView[];
}

/** Facts of a cabinet stream; each carries the absolute state of one entity. */
export type CabinetFact =
  | { type: 'participationChanged'; body: { participation: ParticipationView } }
  | { type: 'submissionChanged'; body: { submission: SubmissionView } };

/** The cabinet from its first fact on: the registration makes it. */
export function replayCabinetFact(state: CabinetState | null, fact: CabinetFact): CabinetState | null {
  if (state) return applyCabinetFact(state, fact);
  return fact.type === 'participationChanged' ? { participation: fact.body.participation, submissions: [] } : null;
}

/** Applies a fact: the newer revision wins, an older one changes nothing. */
export function applyCabinetFact(state: CabinetState, fact: CabinetFact): CabinetState {
  switch (fact.type) {
    case 'participationChanged': {
      const { participation } = fact.body;
      return participation.rev > state.participation.rev ? { ...state, participation } : state;
    }
    case 'submissionChanged': {
      const { submission } = fact.body;
      const present = state.submissions.find(({ id }) => id === submission.id);
      if (present && present.rev >= submission.rev) return state;
      const others = state.submissions.filter(({ id }) => id !== submission.id);
      const submissions = [...others, submission].sort((a, b) => b.number - a.number).slice(0, SUBMISSIONS_SHOWN_MAX);
      return { ...state, submissions };
    }
    default:
      throw fact satisfies never;
  }
}
