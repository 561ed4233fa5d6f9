/**
 * What a file would change in a territory: every row against what the hub knows, and every rule of the tree against what would be
 * true afterwards. Pure: it reads in turns, so that 40,000 rows never hold anybody up.
 */
import type { Finding, FindingCode } from '../attendance/workbook.ts';
import type { FieldChange } from './unit-change.ts';
import { fieldsChanged } from './unit-change.ts';
import { UNIT_COLUMNS, type UnitKey, type UnitRow } from './unit.form.ts';
import {
  childPath,
  hasOwnership,
  hasZone,
  isActive,
  mayHang,
  maySucceed,
  ownedBy,
  regionPath,
  successorOf,
  type Ownership,
  type Unit,
  type UnitKind,
  type UnitStatus,
} from './unit.ts';

/** A row with its place in the file; a row with an unreadable cell lacks what that cell was to say. */
export interface PlacedRow {
  row: number;
  values: Partial<UnitRow>;
  isBroken: boolean;
}

/** What a unit is to become. */
export interface UnitTarget {
  kind: UnitKind;
  name: string;
  shortName: string | null;
  zone: string | null;
  parent: string | null;
  status: UnitStatus['status'];
  successor: string | null;
  /** Absent in lines from before it could be said. */
  ownership?: Ownership | null;
}

