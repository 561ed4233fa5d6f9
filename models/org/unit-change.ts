/** What happened to a unit: one record a deed, appended in the transaction of the change and never altered. Pure, browser-safe. */
import { successorOf, type Unit, type UnitKind } from './unit.ts';

export const UNIT_DEEDS = ['created', 'edited', 'moved', 'merged', 'closed', 'reopened'] as const;
export type UnitDeed = (typeof UNIT_DEEDS)[number];

/** The fields whose changes are told. `parent` and `successor` are ids of units. */
export const CHANGE_FIELDS = [
  'kind',
  'name',
  'shortName',
  'zone',
  'ownership',
  'parent',
  'status',
  'successor',
] as const;
export type ChangeField = (typeof CHANGE_FIELDS)[number];

export interface FieldChange {
  field: ChangeField;
  before: string | null;
  after: string | null;
}

export interface UnitChange {
  id: string;
  unit: string;
  /** The unit's revision after the deed: the order of its history. */
  rev: number;
  atMs: number;
  /** Person id, and his name as it was then. */
  by: string;
  byName: string;
  deed: UnitDeed;
  fields: FieldChange[];
  /** The import that brought the change. */
  import: string | null;
}

/** A unit before and after a deed; null before it was made. */
export interface Step {
  before: Unit | null;
  after: Unit;
}

const valuesOf = (unit: Unit): Record<ChangeField, string | null> => ({
  kind: unit.kind satisfies UnitKind,
  name: unit.name,
  shortName: unit.shortName,
  zone: unit.zone,
  ownership: unit.ownership ?? null,
  parent: unit.parent,
  status: unit.status.status,
  successor: successorOf(unit),
});

export function fieldsChanged({ before, after }: Step): FieldChange[] {
  const old = before ? valuesOf(before) : null;
  const fresh = valuesOf(after);
  return CHANGE_FIELDS.map((field) => ({ field, before: old?.[field] ?? null, after: fresh[field] })).filter(
    (change) => change.before !== change.after,
  );
}

export function deedOf({ before, after }: Step): UnitDeed {
  if (!before) return 'created';
  if (before.status.status !== after.status.status)
    return after.status.status === 'active' ? 'reopened' : after.status.status;
  return before.parent === after.parent ? 'edited' : 'moved';
}
