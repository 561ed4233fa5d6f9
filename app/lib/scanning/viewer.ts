/** Who sees what of the Collector, by the roles that a page knows of its reader. */
import { RIGHTS, type Capability, type Role } from '#models/people/rights.ts';

const holds = (roles: readonly string[], capability: Capability): boolean =>
  roles.some((role) => Object.hasOwn(RIGHTS, role) && RIGHTS[role as Role].includes(capability));

/** Whoever marks free answers, or follows how far they are. */
export const seesChecking = (roles: readonly string[]): boolean => holds(roles, 'checks.view');

/** Whoever works at a Collector or watches one. */
export const seesCollector = (roles: readonly string[]): boolean => holds(roles, 'collector.view');

/** Nearest to the work first. */
const AT_WORK = [
  'scanningSpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'authoritySpecialist',
  'federalCoordinator',
] as const;

/** In which of his roles somebody stands at a Collector. */
export const collectorRole = (roles: readonly string[]): string =>
  AT_WORK.find((role) => roles.includes(role)) ?? 'regionalCoordinator';