export const LINE_KINDS = ['new', 'changed', 'moved', 'gone', 'refused'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export type ImportLine =
  | { kind: 'new'; row: number; id: string; target: UnitTarget; parentName: string }
  | { kind: 'changed'; row: number; id: string; name: string; target: UnitTarget; fields: FieldChange[] }
  | {
      kind: 'moved';
      row: number;
      id: string;
      name: string;
      target: UnitTarget;
      fields: FieldChange[];
      fromName: string;
      toName: string;
    }
  /** `stays`: something active still hangs under it, so it can't be closed with the rest. */
  | { kind: 'gone'; id: string; name: string; unitKind: UnitKind; parentName: string; stays: boolean }
  | { kind: 'refused'; row: number; finding: Finding };

export interface Difference {
  lines: Record<LineKind, ImportLine[]>;
  /** Rows that say what the hub knows already. */
  same: number;
  /** Rows that can't be taken; one row may have several findings. */
  refusedRows: number;
}

export interface DifferenceInput {
  /** The unit whose territory the file is about. */
  scope: Unit;
  topKind: UnitKind;
  /** Every unit of the territory, ended ones too. */
  present: ReadonlyMap<string, Unit>;
  rows: readonly PlacedRow[];
  /** Codes of the file that belong to units outside the territory. */
  foreign: ReadonlySet<string>;
  /** For the places of findings: the sheet and the letters of each column that is there. */
  sheet: string;
  letters: Readonly<Partial<Record<UnitKey, string>>>;
  /** What the reader found in cells already. */
  cellFindings: readonly Finding[];
}

const ROWS_PER_TURN = 500;
const HEADINGS = Object.fromEntries(UNIT_COLUMNS.map(({ key, heading }) => [key, heading])) as Record<UnitKey, string>;

/** Parents before children: what hangs under a new unit can be hung only after it. */
const DEPTH: Readonly<Record<UnitKind, number>> = {
  federation: 0,
  region: 1,
  municipality: 2,
  institution: 3,
  college: 3,
  scanningCentre: 3,
  examPoint: 4,
};

interface Planned {
  row: number;
  before: Unit | null;
  target: UnitTarget;
}

/** Yields after each turn; returns the difference. */
export function* compare(input: DifferenceInput): Generator<undefined, Difference> {
  const { scope, present, rows, foreign } = input;
  const lines: Record<LineKind, ImportLine[]> = { new: [], changed: [], moved: [], gone: [], refused: [] };
  const refusedRows = new Set(rows.filter(({ isBroken }) => isBroken).map(({ row }) => row));
  for (const finding of input.cellFindings) lines.refused.push({ kind: 'refused', row: rowOf(finding), finding });

  const refuse = (row: number, key: UnitKey, code: FindingCode, params: Finding['params'], value: string): void => {
    refusedRows.add(row);
    const letters = input.letters[key] ?? input.letters.code ?? 'A';
    const place = { sheet: input.sheet, cell: `${letters}${row}`, ...(value === '' ? {} : { value }) };
    lines.refused.push({
      kind: 'refused',
      row,
      finding: { code, severity: 'error', ...place, params: { heading: HEADINGS[key], ...params } },
    });
  };

  // First what each row wants, then whether all of it together is a tree.
  const planned = new Map<string, Planned>();
  const named = new Set<string>();
  const firstRow = new Map<string, number>();
  for (const [at, { row, values, isBroken }] of rows.entries()) {
    if (at % ROWS_PER_TURN === ROWS_PER_TURN - 1) yield;
    const { code, kind, name } = values;
    if (code === undefined) continue;
    named.add(code);
    const first = firstRow.get(code);
    if (first !== undefined) {
      refuse(row, 'code', 'unit_code_doubled', { row: first }, code);
      continue;
    }
    firstRow.set(code, row);
    if (isBroken || kind === undefined || name === undefined) continue;
    const before = present.get(code) ?? null;
    if (!before && foreign.has(code)) {
      refuse(row, 'code', 'unit_foreign', {}, code);
      continue;
    }
    if (before && before.kind !== kind) {
      refuse(row, 'kind', 'unit_kind_fixed', { kind: before.kind }, kind);
      continue;
    }
    planned.set(code, { row, before, target: targetOf(values, kind, name, before) });
  }

  const after = (id: string): Pick<UnitTarget, 'kind' | 'status' | 'name'> | null => {
    const plan = planned.get(id);
    if (plan) return plan.target;
    const unit = present.get(id);
    return unit ? { kind: unit.kind, name: unit.name, status: unit.status.status } : null;
  };
  const activeUnder = new Map<string, number>();
  const count = (parent: string | null): void => {
    if (parent !== null) activeUnder.set(parent, (activeUnder.get(parent) ?? 0) + 1);
  };
  let turn = 0;
  for (const unit of present.values()) {
    if (++turn % ROWS_PER_TURN === 0) yield;
    if (!planned.has(unit.id) && isActive(unit)) count(unit.parent);
  }
  for (const { target } of planned.values()) if (target.status === 'active') count(target.parent);

  let same = 0;
  for (const [id, plan] of planned) {
    if (++turn % ROWS_PER_TURN === 0) yield;
    const { row, before, target } = plan;
    const fault = faultOf(id, plan, input, after, named, activeUnder.get(id) ?? 0);
    if (fault) {
      refuse(row, fault.key, fault.code, fault.params, fault.value);
      continue;
    }
    if (!before) {
      const parentName = target.parent === null ? '' : (after(target.parent)?.name ?? target.parent);
      lines.new.push({ kind: 'new', row, id, target, parentName });
      continue;
    }
    const fields = fieldsChanged({ before, after: reach(before, target, before.path, 0) });
    if (fields.length === 0) same += 1;
    else if (before.parent === target.parent)
      lines.changed.push({ kind: 'changed', row, id, name: before.name, target, fields });
    else {
      const nameOf = (parent: string | null): string => (parent === null ? '' : (after(parent)?.name ?? parent));
      const names = { fromName: nameOf(before.parent), toName: nameOf(target.parent) };
      lines.moved.push({ kind: 'moved', row, id, name: before.name, target, fields, ...names });
    }
  }

  // What the file does not name: closable only when nothing that remains hangs under it.
  const gone = [...present.values()].filter((unit) => isActive(unit) && unit.id !== scope.id && !named.has(unit.id));
  gone.sort((a, b) => DEPTH[b.kind] - DEPTH[a.kind]);
  const left = new Map(activeUnder);
  for (const unit of gone) {
    if (++turn % ROWS_PER_TURN === 0) yield;
    const stays = (left.get(unit.id) ?? 0) > 0;
    if (!stays && unit.parent !== null) left.set(unit.parent, (left.get(unit.parent) ?? 1) - 1);
    const parentName = unit.parent === null ? '' : (after(unit.parent)?.name ?? unit.parent);
    lines.gone.push({ kind: 'gone', id: unit.id, name: unit.name, unitKind: unit.kind, parentName, stays });
  }
  lines.new.sort((a, b) => depthOf(a) - depthOf(b));
  lines.refused.sort((a, b) => rowIn(a) - rowIn(b));
  return { lines, same, refusedRows: refusedRows.size };
}

const depthOf = (line: ImportLine): number => (line.kind === 'new' ? DEPTH[line.target.kind] : 0);
const rowIn = (line: ImportLine): number => ('row' in line ? line.row : 0);
const rowOf = ({ cell }: Finding): number => Number(/\d+$/.exec(cell ?? '')?.[0] ?? 0);

/** A blank cell clears a short name, and leaves zone, state and ownership as they are; a column that is not there leaves everything. */
function targetOf(values: Partial<UnitRow>, kind: UnitKind, name: string, before: Unit | null): UnitTarget {
  const status = values.status ?? before?.status.status ?? 'active';
  const isSameStatus = before?.status.status === status;
  return {
    kind,
    name,
    shortName: values.shortName === undefined ? (before?.shortName ?? null) : values.shortName,
    zone: values.zone ?? before?.zone ?? null,
    ownership: values.ownership ?? before?.ownership ?? null,
    parent: values.parent === undefined ? (before?.parent ?? null) : values.parent,
    status,
    successor: values.successor ?? (before && isSameStatus ? successorOf(before) : null),
  };
}

interface Fault {
  key: UnitKey;
  code: FindingCode;
  params: Finding['params'];
  value: string;
}

/** The first rule that a row breaks. What is said of a row that can't be read itself is not said again of those that name it. */
function faultOf(
  id: string,
  { before, target }: Planned,
  { scope, present, topKind, foreign }: DifferenceInput,
  after: (id: string) => Pick<UnitTarget, 'kind' | 'status' | 'name'> | null,
  named: ReadonlySet<string>,
  activeChildren: number,
): Fault | null {
  const { kind, parent, zone, status, successor, ownership = null } = target;
  const fault = (key: UnitKey, code: FindingCode, params: Finding['params'] = {}, value = ''): Fault => ({
    ...{ key, code, params, value },
  });
  if (id === scope.id) {
    if (parent !== scope.parent) return fault('parent', 'unit_top_fixed', {}, parent ?? '');
    if (status !== 'active') return fault('status', 'unit_top_fixed', {}, status);
  } else {
    if (parent === null) return fault('parent', 'unit_parent_missing');
    const above = after(parent);
    if (!above) {
      if (foreign.has(parent)) return fault('parent', 'unit_foreign', {}, parent);
      return named.has(parent) ? null : fault('parent', 'unit_parent_unknown', {}, parent);
    }
    if (!mayHang(kind, above.kind))
      return fault('parent', 'unit_parent_kind', { kind, parentKind: above.kind }, parent);
    if (status === 'active' && above.status !== 'active') return fault('parent', 'unit_parent_ended', {}, parent);
    const newPlace = present.get(parent);
    if (
      before &&
      before.parent !== parent &&
      newPlace &&
      regionPath(before.path, topKind) !== regionPath(newPlace.path, topKind)
    )
      return fault('parent', 'unit_region_fixed', {}, parent);
    if (before && before.parent !== parent && kind === 'region')
      return fault('parent', 'unit_region_fixed', {}, parent);
  }
  if (hasZone(kind) && zone === null) return fault('zone', 'unit_zone_missing');
  if (!hasZone(kind) && zone !== null) return fault('zone', 'unit_zone_extra', {}, zone);
  if (ownership !== null && !hasOwnership(kind)) return fault('ownership', 'unit_ownership_extra', {}, ownership);
  if (status === 'active') return successor === null ? null : fault('successor', 'unit_successor_extra', {}, successor);
  if (activeChildren > 0) return fault('status', 'unit_children_left', { count: activeChildren }, status);
  if (successor === null) return status === 'merged' ? fault('successor', 'unit_successor_missing') : null;
  const heir = after(successor);
  if (!heir || successor === id || heir.status !== 'active' || !maySucceed(kind, heir.kind))
    return fault('successor', 'unit_successor_wrong', {}, successor);
  return null;
}

/** The unit as it is to become; `parentPath` is that of its new parent when it has one. */
export function reach(before: Unit, target: UnitTarget, path: string, atMs: number): Unit {
  const { name, shortName, zone, parent, status, successor, ownership } = target;
  const isSameStatus = before.status.status === status && successorOf(before) === successor;
  return {
    ...(ownership === undefined ? before : ownedBy(before, ownership)),
    rev: before.rev + 1,
    ...{ name, shortName, zone, parent, path },
    status: isSameStatus ? before.status : statusOf(status, successor, atMs),
  };
}

/** A new unit as a file describes it. */
export function openFromTarget(id: string, target: UnitTarget, parentPath: string, order: number, atMs: number): Unit {
  const { kind, name, shortName, zone, parent, status, successor, ownership = null } = target;
  const path = childPath(parentPath, id);
  const unit = {
    id,
    rev: 1,
    kind,
    name,
    shortName,
    parent,
    path,
    order,
    zone,
    status: statusOf(status, successor, atMs),
  };
  return ownedBy(unit, ownership);
}

function statusOf(status: UnitStatus['status'], successor: string | null, atMs: number): UnitStatus {
  switch (status) {
    case 'active':
      return { status };
    case 'closed':
      return { status, successor, atMs };
    case 'merged':
      if (successor === null) throw new Error('a merged unit has a successor');
      return { status, into: successor, atMs };
    default:
      throw status satisfies never;
  }
}
