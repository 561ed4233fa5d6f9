/**
 * Org units: one tree, each unit with its materialised path, and the rules by which it grows and changes (domain 1.1, 2.1).
 * Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';

export const UNIT_KINDS = [
  'federation',
  'region',
  'municipality',
  'institution',
  'college',
  'examPoint',
  'scanningCentre',
] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

/** Whose an institution is; a survey covers some of these (S4-03). */
export const OWNERSHIPS = ['state', 'municipal', 'private'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** A unit ends by joining another, or by closing, with a successor or without. What ended stays in the tree: its data are of it. */
export type UnitStatus =
  | { status: 'active' }
  | { status: 'merged'; into: string; atMs: number }
  | { status: 'closed'; successor: string | null; atMs: number };

export interface Unit {
  /** The code, given once: files, accounts and addresses name the unit by it. */
  id: string;
  rev: number;
  kind: UnitKind;
  /** Full name as printed. */
  name: string;
  /** How people call it, e.g. «СОШ № 101». */
  shortName: string | null;
  /** Id of the unit above; null for the top. */
  parent: string | null;
  /** Ids from the top to this unit, e.g. `/r48/m48-1/i48-1/`. A territory is everything whose path begins with its own. */
  path: string;
  /** Position among its siblings. */
  order: number;
  /** IANA zone; of the federation and of regions only. */
  zone: string | null;
  /** Of institutions and colleges only; absent: nobody said whose it is. */
  ownership?: Ownership;
  status: UnitStatus;
}

export const UNIT_ID_CHARS_MAX = 40;
export const UNIT_NAME_CHARS_MIN = 2;
export const UNIT_NAME_CHARS_MAX = 300;
export const UNIT_SHORT_NAME_CHARS_MAX = 100;

export const unitIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
export const unitNameSchema = z.string().trim().min(UNIT_NAME_CHARS_MIN).max(UNIT_NAME_CHARS_MAX);
export const unitShortNameSchema = z.string().trim().max(UNIT_SHORT_NAME_CHARS_MAX);
export const zoneSchema = z.string().refine(isZone);

export function isZone(zone: string): boolean {
  return Intl.supportedValuesOf('timeZone').includes(zone);
}

/** What may stand over each kind; null is the top of a tree. A college hangs under its region: it has no municipal level. */
const PARENTS: Readonly<Record<UnitKind, readonly (UnitKind | null)[]>> = {
  federation: [null],
  region: [null, 'federation'],
  municipality: ['region'],
  institution: ['municipality'],
  college: ['region'],
  examPoint: ['region', 'municipality', 'institution', 'college'],
  scanningCentre: ['region', 'municipality'],
};

/** Whether a unit of one kind may hang under one of another, or stand at the top. */
export const mayHang = (kind: UnitKind, parent: UnitKind | null): boolean => PARENTS[kind].includes(parent);
/** The kinds that may hang under one. */
export const kindsUnder = (parent: UnitKind): UnitKind[] => UNIT_KINDS.filter((kind) => mayHang(kind, parent));
/** Kinds that somebody owns. */
export const hasOwnership = (kind: UnitKind): boolean => INSTITUTIONS.includes(kind);
export const hasZone = (kind: UnitKind): boolean => kind === 'federation' || kind === 'region';

/** Which kinds may take over from one: its own, and a school and a college from each other. */
const INSTITUTIONS: readonly UnitKind[] = ['institution', 'college'];
export const maySucceed = (kind: UnitKind, successor: UnitKind): boolean =>
  kind === successor || (INSTITUTIONS.includes(kind) && INSTITUTIONS.includes(successor));

export const isActive = ({ status }: Pick<Unit, 'status'>): boolean => status.status === 'active';
/** The unit that took over, if any. */
export const successorOf = ({ status }: Pick<Unit, 'status'>): string | null =>
  status.status === 'merged' ? status.into : status.status === 'closed' ? status.successor : null;

export const childPath = (parentPath: string, id: string): string => `${parentPath}${id}/`;

/** Whether a path lies in a territory: the unit itself and everything below it, never a sibling (domain 2.1). */
export const isWithin = (path: string, territoryPath: string): boolean => path.startsWith(territoryPath);

/** The id at a depth of the path: 0 is the top. */
export const pathAt = (path: string, depth: number): string | null => path.split('/').filter(Boolean)[depth] ?? null;

/** Ids of the units above, from the top, and the unit itself. */
export const pathIds = (path: string): string[] => path.split('/').filter(Boolean);

/** What a person says of a unit; its place and its kind are said apart. */
export const unitEditSchema = z.strictObject({
  name: unitNameSchema,
  shortName: unitShortNameSchema.transform((text) => (text === '' ? null : text)),
  zone: zoneSchema.nullable(),
  /** Null: it is not said; absent: it stays as it is. */
  ownership: z.enum(OWNERSHIPS).nullable().optional(),
});
export type UnitEdit = z.output<typeof unitEditSchema>;

export const newUnitSchema = z.strictObject({
  id: z.string().trim().toLowerCase().pipe(unitIdSchema),
  kind: z.enum(UNIT_KINDS),
  ...unitEditSchema.shape,
});
export type NewUnit = z.output<typeof newUnitSchema>;

/**
 * A unit as it begins. Errors: `unit_parent_unfit`, `unit_inactive`, `bad_input` for a zone or an ownership where none belongs, or a zone
 * that is missing.
 */
export function openUnit(
  { id, kind, name, shortName, zone, ownership = null }: NewUnit,
  parent: Unit | null,
  order: number,
): Unit {
  demandPlace(kind, parent);
  demandZone(kind, zone);
  demandOwnership(kind, ownership);
  const path = childPath(parent?.path ?? '/', id);
  return {
    ...{ id, rev: 1, kind, name, shortName, parent: parent?.id ?? null, path, order, zone },
    ...(ownership === null ? {} : { ownership }),
    status: { status: 'active' },
  };
}

/** Null when nothing changes. */
export function editUnit(
  unit: Unit,
  { name, shortName, zone, ownership = unit.ownership ?? null }: UnitEdit,
): Unit | null {
  demandActive(unit);
  demandZone(unit.kind, zone);
  demandOwnership(unit.kind, ownership);
  const isSame = unit.name === name && unit.shortName === shortName && unit.zone === zone;
  if (isSame && (unit.ownership ?? null) === ownership) return null;
  return { ...ownedBy(unit, ownership), rev: unit.rev + 1, name, shortName, zone };
}

/** The unit with an ownership, or with none said. */
export function ownedBy({ ownership: _before, ...unit }: Unit, ownership: Ownership | null): Unit {
  return ownership === null ? unit : { ...unit, ownership };
}

/** Hangs a unit elsewhere in its region; null when it hangs there already. `topKind` is the kind of the tree's top. */
export function moveUnit(unit: Unit, parent: Unit, topKind: UnitKind): Unit | null {
  demandActive(unit);
  demandPlace(unit.kind, parent);
  if (unit.parent === parent.id) return null;
  // A procedure is a region's: what took part in one can't leave it with its data. It is closed here and opened there.
  if (unit.kind === 'region' || regionPath(unit.path, topKind) !== regionPath(parent.path, topKind))
    throw new HubError('unit_region_other');
  return { ...unit, rev: unit.rev + 1, parent: parent.id, path: childPath(parent.path, unit.id) };
}

/** A unit joins another; what hangs under it must be moved to the successor in the same deed. */
export function mergeUnit(unit: Unit, into: Unit, atMs: number): Unit {
  demandActive(unit);
  demandSuccessor(unit, into);
  return { ...unit, rev: unit.rev + 1, status: { status: 'merged', into: into.id, atMs } };
}

/** A unit ends; nothing active may hang under it. */
export function closeUnit(unit: Unit, successor: Unit | null, activeChildren: number, atMs: number): Unit {
  demandActive(unit);
  if (unit.parent === null) throw new HubError('unit_top');
  if (activeChildren > 0) throw new HubError('unit_has_children', { count: activeChildren });
  if (successor) demandSuccessor(unit, successor);
  return { ...unit, rev: unit.rev + 1, status: { status: 'closed', successor: successor?.id ?? null, atMs } };
}

/** What ended by mistake works again; what moved away when it was merged stays where it is. */
export function reopenUnit(unit: Unit, parent: Unit | null): Unit | null {
  if (isActive(unit)) return null;
  if (parent && !isActive(parent)) throw new HubError('unit_inactive', { name: parent.name });
  return { ...unit, rev: unit.rev + 1, status: { status: 'active' } };
}

/** The path of the region that a path lies in: at the top of a hub of one region, below the federation in a federal one. */
export const regionPath = (path: string, topKind: UnitKind): string =>
  `/${pathIds(path)
    .slice(0, topKind === 'federation' ? 2 : 1)
    .join('/')}/`;

function demandActive(unit: Unit): void {
  if (!isActive(unit)) throw new HubError('unit_inactive', { name: unit.name });
}

function demandPlace(kind: UnitKind, parent: Unit | null): void {
  if (!mayHang(kind, parent?.kind ?? null))
    throw new HubError('unit_parent_unfit', { kind, parentKind: parent?.kind ?? '' });
  if (parent) demandActive(parent);
}

function demandZone(kind: UnitKind, zone: string | null): void {
  if (hasZone(kind) !== (zone !== null)) throw new HubError('bad_input', { field: 'zone', reason: 'kind' });
}

function demandOwnership(kind: UnitKind, ownership: Ownership | null): void {
  if (ownership !== null && !hasOwnership(kind))
    throw new HubError('bad_input', { field: 'ownership', reason: 'kind' });
}

function demandSuccessor(unit: Unit, successor: Unit): void {
  if (successor.id === unit.id || !isActive(successor) || !maySucceed(unit.kind, successor.kind))
    throw new HubError('unit_successor_unfit', { name: successor.name });
}
