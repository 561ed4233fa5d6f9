/** Who may do what in the Collector, from print to checking (S1-04, S1-12, S1-13, S1-51, S1-54). */
import type { Role } from '#models/people/rights.ts';
import { STUDY, COLLEGE, SCANNING } from '../places.ts';
import type { Area } from './area.ts';
import { done } from './shared.ts';

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

export const collector: Area = {
  routes: ({ printRun, scanBatch, scanPage, scanError }) => [
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
    {
      target: '/collector/[procedure]/[centre]/export GET',
      may: COLLECTOR,
      unit: SCANNING,
      path: `${IN_CENTRE}/export`,
    },
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
  ],
  streams: ({ scanBatch }) => [
    { stream: `collector:${STUDY}:${SCANNING}`, may: COLLECTOR, unit: SCANNING },
    { stream: `scanErrors:${STUDY}:${SCANNING}`, may: PAGES, unit: SCANNING },
    { stream: `scanBatch:${STUDY}:${SCANNING}:${scanBatch}`, may: PAGES, unit: SCANNING },
    { stream: `ownScans:${STUDY}:${COLLEGE}`, may: OWN_SCANS, unit: COLLEGE },
    { stream: `checking:${STUDY}:${SCANNING}`, may: CHECKING, unit: SCANNING },
  ],
  deeds: ({ printRun, scanBatch, scanPage, scanError }) => ({
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
      call: (door, person) =>
        door.scanning.markCheck(person, { ...centreOf, check: 'absent' }, { token: 1, points: 0 }),
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
  }),
  routesLeftOut: {
    '/checking/[procedure]/[centre]/[check]/image GET':
      'an answer that was taken; its use case is asked, and scanning.int.test takes one',
    '/checking/[procedure]/[centre]/[check]/mark POST': 'an answer that was taken; its use case is asked',
    '/checking/[procedure]/[centre]/[check]/take-back POST': 'an answer that was marked; its use case is asked',
  },
  deedsLeftOut: {
    'scanning.collectors': 'shows everybody the centres that he works at or watches, and no others',
    'scanning.watched': 'the same with their figures',
    'scanning.checkings': 'shows everybody the centres whose checking is his or that he follows, and no others',
    'scanning.ofRegion': 'the Collector of a region for who watches it, and nothing for anybody else',
    'scanning.ownOf': 'what who asks may read of the college, and nothing for anybody else',
    'scanReading.processNext': 'the hub itself; no page calls it',
    'scanning.printNext': 'the hub itself; no page calls it',
    'scanning.goOnTogether': 'the hub itself; no page calls it',
  },
};
