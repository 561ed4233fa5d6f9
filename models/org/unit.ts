/** Org units: one tree, each unit with its materialised path. Pure, browser-safe. */
import { z } from 'zod';

export type UnitKind = 'federation' | 'region' | 'municipality' | 'institution';

export interface Unit {
  id: string;
  rev: number;
  kind: UnitKind;
  /** Name as printed, e.g. «МБОУ СОШ № 101». */
  name: string;
  /** Id of the unit above; null for the top. */
  parent: string | null;
  /** Ids from the top to this unit, e.g. `/r48/m48-1/i48-1/`. A territory is everything whose path begins with its own. */
  path: string;
  /** Position among its siblings. */
  order: number;
  /** IANA zone; regions only. */
  zone: string | null;
}

export const unitIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
export const unitNameSchema = z.string().trim().min(2).max(200);

export const childPath = (parentPath: string, id: string): string => `${parentPath}${id}/`;

/** Whether a path lies in a territory: the unit itself and everything below it, never a sibling (domain 2.1). */
export const isWithin = (path: string, territoryPath: string): boolean => path.startsWith(territoryPath);

/** The id at a depth of the path: 0 is the top. */
export const pathAt = (path: string, depth: number): string | null => path.split('/').filter(Boolean)[depth] ?? null;

/** Ids of the units above, from the top, and the unit itself. */
export const pathIds = (path: string): string[] => path.split('/').filter(Boolean);
