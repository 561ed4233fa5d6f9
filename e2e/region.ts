/** The fictitious region of the journeys: set up through the hub's own use cases, so that every journey begins where it wants. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Submission } from '#models/submission/submission.ts';
import { appointNewcomer, type Appointing, type Newcomer } from '#server/newcomer.ts';
import type { HubNode } from './hub-node.ts';

/** The region's id makes the procedure's, which the filled workbooks of `exchange/fixtures` carry. */
export const REGION = '48';
export const PROCEDURE = 'attendance-48-2012';
export const BASE = `/monitoring/${PROCEDURE}`;
export const TITLE = 'Областной мониторинг посещаемости';

/** The last second in which a file is accepted, and the first in which none is (domain 5.11). */
export const LAST_SECOND = '2013-11-29T23:59:59+04:00';
export const FIRST_LATE = '2013-11-30T00:00:00+04:00';

export const CENTRE = {
  name: 'Центр мониторинга и оценки качества образования',
  phone: '+7 000 000-00-48',
  email: 'centre@example.org',
  siteUrl: 'https://centre.example.org/',
};

export interface Institution {
  id: string;
  name: string;
  municipality: string;
  municipalityName: string;
}

const MUNICIPALITIES = ['Округ № 1', 'Округ № 2', 'Округ № 3'];
/** Seven institutions: three, two and two. */
export const INSTITUTIONS: readonly Institution[] = [0, 0, 0, 1, 1, 2, 2].map((at, index) => ({
  id: `i48-${index + 1}`,
  name: `МБОУ СОШ № ${101 + index}`,
  municipality: `48-m${at + 1}`,
  municipalityName: MUNICIPALITIES[at] ?? '',
}));

export function institution(number: number): Institution {
  const found = INSTITUTIONS[number - 1];
  if (!found) throw new Error(`no institution ${number}`);
  return found;
}

/** The institution whose filled workbooks stand in `exchange/fixtures`. */
export const SCHOOL = institution(1);

/** One password for all of them: what differs are the names. */
export const PASSWORD = 'журнал-звонок-перемена';
export const REGIONAL = { username: 'regional', name: 'Орлова Анна Петровна' };
export const MUNICIPAL = [
  { username: 'municipal-1', name: 'Белова Ирина Сергеевна', unit: '48-m1' },
  { username: 'municipal-2', name: 'Громов Павел Ильич', unit: '48-m2' },
] as const;
export const ORGANIZER = {
  surname: 'Светлова',
  firstName: 'Мария',
  patronymic: 'Ивановна',
  position: 'заместитель директора',
  phone: '+7 000 000-01-01',
  email: 'svetlova@example.org',
};

/** The region's first administrator, who coordinates it too, as the use cases know him. */
export const ADMINISTRATOR: Person = {
  id: 'scenario',
  name: 'Администратор',
  username: 'administrator',
  assignments: [
    { role: 'administrator', unit: REGION, path: `/${REGION}/` },
    { role: 'regionalCoordinator', unit: REGION, path: `/${REGION}/` },
  ],
};

/** A region with its monitoring and its coordinators; nobody has registered. */
export async function setUpRegion(hub: HubNode): Promise<void> {
  await hub.call('people', 'setUp', {
    administrator: { name: 'Администратор', username: 'administrator', password: PASSWORD },
    top: { id: REGION, name: 'Липецкая область', zone: 'Europe/Moscow' },
  });
  const lines = INSTITUTIONS.map(({ id, name, municipalityName }) => ({ municipality: municipalityName, id, name }));
  await hub.call('units', 'addInstitutions', ADMINISTRATOR, REGION, lines);
  await hub.call('procedures', 'create', ADMINISTRATOR, REGION, {
    kind: 'attendance',
    title: TITLE,
    academicYear: 2012,
    deadline: '2013-11-29',
    centre: CENTRE,
  });
  // The administrator coordinates the region until its coordinator comes: there is one at a time (S1-01).
  await recall(hub, { name: 'Администратор', unit: REGION }, 'regionalCoordinator');
  await appoint(hub, { ...REGIONAL, role: 'regionalCoordinator', unit: REGION });
  for (const one of MUNICIPAL) await appoint(hub, { ...one, role: 'municipalCoordinator' });
}

