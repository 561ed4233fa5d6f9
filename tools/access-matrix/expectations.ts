/**
 * Who may do what, written down apart from the code that enforces it, from domain 2.2 and its negative rules. Every route and
 * every form of the pages, every stream, and every use case that a page can call stands here; what does not is reported as
 * uncovered, and the command fails.
 */
import { Readable } from 'node:stream';
import { HubError } from '#models/error.ts';
import type { Person } from '#models/people/person.ts';
import { ROLES, type Role } from '#models/people/rights.ts';
import type { Door } from '#server/door.ts';
import { COLLEGE, PROCEDURE, SCANNING, STUDY, SURVEY } from './places.ts';

/** Everyone, everyone who is signed in, the holder of a ticket, or those who hold one of the roles over the unit. */
export type Audience = 'everyone' | 'signedIn' | 'ticket' | readonly Role[];

export interface Asked {
  may: Audience;
  /** The unit that is asked about. */
  unit?: string;
  /** Whether the deed belongs to the procedure, so that a role bound to it is enough. */
  isOfProcedure?: boolean;
  /** Whoever holds the role anywhere in the unit may, and sees all of it: what all organizers of a procedure have in common (S1-42). */
  isOfOrganizers?: boolean;
  /** Whoever holds the role anywhere in the region may, and sees his own part. */
  isOfAnyPart?: boolean;
  /** Whoever holds the role in any region may, and sees what is his. */
  isOfAnyRegion?: boolean;
}

export interface RouteExpectation extends Asked {
  /** The route's id and what is asked of it: `GET`, `POST`, or the name of a form. */
  target: string;
  path: string;
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** What stands on the page is for everybody: the names of institutions too (S2-24). */
  isPublic?: boolean;
}

export interface StreamExpectation extends Asked {
  stream: string;
}

