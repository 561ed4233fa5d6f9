/** Accounts of the demonstration. Their passwords come from the seed, so a second start can print them again. Pure. */
import { createHash } from 'node:crypto';
import { createChance } from './chance.ts';
import { numberOf, VISITORS_INSTITUTION } from './region.ts';

export interface Account {
  username: string;
  password: string;
  name: string;
}

const WORDS = [
  'amber',
  'birch',
  'cedar',
  'delta',
  'ember',
  'flint',
  'grove',
  'heron',
  'inlet',
  'lunar',
  'maple',
  'north',
] as const;

/** Easy to type: three words and a number. */
function spokenPassword(seed: number, username: string): string {
  const chance = createChance(seed, `password ${username}`);
  return [chance.oneOf(WORDS), chance.oneOf(WORDS), chance.oneOf(WORDS), chance.whole(100, 999)].join('-');
}

/** For accounts that nobody types. */
const hiddenPassword = (seed: number, username: string): string =>
  createHash('sha256').update(`${seed} ${username}`).digest('base64url');

export interface VisitorAccounts {
  federal: Account;
  region: Account;
  municipality: Account;
  institution: Account;
  college: Account;
  scanner: Account;
  expert: Account;
}

/** What the visitor signs in with, one for each role. */
export const visitorAccounts = (seed: number): VisitorAccounts => ({
  federal: visitor(seed, 'federal', 'Образцов Проба Примерович'),
  region: visitor(seed, 'region', 'Тестов Тест Тестович'),
  municipality: visitor(seed, 'district1', 'Примеров Пример Примерович'),
  institution: visitor(seed, 'school101', organizerOf(seed, VISITORS_INSTITUTION).fullName),
  college: visitor(seed, 'college1', 'Учебный Макет Тестович'),
  scanner: visitor(seed, 'scanner', 'Сканова Проба Примеровна'),
  expert: visitor(seed, 'expert', 'Экспертов Пример Тестович'),
});

const visitor = (seed: number, username: string, name: string): Account => ({
  username,
  name,
  password: spokenPassword(seed, username),
});

const hidden = (seed: number, username: string, name: string): Account => ({
  ...{ username, name, password: hiddenPassword(seed, username) },
});

/** A second coordinator of the region, who lets in while the visitor looks on. */
export const dutyAccount = (seed: number): Account => hidden(seed, 'duty', 'Дежурнова Проба Тестовна');
/** The specialist of the region's authority, who appoints those who scan. */
export const authorityAccount = (seed: number): Account => hidden(seed, 'authority', 'Условный Образец Тестович');
/** The other specialist of the scanning centre, and the other expert: they work while the visitor looks on. */
export const shiftAccount = (seed: number): Account => hidden(seed, 'shift', 'Сменина Вера Тестовна');
export const colleagueAccount = (seed: number): Account => hidden(seed, 'colleague', 'Проверкина Анна Примеровна');

export interface Organizer {
  fullName: string;
  /** The fields of the registration form. */
  fields: Record<'surname' | 'firstName' | 'patronymic' | 'position' | 'phone' | 'email', string>;
}

const SURNAMES = [
  'Тестова',
  'Примерова',
  'Образцова',
  'Пробная',
  'Условная',
  'Учебная',
  'Макетова',
  'Шаблонова',
] as const;
const FIRST_NAMES = ['Анна', 'Вера', 'Дарья', 'Елена', 'Ирина', 'Мария', 'Ольга', 'Светлана'] as const;
const PATRONYMICS = ['Тестовна', 'Примеровна', 'Образцовна', 'Пробовна'] as const;
const POSITIONS = ['Завуч', 'Заместитель директора по УВР', 'Методист', 'Учитель информатики'] as const;

/** The named responsible person of an institution (S2-02). */
export function organizerOf(seed: number, institution: string): Organizer {
  const chance = createChance(seed, `organizer ${institution}`);
  const number = numberOf(institution);
  const fields = {
    surname: chance.oneOf(SURNAMES),
    firstName: chance.oneOf(FIRST_NAMES),
    patronymic: chance.oneOf(PATRONYMICS),
    position: chance.oneOf(POSITIONS),
    phone: `+7 000 000-${String(Math.floor(number / 100)).padStart(2, '0')}-${String(number % 100).padStart(2, '0')}`,
    email: `school${number}@example.org`,
  };
  return { fields, fullName: `${fields.surname} ${fields.firstName} ${fields.patronymic}` };
}

/** How an acting institution signs in; the visitor's own has a password that can be typed. */
export function institutionAccount(seed: number, institution: string): Account {
  if (institution === VISITORS_INSTITUTION) return visitorAccounts(seed).institution;
  const username = `school${numberOf(institution)}`;
  return { username, name: organizerOf(seed, institution).fullName, password: hiddenPassword(seed, username) };
}
