import { describe, expect, it } from 'vitest';
import type { Person } from './person.ts';
import { RIGHTS, ROLES, type Assignment, type Role } from './rights.ts';
import {
  beginViewing,
  endViewing,
  isDeclined,
  isViewingOpen,
  plainPath,
  refusalToView,
  tellViewing,
  VIEWING_DECLINED_MS,
  VIEWING_LIFE_MS,
  VIEWING_REASON_CHARS_MAX,
  VIEWING_REASON_CHARS_MIN,
  viewingInputSchema,
} from './viewing.ts';

const NOW_MS = Date.UTC(2013, 10, 20, 8);
const held = (role: Role, path: string, procedure: string | null = null): Assignment => ({
  role,
  unit: path.split('/').at(-2) ?? '',
  path,
  procedure,
});
const person = (id: string, ...assignments: Assignment[]): Person => ({ id, name: id, username: id, assignments });
const regional = person('regional', held('regionalCoordinator', '/48/'));
const administrator = person('administrator', held('administrator', '/48/'));
const school = person('school', held('institutionCoordinator', '/48/48-m1/i48-1/'));
const municipal = person('municipal', held('municipalCoordinator', '/48/48-m1/'));

describe('who may look through somebody’s eyes', () => {
  it('is whoever holds the right above every role of the person', () => {
    expect(refusalToView(regional, school)).toBeNull();
    expect(refusalToView(regional, municipal)).toBeNull();
    expect(refusalToView(administrator, school)).toBeNull();
    expect(refusalToView(municipal, school)).toBe('not_allowed');
    expect(refusalToView(school, municipal)).toBe('not_allowed');
  });

  it('is of two roles alone', () => {
    expect(ROLES.filter((role) => RIGHTS[role].includes('people.viewAs'))).toEqual([
      'administrator',
      'regionalCoordinator',
    ]);
  });

  it('is nobody for himself, for a neighbour, for one at his own unit, for one above', () => {
    expect(refusalToView(regional, regional)).toBe('not_allowed');
    expect(refusalToView(regional, person('other', held('institutionHead', '/70/70-m1/i70-1/')))).toBe('not_allowed');
    expect(refusalToView(regional, person('other', held('institutionHead', '/480/m/i/')))).toBe('not_allowed');
    expect(refusalToView(regional, person('beside', held('authoritySpecialist', '/48/')))).toBe('not_allowed');
    expect(
      refusalToView(
        person('low', held('regionalCoordinator', '/rf/48/')),
        person('top', held('federalCoordinator', '/rf/')),
      ),
    ).toBe('not_allowed');
  });

  it('is nobody for whoever holds nothing now', () => {
    expect(refusalToView(administrator, person('former'))).toBe('not_allowed');
  });

  it('is nobody for an administrator, and nobody where one role lies elsewhere', () => {
    const below = person('below', held('administrator', '/rf/48/'));
    const federal = person('federal', held('administrator', '/rf/'));
    expect(refusalToView(federal, below)).toBe('not_allowed');
    const both = person('both', held('institutionHead', '/48/48-m1/i48-1/'), held('institutionHead', '/70/m/i70-1/'));
    expect(refusalToView(regional, both)).toBe('viewing_unfit');
    const helps = person('helps', held('institutionHead', '/rf/48/m/i/'), held('administrator', '/rf/48/m/'));
    expect(refusalToView(federal, helps)).toBe('viewing_unfit');
  });

  it('gives a coordinator no sight that he does not have himself; an administrator could replace the password anyway', () => {
    const inside = person('inside', held('regionalCoordinator', '/rf/48/'));
    const outside = person('outside', held('regionalCoordinator', '/rf/'));
    expect(refusalToView(outside, inside)).toBeNull();
    // An authority's specialist sees nothing that a regional coordinator doesn't; an administrator's units are managed by him alone.
    for (const role of ROLES.filter((one) => one !== 'administrator')) {
      const owner = person('owner', held(role, '/rf/48/'));
      const gains = RIGHTS[role].filter(
        (capability) =>
          /\.(view|hand|grant)$|^procedures|generate/.test(capability) &&
          !RIGHTS.regionalCoordinator.includes(capability),
      );
      expect([role, refusalToView(outside, owner)]).toEqual([role, gains.length === 0 ? null : 'not_allowed']);
      expect([role, refusalToView(person('keeper', held('administrator', '/rf/')), owner)]).toEqual([role, null]);
    }
  });

  it('does not go beyond the procedure that the viewer is bound to', () => {
    const bound = person('bound', held('regionalCoordinator', '/48/', 'p'));
    expect(refusalToView(bound, school)).toBe('not_allowed');
    expect(refusalToView(bound, person('lead', held('procedureLead', '/48/48-m1/i48-1/', 'p')))).toBeNull();
    expect(refusalToView(bound, person('lead', held('procedureLead', '/48/48-m1/i48-1/', 'other')))).toBe(
      'not_allowed',
    );
  });
});