export interface DeedExpectation extends Asked {
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
/** S1-42; domain 6.1 row 19: room organizers read. */
const FORUM: readonly Role[] = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'institutionCoordinator',
  'roomOrganizer',
];
/** S1-41, S1-40; domain 6.1 row 20. */
const FORUM_WRITERS: readonly Role[] = ['federalCoordinator', 'regionalCoordinator', 'institutionCoordinator'];
const FORUM_ANSWERERS: readonly Role[] = ['federalCoordinator', 'regionalCoordinator'];
const FORUM_KEEPERS: readonly Role[] = ['federalCoordinator', 'authoritySpecialist', 'regionalCoordinator'];
/** Whoever answers, and whoever keeps the forum. */
const FORUM_LINKERS = FORUM_KEEPERS;
const ofOrganizers = { ...of('48'), isOfOrganizers: true };
/** Who looks through the eyes of people below him, for support. */
const VIEWERS: readonly Role[] = ['administrator', 'regionalCoordinator'];
/** Who explains the table of rights to others. */
const RIGHTS_READERS: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator'];
/** Who reads what was done in a territory. */
const DEEDS: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator', 'municipalCoordinator'];
/** Who reads the tree of units: whoever answers for a territory. */
const TREE: readonly Role[] = [
  'administrator',
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'municipalCoordinator',
];
/** S0-12: who looks into what an institution says of itself, and who says it. */
const CONTEXT: readonly Role[] = [
  'authoritySpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];
/** S1-32, S4-09 … S4-12: each level hands down what lies below it; a municipality makes none itself. */
const HANDS: readonly Role[] = ['federalCoordinator', 'regionalCoordinator', 'municipalCoordinator'];
const GENERATES: readonly Role[] = ['federalCoordinator', 'regionalCoordinator'];
const OVER_CABINETS = CONTEXT.filter((role) => !role.startsWith('institution'));
/** What is said of the school, of a revision that is not there: whoever may say it is told so. */
const SAYING = {
  rev: '99999',
  site: 'https://school.example.org',
  ...{ surname: 'Тестова', firstName: 'Тест', patronymic: 'Тестовна', position: 'Заместитель директора' },
  ...{ phone: '+7 000 000-00-02', email: 'user02@example.org' },
};
/** Each level publishes for the one below and reads what comes from above (S0-05, S4-07, S4-08). */
const PUBLISHES: readonly Role[] = [
  'federalCoordinator',
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];
const READS: readonly Role[] = [...PUBLISHES, 'authoritySpecialist', 'procedureLead'];
/** Whose reading is a mark, and who sends on: whoever acts for that very unit, nobody above it. */
const ACTS_FOR_SCHOOL: readonly Role[] = ['institutionHead', 'institutionCoordinator'];
const ACTS_FOR_MUNICIPALITY: readonly Role[] = ['municipalCoordinator'];
/** S1-28 … S1-31: who sees the lists of a study, who is told of it and answers, who prepares, and who decides. */
const STUDIES: readonly Role[] = ['federalCoordinator', 'authoritySpecialist', 'regionalCoordinator'];
const TOLD: readonly Role[] = [...STUDIES, 'institutionHead', 'institutionCoordinator'];
/** S1-08, S1-36: the college states its rooms; those above it and its room organizers see them. */
const ROOMS: readonly Role[] = [...TOLD, 'roomOrganizer'];
/** S1-03: the region says which point scans, and that it has what is required. */
const SCANNING_SETS: readonly Role[] = ['authoritySpecialist', 'regionalCoordinator'];
const SCANNING_SEES: readonly Role[] = [...SCANNING_SETS, 'federalCoordinator', 'dataProcessingOperator'];
const FEDERAL: readonly Role[] = ['federalCoordinator'];
/** S1-04, S1-12, S1-13, S1-51: who prints and accepts, who sees counts and states, who sees pages, and who scans and settles. */
const PREPARES: readonly Role[] = ['federalCoordinator', 'authoritySpecialist', 'regionalCoordinator'];
const COLLECTOR: readonly Role[] = [...PREPARES, 'dataProcessingOperator', 'scanningSpecialist'];
const PAGES: readonly Role[] = ['regionalCoordinator', 'dataProcessingOperator', 'scanningSpecialist'];
const SCANS: readonly Role[] = ['scanningSpecialist'];
/** A college sees its own scans, and its region what the college is shown. */
const OWN_SCANS: readonly Role[] = ['regionalCoordinator', 'institutionHead', 'institutionCoordinator'];
/** S1-13, S1-54: experts mark; the coordinators see how far they are. */
const CHECKING: readonly Role[] = ['federalCoordinator', 'regionalCoordinator', 'expert'];
const MARKS: readonly Role[] = ['expert'];
const FOLLOWS_CHECKING = CHECKING.filter((role) => role !== 'expert');
const centreOf = { procedure: STUDY, centre: SCANNING };
const IN_CHECKING = `/checking/${STUDY}/${SCANNING}`;
const IN_CENTRE = `/collector/${STUDY}/${SCANNING}`;
const studyOf = { procedure: STUDY, region: '48' };
const collegeOf = { procedure: STUDY, college: COLLEGE };
/** S4-04, S4-14: how far schools are sees whoever watches the board; what they answered, their region and municipality. */
const ANSWERS: readonly Role[] = [
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];
const surveyOf = { procedure: SURVEY, institution: 'i48-1' };
const SAYS: readonly Role[] = ['institutionHead', 'institutionCoordinator'];
const REPORT: readonly Role[] = [
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];

/** S0-08: whoever watches a territory or reads its reports; a role bound to a procedure reads that procedure's. */
const RESULTS: readonly Role[] = [...REPORT, 'dataProcessingOperator'];

const ORGANIZER = {
  surname: 'Тестова',
  firstName: 'Тест',
  patronymic: 'Тестовна',
  position: 'Заместитель директора',
  phone: '+7 000 000-00-02',
  email: 'user02@example.org',
};
const PROCEDURE_INPUT = {
  kind: 'attendance',
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
const APPOINTMENT = { role: 'municipalCoordinator', unit: '48-m1', name: 'Тестов Тест Тестович', channel: 'card' };
/** Who sees the people of a territory: whoever answers for it (S1-17). */
const PEOPLE: readonly Role[] = [
  'administrator',
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
];

/** A file for the purpose of tests: whoever is appointed to the municipality or its region sends for it. */
const FILE = { purpose: 'test', target: '48-m1', name: 'file.pdf', bytes: 1 };
const TUS = { 'tus-resumable': '1.0.0' };
const METADATA = Object.entries({ purpose: FILE.purpose, target: FILE.target, filename: FILE.name })
  .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  .join(',');

export interface Made {
  /** A large file on its way to the first municipality. */
  upload: string;
  /** The processed file of the school, and a later one with errors. */
  submission: string;
  failed: string;
  /** Of the declined institution's registration. */
  ticket: string;
  /** A coordinator of the first municipality: in the charge of his region's administrator. */
  charge: string;
  /** An appointment to the first municipality that nobody has taken yet. */
  invited: string;
  /** An import of units of the first region. */
  import: string;
  /** A batch of accesses of the first region. */
  batch: string;
  /** A publication of the first region for the school, its file, and another for the municipalities. */
  publication: string;
  publicationFile: string;
  guidance: string;
  /** A question of the school that nobody has answered. */
  question: string;
  /** A request for a cabinet that waits for the first region's centre. */
  request: string;
  /** An entry of the journal of deeds, within the first municipality. */
  noted: string;
  /** Printed forms of the college, the batch in which they came back, one page of it, and an error of another. */
  printRun: string;
  scanBatch: string;
  scanPage: string;
  scanError: string;
}

export const routes = ({
  printRun,
  scanBatch,
  scanPage,
  scanError,
  submission,
  failed,
  ticket,
  charge,
  invited,
  import: id,
  batch,
  request,
  noted,
  publication,
  publicationFile,
  guidance,
  question,
  upload,
}: Made): readonly RouteExpectation[] => [
  { target: '/ GET', may: 'everyone', isPublic: true, path: '/' },
  {
    ...{ target: '/uploads POST', path: '/uploads', may: ROLES, unit: '48-m1' },
    headers: { ...TUS, 'upload-length': '1', 'upload-metadata': METADATA },
  },
  { target: '/uploads/[upload] GET', path: `/uploads/${upload}`, may: ROLES, unit: '48-m1' },
  {
    ...{ target: '/uploads/[upload] HEAD', path: `/uploads/${upload}`, may: ROLES, unit: '48-m1' },
    headers: TUS,
  },
  { target: '/bell GET', may: 'signedIn', isPublic: true, path: '/bell' },
  { target: '/account GET', may: 'signedIn', path: '/account' },
  { target: '/account password', may: 'signedIn', path: '/account?/password', form: { present: 'x', next: 'y' } },
  ...['email', 'enrol', 'factorOff', 'recovery', 'end', 'endViewing', 'ownDevice', 'disownDevice'].map((form) => ({
    target: `/account ${form}`,
    may: 'signedIn' as const,
    path: `/account?/${form}`,
    form: { present: 'wrong', email: 'user03@example.org', session: 'absent', device: 'absent' },
  })),
  { target: '/account/second-factor GET', may: 'signedIn', path: '/account/second-factor' },
  { target: '/letters GET', may: ADMINISTRATOR, unit: '48', isOfAnyRegion: true, path: '/letters' },
  { target: '/language/[locale] GET', may: 'everyone', isPublic: true, path: '/language/ru' },
  { target: '/sign-in GET', may: 'everyone', isPublic: true, path: '/sign-in' },
  { target: '/sign-in default', may: 'everyone', isPublic: true, path: '/sign-in', form: {} },
  ...['forgotten', 'password', 'second-factor', 'code'].flatMap((step) => {
    const target = `/sign-in/${step}`;
    const may = 'everyone' as const;
    return [
      { target: `${target} GET`, may, isPublic: true, path: `/sign-in/${step}` },
      { target: `${target} default`, may, isPublic: true, path: `/sign-in/${step}`, form: {} },
    ];
  }),
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
  // Names of those who write are there for all organizers to read.
  {
    target: '/monitoring/[procedure]/forum GET',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum?q=${question}`,
  },
  ...['close', 'reopen', 'official', 'hide'].map((form) => ({
    target: `/monitoring/[procedure]/forum ${form}`,
    // Of an unanswered question that another asked: whoever may is told that it is not to be closed or opened.
    may: FORUM_KEEPERS,
    ...of('48'),
    isPublic: true,
    path: `${IN}/forum?/${form}`,
    // The first message of a question has its id.
    form: { question, message: form === 'hide' ? question : '', reason: 'Личные данные' },
  })),
  // Of a question alone: linked with itself, and pinned unanswered, it is refused to whoever may.
  ...['link', 'unlink', 'pin'].map((form) => ({
    target: `/monitoring/[procedure]/forum ${form}`,
    may: form === 'pin' ? FORUM_KEEPERS : FORUM_LINKERS,
    ...(form === 'pin' ? of('48') : ofOrganizers),
    isPublic: true,
    path: `${IN}/forum?/${form}`,
    form: { question, original: question, pinned: '1', reason: 'Спрашивают часто' },
  })),
  ...['faq', 'statistics', 'attention', 'export'].map((page) => ({
    target: `/monitoring/[procedure]/forum/${page} GET`,
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/${page}`,
  })),
  {
    target: '/monitoring/[procedure]/forum follow',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum?/follow`,
    form: { question, follow: '1' },
  },
  {
    target: '/monitoring/[procedure]/forum/attention attend',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/attention?/attend`,
    form: { digest: 'none', zone: 'Europe/Moscow' },
  },
  {
    target: '/monitoring/[procedure]/forum/attention addDevice',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/attention?/addDevice`,
    form: { subscription: '{}' },
  },
  // Of one's own devices; of nobody's else they are not there.
  ...['removeDevice', 'testDevice'].map((form) => ({
    target: `/monitoring/[procedure]/forum/attention ${form}`,
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/attention?/${form}`,
    form: { device: 'absent' },
  })),
  ...['', '/answers'].map((page) => ({
    target: `/monitoring/[procedure]/forum/canned${page} GET`,
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/canned${page}`,
  })),
  ...['keep', 'remove'].map((form) => ({
    target: `/monitoring/[procedure]/forum/canned ${form}`,
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/canned?/${form}`,
    form: { id: 'absent', rev: '0', title: 'Срок', text: 'До {deadine}' },
  })),
  ...['tellAll', 'acknowledge'].map((form) => ({
    target: `/monitoring/[procedure]/forum ${form}`,
    may: form === 'tellAll' ? FORUM_ANSWERERS : FORUM_WRITERS.filter((role) => role !== 'federalCoordinator'),
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum?/${form}`,
    // An incident that is none: whoever may is told so.
    form: { incident: 'none', text: 'x' },
  })),
  {
    target: '/monitoring/[procedure]/forum readAll',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum?/readAll`,
    form: {},
  },
  { target: '/monitoring/[procedure]/forum/post POST', may: FORUM_WRITERS, ...ofOrganizers, path: `${IN}/forum/post` },
  // To whom the forum is not open, nothing is known.
  {
    target: '/monitoring/[procedure]/forum/known GET',
    may: 'signedIn',
    path: `${IN}/forum/known?code=claim_lost`,
  },
  {
    target: '/monitoring/[procedure]/forum/find GET',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/find?text=материалы`,
  },
  {
    target: '/monitoring/[procedure]/forum/similar POST',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/similar`,
  },
  {
    target: '/monitoring/[procedure]/forum/[question] GET',
    may: FORUM,
    ...ofOrganizers,
    isPublic: true,
    path: `${IN}/forum/${question}`,
  },
  {
    target: '/monitoring/[procedure]/forum/[question]/read POST',
    may: FORUM,
    ...ofOrganizers,
    path: `${IN}/forum/${question}/read`,
  },
  {
    target: '/monitoring/[procedure]/forum/[question]/claim POST',
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    path: `${IN}/forum/${question}/claim`,
  },
  { target: '/cabinet GET', may: 'signedIn', path: '/cabinet' },
  { target: '/cabinet-request GET', may: 'everyone', isPublic: true, path: '/cabinet-request' },
  { target: '/cabinet-request default', may: 'everyone', isPublic: true, path: '/cabinet-request', form: {} },
  { target: '/cabinet/[institution] GET', may: CONTEXT, unit: SCHOOL, path: `/cabinet/${SCHOOL}` },
  { target: '/cabinet/[institution] save', may: SAYS, unit: SCHOOL, path: `/cabinet/${SCHOOL}?/save`, form: SAYING },
  {
    target: '/cabinet/[institution]/monitorings GET',
    may: CONTEXT,
    unit: SCHOOL,
    path: `/cabinet/${SCHOOL}/monitorings`,
  },
  { target: '/cabinet/[institution]/past GET', may: CONTEXT, unit: SCHOOL, path: `/cabinet/${SCHOOL}/past` },
  { target: '/cabinets GET', may: OVER_CABINETS, unit: '48', isOfAnyRegion: true, path: '/cabinets' },
  { target: '/cabinets/export GET', may: OVER_CABINETS, unit: '48', isOfAnyRegion: true, path: '/cabinets/export' },
  { target: '/cabinets/requests GET', may: CENTRE, unit: '48', isOfAnyRegion: true, path: '/cabinets/requests' },
  ...['issue', 'decline', 'renew'].map((form) => ({
    target: `/cabinets/requests ${form}`,
    may: CENTRE,
    unit: '48',
    path: `/cabinets/requests?/${form}`,
    form: { request, replacing: 'Никто', reason: 'Письмо без подписи' },
  })),
  {
    target: '/cabinets/requests/coordinator/[institution] GET',
    may: CONTEXT,
    unit: SCHOOL,
    path: `/cabinets/requests/coordinator/${SCHOOL}`,
  },
  {
    target: '/monitoring/[procedure]/overview GET',
    may: BOARD,
    ...of('48'),
    path: `${IN}/overview?unit=48`,
  },
  { target: '/deeds GET', may: DEEDS, unit: '48-m1', path: '/deeds?unit=48-m1' },
  { target: '/deeds/[deed] GET', may: DEEDS, unit: '48-m1', path: `/deeds/${noted}` },
  { target: '/deeds/export GET', may: DEEDS, unit: '48-m1', path: '/deeds/export?unit=48-m1' },
  { target: '/results GET', may: RESULTS, ...of(SCHOOL), path: `/results?institution=${SCHOOL}` },
  { target: '/results/export GET', may: RESULTS, ...of(SCHOOL), path: `/results/export?institution=${SCHOOL}` },
  { target: '/rights GET', may: RIGHTS_READERS, unit: '48', isOfAnyRegion: true, path: '/rights' },
  { target: '/rights/export GET', may: RIGHTS_READERS, unit: '48', isOfAnyRegion: true, path: '/rights/export' },
  { target: '/settings/counters GET', may: 'signedIn', path: '/settings/counters' },
  {
    target: '/settings/counters mend',
    may: ADMINISTRATOR,
    unit: '48-m1',
    path: '/settings/counters?/mend',
    form: { stream: `board:${PROCEDURE}:48-m1` },
  },
  { target: '/search GET', may: 'signedIn', path: '/search?q=Школа' },
  { target: '/units GET', may: TREE, unit: '48', isOfAnyRegion: true, path: '/units' },
  { target: '/units/[unit] GET', may: TREE, unit: SCHOOL, path: `/units/${SCHOOL}` },
  { target: '/units/[unit]/children GET', may: TREE, unit: '48-m1', path: '/units/48-m1/children' },
  ...['add', 'close', 'edit', 'merge', 'move', 'reopen'].map((form) => ({
    target: `/units/[unit] ${form}`,
    may: ADMINISTRATOR,
    unit: SCHOOL,
    path: `/units/${SCHOOL}?/${form}`,
    // Nothing that could succeed: whoever may do it is told what is wrong.
    form: { target: SCHOOL, kind: 'nothing', name: 'x' },
  })),
  { target: '/exports/units.[format] GET', may: TREE, unit: '48', isOfAnyRegion: true, path: '/exports/units.csv' },
  { target: '/credentials GET', may: HANDS, unit: '48', isOfAnyRegion: true, path: '/credentials' },
  {
    target: '/credentials/export.[format] GET',
    may: HANDS,
    unit: '48',
    isOfAnyRegion: true,
    path: '/credentials/export.xlsx',
  },
  ...['hand', 'takeBack', 'verify', 'send'].map((form) => ({
    target: `/credentials ${form}`,
    may: HANDS,
    unit: SCHOOL,
    path: `/credentials?/${form}`,
    form: { institution: SCHOOL },
  })),
  { target: '/credentials/[institution] GET', may: HANDS, unit: SCHOOL, path: `/credentials/${SCHOOL}` },
  // A reason that is too short, and a number of showings that is not one: whoever may is told so.
  ...['open', 'hand', 'takeBack', 'verify'].map((form) => ({
    target: `/credentials/[institution] ${form}`,
    may: HANDS,
    unit: SCHOOL,
    path: `/credentials/${SCHOOL}?/${form}`,
    form: { known: '99999', email: 'head@example.org' },
  })),
  { target: '/credentials/batches GET', may: GENERATES, unit: '48', isOfAnyRegion: true, path: '/credentials/batches' },
  {
    target: '/credentials/batches start',
    may: GENERATES,
    unit: '48',
    path: '/credentials/batches?/start',
    form: { unit: '48', title: 'Опрос', route: 'survey', whom: 'codes', codes: 'absent' },
  },
  {
    target: '/credentials/batches cancel',
    may: GENERATES,
    unit: '48',
    path: '/credentials/batches?/cancel',
    form: { batch },
  },
  { target: '/study GET', may: 'signedIn', path: '/study' },
  {
    target: '/study open',
    may: PROCEDURES,
    unit: '48',
    path: '/study?/open',
    // A study of a region is none: whoever may open something for it is told so.
    form: {
      unit: '48',
      title: 'Исследование',
      academicYear: '2013',
      deadline: '2099-11-29',
      subjects: 'Физика',
    },
  },
  { target: '/study/[procedure] GET', may: STUDIES, unit: '48', path: `/study/${STUDY}` },
  {
    target: '/study/[procedure] list',
    may: FEDERAL,
    unit: '48',
    path: `/study/${STUDY}?/list`,
    form: { region: '48' },
  },
  { target: '/study/[procedure]/[region] GET', may: STUDIES, unit: '48', path: `/study/${STUDY}/48` },
  { target: '/study/[procedure]/[region]/export GET', may: STUDIES, unit: '48', path: `/study/${STUDY}/48/export` },
  ...['give', 'handOver', 'inform', 'publish'].map((form) => ({
    target: `/study/[procedure]/[region] ${form}`,
    may: form === 'publish' ? FEDERAL : CENTRE,
    unit: '48',
    path: `/study/${STUDY}/48?/${form}`,
    // Numbers that are none, a list that was handed over, a sample that is published: whoever may is told so.
    form: { college: COLLEGE, colleges: COLLEGE, students: 'x', groups: 'x', rev: '1' },
  })),
  {
    target: '/cabinet/[institution]/rooms/[procedure] GET',
    may: ROOMS,
    unit: COLLEGE,
    path: `/cabinet/${COLLEGE}/rooms/${STUDY}`,
  },
  ...['add', 'edit', 'remove', 'appoint', 'again', 'end'].map((form) => ({
    target: `/cabinet/[institution]/rooms/[procedure] ${form}`,
    may: SAYS,
    unit: COLLEGE,
    path: `/cabinet/${COLLEGE}/rooms/${STUDY}?/${form}`,
    // A room and an appointment that are not there: whoever may is told so.
    form: {
      ...{ room: 'absent', appointment: 'absent', organizer: 'none', rev: '1' },
      ...{ name: 'Тестов Тест Тестович', channel: 'card' },
    },
  })),
  ...['', '/image', '/as-came', '/thumbnail', '/crop'].map((part) => ({
    target: `/collector/pages/[page]${part} GET`,
    may: PAGES,
    unit: SCANNING,
    path: `/collector/pages/${scanPage}${part}${part === '/crop' ? '?x=0&y=0&w=1&h=1' : ''}`,
  })),
  { target: '/collector/[procedure]/[centre]/errors GET', may: PAGES, unit: SCANNING, path: `${IN_CENTRE}/errors` },
  {
    target: '/collector/[procedure]/[centre]/errors/[error] GET',
    may: PAGES,
    unit: SCANNING,
    path: `${IN_CENTRE}/errors/${encodeURIComponent(scanError)}`,
  },
  // A word that is none, and a decision that nobody made: whoever may is told so.
  ...['claim', 'settle', 'take-back'].map((deed) => ({
    target: `/collector/[procedure]/[centre]/errors/[error]/${deed} POST`,
    may: SCANS,
    unit: SCANNING,
    path: `${IN_CENTRE}/errors/${encodeURIComponent(scanError)}/${deed}`,
  })),
  {
    target: '/collector/[procedure]/[centre]/errors/behind POST',
    may: PAGES,
    unit: SCANNING,
    path: `${IN_CENTRE}/errors/behind`,
  },
  ...['together', 'together/take-back'].map((deed) => ({
    target: `/collector/[procedure]/[centre]/errors/${deed} POST`,
    may: SCANS,
    unit: SCANNING,
    path: `${IN_CENTRE}/errors/${deed}`,
  })),
  {
    target: '/collector/[procedure]/[centre]/works/[college]/[participant] GET',
    may: PAGES,
    unit: SCANNING,
    path: `${IN_CENTRE}/works/${COLLEGE}/1`,
  },
  { target: '/collector GET', may: 'signedIn', path: '/collector' },
  { target: '/collector/[procedure]/[centre] GET', may: COLLECTOR, unit: SCANNING, path: IN_CENTRE },
  { target: '/collector/[procedure]/[centre]/export GET', may: COLLECTOR, unit: SCANNING, path: `${IN_CENTRE}/export` },
  {
    ...{ target: '/collector/[procedure]/[centre]/batches/[batch]/cover GET', may: COLLECTOR, unit: SCANNING },
    path: `${IN_CENTRE}/batches/${scanBatch}/cover`,
  },
  {
    target: '/collector/[procedure]/[centre]/prints/[run] GET',
    may: PREPARES,
    unit: SCANNING,
    path: `${IN_CENTRE}/prints/${printRun}`,
  },
  ...(
    [
      ['print', PREPARES],
      ['accept', PREPARES],
      ['recount', PREPARES],
      ['open', SCANS],
    ] as const
  ).map(([form, may]) => ({
    target: `/collector/[procedure]/[centre] ${form}`,
    may,
    unit: SCANNING,
    path: `${IN_CENTRE}?/${form}`,
    // Nothing to print, no count of sheets, a package that waits: whoever may is told so.
    form: { college: COLLEGE, spares: '0', sheets: 'x', reason: '' },
  })),
  {
    target: '/collector/[procedure]/[centre]/batches/[batch] GET',
    may: PAGES,
    unit: SCANNING,
    path: `${IN_CENTRE}/batches/${scanBatch}`,
  },
  ...['end', 'reopen'].map((form) => ({
    target: `/collector/[procedure]/[centre]/batches/[batch] ${form}`,
    may: SCANS,
    unit: SCANNING,
    path: `${IN_CENTRE}/batches/${scanBatch}?/${form}`,
    form: {},
  })),
  { target: '/checking GET', may: 'signedIn', path: '/checking' },
  { target: '/checking/[procedure]/[centre] GET', may: CHECKING, unit: SCANNING, path: IN_CHECKING },
  {
    target: '/checking/[procedure]/[centre]/results.[format] GET',
    may: FOLLOWS_CHECKING,
    unit: SCANNING,
    path: `${IN_CHECKING}/results.csv`,
  },
  { target: '/checking/[procedure]/[centre]/take POST', may: MARKS, unit: SCANNING, path: `${IN_CHECKING}/take` },
  { target: '/scanning-centres GET', may: SCANNING_SEES, unit: '48', isOfAnyRegion: true, path: '/scanning-centres' },
  { target: '/scanning-centres/[region] GET', may: SCANNING_SEES, unit: '48', path: '/scanning-centres/48' },
  ...['choose', 'check', 'confirm'].map((form) => ({
    target: `/scanning-centres/[region] ${form}`,
    may: SCANNING_SETS,
    unit: '48',
    path: `/scanning-centres/48?/${form}`,
    // A unit that is no scanning point, of a region that named none: whoever may is told so.
    form: { unit: '48', sort: 'other', rev: '0', requirement: 'line', isMet: 'true' },
  })),
  {
    target: '/cabinet/[institution]/monitorings acknowledge',
    may: SAYS,
    unit: COLLEGE,
    path: `/cabinet/${COLLEGE}/monitorings?/acknowledge`,
    form: { procedure: STUDY },
  },
  { target: '/survey GET', may: 'signedIn', path: '/survey' },
  {
    target: '/survey open',
    may: PROCEDURES,
    unit: '48',
    path: '/survey?/open',
    // A survey without a plan, questions or letters is none: whoever may open one is told so.
    form: { unit: '48', title: 'Опрос', academicYear: '2013', deadline: '2099-11-29' },
  },
  ...['', '/export', '/plan', '/plan/export'].map((page) => ({
    target: `/survey/[procedure]${page} GET`,
    may: [...BOARD, 'administrator' as const],
    unit: '48',
    isOfAnyPart: true,
    path: `/survey/${SURVEY}${page}`,
  })),
  {
    target: '/survey/[procedure]/[institution] GET',
    may: ANSWERS,
    unit: SCHOOL,
    path: `/survey/${SURVEY}/${SCHOOL}`,
  },
  {
    target: '/cabinet/[institution]/monitorings/[procedure] GET',
    may: ANSWERS,
    unit: SCHOOL,
    path: `/cabinet/${SCHOOL}/monitorings/${SURVEY}`,
  },
  ...['save', 'finish'].map((form) => ({
    target: `/cabinet/[institution]/monitorings/[procedure] ${form}`,
    may: SAYS,
    unit: SCHOOL,
    path: `/cabinet/${SCHOOL}/monitorings/${SURVEY}?/${form}`,
    // Saved by somebody else meanwhile; not complete: whoever may is told so.
    form: { section: 'schedule', rev: '99', typed: '{}' },
  })),
  { target: '/publications GET', may: READS, unit: '48', isOfAnyRegion: true, path: '/publications' },
  { target: '/publications/new GET', may: PUBLISHES, unit: '48', path: '/publications/new?unit=48' },
  {
    target: '/publications/new publish',
    may: PUBLISHES,
    unit: '48',
    path: '/publications/new?/publish',
    // Without a heading: whoever may is told so.
    form: { unit: '48', scope: 'next', whom: 'all' },
  },
  { target: '/publications/files POST', may: PUBLISHES, unit: '48', path: '/publications/files?unit=48&name=x.pdf' },
  // Only whoever sent it throws a file away, and nobody sent this one.
  { target: '/publications/files/[file]/drop POST', may: [], unit: '48', path: '/publications/files/absent/drop' },
  { target: '/publications/[publication] GET', may: READS, unit: SCHOOL, path: `/publications/${publication}` },
  {
    target: '/publications/[publication]/files/[file] GET',
    may: READS,
    unit: SCHOOL,
    path: `/publications/${publication}/files/${publicationFile}`,
  },
  {
    target: '/publications/[publication]/export GET',
    may: PUBLISHES,
    unit: '48',
    path: `/publications/${publication}/export`,
  },
  {
    target: '/publications/[publication]/opened POST',
    may: ACTS_FOR_SCHOOL,
    unit: SCHOOL,
    path: `/publications/${publication}/opened?as=${SCHOOL}`,
  },
  {
    target: '/publications/[publication] confirm',
    may: ACTS_FOR_SCHOOL,
    unit: SCHOOL,
    path: `/publications/${publication}?/confirm`,
    form: { unit: SCHOOL },
  },
  {
    target: '/publications/[publication] sendOn',
    may: ACTS_FOR_MUNICIPALITY,
    unit: '48-m1',
    path: `/publications/${guidance}?/sendOn`,
    // To nobody: whoever may is told so.
    form: { unit: '48-m1', scope: 'next', whom: 'chosen' },
  },
  ...['withdraw', 'correct', 'remind'].map((form) => ({
    target: `/publications/[publication] ${form}`,
    may: PUBLISHES,
    unit: '48',
    path: `/publications/${publication}?/${form}`,
    form: { unit: '48' },
  })),
  {
    target: '/cabinet/[institution]/publications GET',
    may: READS,
    unit: SCHOOL,
    path: `/cabinet/${SCHOOL}/publications`,
  },
  { target: '/imports GET', may: TREE, unit: '48', isOfAnyRegion: true, path: '/imports' },
  { target: '/imports/form.[format] GET', may: 'signedIn', path: '/imports/form.csv' },
  { target: '/imports/upload POST', may: ADMINISTRATOR, unit: '48', path: '/imports/upload?unit=48&name=x.csv' },
  { target: '/imports/[import] GET', may: ADMINISTRATOR, unit: '48', path: `/imports/${id}` },
  {
    target: '/imports/[import]/lines GET',
    may: ADMINISTRATOR,
    unit: '48',
    path: `/imports/${id}/lines?kind=new&page=0`,
  },
  {
    target: '/imports/[import] confirm',
    may: ADMINISTRATOR,
    unit: '48',
    path: `/imports/${id}?/confirm`,
    form: { edition: 'absent' },
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
  // A reason that is too short: whoever may look as another is told so.
  {
    target: '/people viewAs',
    may: VIEWERS,
    unit: '48-m1',
    path: '/people?/viewAs',
    form: { person: charge, reason: 'x' },
  },
  { target: '/viewing GET', may: 'signedIn', path: '/viewing' },
  { target: '/viewing end', may: 'signedIn', path: '/viewing?/end', form: {} },
  ...['newPassword', 'resetFactor'].map((form) => ({
    target: `/people ${form}`,
    may: ADMINISTRATOR,
    unit: '48-m1',
    path: `/people?/${form}`,
    form: { person: charge },
  })),
  ...['GET', 'export'].map((what) => ({
    target: what === 'GET' ? '/people GET' : '/people/export GET',
    may: PEOPLE,
    unit: '48',
    isOfAnyPart: true,
    isOfAnyRegion: true,
    path: what === 'GET' ? '/people' : '/people/export',
  })),
  { target: '/people/places GET', may: 'signedIn', path: '/people/places?role=institutionHead&q=' },
  {
    target: '/people appoint',
    // An administrator is told whose matter it is; nobody else gets so far.
    may: [...ADMINISTRATOR, ...CENTRE],
    unit: '48-m1',
    path: '/people?/appoint',
    form: { ...APPOINTMENT, procedure: 'unknown' },
  },
  {
    target: '/people again',
    may: [...ADMINISTRATOR, ...CENTRE],
    unit: '48-m1',
    path: '/people?/again',
    form: { appointment: invited, channel: 'card' },
  },
  {
    target: '/people end',
    may: [...ADMINISTRATOR, ...CENTRE],
    unit: '48-m1',
    path: '/people?/end',
    form: { appointment: invited, reason: '' },
  },
  {
    target: '/people agree',
    may: ['federalCoordinator'],
    unit: '48-m1',
    path: '/people?/agree',
    form: { appointment: invited },
  },
  { target: '/invitation GET', may: 'everyone', isPublic: true, path: '/invitation' },
  { target: '/invitation default', may: 'everyone', isPublic: true, path: '/invitation', form: { code: 'AAAA' } },
];

/** Routes without a probe, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  '/invitation/[code] GET': 'the code is the right; server/appointments.int.test shows it',
  '/invitation/[code] accept': 'the code is the right; server/appointments.int.test shows it',
  '/invitation/[code] take': 'the code is the right; server/appointments.int.test shows it',
  '/people/card POST': 'the code is the right, with that to appoint; server/appointments.int.test shows it',
  '/account others': 'would end sessions of the one who asks; sign-in has its own tests',
  '/account/second-factor default': 'of one’s own account; without an enrolment there is nothing to confirm',
  '/credentials/cards POST': 'asks as opening one does; a body of its own, which server/credentials.int.test sends',
  '/credentials/[institution] revoke': 'asks as handing on does; would end the access that the others ask of',
  '/credentials/[institution] reissue': 'asks as handing on does; would end the access that the others ask of',
  '/imports/[import] withdraw': 'asks as confirming does; would end the import that the others ask of',
  '/cabinet-request/[ticket] GET': 'the ticket is the right',
  '/cabinet-request/[ticket] default': 'the ticket is the right',
  '/sign-in/link/[token] GET': 'the link is the right',
  '/sign-in/link/[token] default': 'the link is the right',
  '/account/address/[token] GET': 'the link is the right',
  '/account/address/[token] default': 'the link is the right',
  '/account everywhere': 'would end the session that asks; server/auth has its own tests',
  '/sign-out POST': 'would end the session that asks',
  '/checking/[procedure]/[centre]/[check]/image GET':
    'an answer that was taken; its use case is asked, and scanning.int.test takes one',
  '/checking/[procedure]/[centre]/[check]/mark POST': 'an answer that was taken; its use case is asked',
  '/checking/[procedure]/[centre]/[check]/take-back POST': 'an answer that was marked; its use case is asked',
  '/dev/ui GET': 'not served by the built pages; e2e looks',
  '/setup GET': 'leads away once the hub is set up',
  '/setup default': 'closed once the hub is set up; server tests show it',
};

export const streams = ({ import: id, request, batch, publication, scanBatch }: Made): readonly StreamExpectation[] => [
  { stream: `board:${PROCEDURE}:48-m1`, may: BOARD, ...of('48-m1') },
  { stream: `cabinet:${PROCEDURE}:${SCHOOL}`, may: FILES, ...of(SCHOOL) },
  { stream: `rollup:${PROCEDURE}:48`, may: BOARD, ...of('48') },
  { stream: `import:${id}`, may: ADMINISTRATOR, unit: '48' },
  { stream: `forum:${PROCEDURE}`, may: FORUM, ...ofOrganizers },
  // Everybody's own, and nobody else's.
  { stream: `forumReader:${PROCEDURE}:another`, may: 'ticket' },
  { stream: 'requestQueue:48', may: CENTRE, unit: '48' },
  { stream: `requestTicket:${request}`, may: 'ticket' },
  { stream: `institution:${SCHOOL}`, may: CONTEXT, unit: SCHOOL },
  { stream: 'cabinets:48-m1', may: CONTEXT, unit: '48-m1' },
  { stream: 'credentials:48-m1', may: HANDS, unit: '48-m1' },
  { stream: `credentialBatch:${batch}`, may: GENERATES, unit: '48' },
  { stream: `collector:${STUDY}:${SCANNING}`, may: COLLECTOR, unit: SCANNING },
  { stream: `scanErrors:${STUDY}:${SCANNING}`, may: PAGES, unit: SCANNING },
  { stream: `scanBatch:${STUDY}:${SCANNING}:${scanBatch}`, may: PAGES, unit: SCANNING },
  { stream: `ownScans:${STUDY}:${COLLEGE}`, may: OWN_SCANS, unit: COLLEGE },
  { stream: `checking:${STUDY}:${SCANNING}`, may: CHECKING, unit: SCANNING },
  { stream: `study:${STUDY}:48`, may: STUDIES, unit: '48' },
  { stream: `studyInvitation:${STUDY}:${COLLEGE}`, may: TOLD, unit: COLLEGE },
  { stream: `rooms:${STUDY}:${COLLEGE}`, may: ROOMS, unit: COLLEGE },
  { stream: 'scanningCentre:48', may: SCANNING_SEES, unit: '48' },
  { stream: `survey:${SURVEY}:48-m1`, may: BOARD, unit: '48-m1' },
  { stream: `surveyResponse:${SURVEY}:${SCHOOL}`, may: ANSWERS, unit: SCHOOL },
  { stream: `publications:${SCHOOL}`, may: READS, unit: SCHOOL },
  { stream: 'sentPublications:48-m1', may: PUBLISHES, unit: '48-m1' },
  { stream: `receipts:${publication}:48-m1`, may: PUBLISHES, unit: '48-m1' },
  { stream: 'appointments:48-m1', may: PEOPLE, unit: '48-m1' },
  { stream: `appointments:${SCHOOL}`, may: PEOPLE, unit: SCHOOL },
  { stream: 'uploads:test:48-m1', may: ROLES, unit: '48-m1' },
  { stream: 'deeds:48-m1', may: DEEDS, unit: '48-m1' },
  { stream: `registration:${PROCEDURE}/${DECLINED}`, may: 'ticket' },
];

/** What is given holds names that all organizers may read. */
const done = (work: Promise<unknown>): Promise<void> => work.then(() => undefined);

export const deeds = ({
  printRun,
  scanBatch,
  scanPage,
  scanError,
  submission,
  failed,
  charge,
  invited,
  import: imported,
  batch,
  request,
  noted,
  publication,
  publicationFile,
  guidance,
  question,
  upload,
}: Made): Readonly<Record<string, DeedExpectation>> => ({
  'uploads.begin': { may: ROLES, unit: '48-m1', call: (door, person) => done(door.uploads.begin(person, FILE)) },
  'uploads.find': { may: ROLES, unit: '48-m1', call: (door, person) => done(door.uploads.find(person, upload)) },
  'uploads.outcome': { may: ROLES, unit: '48-m1', call: (door, person) => done(door.uploads.outcome(person, upload)) },
  'uploads.append': {
    may: ROLES,
    unit: '48-m1',
    call: (door, person) => done(door.uploads.append(person, upload, 1, Readable.from([]))),
  },
  'uploads.part': {
    may: ROLES,
    unit: '48-m1',
    call: (door, person) => done(door.uploads.part(person, 'test', '48-m1')),
  },
  'forum.page': { may: FORUM, ...ofOrganizers, call: (door, person) => done(door.forum.page(person, PROCEDURE)) },
  'forum.snapshot': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.snapshot(person, PROCEDURE)),
  },
  'forum.thread': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.thread(person, PROCEDURE, question)),
  },
  'forum.place': { may: FORUM, ...ofOrganizers, call: (door, person) => done(door.forum.place(person, PROCEDURE)) },
  'forum.territories': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.territories(person, PROCEDURE)),
  },
  'forum.statistics': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.statistics(person, PROCEDURE)),
  },
  'forum.frequent': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.frequent(person, PROCEDURE)),
  },
  'forum.whole': { may: FORUM, ...ofOrganizers, call: (door, person) => done(door.forum.whole(person, PROCEDURE)) },
  'forum.link': {
    may: FORUM_LINKERS,
    ...ofOrganizers,
    call: (door, person) => door.forum.link(person, PROCEDURE, question, question),
  },
  'forum.unlink': {
    may: FORUM_LINKERS,
    ...ofOrganizers,
    call: (door, person) => door.forum.unlink(person, PROCEDURE, question),
  },
  'forum.pin': {
    may: FORUM_KEEPERS,
    ...of('48'),
    call: (door, person) => door.forum.pin(person, PROCEDURE, question, { isPinned: true, reason: 'Спрашивают часто' }),
  },
  'attention.attend': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => door.attention.attend(person, PROCEDURE, { digest: 'none' }),
  },
  'attention.addDevice': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) =>
      door.attention.addDevice(person, PROCEDURE, {}, { device: '', browser: '', agent: '', language: 'ru' }),
  },
  'attention.follow': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => door.attention.follow(person, PROCEDURE, question, true),
  },
  'cannedAnswers.list': {
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    call: (door, person) => done(door.cannedAnswers.list(person, PROCEDURE)),
  },
  'cannedAnswers.keep': {
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    call: (door, person) => door.cannedAnswers.keep(person, PROCEDURE, { title: '' }),
  },
  'cannedAnswers.remove': {
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    call: (door, person) => door.cannedAnswers.remove(person, PROCEDURE, 'absent'),
  },
  'incidents.tellAll': {
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    call: (door, person) => done(door.incidents.tellAll(person, PROCEDURE, 'none', { text: 'x' })),
  },
  'incidents.acknowledge': {
    may: FORUM_WRITERS.filter((role) => role !== 'federalCoordinator'),
    ...ofOrganizers,
    call: (door, person) => done(door.incidents.acknowledge(person, PROCEDURE, 'none')),
  },
  'forum.search': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.search(person, PROCEDURE, { text: 'материалы' })),
  },
  'forum.similar': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.similar(person, PROCEDURE, { text: 'материалы' })),
  },
  'forum.reader': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.reader(person, { procedure: PROCEDURE, person: person.id })),
  },
  'forum.read': {
    may: FORUM,
    ...ofOrganizers,
    call: (door, person) => door.forum.read(person, PROCEDURE, question, { n: 1 }),
  },
  'forum.readAll': { may: FORUM, ...ofOrganizers, call: (door, person) => door.forum.readAll(person, PROCEDURE) },
  'forum.post': {
    may: FORUM_WRITERS,
    ...ofOrganizers,
    call: (door, person) => door.forum.post(person, PROCEDURE, { kind: 'nothing' }),
  },
  'forum.claim': {
    may: FORUM_ANSWERERS,
    ...ofOrganizers,
    call: (door, person) => done(door.forum.claim(person, PROCEDURE, question, { deed: 'take' })),
  },
  'forum.close': {
    may: FORUM_KEEPERS,
    ...of('48'),
    call: (door, person) => door.forum.close(person, PROCEDURE, question),
  },
  'forum.reopen': {
    may: FORUM_KEEPERS,
    ...of('48'),
    call: (door, person) => door.forum.reopen(person, PROCEDURE, question),
  },
  'forum.hide': {
    may: FORUM_KEEPERS,
    ...of('48'),
    refusals: ['not_allowed', 'not_signed_in'],
    call: (door, person) => door.forum.hide(person, PROCEDURE, question, 'absent', { reason: 'Личные данные' }),
  },
  'forum.makeOfficial': {
    may: FORUM_KEEPERS,
    ...of('48'),
    call: (door, person) => door.forum.makeOfficial(person, PROCEDURE, question, null),
  },
  'deeds.page': { may: DEEDS, unit: '48-m1', call: (door, person) => door.deeds.page(person, { unit: '48-m1' }) },
  'deeds.exported': {
    may: DEEDS,
    unit: '48-m1',
    call: (door, person) => door.deeds.exported(person, { unit: '48-m1' }),
  },
  'deeds.start': { may: DEEDS, unit: '48-m1', call: (door, person) => door.deeds.start(person, { unit: '48-m1' }) },
  'results.page': {
    may: RESULTS,
    ...of(SCHOOL),
    call: (door, person) => door.results.page(person, { institution: SCHOOL }),
  },
  'rights.table': {
    may: RIGHTS_READERS,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => Promise.resolve().then(() => door.rights.table(person)),
  },
  'deeds.entry': {
    may: DEEDS,
    unit: '48-m1',
    call: (door, person) => door.deeds.entry(person, noted),
  },
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
  'units.create': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.units.create(person, '48', { id: 'taken', kind: 'nothing', name: 'x' }),
  },
  'units.edit': {
    may: ADMINISTRATOR,
    unit: SCHOOL,
    call: (door, person) => door.units.edit(person, SCHOOL, { name: 'x' }),
  },
  'units.move': {
    may: ADMINISTRATOR,
    unit: SCHOOL,
    call: (door, person) => door.units.move(person, SCHOOL, SCHOOL),
  },
  'units.merge': {
    may: ADMINISTRATOR,
    unit: SCHOOL,
    call: (door, person) => door.units.merge(person, SCHOOL, SCHOOL),
  },
  'units.close': {
    may: ADMINISTRATOR,
    unit: SCHOOL,
    call: (door, person) => door.units.close(person, SCHOOL, SCHOOL),
  },
  'units.reopen': { may: ADMINISTRATOR, unit: SCHOOL, call: (door, person) => door.units.reopen(person, SCHOOL) },
  'units.unit': { may: TREE, unit: SCHOOL, call: (door, person) => door.units.unit(person, SCHOOL) },
  'units.children': { may: TREE, unit: '48-m1', call: (door, person) => door.units.children(person, '48-m1') },
  'units.import': { may: ADMINISTRATOR, unit: '48', call: (door, person) => door.units.import(person, imported) },
  'units.importLines': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.units.importLines(person, imported, 'new', 0),
  },
  'credentials.overview': {
    may: HANDS,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.credentials.overview(person),
  },
  'credentials.territory': {
    may: HANDS,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.credentials.territory(person),
  },
  'credentials.part': { may: HANDS, unit: '48-m1', call: (door, person) => door.credentials.part(person, '48-m1') },
  'credentials.page': { may: HANDS, unit: SCHOOL, call: (door, person) => door.credentials.page(person, SCHOOL) },
  'credentials.open': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.open(person, { institution: SCHOOL, known: 99_999 }, ''),
  },
  'credentials.openMany': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.openMany(person, [{ institution: SCHOOL, known: 99_999 }], ''),
  },
  'credentials.handOn': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.handOn(person, [SCHOOL], ''),
  },
  'credentials.sendByLetter': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.sendByLetter(person, [{ institution: SCHOOL, known: 99_999 }], '', 'ru'),
  },
  'credentials.takeBack': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.takeBack(person, [SCHOOL], ''),
  },
  'credentials.verifyHead': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.verifyHead(person, { institution: SCHOOL, email: 'head@example.org' }, ''),
  },
  'credentials.verifyHeads': {
    may: HANDS,
    unit: SCHOOL,
    call: (door, person) => door.credentials.verifyHeads(person, [SCHOOL], ''),
  },
  'credentials.generatable': {
    may: GENERATES,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.credentials.generatable(person),
  },
  'credentials.batches': {
    may: GENERATES,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.credentials.batches(person),
  },
  'credentials.batch': { may: GENERATES, unit: '48', call: (door, person) => door.credentials.batch(person, batch) },
  'credentialBatches.start': {
    may: GENERATES,
    unit: '48',
    call: (door, person) =>
      door.credentialBatches.start(person, {
        ...{ unit: '48', title: 'Опрос', route: 'survey', instructions: '', codes: 'absent' },
      }),
  },
  'credentialBatches.cancel': {
    may: GENERATES,
    unit: '48',
    call: (door, person) => door.credentialBatches.cancel(person, batch),
  },
  'study.list': { may: FEDERAL, unit: '48', call: (door, person) => door.study.list(person, studyOf) },
  'study.give': {
    may: CENTRE,
    unit: COLLEGE,
    call: (door, person) => door.study.give(person, collegeOf, { students: 1, groups: 1, rev: 1 }),
  },
  'study.handOver': { may: CENTRE, unit: '48', call: (door, person) => door.study.handOver(person, studyOf) },
  'study.publishSample': {
    may: FEDERAL,
    unit: '48',
    call: (door, person) => door.study.publishSample(person, studyOf, [COLLEGE]),
  },
  'study.inform': { may: CENTRE, unit: '48', call: (door, person) => door.study.inform(person, studyOf, [COLLEGE]) },
  'study.acknowledge': {
    may: SAYS,
    unit: COLLEGE,
    call: (door, person) => door.study.acknowledge(person, collegeOf),
  },
  'study.part': { may: STUDIES, unit: '48', call: (door, person) => door.study.part(person, STUDY, '48') },
  'study.overview': { may: STUDIES, unit: '48', call: (door, person) => door.study.overview(person, STUDY) },
  'study.region': { may: STUDIES, unit: '48', call: (door, person) => door.study.region(person, STUDY, '48') },
  'study.invitation': {
    may: TOLD,
    unit: COLLEGE,
    call: (door, person) => door.study.invitation(person, STUDY, COLLEGE),
  },
  'rooms.add': { may: SAYS, unit: COLLEGE, call: (door, person) => door.rooms.add(person, collegeOf, {}) },
  'rooms.edit': {
    may: SAYS,
    unit: COLLEGE,
    call: (door, person) => door.rooms.edit(person, collegeOf, 'absent', { rev: 1 }),
  },
  'rooms.remove': {
    may: SAYS,
    unit: COLLEGE,
    call: (door, person) => door.rooms.remove(person, collegeOf, 'absent', { organizer: 'none' }),
  },
  'rooms.part': { may: ROOMS, unit: COLLEGE, call: (door, person) => door.rooms.part(person, STUDY, COLLEGE) },
  'rooms.page': { may: ROOMS, unit: COLLEGE, call: (door, person) => door.rooms.page(person, STUDY, COLLEGE) },
  'scanning.print': {
    may: PREPARES,
    unit: SCANNING,
    call: (door, person) => door.scanning.print(person, { ...centreOf, college: COLLEGE }, {}),
  },
  'scanning.acceptPackage': {
    may: PREPARES,
    unit: SCANNING,
    call: (door, person) => door.scanning.acceptPackage(person, { ...centreOf, college: COLLEGE }, {}),
  },
  'scanning.recountPackage': {
    may: PREPARES,
    unit: SCANNING,
    call: (door, person) => door.scanning.recountPackage(person, { ...centreOf, college: COLLEGE }, {}),
  },
  'scanning.openBatch': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => door.scanning.openBatch(person, { ...centreOf, college: COLLEGE }),
  },
  'scanning.coverFile': {
    may: COLLECTOR,
    unit: SCANNING,
    call: (door, person) => door.scanning.coverFile(person, { ...centreOf, batch: scanBatch }),
  },
  'scanning.endBatch': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => door.scanning.endBatch(person, { ...centreOf, batch: scanBatch }),
  },
  'scanning.reopenBatch': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => door.scanning.reopenBatch(person, { ...centreOf, batch: scanBatch }),
  },
  'scanning.claim': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.claim(person, { ...centreOf, error: scanError }, { deed: 'take' })),
  },
  'scanning.settle': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) =>
      door.scanning.settle(person, { ...centreOf, error: scanError }, { token: 0, settlement: { way: 'drop' } }),
  },
  'scanning.takeBack': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => door.scanning.takeBack(person, { ...centreOf, error: scanError }),
  },
  'scanning.settleTogether': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.settleTogether(person, centreOf, {})),
  },
  'scanning.takeBackTogether': {
    may: SCANS,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.takeBackTogether(person, centreOf, {})),
  },
  'scanning.page': {
    may: COLLECTOR,
    unit: SCANNING,
    call: (door, person) => door.scanning.page(person, STUDY, SCANNING),
  },
  'scanning.board': {
    may: COLLECTOR,
    unit: SCANNING,
    call: (door, person) => door.scanning.board(person, STUDY, SCANNING),
  },
  'scanning.batch': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.batch(person, STUDY, SCANNING, scanBatch),
  },
  'scanning.errors': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.errors(person, STUDY, SCANNING)),
  },
  'scanning.errorsBehind': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.errorsBehind(person, STUDY, SCANNING, {})),
  },
  'scanning.contents': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.contents(person, STUDY, SCANNING, scanBatch),
  },
  'scanning.ownScans': {
    may: OWN_SCANS,
    unit: COLLEGE,
    call: (door, person) => door.scanning.ownScans(person, STUDY, COLLEGE),
  },
  'scanning.scanPage': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.scanPage(person, scanPage),
  },
  'scanning.pageImage': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.pageImage(person, scanPage)),
  },
  'scanning.pageAsCame': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.pageAsCame(person, scanPage)),
  },
  'scanning.thumbnail': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.thumbnail(person, scanPage)),
  },
  'scanning.crop': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.crop(person, scanPage, { x: 0, y: 0, width: 9, height: 9 })),
  },
  'scanning.printFile': {
    may: PREPARES,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.printFile(person, STUDY, SCANNING, printRun)),
  },
  'scanning.errorLife': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.errorLife(person, STUDY, SCANNING, scanError),
  },
  'scanning.work': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.work(person, STUDY, SCANNING, COLLEGE, 1),
  },
  'scanning.checking': {
    may: CHECKING,
    unit: SCANNING,
    call: (door, person) => door.scanning.checking(person, STUDY, SCANNING),
  },
  'scanning.checkingPage': {
    may: CHECKING,
    unit: SCANNING,
    call: (door, person) => door.scanning.checkingPage(person, STUDY, SCANNING),
  },
  'scanning.takeCheck': {
    may: MARKS,
    unit: SCANNING,
    call: (door, person) => door.scanning.takeCheck(person, centreOf),
  },
  'scanning.markCheck': {
    may: MARKS,
    unit: SCANNING,
    refusals: ['not_allowed'],
    call: (door, person) => door.scanning.markCheck(person, { ...centreOf, check: 'absent' }, { token: 1, points: 0 }),
  },
  'scanning.unmarkCheck': {
    may: MARKS,
    unit: SCANNING,
    refusals: ['not_allowed'],
    call: (door, person) => door.scanning.unmarkCheck(person, { ...centreOf, check: 'absent' }),
  },
  'scanning.checkImage': {
    may: MARKS,
    unit: SCANNING,
    refusals: ['not_allowed'],
    call: (door, person) => done(door.scanning.checkImage(person, { ...centreOf, check: 'absent' })),
  },
  'scanning.results': {
    may: FOLLOWS_CHECKING,
    unit: SCANNING,
    call: (door, person) => done(door.scanning.results(person, STUDY, SCANNING)),
  },
  'scanning.pageRev': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.pageRev(person, scanPage),
  },
  'scanning.pace': {
    may: PAGES,
    unit: SCANNING,
    call: (door, person) => door.scanning.pace(person, STUDY, SCANNING),
  },
  'scanningCentres.choose': {
    may: SCANNING_SETS,
    unit: '48',
    call: (door, person) => door.scanningCentres.choose(person, '48', { unit: '48', sort: 'other', rev: 0 }),
  },
  'scanningCentres.check': {
    may: SCANNING_SETS,
    unit: '48',
    call: (door, person) => door.scanningCentres.check(person, '48', { unit: '48', requirement: 'line', isMet: true }),
  },
  'scanningCentres.confirm': {
    may: SCANNING_SETS,
    unit: '48',
    call: (door, person) => door.scanningCentres.confirm(person, '48', '48'),
  },
  'scanningCentres.part': {
    may: SCANNING_SEES,
    unit: '48',
    call: (door, person) => door.scanningCentres.part(person, '48'),
  },
  'scanningCentres.overview': {
    may: SCANNING_SEES,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.scanningCentres.overview(person),
  },
  'scanningCentres.region': {
    may: SCANNING_SEES,
    unit: '48',
    call: (door, person) => door.scanningCentres.region(person, '48'),
  },
  'surveys.save': {
    may: SAYS,
    unit: SCHOOL,
    // Saved by somebody else meanwhile: whoever may is told so.
    call: (door, person) => door.surveys.save(person, surveyOf, { section: 'schedule', rev: 99, typed: {} }),
  },
  'surveys.finish': { may: SAYS, unit: SCHOOL, call: (door, person) => door.surveys.finish(person, surveyOf) },
  'surveys.part': { may: BOARD, unit: '48-m1', call: (door, person) => door.surveys.part(person, SURVEY, '48-m1') },
  'surveys.overview': {
    may: [...BOARD, 'administrator'],
    unit: '48',
    isOfAnyPart: true,
    call: (door, person) => door.surveys.overview(person, SURVEY),
  },
  'surveys.response': { may: ANSWERS, unit: SCHOOL, call: (door, person) => door.surveys.response(person, surveyOf) },
  'surveys.form': { may: ANSWERS, unit: SCHOOL, call: (door, person) => door.surveys.form(person, surveyOf) },
  'publications.publish': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.publish(person, { unit: '48' }),
  },
  'publications.correct': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.correct(person, publication, {}),
  },
  'publications.withdraw': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.withdraw(person, publication, { reason: '' }),
  },
  'publications.remind': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.remind(person, publication, { unit: '48' }),
  },
  'publications.open': {
    may: ACTS_FOR_SCHOOL,
    unit: SCHOOL,
    call: (door, person) => door.publications.open(person, { publication, unit: SCHOOL }),
  },
  'publications.confirm': {
    may: ACTS_FOR_SCHOOL,
    unit: SCHOOL,
    call: (door, person) => door.publications.confirm(person, { publication, unit: SCHOOL }),
  },
  'publications.sendOn': {
    may: ACTS_FOR_MUNICIPALITY,
    unit: '48-m1',
    call: (door, person) =>
      door.publications.sendOn(person, guidance, { unit: '48-m1', cover: '', scope: 'next', units: [] }),
  },
  'publications.sendFile': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.sendFile(person, '48', { name: 'x', bytes: 0, content: null }),
  },
  'publications.dropFile': {
    may: [],
    unit: '48',
    call: (door, person) => door.publications.dropFile(person, publicationFile),
  },
  'publications.place': { may: READS, unit: SCHOOL, call: (door, person) => door.publications.place(person, SCHOOL) },
  'publications.box': { may: READS, unit: SCHOOL, call: (door, person) => door.publications.box(person, SCHOOL) },
  'publications.outbox': {
    may: PUBLISHES,
    unit: '48-m1',
    call: (door, person) => door.publications.outbox(person, '48-m1'),
  },
  'publications.list': {
    may: PUBLISHES,
    unit: '48-m1',
    call: (door, person) => door.publications.list(person, guidance, '48-m1'),
  },
  'publications.addressees': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.addressees(person, '48', 'next'),
  },
  'publications.procedures': {
    may: READS,
    unit: '48',
    call: (door, person) => door.publications.procedures(person, '48'),
  },
  'publications.waitingFiles': {
    may: PUBLISHES,
    unit: '48',
    call: (door, person) => door.publications.waitingFiles(person, '48'),
  },
  'publications.page': {
    may: READS,
    unit: SCHOOL,
    call: (door, person) => door.publications.page(person, publication, null),
  },
  'publications.file': {
    may: READS,
    unit: SCHOOL,
    call: async (door, person) => (await door.publications.file(person, publication, publicationFile, null)).file,
  },
  'imports.send': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.imports.send(person, '48', { name: 'x.csv', bytes: 0, content: null }),
  },
  'imports.confirm': {
    may: ADMINISTRATOR,
    unit: '48',
    call: (door, person) => door.imports.confirm(person, imported, { edition: 'absent', closesGone: false }),
  },
  'rollups.overview': {
    may: BOARD,
    ...of('48'),
    call: (door, person) => door.rollups.overview(person, PROCEDURE, '48'),
  },
  'rollups.top': {
    may: BOARD,
    ...of('48'),
    call: async (door, person) => {
      if ((await door.rollups.top(person, PROCEDURE)) === null) throw new HubError('not_allowed');
    },
  },
  'recounts.mend': {
    may: ADMINISTRATOR,
    unit: '48-m1',
    refusals: ['not_allowed'],
    call: (door, person) => door.recounts.mend(person, `board:${PROCEDURE}:48-m1`),
  },
  'letters.list': {
    may: ADMINISTRATOR,
    unit: '48',
    isOfAnyRegion: true,
    call: (door, person) => door.letters.list(person),
  },
  'safeguards.giveNewPassword': {
    may: ADMINISTRATOR,
    unit: '48-m1',
    call: (door, person) => door.safeguards.giveNewPassword(person, charge, 'ru'),
  },
  'viewings.begin': {
    may: VIEWERS,
    unit: '48-m1',
    call: (door, person) => door.viewings.begin(person, { owner: charge, reason: 'x' }, 'none', 'ru'),
  },
  'safeguards.resetSecondFactor': {
    may: ADMINISTRATOR,
    unit: '48-m1',
    call: (door, person) => door.safeguards.resetSecondFactor(person, charge, 'ru'),
  },
  'appointments.appoint': {
    // The region has its coordinator, whose matter it is: an administrator appoints the first only (S1-17).
    may: CENTRE,
    unit: '48-m1',
    refusals: ['not_allowed', 'first_only'],
    // For a procedure that is not there: whoever may appoint is told so, and nothing is made.
    call: (door, person) => door.appointments.appoint(person, { ...APPOINTMENT, procedure: 'unknown' }, 'ru'),
  },
  'appointments.end': {
    may: [...ADMINISTRATOR, ...CENTRE],
    unit: '48-m1',
    call: (door, person) => door.appointments.end(person, invited, { reason: '' }),
  },
  'appointments.inviteAgain': {
    may: [...ADMINISTRATOR, ...CENTRE],
    unit: '48-m1',
    call: (door, person) => door.appointments.inviteAgain(person, invited, 'card', 'ru'),
  },
  'appointments.overview': {
    may: PEOPLE,
    unit: '48',
    isOfAnyPart: true,
    isOfAnyRegion: true,
    call: (door, person) => door.appointments.overview(person, null),
  },
  'appointments.agree': {
    may: ['federalCoordinator'],
    unit: '48-m1',
    call: (door, person) => door.appointments.agree(person, invited),
  },
  'appointments.part': {
    may: PEOPLE,
    unit: '48-m1',
    call: (door, person) => door.appointments.part(person, '48-m1'),
  },
  'procedures.create': {
    may: PROCEDURES,
    unit: '48',
    call: (door, person) => door.procedures.create(person, '48', PROCEDURE_INPUT),
  },
  'accountRequests.queue': {
    may: CENTRE,
    unit: '48',
    call: (door, person) => door.accountRequests.queue(person, '48'),
  },
  'accountRequests.issue': {
    may: CENTRE,
    unit: '48',
    // Of somebody who is not there: who may issue it is told that the coordinator is another.
    call: (door, person) => door.accountRequests.issue(person, request, 'Никто'),
  },
  'accountRequests.decline': {
    may: CENTRE,
    unit: '48',
    call: (door, person) => door.accountRequests.decline(person, request, { reason: 'Письмо без подписи' }),
  },
  'accountRequests.renewTicket': {
    may: CENTRE,
    unit: '48',
    call: (door, person) => door.accountRequests.renewTicket(person, request),
  },
  'contextualData.page': {
    may: CONTEXT,
    unit: SCHOOL,
    call: (door, person) => door.contextualData.page(person, SCHOOL),
  },
  'contextualData.coordinator': {
    may: CONTEXT,
    unit: SCHOOL,
    call: (door, person) => door.contextualData.coordinator(person, SCHOOL),
  },
  'contextualData.part': {
    may: CONTEXT,
    unit: '48-m1',
    call: (door, person) => door.contextualData.part(person, '48-m1'),
  },
  'contextualData.edit': {
    may: SAYS,
    unit: SCHOOL,
    call: (door, person) => door.contextualData.edit(person, SCHOOL, { rev: 0, fields: {} }),
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
  'past.boardAt': {
    may: BOARD,
    ...of('48'),
    isOfAnyPart: true,
    call: (door, person) => door.past.boardAt(person, PROCEDURE, null, null),
  },
  'participations.ofInstitution': {
    may: CONTEXT,
    unit: SCHOOL,
    call: (door, person) => door.participations.ofInstitution(person, SCHOOL),
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

const OWN_ACCOUNT = 'of one’s own account: the pages give the id of who asks';
/** Use cases without a probe of their own, each with the reason. */
export const DEEDS_LEFT_OUT: Readonly<Record<string, string>> = {
  'forum.known': 'an empty list is no refusal; server/forum.int.test shows it',
  'forum.forums': 'shows everybody his own, and no others',
  'forum.bell': 'shows everybody his own, and no others',
  'boards.relistAll': 'the hub itself; no page calls it',
  'procedures.of': 'the procedures that who asks may know of, and no others',
  'procedures.openedAt': 'the units for which who asks may open a procedure',
  'claims.letGo': 'part of other deeds; no page calls it',
  'claims.release': 'part of other deeds; no page calls it yet',
  'claims.renew': 'part of other deeds; no page calls it yet',
  'claims.take': 'part of other deeds; no page calls it yet',
  'recounts.drifting': 'a number for the metrics',
  'recounts.recountAll': 'the hub itself; no page calls it',
  'recounts.drifts': 'shows administrators their own territory; an empty list is no refusal',
  'deeds.noteOnPerson': 'part of other deeds; no page calls it',
  'deeds.noteOnUnit': 'part of other deeds; no page calls it',
  'deeds.noteExport': 'part of exports, which are asked',
  'deeds.head': 'the hub itself; no page calls it',
  'deeds.sealNext': 'the hub itself; no page calls it',
  'deeds.forgetOld': 'the hub itself; no page calls it',
  'deeds.total': 'a number; the stream is asked',
  'retention.forgetOld': 'the hub itself; no page calls it',
  'safeguards.isPasswordOver': OWN_ACCOUNT,
  'viewings.decline': OWN_ACCOUNT,
  'viewings.ofOwner': OWN_ACCOUNT,
  'viewings.through': 'reads the session of who asks; server/viewing.int.test shows what it sees',
  'viewings.going': 'the live layer itself; no page calls it',
  'viewings.look': 'part of reading a page through another’s eyes',
  'viewings.endOfSession': 'of the session of who asks',
  'viewings.endOfOtherSessions': 'part of ending sessions',
  'incidents.notice': 'the hub itself; no page calls it',
  'forum.cleanse': 'the hub itself; no page calls it',
  'forum.fillOld': 'the hub itself; no page calls it',
  'attention.writeDue': 'the hub itself; no page calls it',
  'blobSweep.sweep': 'the hub itself; no page calls it',
  'attention.pushDue': 'the hub itself; no page calls it',
  'pushes.add': 'part of `attention.addDevice`, which is asked',
  'pushes.devices': 'shows everybody his own, and no others',
  'pushes.publicKey': 'public: a browser is asked for a subscription by it',
  'pushes.remove': 'of one’s own device; server/push.int.test shows what somebody else is told',
  'pushes.test': 'of one’s own device, as removing is',
  'pushes.of': 'part of telling; no page calls it',
  'pushes.write': 'part of telling; no page calls it',
  'pushes.sendNext': 'the hub itself; no page calls it',
  'pushes.dismiss': 'part of ending sessions',
  'pushes.takeOver': 'part of signing in',
  'incidents.endOver': 'the hub itself; no page calls it',
  'viewings.endOver': 'the hub itself; no page calls it',
  'viewings.forgetOld': 'the hub itself; no page calls it',
  'accountRequests.activate': 'the ticket is the right',
  'accountRequests.ticket': 'the ticket is the right',
  'accountRequests.submit': 'public (S0-09)',
  'accountRequests.centreOf': 'public: whom to call',
  'accountRequests.choice': 'public: the list to ask from',
  'accountRequests.choices': 'public: the list to ask from',
  'accountRequests.regions': 'public: the list to ask from',
  'accountRequests.queues': 'the queues of who asks, each as `queue` gives it',
  'contextualData.overview': 'the parts of who asks, each as `part` gives it',
  'contextualData.own': 'shows everybody his own, and no others',
  'credentials.noteEntrance': 'part of signing in',
  'credentials.revoke': 'asks as handing on does; would end the access that the others ask of',
  'credentials.reissue': 'asks as handing on does; would end the access that the others ask of',
  'credentialBatches.processNext': 'the hub itself; no page calls it',
  'units.createTop': 'part of the first start; no page calls it',
  'units.record': 'used by the others',
  'units.roots': 'shows everybody the tops of his own territories, and no others',
  'units.search': 'looks only into the territories of who asks; units.int.test shows it',
  'units.export': 'the units of the territories of who asks; units.int.test shows it',
  'units.imports': 'the imports of the territories of who asks',
  'units.template': 'an empty form',
  'scanning.collectors': 'shows everybody the centres that he works at or watches, and no others',
  'scanning.watched': 'the same with their figures',
  'scanning.checkings': 'shows everybody the centres whose checking is his or that he follows, and no others',
  'scanning.ofRegion': 'the Collector of a region for who watches it, and nothing for anybody else',
  'scanning.ownOf': 'what who asks may read of the college, and nothing for anybody else',
  'scanReading.processNext': 'the hub itself; no page calls it',
  'scanning.printNext': 'the hub itself; no page calls it',
  'scanning.goOnTogether': 'the hub itself; no page calls it',
  'study.ofCollege': 'what who asks may read of the college, and nothing for anybody else',
  'surveys.of': 'shows everybody the surveys that he watches or may open, and no others',
  'surveys.ofInstitution': 'what who asks may read of the institution, and nothing for anybody else',
  'publications.places': 'shows everybody the units that he acts for or looks into, and no others',
  'publications.processNext': 'the hub itself; no page calls it',
  'publications.addressAlso': 'part of making access data, which is asked',
  'publications.instructions': 'what who asks published himself',
  'publications.tellMarks': 'the hub itself; no page calls it',
  'publications.forget': 'the hub itself; no page calls it',
  'imports.processNext': 'the hub itself; no page calls it',
  'imports.withdraw': 'asks as confirming does; would end the import that the others ask of',
  'rollups.rollUp': 'the hub itself; no page calls it',
  'rollups.createSweeper': 'the hub itself; no page calls it',
  'rollups.rollup': 'asks as the overview does; the stream is asked',
  'boards.ensureListed': 'the hub itself; no page calls it',
  'boards.relist': 'the hub itself; no page calls it',
  'boards.relistOne': 'the hub itself; no page calls it',
  'letters.areShownTo': 'a yes or no of who asks',
  'letters.forget': 'the hub itself; no page calls it',
  'letters.sendNext': 'the hub itself; no page calls it',
  'letters.write': 'part of other deeds; no page calls it',
  'attempts.begin': 'part of signing in',
  'attempts.forget': 'the hub itself; no page calls it',
  'attempts.succeeded': 'part of signing in',
  'passwords.lengthMin': 'a number',
  'safeguards.changePassword': OWN_ACCOUNT,
  'safeguards.confirmPresent': OWN_ACCOUNT,
  'safeguards.confirmSecondFactor': OWN_ACCOUNT,
  'safeguards.disownDevice': OWN_ACCOUNT,
  'safeguards.duties': OWN_ACCOUNT,
  'safeguards.enrolment': OWN_ACCOUNT,
  'safeguards.nameEmail': OWN_ACCOUNT,
  'safeguards.noteDevice': OWN_ACCOUNT,
  'safeguards.ownDevice': OWN_ACCOUNT,
  'safeguards.renewRecovery': OWN_ACCOUNT,
  'safeguards.replaceGivenPassword': OWN_ACCOUNT,
  'safeguards.startAnew': OWN_ACCOUNT,
  'safeguards.turnOffSecondFactor': OWN_ACCOUNT,
  'safeguards.view': OWN_ACCOUNT,
  'safeguards.knowsDevice': OWN_ACCOUNT,
  'safeguards.enter': OWN_ACCOUNT,
  'safeguards.addressLink': 'the link is the right',
  'safeguards.confirmEmail': 'the link is the right',
  'safeguards.entrance': 'the link is the right',
  'safeguards.finishEntrance': 'the link is the right',
  'safeguards.passwordLink': 'the link is the right',
  'safeguards.usePasswordLink': 'the link is the right',
  'safeguards.requestPasswordLink': 'public: answers everybody alike',
  'units.tree': 'shows everybody the units that he manages, and no others',
  'units.countInstitutions': 'a number of each region; no names',
  'people.load': 'reads who asks',
  'people.hasAdministrator': 'a yes or no of the first start',
  'people.setUp': 'closed once the hub is set up',
  'appointments.accept': 'the code is the right; server/appointments.int.test shows it',
  'appointments.takeOver': 'the code is the right; server/appointments.int.test shows it',
  'appointments.invitation': 'the code is the right; server/appointments.int.test shows it',
  'appointments.card': 'the code is the right, with that to appoint',
  'appointments.own': 'reads who asks',
  'appointments.appointable': 'the roles that who asks may appoint to',
  'appointments.places': 'looks only where who asks may appoint',
  'participations.procedures': 'public',
  'participations.procedure': 'public',
  'participations.participants': 'public (S2-24)',
  'participations.choices': 'public: the list to register from',
  'participations.registration': 'the ticket is the right',
  'participations.register': 'public (S2-05)',
  'participations.activate': 'the ticket is the right',
  'participations.cabinets': 'shows everybody his own, and no others',
  'participations.loadFor': 'the check itself, used by the others',
  'uploads.abandon': 'asks as going on does; would end the upload that the others ask of',
  'uploads.processNext': 'the hub itself; no page calls it',
  'uploads.giveUpStale': 'the hub itself; no page calls it',
  'submissions.processNext': 'the hub itself; no page calls it',
  'submissions.attestationText': 'a text with a name; public as the name is',
  'submissions.unitName': 'a name; names of institutions are public (S2-24)',
};
