/** Audiences and targets that more than one area speaks of. */
import type { Role } from '#models/people/rights.ts';
import { PROCEDURE } from '../places.ts';

export const IN = `/monitoring/${PROCEDURE}`;
export const of = (unit: string) => ({ unit, isOfProcedure: true });
export const BOARD: readonly Role[] = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'municipalCoordinator',
];
export const CENTRE: readonly Role[] = ['regionalCoordinator'];
export const PROCEDURES: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator'];
export const ADMINISTRATOR: readonly Role[] = ['administrator'];
/** S0-12: who looks into what an institution says of itself, and who says it. */
export const CONTEXT: readonly Role[] = [
  'authoritySpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];
/** S4-04, S4-14: how far schools are sees whoever watches the board; what they answered, their region and municipality. */
export const ANSWERS: readonly Role[] = [
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];
export const SAYS: readonly Role[] = ['institutionHead', 'institutionCoordinator'];
/** What is given holds names that all organizers may read. */
export const done = (work: Promise<unknown>): Promise<void> => work.then(() => undefined);
