/** Who may do what in a monitoring: participation, files, attestation, board, reports (S2). */
import type { Role } from '#models/people/rights.ts';
import { PROCEDURE, STUDY, COLLEGE, SURVEY, SCHOOL, WAITING, DECLINED } from '../places.ts';
import type { Area } from './area.ts';
import { ADMINISTRATOR, ANSWERS, BOARD, CENTRE, CONTEXT, IN, PROCEDURES, SAYS, of } from './shared.ts';

const place = (institution: string) => ({ procedure: PROCEDURE, institution });
const FILES: readonly Role[] = ['regionalCoordinator', 'institutionHead', 'institutionCoordinator'];
/** G-14: nobody but the institution's coordinator sends for it. */
const SENDER: readonly Role[] = ['institutionCoordinator'];
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

export const monitoring: Area = {
  routes: ({ submission, failed, ticket }) => [
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
    {
      target: '/cabinet/[institution]/monitorings GET',
      may: CONTEXT,
      unit: SCHOOL,
      path: `/cabinet/${SCHOOL}/monitorings`,
    },
    { target: '/cabinet/[institution]/past GET', may: CONTEXT, unit: SCHOOL, path: `/cabinet/${SCHOOL}/past` },
    {
      target: '/monitoring/[procedure]/overview GET',
      may: BOARD,
      ...of('48'),
      path: `${IN}/overview?unit=48`,
    },
    { target: '/results GET', may: RESULTS, ...of(SCHOOL), path: `/results?institution=${SCHOOL}` },
    { target: '/results/export GET', may: RESULTS, ...of(SCHOOL), path: `/results/export?institution=${SCHOOL}` },
    {
      target: '/cabinet/[institution]/monitorings acknowledge',
      may: SAYS,
      unit: COLLEGE,
      path: `/cabinet/${COLLEGE}/monitorings?/acknowledge`,
      form: { procedure: STUDY },
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
  ],
  streams: () => [
    { stream: `board:${PROCEDURE}:48-m1`, may: BOARD, ...of('48-m1') },
    { stream: `cabinet:${PROCEDURE}:${SCHOOL}`, may: FILES, ...of(SCHOOL) },
    { stream: `rollup:${PROCEDURE}:48`, may: BOARD, ...of('48') },
    { stream: `registration:${PROCEDURE}/${DECLINED}`, may: 'ticket' },
  ],
  deeds: ({ submission, failed }) => ({
    'results.page': {
      may: RESULTS,
      ...of(SCHOOL),
      call: (door, person) => door.results.page(person, { institution: SCHOOL }),
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
  }),
  deedsLeftOut: {
    'boards.relistAll': 'the hub itself; no page calls it',
    'procedures.of': 'the procedures that who asks may know of, and no others',
    'procedures.openedAt': 'the units for which who asks may open a procedure',
    'boards.ensureListed': 'the hub itself; no page calls it',
    'boards.relist': 'the hub itself; no page calls it',
    'boards.relistOne': 'the hub itself; no page calls it',
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
  },
};