/** Appoints somebody, who takes his invitation; returns his id. */
export function appoint(hub: HubNode, newcomer: Omit<Newcomer, 'password'>): Promise<string> {
  const appointing: Appointing = {
    part: (...given) => hub.call('appointments', 'part', ...given),
    appoint: (...given) => hub.call('appointments', 'appoint', ...given),
    inviteAgain: (...given) => hub.call('appointments', 'inviteAgain', ...given),
    accept: (...given) => hub.call('appointments', 'accept', ...given),
  };
  return appointNewcomer(appointing, ADMINISTRATOR, { ...newcomer, password: PASSWORD });
}

/** Recalls somebody from a role, as the administrator would. */
export async function recall(hub: HubNode, { name, unit }: { name: string; unit: string }, role: Role): Promise<void> {
  const { rows } = (await hub.call('appointments', 'part', ADMINISTRATOR, unit)).state;
  const held = rows.find((row) => row.name === name && row.role === role && row.status === 'appointed');
  if (!held) throw new Error(`${name} is not ${role} of ${unit}`);
  await hub.call('appointments', 'end', ADMINISTRATOR, held.id, { reason: 'так решил центр' });
}

const placeOf = ({ id }: Institution) => ({ procedure: PROCEDURE, institution: id });

export async function register(hub: HubNode, who: Institution): Promise<string> {
  const { ticket } = await hub.call('participations', 'register', {
    procedure: PROCEDURE,
    institution: who.id,
    organizer: ORGANIZER,
  });
  return ticket;
}

/** An institution's request for its cabinet; the address of its page ends with what comes back. */
export async function requestCabinet(hub: HubNode, who: Institution): Promise<string> {
  const { ticket } = await hub.call('accountRequests', 'submit', {
    institution: who.id,
    headName: 'Тестов Иван Иванович',
    letter: { number: '01-12/7', date: '2013-11-19' },
    coordinator: ORGANIZER,
  });
  return ticket;
}

export async function giveAccess(hub: HubNode, who: Institution): Promise<void> {
  await hub.call('participations', 'giveAccess', ADMINISTRATOR, placeOf(who));
}

/** An institution whose organizer can sign in: his name is the institution's code. */
export async function letIn(hub: HubNode, who: Institution): Promise<void> {
  const ticket = await register(hub, who);
  await giveAccess(hub, who);
  await hub.call('participations', 'activate', ticket, { username: who.id, password: PASSWORD });
}

/** Whoever coordinates an institution that was let in. */
export async function organizerOf(hub: HubNode, who: Institution): Promise<Person> {
  const participation = await hub.call('participations', 'participation', ADMINISTRATOR, placeOf(who));
  const person =
    participation?.access.status === 'activated' ? await hub.call('people', 'load', participation.access.person) : null;
  if (!person) throw new Error(`${who.id} has no organizer`);
  return person;
}

export async function downloadTemplate(hub: HubNode, who: Institution): Promise<Uint8Array> {
  return hub.call('submissions', 'template', await organizerOf(hub, who), placeOf(who), 'xls');
}

/** Sends a file for an institution, as its page would. */
export async function sendFile(
  hub: HubNode,
  who: Institution,
  file: { name: string; content: Uint8Array },
  isAttested = true,
): Promise<string> {
  const incoming = { name: file.name, bytes: file.content.length, content: file.content, isAttested };
  const { submission } = await hub.call('submissions', 'send', await organizerOf(hub, who), placeOf(who), incoming);
  return submission;
}

/** What the hub keeps of an institution's files, latest first. */
export async function submissionsOf(hub: HubNode, who: Institution): Promise<Omit<Submission, 'rows'>[]> {
  const { state } = await hub.call('submissions', 'cabinet', ADMINISTRATOR, placeOf(who));
  return state.submissions;
}

/** Path of a workbook that LibreOffice saved; `expected.json` beside it tells what the hub must answer. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../exchange/fixtures/${name}`, import.meta.url));

export async function fixtureFile(name: string): Promise<{ name: string; content: Uint8Array }> {
  return { name: basename(name), content: new Uint8Array(await readFile(fixture(name))) };
}
