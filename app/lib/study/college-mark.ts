import type { CollegeRow, RegionView } from '#models/study/study.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** How far a college is. */
export function collegeMark({ status, data }: Pick<CollegeRow, 'status' | 'data'>): MarkState {
  switch (status) {
    case 'candidate':
      return data === null ? { state: 'notBegun' } : { state: 'underWay', share: 0.5 };
    case 'dataProvided':
      return { state: 'underWay', share: 0.75 };
    case 'notSampled':
      return { state: 'locked' };
    case 'sampled':
      return { state: 'waitsForYou' };
    case 'informed':
      return { state: 'underWay', share: 0.9 };
    case 'acknowledged':
      return { state: 'done' };
    default:
      throw status satisfies never;
  }
}
/** The word of a college's state: data that are there are told apart from none. */
export const collegeWord = ({ status, data }: Pick<CollegeRow, 'status' | 'data'>): string =>
  status === 'candidate' && data !== null ? 'study_state_candidateGiven' : `study_state_${status}`;

/** How far a region is; overdue when its list is not handed over by the deadline. */
export function regionMark(state: RegionView | null, isOver: boolean): MarkState {
  if (state?.status === 'sampled') return { state: 'done' };
  if (state?.status === 'handedOver') return { state: 'waitsForYou' };
  if (isOver) return { state: 'overdue' };
  return state ? { state: 'underWay', share: 0.5 } : { state: 'notBegun' };
}