describe('a reason', () => {
  it('has ten signs to three hundred, and no line of its own', () => {
    const given = (reason: string) => viewingInputSchema.safeParse({ owner: 'school', reason });
    expect(given('я'.repeat(VIEWING_REASON_CHARS_MIN)).success).toBe(true);
    expect(given(` ${'я'.repeat(VIEWING_REASON_CHARS_MIN - 1)} `).success).toBe(false);
    expect(given('я'.repeat(VIEWING_REASON_CHARS_MAX)).success).toBe(true);
    expect(given('я'.repeat(VIEWING_REASON_CHARS_MAX + 1)).success).toBe(false);
    expect(given('просит\r\nBcc: всем').data?.reason).toBe('просит Bcc: всем');
  });
});

describe('a view', () => {
  const begun = beginViewing(
    { id: 'v', session: 's' },
    { viewer: regional, owner: school, reason: 'не видит кнопки' },
    NOW_MS,
  );

  it('is over a quarter of an hour after it began, to the millisecond', () => {
    expect(isViewingOpen(begun, NOW_MS + VIEWING_LIFE_MS - 1)).toBe(true);
    expect(isViewingOpen(begun, NOW_MS + VIEWING_LIFE_MS)).toBe(false);
  });

  it('ends once, and not later than it was to', () => {
    const ended = endViewing(begun, 'viewer', NOW_MS + 60_000);
    expect(ended).toMatchObject({ rev: 2, status: 'ended', cause: 'viewer', endedAtMs: NOW_MS + 60_000 });
    expect(isViewingOpen(ended, NOW_MS)).toBe(false);
    expect(() => endViewing(ended, 'clock', NOW_MS)).toThrow(
      expect.objectContaining({ code: 'viewing_over' }) as Error,
    );
    expect(endViewing(begun, 'clock', NOW_MS + 10 * VIEWING_LIFE_MS)).toMatchObject({
      endedAtMs: NOW_MS + VIEWING_LIFE_MS,
    });
  });

  it('that its owner ended keeps the same viewer away for a day, and nobody else', () => {
    const declined = endViewing(begun, 'owner', NOW_MS);
    expect(isDeclined([declined], NOW_MS + VIEWING_DECLINED_MS - 1)).toBe(true);
    expect(isDeclined([declined], NOW_MS + VIEWING_DECLINED_MS)).toBe(false);
    expect(isDeclined([endViewing(begun, 'viewer', NOW_MS), begun], NOW_MS)).toBe(false);
  });

  it('is told to its owner with its pages in order, a page looked at again and again once', () => {
    const page = (id: string, path: string, afterMs: number) =>
      ({ id, rev: 1, viewing: 'v', path, atMs: NOW_MS + afterMs }) as const;
    const pages = [page('3', '/', 3), page('1', '/cabinet', 1), page('2', '/cabinet', 2)];
    expect(tellViewing(begun, pages, NOW_MS)).toEqual({
      ...{ id: 'v', viewerName: 'regional', reason: 'не видит кнопки' },
      ...{ begunAtMs: NOW_MS, untilMs: NOW_MS + VIEWING_LIFE_MS, ended: null },
      pages: [
        { path: '/cabinet', atMs: NOW_MS + 1 },
        { path: '/', atMs: NOW_MS + 3 },
      ],
    });
    // Whether or not its end is recorded already.
    expect(tellViewing(begun, [], NOW_MS + VIEWING_LIFE_MS).ended).toEqual({
      cause: 'clock',
      atMs: NOW_MS + VIEWING_LIFE_MS,
    });
  });

  it('keeps no keys that stand in addresses', () => {
    expect(plainPath('/monitoring/p/registration/abc')).toBe('/monitoring/p/registration/…');
    expect(plainPath('/cabinet-request/abc')).toBe('/cabinet-request/…');
    expect(plainPath(`/${'x'.repeat(300)}`)).toHaveLength(200);
  });
});
