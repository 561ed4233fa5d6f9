/** Who may do what in access data, handed down level by level (S1-32, S4-09 … S4-12). */
import type { Role } from '#models/people/rights.ts';
import { SCHOOL } from '../places.ts';
import type { Area } from './area.ts';

/** S1-32, S4-09 … S4-12: each level hands down what lies below it; a municipality makes none itself. */
const HANDS: readonly Role[] = ['federalCoordinator', 'regionalCoordinator', 'municipalCoordinator'];
const GENERATES: readonly Role[] = ['federalCoordinator', 'regionalCoordinator'];

export const credentials: Area = {
  routes: ({ batch }) => [
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
    {
      target: '/credentials/batches GET',
      may: GENERATES,
      unit: '48',
      isOfAnyRegion: true,
      path: '/credentials/batches',
    },
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
  ],
  streams: ({ batch }) => [
    { stream: 'credentials:48-m1', may: HANDS, unit: '48-m1' },
    { stream: `credentialBatch:${batch}`, may: GENERATES, unit: '48' },
  ],
  deeds: ({ batch }) => ({
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
      call: (door, person) =>
        door.credentials.verifyHead(person, { institution: SCHOOL, email: 'head@example.org' }, ''),
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
  }),
  routesLeftOut: {
    '/credentials/cards POST': 'asks as opening one does; a body of its own, which server/credentials.int.test sends',
    '/credentials/[institution] revoke': 'asks as handing on does; would end the access that the others ask of',
    '/credentials/[institution] reissue': 'asks as handing on does; would end the access that the others ask of',
  },
  deedsLeftOut: {
    'credentials.noteEntrance': 'part of signing in',
    'credentials.revoke': 'asks as handing on does; would end the access that the others ask of',
    'credentials.reissue': 'asks as handing on does; would end the access that the others ask of',
    'credentialBatches.processNext': 'the hub itself; no page calls it',
  },
};
