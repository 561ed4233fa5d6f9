/** Who may do what in the support forum and its ways of telling (S1-40 … S1-42). */
import type { Role } from '#models/people/rights.ts';
import { PROCEDURE } from '../places.ts';
import type { Area } from './area.ts';
import { IN, done, of } from './shared.ts';

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

export const forum: Area = {
  routes: ({ question }) => [
    { target: '/bell GET', may: 'signedIn', isPublic: true, path: '/bell' },
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
    {
      target: '/monitoring/[procedure]/forum/post POST',
      may: FORUM_WRITERS,
      ...ofOrganizers,
      path: `${IN}/forum/post`,
    },
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
  ],
  streams: () => [
    { stream: `forum:${PROCEDURE}`, may: FORUM, ...ofOrganizers },
    // Everybody's own, and nobody else's.
    { stream: `forumReader:${PROCEDURE}:another`, may: 'ticket' },
    { stream: 'pushDevices:another', may: 'ticket' },
  ],
  deeds: ({ question }) => ({
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
      call: (door, person) =>
        door.forum.pin(person, PROCEDURE, question, { isPinned: true, reason: 'Спрашивают часто' }),
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
  }),
  deedsLeftOut: {
    'forum.known': 'an empty list is no refusal; server/forum.int.test shows it',
    'forum.forums': 'shows everybody his own, and no others',
    'forum.bell': 'shows everybody his own, and no others',
    'incidents.notice': 'the hub itself; no page calls it',
    'forum.cleanse': 'the hub itself; no page calls it',
    'forum.fillOld': 'the hub itself; no page calls it',
    'attention.writeDue': 'the hub itself; no page calls it',
    'attention.pushDue': 'the hub itself; no page calls it',
    'pushes.add': 'part of `attention.addDevice`, which is asked',
    'pushes.devices': 'shows everybody his own, and no others',
    'pushes.snapshot': 'shows everybody his own, and no others',
    'pushes.publicKey': 'public: a browser is asked for a subscription by it',
    'pushes.remove': 'of one’s own device; server/push.int.test shows what somebody else is told',
    'pushes.renew': 'of one’s own device, as removing is',
    'pushes.test': 'of one’s own device, as removing is',
    'pushes.of': 'part of telling; no page calls it',
    'pushes.write': 'part of telling; no page calls it',
    'pushes.sendNext': 'the hub itself; no page calls it',
    'pushes.dismiss': 'part of ending sessions',
    'pushes.takeOver': 'part of signing in',
    'incidents.endOver': 'the hub itself; no page calls it',
  },
};
