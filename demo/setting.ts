/** What stands before the first deed: the tree, the procedures and the people, made by the hub's own use cases; repeated after a crash it is completed. */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Door } from '#server/door.ts';
import { appointNewcomer, personOf, type Newcomer } from '#server/newcomer.ts';
import {
  authorityAccount,
  colleagueAccount,
  dutyAccount,
  shiftAccount,
  visitorAccounts,
  type Account,
} from './accounts.ts';
import { unlessDone } from './once.ts';
import { publishForRegion } from './publications.ts';
import {
  COLLEGES,
  FEDERATION,
  INSTITUTIONS,
  monitoringAt,
  REGION,
  SCANNING_CENTRE,
  VISITORS_COLLEGE,
  VISITORS_MUNICIPALITY,
} from './region.ts';
import { runStudy } from './study.ts';
import { openSurveyForRegion } from './survey.ts';

export interface Setting {
  /** The monitoring of attendance. */
  procedure: string;
  study: string;
}

export async function prepareSetting(door: Door, seed: number, nowMs: number): Promise<Setting> {
  const accounts = visitorAccounts(seed);
  const { federal, region, municipality } = accounts;
  if (!(await door.people.hasAdministrator())) await door.people.setUp({ administrator: federal, top: FEDERATION });
  const federation = await personOf(door, federal);
  await addUnits(door, federation, FEDERATION.id, [{ ...REGION, kind: 'region' }]);
  const appoint = (by: Person, newcomer: Newcomer) => appointNewcomer(door.appointments, by, newcomer);

  await appoint(federation, { ...authorityAccount(seed), role: 'authoritySpecialist', unit: REGION.id });
  const authority = await personOf(door, authorityAccount(seed));
  await appoint(authority, { ...region, role: 'regionalCoordinator', unit: REGION.id });
  await alsoAdministrator(door, federation, region);
  const coordinator = await personOf(door, region);
  await door.units.addInstitutions(coordinator, REGION.id, INSTITUTIONS);
  await addUnits(door, coordinator, REGION.id, [
    ...COLLEGES.map((college) => ({ ...college, kind: 'college', zone: null })),
    { ...SCANNING_CENTRE, kind: 'scanningCentre', zone: null },
  ]);

  const tree = await door.units.tree(coordinator);
  const ownMunicipality = tree.find(({ name }) => name === VISITORS_MUNICIPALITY);
  if (!ownMunicipality) throw new Error(`the region has no ${VISITORS_MUNICIPALITY}`);
  const [present] = await door.participations.procedures();
  const { id: procedure } = present ?? (await door.procedures.create(coordinator, REGION.id, monitoringAt(nowMs)));
  await appoint(coordinator, { ...municipality, role: 'municipalCoordinator', unit: ownMunicipality.id });
  // The region has its coordinator: the one on duty is the coordinator of this one procedure.
  await appoint(authority, { ...dutyAccount(seed), role: 'regionalCoordinator', unit: REGION.id, procedure });
  for (const account of [accounts.scanner, shiftAccount(seed)])
    await appoint(authority, { ...account, role: 'scanningSpecialist', unit: SCANNING_CENTRE.id });
  for (const account of [accounts.expert, colleagueAccount(seed)]) {
    await proposeExpert(door, { coordinator, federation }, account);
    await appoint(coordinator, { ...account, role: 'expert', unit: REGION.id });
  }
  await appoint(coordinator, { ...accounts.college, role: 'institutionHead', unit: VISITORS_COLLEGE });

  await publishForRegion(door, coordinator, nowMs);
  await openSurveyForRegion(door, coordinator, nowMs);
  const head = await personOf(door, accounts.college);
  return { procedure, study: await runStudy(door, { federation, coordinator, head }, nowMs) };
}

interface NewUnit {
  id: string;
  name: string;
  kind: string;
  zone: string | null;
}

async function addUnits(door: Door, by: Person, parent: string, units: readonly NewUnit[]): Promise<void> {
  for (const unit of units)
    await unlessDone(() => door.units.create(by, parent, { ...unit, shortName: '' }), 'unit_code_taken');
}

/** An expert counts when the federal coordinator has agreed (G-03); he is invited then. */
async function proposeExpert(
  door: Door,
  { coordinator, federation }: { coordinator: Person; federation: Person },
  account: Account,
): Promise<void> {
  const found = async () => rowOf(door, coordinator, 'expert', account);
  if (!(await found())) await door.appointments.appoint(coordinator, wishOf('expert', account), 'ru');
  const row = await found();
  if (row?.status === 'proposed') await door.appointments.agree(federation, row.id);
}

/** The visitor who coordinates the region may change its settings too. */
async function alsoAdministrator(door: Door, by: Person, account: Account): Promise<void> {
  const person = await personOf(door, account);
  const begun = await rowOf(door, by, 'administrator', account);
  if (begun?.status === 'appointed') return;
  const { code } = begun
    ? await door.appointments.inviteAgain(by, begun.id, 'card', 'ru')
    : await door.appointments.appoint(by, wishOf('administrator', account), 'ru');
  await door.appointments.takeOver(person, code ?? '');
}

async function rowOf(door: Door, by: Person, role: Role, { name }: Account) {
  const { rows } = (await door.appointments.part(by, REGION.id)).state;
  return rows.find((row) => row.role === role && row.name === name);
}

const wishOf = (role: Role, { name, username }: Account) => ({
  ...{ name, role, unit: REGION.id, procedure: null, to: null, channel: 'card' },
  ...{ phone: '+7 000 000-00-00', email: `${username}@example.org` },
});
