import { describe, expect, it } from 'vitest';
import { ANY_PROCEDURE, CAPABILITIES, isAllowed, RIGHTS, ROLES, TABLE, territories, type Role } from './rights.ts';

const holding = (role: Role, path: string) => ({ assignments: [{ role, unit: path.split('/').at(-2) ?? '', path }] });

describe('rights', () => {
  it('reach the unit and everything below it, never a sibling or what lies above (domain 2.1)', () => {
    const person = holding('municipalCoordinator', '/48/48-m1/');
    expect(isAllowed(person, 'board.view', '/48/48-m1/')).toBe(true);
    expect(isAllowed(person, 'board.view', '/48/48-m1/i48-1/')).toBe(true);
    expect(isAllowed(person, 'board.view', '/48/48-m2/')).toBe(false);
    expect(isAllowed(person, 'board.view', '/48/48-m10/')).toBe(false);
    expect(isAllowed(person, 'board.view', '/48/')).toBe(false);
  });

  it('[G-14] only the institution coordinator submits for the institution', () => {
    expect(ROLES.filter((role) => RIGHTS[role].includes('submission.send'))).toEqual(['institutionCoordinator']);
  });

  it('let a municipality see states and reports, never files (domain 2.2)', () => {
    expect(RIGHTS.municipalCoordinator).toEqual([
      'credentials.hand',
      'contextual.view',
      'survey.read',
      'publications.view',
      'publications.send',
      'board.view',
      'report.view',
      'results.view',
      'units.view',
      'deeds.view',
      'people.view',
    ]);
  });

  it('reach nothing outside the procedure that a role is bound to', () => {
    const person = {
      assignments: [{ role: 'regionalCoordinator' as const, unit: '48', path: '/48/', procedure: 'p' }],
    };
    expect(isAllowed(person, 'board.view', '/48/', 'p')).toBe(true);
    expect(isAllowed(person, 'board.view', '/48/', 'other')).toBe(false);
    expect(isAllowed(person, 'board.view', '/48/')).toBe(false);
    expect(territories(person, 'board.view', 'p')).toEqual(['/48/']);
    expect(territories(person, 'board.view')).toEqual([]);
    expect(territories(person, 'board.view', ANY_PROCEDURE)).toEqual(['/48/']);
  });

  it('give whoever does or decides what whoever views has, and nobody a right that the table does not name', () => {
    for (const [name, row] of Object.entries(TABLE))
      for (const [role, right] of Object.entries(row.cells)) {
        expect(right in row, `${name}, ${role}`).toBe(true);
        if ('views' in row) expect(RIGHTS[role as Role]).toContain(row.views);
      }
    expect(new Set(CAPABILITIES).size).toBe(CAPABILITIES.length);
  });

  it('do not read a path as a pattern', () => {
    expect(isAllowed(holding('regionalCoordinator', '/4.8/'), 'board.view', '/438/')).toBe(false);
  });

  it('give nothing to whoever holds nothing', () => {
    for (const capability of CAPABILITIES) expect(isAllowed({ assignments: [] }, capability, '/48/')).toBe(false);
  });

  it('name the widest territories once', () => {
    const person = {
      assignments: [
        ...holding('regionalCoordinator', '/48/').assignments,
        ...holding('regionalCoordinator', '/48/').assignments,
        ...holding('municipalCoordinator', '/48/48-m1/').assignments,
      ],
    };
    expect(territories(person, 'board.view')).toEqual(['/48/']);
  });
});
