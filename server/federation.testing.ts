/** A fictitious federation for tests of a study: a region with its colleges, who is appointed there, and the study as far as a test needs it. */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Door } from './door.ts';
import { appointNewcomer } from './newcomer.ts';

export const PASSWORD = 'long enough phrase';
export const STUDY = 'study-fed-2019';
export const REGION = 'r48';
/** Another region, whose people have no part in the first one's. */
export const FOREIGN_REGION = 'r70';

/** Whoever sets the tree up: its administrator, with the authority that appoints coordinators. */
export const founder: Person = {
  ...{ id: 'founder', name: 'Администратор', username: 'founder' },
  assignments: (['administrator', 'authoritySpecialist', 'regionalCoordinator'] as const).map((role) => ({
    ...{ role, unit: 'fed', path: '/fed/' },
  })),
};

export interface FederationUnits {
  colleges: readonly string[];
  /** Scanning points of the region. */
  points?: readonly string[];
  foreignPoints?: readonly string[];
}

/** A hub under test: its door, and who somebody is once he has an account. */
export interface FederationHub {
  door: Pick<Door, 'units' | 'appointments' | 'procedures' | 'study'>;
  person(username: string): Promise<Person>;
}

/** The tree, and whom to appoint in it. */
export async function setUpFederation(
  hub: FederationHub,
  { colleges, points = [], foreignPoints = [] }: FederationUnits,
): Promise<{ appoint: (role: Role, at: string, username?: string) => Promise<Person> }> {
  const { units } = hub.door;
  await units.createTop({ id: 'fed', kind: 'federation', name: 'Федерация', zone: 'Europe/Moscow' });
  const unit = (parent: string, id: string, kind: string, zone: string | null = null) =>
    units.create(founder, parent, { id, kind, name: `Единица ${id}`, shortName: '', zone });
  await unit('fed', REGION, 'region', 'Europe/Moscow');
  await unit('fed', FOREIGN_REGION, 'region', 'Asia/Tomsk');
  for (const college of colleges) await unit(REGION, college, 'college');
  for (const point of points) await unit(REGION, point, 'scanningCentre');
  for (const point of foreignPoints) await unit(FOREIGN_REGION, point, 'scanningCentre');
  return {
    async appoint(role, at, username = `${role}-${at}`.toLowerCase()) {
      const name = `Тестов ${username}`;
      await appointNewcomer(hub.door.appointments, founder, { name, username, password: PASSWORD, role, unit: at });
      return hub.person(username);
    },
  };
}

export const openStudy = (
  { door: { procedures } }: Pick<FederationHub, 'door'>,
  federal: Person,
  { deadline = '2019-10-15', subjects = ['Физика'] }: { deadline?: string; subjects?: string[] } = {},
): Promise<unknown> =>
  procedures.create(federal, 'fed', {
    ...{ kind: 'study', title: 'Исследование СПО', academicYear: 2019, deadline, subjects },
    centre: {
      ...{ name: 'Федеральный организатор', phone: '+7 000 000-00-01', email: 'fed@example.org' },
      siteUrl: 'https://fed.example.org',
    },
  });

/** As far as the published sample: every college of the region tells of itself, and some are chosen. */
export async function publishSample(
  { door: { study } }: Pick<FederationHub, 'door'>,
  { federal, regional }: { federal: Person; regional: Person },
  {
    colleges,
    sample = colleges,
    students = 6,
  }: { colleges: readonly string[]; sample?: readonly string[]; students?: number },
): Promise<void> {
  const place = { procedure: STUDY, region: REGION };
  await study.list(federal, place);
  for (const college of colleges)
    await study.give(regional, { procedure: STUDY, college }, { students, groups: 1, rev: 1 });
  await study.handOver(regional, place);
  await study.publishSample(federal, place, [...sample]);
}
