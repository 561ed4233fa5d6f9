/**
 * Who may do what, written down apart from the code that enforces it, from domain 2.2 and its negative rules. Every route and
 * every form of the pages, every stream, and every use case that a page can call stands here; what does not is reported as
 * uncovered, and the command fails.
 */
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import type { Door } from '#server/door.ts';
import { PROCEDURE } from './places.ts';

/** Everyone, everyone who is signed in, the holder of a ticket, or those who hold one of the roles over the unit. */
export type Audience = 'everyone' | 'signedIn' | 'ticket' | readonly Role[];

interface Asked {
  may: Audience;
  /** The unit that is asked about. */
  unit?: string;
  /** Whether the deed belongs to the procedure, so that a role bound to it is enough. */
  isOfProcedure?: boolean;
}

export interface RouteExpectation extends Asked {
  /** The route's id and what is asked of it: `GET`, `POST`, or the name of a form. */
  target: string;
  path: string;
  form?: Record<string, string>;
  /** Whoever holds the role anywhere in the region may open it, and sees his own part. */
  isOfAnyPart?: boolean;
  /** What stands on the page is for everybody: the names of institutions too (S2-24). */
  isPublic?: boolean;
}

export interface StreamExpectation extends Asked {
  stream: string;
}

export interface DeedExpectation extends Asked {
  isOfAnyPart?: boolean;
  /** The codes that mean a missing right, where `not_found` is what somebody with the right is told. */
  refusals?: readonly string[];
  call: (door: Door, person: Person) => Promise<unknown>;
}

const IN = `/monitoring/${PROCEDURE}`;
/** Asked of an institution that was let in and has a report; of one that waits; and of one that is declined on the way. */
const SCHOOL = 'i48-1';
export const WAITING = 'i48-2';
export const DECLINED = 'i48-3';
const place = (institution: string) => ({ procedure: PROCEDURE, institution });
const of = (unit: string) => ({ unit, isOfProcedure: true });

const BOARD: readonly Role[] = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'municipalCoordinator',
];
const FILES: readonly Role[] = ['regionalCoordinator', 'institutionHead', 'institutionCoordinator'];
/** G-14: nobody but the institution's coordinator sends for it. */
const SENDER: readonly Role[] = ['institutionCoordinator'];
const CENTRE: readonly Role[] = ['regionalCoordinator'];
const PROCEDURES: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator'];
const ADMINISTRATOR: readonly Role[] = ['administrator'];
const REPORT: readonly Role[] = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];

const ORGANIZER = {
  surname: 'Тестова',
  firstName: 'Тест',
  patronymic: 'Тестовна',
  position: 'Заместитель директора',
  phone: '+7 000 000-00-02',
  email: 'user02@example.org',
};
const PROCEDURE_INPUT = {
  title: 'Мониторинг',
  academicYear: 2013,
  deadline: '2099-11-29',
  centre: {
    name: 'Центр',
    phone: '+7 000 000-00-01',
    email: 'centre@example.org',
    siteUrl: 'https://centre.example.org',
  },
};
const coordinatorOf = (username: string) => ({
  name: 'Тестов Тест Тестович',
  username,
  password: 'long enough phrase',
  role: 'municipalCoordinator',
  unit: '48-m1',
});

export interface Made {
  /** The processed file of the school, and a later one with errors. */
  submission: string;
  failed: string;
  /** Of the declined institution's registration. */
  ticket: string;
}

