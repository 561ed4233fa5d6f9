import { describe, expect, it } from 'vitest';
import {
  applyScanningCentreFact,
  centreState,
  check,
  choose,
  confirm,
  demandAtCentre,
  isFit,
  metIn,
  REQUIREMENTS,
  unmetOf,
  type Requirement,
  type ScanningCentre,
} from './scanning-centre.ts';

const said = (atMs: number) => ({ byName: 'Орлова А. П.', atMs });
const point = (unit: string, knownRev: number) => ({
  ...{ region: 'r48', unit, unitName: `Пункт ${unit}`, sort: 'dataProcessingCentre' as const, knownRev },
});
const some = <T>(value: T | null): T => {
  if (value === null) throw new Error('something changes');
  return value;
};
const fresh = (): ScanningCentre => some(choose(null, point('s48-1', 0), said(1)));
const met = (one: ScanningCentre, requirement: Requirement, isMet = true, specialists = 1): ScanningCentre | null =>
  check(one, { requirement, isMet, unit: one.unit }, { specialists, said: said(2) });
const full = (): ScanningCentre => REQUIREMENTS.reduce((one, requirement) => some(met(one, requirement)), fresh());

describe('the scanning centre of a region', () => {
  it('[S1-03] is a point that the region names, over what it saw; saying it again changes nothing', () => {
    const one = fresh();
    expect(one).toMatchObject({ id: 'r48', rev: 1, unit: 's48-1', status: 'chosen', met: [] });
    expect(choose(one, point('s48-1', 1), said(3))).toBeNull();
    expect(() => choose(one, point('s48-2', 0), said(3))).toThrow('stale_write');
    expect(() => choose(null, point('s48-2', 1), said(3))).toThrow('stale_write');
  });

  it('[S1-03] is fit when each requirement was found to be met and somebody confirmed it; the last one decides', () => {
    const [last, ...others] = REQUIREMENTS;
    const almost = others.reduce((one, requirement) => some(met(one, requirement)), fresh());
    expect(unmetOf(almost)).toEqual([last]);
    expect(() => confirm(almost, 's48-1', said(5))).toThrow(/scanning_unmet.*"count":1/);
    const ready = some(met(almost, last));
    expect([isFit(ready), centreState(ready)]).toEqual([false, 'unfit']);
    const fit = some(confirm(ready, 's48-1', said(5)));
    expect(fit).toMatchObject({ status: 'fit', confirmed: said(5) });
    expect(metIn(fit, last)).toMatchObject(said(2));
    expect(confirm(fit, 's48-1', said(6))).toBeNull();
    expect([centreState(null), centreState(fit)]).toEqual(['missing', 'fit']);
  });

  it('[S1-03] is fit no longer when a requirement is not met any more, or was confirmed before it was asked for', () => {
    const fit = some(confirm(full(), 's48-1', said(5)));
    const less = some(met(fit, 'line', false));
    expect([less.status, unmetOf(less)]).toEqual(['chosen', ['line']]);
    expect(met(less, 'line', false)).toBeNull();
    expect(isFit({ ...fit, met: fit.met.filter(({ requirement }) => requirement !== 'line') })).toBe(false);
  });

  it('[S1-03] of another point is looked at anew, and what was seen elsewhere is not ticked here', () => {
    const fit = some(confirm(full(), 's48-1', said(5)));
    const moved = some(choose(fit, point('s48-2', fit.rev), said(6)));
    expect(moved).toMatchObject({ unit: 's48-2', rev: fit.rev + 1, status: 'chosen', met: [] });
    const renamed = some(choose(fit, { ...point('s48-1', fit.rev), sort: 'other' }, said(6)));
    expect(renamed).toMatchObject({ status: 'fit', sort: 'other' });
    const look = { requirement: 'line' as const, isMet: true, unit: 's48-1' };
    expect(() => check(moved, look, { specialists: 1, said: said(7) })).toThrow('stale_write');
    expect(() => confirm(moved, 's48-1', said(7))).toThrow('stale_write');
  });

  it('[S1-03] [S1-04] has a trained specialist only where one is appointed, and specialists work nowhere else', () => {
    expect(() => met(fresh(), 'specialist', true, 0)).toThrow('scanning_specialist_absent');
    expect(met(fresh(), 'line', true, 0)).not.toBeNull();
    expect(() => demandAtCentre(null, 'r48')).not.toThrow();
    expect(() => demandAtCentre(fresh(), 's48-1')).not.toThrow();
    expect(() => demandAtCentre(fresh(), 's48-2')).toThrow(/scanning_elsewhere.*Пункт s48-1/);
  });

  it('facts applied twice, or late, change nothing', () => {
    const one = fresh();
    const next = some(met(one, 'line'));
    const fact = (centre: ScanningCentre) => ({ type: 'scanningCentreChanged' as const, body: { centre } });
    expect([fact(one), fact(next), fact(one), fact(next)].reduce(applyScanningCentreFact, null)).toEqual(next);
  });
});
