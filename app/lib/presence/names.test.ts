import { describe, expect, it } from 'vitest';
import type { PresentPerson } from '#realtime/contract.ts';
import { NAMED_MAX, namesOf, shortName } from './names.ts';

const person = (name: string | null, more: Partial<PresentPerson> = {}): PresentPerson => ({
  id: name ?? 'somebody',
  name,
  role: 'regionalCoordinator',
  where: null,
  doing: 'looking',
  ...more,
});

describe('people who are present', () => {
  it('are named by surname and initials', () => {
    expect(shortName('Орлова Анна Петровна')).toBe('Орлова А. П.');
    expect(shortName('  Ли  Вэй ')).toBe('Ли В.');
    expect(shortName('Администратор')).toBe('Администратор');
  });

  it('are a few names and a number, whoever writes first', () => {
    const people = ['А', 'Б', 'В', 'Г'].map((name) => person(name));
    expect(namesOf([...people, person('Д', { doing: 'writing' })], () => '')).toEqual({
      names: ['Д', 'А', 'Б'],
      more: 5 - NAMED_MAX,
    });
  });

  it('are roles where names are not for the reader, each role once', () => {
    expect(namesOf([person(null), person(null, { id: 'another' })], (role) => `(${role})`)).toEqual({
      names: ['(regionalCoordinator)'],
      more: 0,
    });
  });
});