export const routes = ({ submission, failed, ticket }: Made): readonly RouteExpectation[] => [
  { target: '/ GET', may: 'everyone', isPublic: true, path: '/' },
  { target: '/account GET', may: 'signedIn', path: '/account' },
  { target: '/account password', may: 'signedIn', path: '/account?/password', form: { present: 'x', next: 'y' } },
  { target: '/language/[locale] GET', may: 'everyone', isPublic: true, path: '/language/ru' },
  { target: '/sign-in GET', may: 'everyone', isPublic: true, path: '/sign-in' },
  { target: '/sign-in default', may: 'everyone', isPublic: true, path: '/sign-in', form: {} },
  { target: '/monitoring/[procedure] GET', may: 'everyone', isPublic: true, path: IN },
  { target: '/monitoring/[procedure]/participants GET', may: 'everyone', isPublic: true, path: `${IN}/participants` },
  { target: '/monitoring/[procedure]/registration GET', may: 'everyone', isPublic: true, path: `${IN}/registration` },
  {
    target: '/monitoring/[procedure]/registration default',
    may: 'everyone',
    isPublic: true,
    path: `${IN}/registration`,
    form: { institution: WAITING, ...ORGANIZER },
  },
  {
    target: '/monitoring/[procedure]/registration/[ticket] GET',
    may: 'everyone',
    isPublic: true,
    path: `${IN}/registration/${ticket}`,
  },
  {
    target: '/monitoring/[procedure]/registration/[ticket] default',
    may: 'everyone',
    isPublic: true,
    path: `${IN}/registration/${ticket}`,
    form: { username: 'x', password: 'y' },
  },
  { target: '/monitoring/[procedure]/board GET', may: BOARD, ...of('48'), isOfAnyPart: true, path: `${IN}/board` },
  {
    target: '/monitoring/[procedure]/board give',
    may: CENTRE,
    ...of(WAITING),
    path: `${IN}/board?/give`,
    form: { institution: WAITING },
  },
  {
    target: '/monitoring/[procedure]/board decline',
    may: CENTRE,
    ...of(DECLINED),
    path: `${IN}/board?/decline`,
    form: { institution: DECLINED, reason: 'Нет письма' },
  },
  {
    target: '/monitoring/[procedure]/board renew',
    may: CENTRE,
    ...of(WAITING),
    path: `${IN}/board?/renew`,
    form: { institution: WAITING },
  },
  {
    target: '/monitoring/[procedure]/board/export GET',
    may: BOARD,
    ...of('48'),
    isOfAnyPart: true,
    path: `${IN}/board/export`,
  },
  {
    target: '/monitoring/[procedure]/board/participation/[institution] GET',
    may: FILES,
    ...of(SCHOOL),
    path: `${IN}/board/participation/${SCHOOL}`,
  },
  { target: '/monitoring/[procedure]/cabinet GET', may: 'signedIn', path: `${IN}/cabinet` },
  {
    target: '/monitoring/[procedure]/cabinet/[institution] GET',
    may: FILES,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}`,
  },
  {
    target: '/monitoring/[procedure]/cabinet/[institution] attest',
    may: SENDER,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}?/attest`,
    form: { tick: 'on', submission },
  },
  {
    target: '/monitoring/[procedure]/cabinet/[institution]/upload POST',
    may: SENDER,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}/upload?name=x.xls`,
  },
  {
    target: '/monitoring/[procedure]/cabinet/[institution]/template.[format] GET',
    may: SENDER,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}/template.xls`,
  },
  {
    target: '/monitoring/[procedure]/cabinet/[institution]/original/[submission] GET',
    may: FILES,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}/original/${submission}`,
  },
  {
    target: '/monitoring/[procedure]/cabinet/[institution]/annotated/[submission] GET',
    may: FILES,
    ...of(SCHOOL),
    path: `${IN}/cabinet/${SCHOOL}/annotated/${failed}`,
  },
  {
    target: '/monitoring/[procedure]/report/[institution] GET',
    may: REPORT,
    ...of(SCHOOL),
    path: `${IN}/report/${SCHOOL}`,
  },
  {
    target: '/monitoring/[procedure]/report/[institution]/[file] GET',
    may: REPORT,
    ...of(SCHOOL),
    path: `${IN}/report/${SCHOOL}/${submission}.xlsx`,
  },
  { target: '/settings GET', may: 'signedIn', path: '/settings' },
  {
    target: '/settings institutions',
    may: ADMINISTRATOR,
    unit: '48',
    path: '/settings?/institutions',
    form: { region: '48', lines: 'Округ-48-1;i48-1;Школа-48-11' },
  },
  {
    target: '/settings procedure',
    may: PROCEDURES,
    unit: '48',
    path: '/settings?/procedure',
    form: {
      region: '48',
      title: 'Мониторинг',
      academicYear: '2014',
      deadline: '2099-11-29',
      centreName: 'Центр',
      centrePhone: '+7 000 000-00-01',
      centreEmail: 'centre@example.org',
      centreSite: 'https://centre.example.org',
    },
  },
  {
    target: '/settings coordinator',
    may: ADMINISTRATOR,
    unit: '48-m1',
    path: '/settings?/coordinator',
    form: {
      place: 'municipalCoordinator 48-m1',
      name: 'Тестов Тест',
      username: 'taken',
      password: 'long enough phrase',
    },
  },
];

/** Routes without a probe, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  '/account everywhere': 'would end the session that asks; server/auth has its own tests',
  '/sign-out POST': 'would end the session that asks',
  '/dev/ui GET': 'not served by the built pages; e2e looks',
  '/setup GET': 'leads away once the hub is set up',
  '/setup default': 'closed once the hub is set up; server tests show it',
};

export const streams: readonly StreamExpectation[] = [
  { stream: `board:${PROCEDURE}:48-m1`, may: BOARD, ...of('48-m1') },
  { stream: `cabinet:${PROCEDURE}:${SCHOOL}`, may: FILES, ...of(SCHOOL) },
  { stream: `registration:${PROCEDURE}/${DECLINED}`, may: 'ticket' },
];

export const deeds = ({ submission, failed }: Made): Readonly<Record<string, DeedExpectation>> => ({
  'units.addInstitutionLines': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.units.addInstitutionLines(person, '48', 'Округ-48-1;i48-1;Школа-48-11'),
  },
  'units.addInstitutions': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.units.addInstitutions(person, '48', []),
  },
  'people.addCoordinator': {
    may: ADMINISTRATOR,
    unit: '48-m1',
    call: (door, person) => door.people.addCoordinator(person, coordinatorOf('taken')),
  },
  'people.removeCoordinator': {
    may: ADMINISTRATOR,
    unit: '48-m1',
    refusals: ['not_allowed'],
    call: (door, person) =>
      door.people.removeCoordinator(person, { person: 'absent', role: 'municipalCoordinator', unit: '48-m1' }),
  },
  'procedures.create': {
    may: PROCEDURES,
    unit: '48',
    call: (door, person) => door.procedures.create(person, '48', PROCEDURE_INPUT),
  },
  'participations.giveAccess': {
    may: CENTRE,
    ...of(WAITING),
    call: (door, person) => door.participations.giveAccess(person, place(WAITING)),
  },
  'participations.declineAccess': {
    may: CENTRE,
    ...of(DECLINED),
    call: (door, person) => door.participations.declineAccess(person, place(DECLINED), { reason: 'Нет письма' }),
  },
  'participations.renewTicket': {
    may: CENTRE,
    ...of(WAITING),
    call: (door, person) => door.participations.renewTicket(person, place(WAITING)),
  },
  'participations.participation': {
    may: FILES,
    ...of(SCHOOL),
    call: (door, person) => door.participations.participation(person, place(SCHOOL)),
  },
  'participations.board': {
    may: BOARD,
    ...of('48'),
    isOfAnyPart: true,
    call: (door, person) => door.participations.board(person, PROCEDURE),
  },
  'participations.boardPart': {
    may: BOARD,
    ...of('48-m1'),
    call: (door, person) => door.participations.boardPart(person, PROCEDURE, '48-m1'),
  },
  'submissions.templateSizes': {
    may: FILES,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.templateSizes(person, place(SCHOOL)),
  },
  'submissions.template': {
    may: SENDER,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.template(person, place(SCHOOL), 'xls'),
  },
  'submissions.send': {
    may: SENDER,
    ...of(SCHOOL),
    call: (door, person) =>
      door.submissions.send(person, place(SCHOOL), { name: 'x.xls', bytes: 0, content: null, isAttested: false }),
  },
  'submissions.attest': {
    may: SENDER,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.attest(person, place(SCHOOL), submission),
  },
  'submissions.cabinet': {
    may: FILES,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.cabinet(person, place(SCHOOL)),
  },
  'submissions.file': {
    may: FILES,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.file(person, place(SCHOOL), submission),
  },
  'submissions.findings': {
    may: FILES,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.findings(person, place(SCHOOL), failed),
  },
  'submissions.report': {
    may: REPORT,
    ...of(SCHOOL),
    call: (door, person) => door.submissions.report(person, place(SCHOOL)),
  },
});

/** Use cases without a probe of their own, each with the reason. */
export const DEEDS_LEFT_OUT: Readonly<Record<string, string>> = {
  'units.createRegion': 'part of the first start; no page calls it',
  'units.tree': 'shows everybody the units that he manages, and no others',
  'units.countInstitutions': 'a number of each region; no names',
  'people.load': 'reads who asks',
  'people.hasAdministrator': 'a yes or no of the first start',
  'people.setUp': 'closed once the hub is set up',
  'people.coordinators': 'shows everybody those whom he manages, and no others',
  'participations.procedures': 'public',
  'participations.procedure': 'public',
  'participations.participants': 'public (S2-24)',
  'participations.choices': 'public: the list to register from',
  'participations.registration': 'the ticket is the right',
  'participations.register': 'public (S2-05)',
  'participations.activate': 'the ticket is the right',
  'participations.cabinets': 'shows everybody his own, and no others',
  'participations.loadFor': 'the check itself, used by the others',
  'submissions.processNext': 'the hub itself; no page calls it',
  'submissions.attestationText': 'a text with a name; public as the name is',
  'submissions.unitName': 'a name; names of institutions are public (S2-24)',
};
