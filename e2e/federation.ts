/** A fictitious federation of the journeys of a study: a region with three colleges, and its people. */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import { appointNewcomer } from '#server/newcomer.ts';
import type { HubNode } from './hub-node.ts';
import { CENTRE, PASSWORD } from './region.ts';

export const STUDY = 'study-fed-2019';
export const COLLEGES = ['c48-1', 'c48-2', 'c48-3'];
const NAMES: Record<string, string> = { 'c48-1': 'Колледж № 1', 'c48-2': 'Колледж № 2', 'c48-3': 'Колледж № 3' };

export const FOUNDER: Person = {
  ...{ id: 'founder', name: 'Администратор', username: 'founder' },
  assignments: (['administrator', 'authoritySpecialist', 'regionalCoordinator'] as const).map((role) => ({
    ...{ role, unit: 'fed', path: '/fed/' },
  })),
};

export const FEDERAL: Person = {
  ...FOUNDER,
  assignments: [{ role: 'federalCoordinator', unit: 'fed', path: '/fed/' }],
};

async function appoint(hub: HubNode, username: string, name: string, role: Role, at: string): Promise<void> {
  await appointNewcomer(
    {
      part: (by, id) => hub.call('appointments', 'part', by, id),
      appoint: (by, input, language) => hub.call('appointments', 'appoint', by, input, language),
      inviteAgain: (by, id, channel, language) => hub.call('appointments', 'inviteAgain', by, id, channel, language),
      accept: (code, taking) => hub.call('appointments', 'accept', code, taking),
    },
    FOUNDER,
    { ...{ username, name, role, unit: at }, password: PASSWORD },
  );
}

/** An expert of the region, with whom the federal organizer has agreed (G-03). */
export async function appointExpert(hub: HubNode, username: string, name: string): Promise<void> {
  const contacts = { phone: '+7 000 000-00-00', email: `${username}@example.org` };
  const given = { name, role: 'expert', unit: 'r48', procedure: null, to: null, ...contacts, channel: 'card' };
  await hub.call('appointments', 'appoint', FOUNDER, given, 'ru');
  const { state } = await hub.call('appointments', 'part', FOUNDER, 'r48');
  const proposed = state.rows.find((row) => row.name === name)?.id ?? '';
  await hub.call('appointments', 'agree', FEDERAL, proposed);
  const { code } = await hub.call('appointments', 'inviteAgain', FOUNDER, proposed, 'card', 'ru');
  await hub.call('appointments', 'accept', code ?? '', { username, password: PASSWORD });
}

/** A federation with a region and three colleges, and its people. */
export async function setUpFederation(hub: HubNode): Promise<void> {
  await hub.call('units', 'createTop', { id: 'fed', kind: 'federation', name: 'Федерация', zone: 'Europe/Moscow' });
  const unit = (parent: string, id: string, kind: string, name: string, zone: string | null) =>
    hub.call('units', 'create', FOUNDER, parent, { id, kind, name, shortName: '', zone });
  await unit('fed', 'r48', 'region', 'Липецкая область', 'Europe/Moscow');
  for (const college of COLLEGES) await unit('r48', college, 'college', NAMES[college] ?? '', null);
  const people: [string, string, Role, string][] = [
    ['federal', 'Климова Елена Павловна', 'federalCoordinator', 'fed'],
    ['oiv', 'Орлова Анна Петровна', 'regionalCoordinator', 'r48'],
    ['head-1', 'Светлов Игорь Иванович', 'institutionHead', 'c48-1'],
    ['head-2', 'Громова Ольга Сергеевна', 'institutionHead', 'c48-2'],
  ];
  for (const [username, name, role, at] of people) await appoint(hub, username, name, role, at);
}

/** Opens the study and takes it as far as a published sample. */
export async function sampleStudy(hub: HubNode, sample: readonly string[]): Promise<void> {
  await handOverStudy(hub);
  await hub.call('study', 'publishSample', FEDERAL, { procedure: STUDY, region: 'r48' }, sample);
}

/** Opens the study and takes it as far as the region's list, handed over with its data. */
export async function handOverStudy(hub: HubNode): Promise<void> {
  await hub.call('procedures', 'create', FEDERAL, 'fed', {
    ...{ kind: 'study', title: 'Исследование СПО', academicYear: 2019, deadline: '2099-10-15' },
    ...{ subjects: ['Физика', 'Химия'], centre: CENTRE },
  });
  const place = { procedure: STUDY, region: 'r48' };
  await hub.call('study', 'list', FEDERAL, place);
  for (const college of COLLEGES)
    await hub.call('study', 'give', FOUNDER, { procedure: STUDY, college }, { students: 25, groups: 1, rev: 1 });
  await hub.call('study', 'handOver', FOUNDER, place);
}

export const SCANNING = 'sc48';
/** Who works at the region's scanning centre. */
export const SPECIALIST = 'scanner';

/** The region names its scanning centre, and specialists work there. */
export async function setUpScanning(
  hub: HubNode,
  specialists: Readonly<Record<string, string>> = { [SPECIALIST]: 'Рябинина Вера Олеговна' },
): Promise<void> {
  await hub.call('units', 'create', FOUNDER, 'r48', {
    ...{ id: SCANNING, kind: 'scanningCentre', name: 'Центр сканирования', shortName: '', zone: null },
  });
  await hub.call('scanningCentres', 'choose', FOUNDER, 'r48', { unit: SCANNING, sort: 'other', rev: 0 });
  for (const [username, name] of Object.entries(specialists))
    await appoint(hub, username, name, 'scanningSpecialist', SCANNING);
}
