import { filledPercent, type Filling } from '#models/survey/questionnaire.ts';
import type { ResponseState } from '#models/survey/survey.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** How far a response is; overdue when the survey ended before it was finished. */
export function responseMark(status: ResponseState, filling: Filling, isOver: boolean): MarkState {
  if (status === 'filled') return { state: 'done' };
  if (isOver) return { state: 'overdue' };
  return status === 'filling' ? { state: 'underWay', share: filledPercent(filling) / 100 } : { state: 'notBegun' };
}
export const responseWord = (status: ResponseState, isOver: boolean): string =>
  isOver && status !== 'filled' ? m.survey_state_over() : say(`survey_state_${status}`);
