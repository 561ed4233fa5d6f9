/** Who may do what in accounts and sign-in, appointments, the table of rights, letters, looking through another’s eyes. */
import type { Role } from '#models/people/rights.ts';
import { SCHOOL } from '../places.ts';
import type { Area } from './area.ts';
import { ADMINISTRATOR, CENTRE } from './shared.ts';

/** Who looks through the eyes of people below him, for support. */
const VIEWERS: readonly Role[] = ['administrator', 'regionalCoordinator'];
/** Who explains the table of rights to others. */
const RIGHTS_READERS: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator'];
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
const OWN_ACCOUNT = 'of one’s own account: the pages give the id of who asks';

export const people: Area = {
  routes: ({ charge, invited }) => [
    { target: '/account GET', may: 'signedIn', path: '/account' },
    { target: '/account password', may: 'signedIn', path: '/account?/password', form: { present: 'x', next: 'y' } },
    ...[
      ...['email', 'enrol', 'factorOff', 'recovery', 'end', 'endViewing', 'ownDevice', 'disownDevice'],
      // Of one’s own devices; of nobody else’s they are not there.
      ...['removeDevice', 'testDevice'],
    ].map((form) => ({
      target: `/account ${form}`,
      may: 'signedIn' as const,
      path: `/account?/${form}`,
      form: { present: 'wrong', email: 'user03@example.org', session: 'absent', device: 'absent' },
    })),
    { target: '/account/devices/renewal GET', may: 'signedIn', isPublic: true, path: '/account/devices/renewal' },
    { target: '/account/devices/renewal POST', may: 'signedIn', isPublic: true, path: '/account/devices/renewal' },
    { target: '/account/second-factor GET', may: 'signedIn', path: '/account/second-factor' },
    { target: '/letters GET', may: ADMINISTRATOR, unit: '48', isOfAnyRegion: true, path: '/letters' },
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
    { target: '/rights GET', may: RIGHTS_READERS, unit: '48', isOfAnyRegion: true, path: '/rights' },
    { target: '/rights/export GET', may: RIGHTS_READERS, unit: '48', isOfAnyRegion: true, path: '/rights/export' },
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
  ],
  streams: () => [
    { stream: 'appointments:48-m1', may: PEOPLE, unit: '48-m1' },
    { stream: `appointments:${SCHOOL}`, may: PEOPLE, unit: SCHOOL },
  ],
  deeds: ({ charge, invited }) => ({
    'rights.table': {
      may: RIGHTS_READERS,
      unit: '48',
      isOfAnyRegion: true,
      call: (door, person) => Promise.resolve().then(() => door.rights.table(person)),
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
  }),
  routesLeftOut: {
    '/invitation/[code] GET': 'the code is the right; server/appointments.int.test shows it',
    '/invitation/[code] accept': 'the code is the right; server/appointments.int.test shows it',
    '/invitation/[code] take': 'the code is the right; server/appointments.int.test shows it',
    '/people/card POST': 'the code is the right, with that to appoint; server/appointments.int.test shows it',
    '/account others': 'would end sessions of the one who asks; sign-in has its own tests',
    '/account/second-factor default': 'of one’s own account; without an enrolment there is nothing to confirm',
    '/sign-in/link/[token] GET': 'the link is the right',
    '/sign-in/link/[token] default': 'the link is the right',
    '/account/address/[token] GET': 'the link is the right',
    '/account/address/[token] default': 'the link is the right',
    '/account everywhere': 'would end the session that asks; server/auth has its own tests',
    '/sign-out POST': 'would end the session that asks',
    '/setup GET': 'leads away once the hub is set up',
    '/setup default': 'closed once the hub is set up; server tests show it',
  },
  deedsLeftOut: {
    'safeguards.isPasswordOver': OWN_ACCOUNT,
    'viewings.decline': OWN_ACCOUNT,
    'viewings.ofOwner': OWN_ACCOUNT,
    'viewings.through': 'reads the session of who asks; server/viewing.int.test shows what it sees',
    'viewings.going': 'the live layer itself; no page calls it',
    'viewings.look': 'part of reading a page through another’s eyes',
    'viewings.endOfSession': 'of the session of who asks',
    'viewings.endOfOtherSessions': 'part of ending sessions',
    'viewings.endOver': 'the hub itself; no page calls it',
    'viewings.forgetOld': 'the hub itself; no page calls it',
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
  },
};
