/** Who may do what in publications, each level for the one below (S0-05, S4-07, S4-08). */
import type { Role } from '#models/people/rights.ts';
import { SCHOOL } from '../places.ts';
import type { Area } from './area.ts';

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

export const publications: Area = {
  routes: ({ publication, publicationFile, guidance }) => [
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
  ],
  streams: ({ publication }) => [
    { stream: `publications:${SCHOOL}`, may: READS, unit: SCHOOL },
    { stream: 'sentPublications:48-m1', may: PUBLISHES, unit: '48-m1' },
    { stream: `receipts:${publication}:48-m1`, may: PUBLISHES, unit: '48-m1' },
  ],
  deeds: ({ publication, publicationFile, guidance }) => ({
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
  }),
  deedsLeftOut: {
    'publications.places': 'shows everybody the units that he acts for or looks into, and no others',
    'publications.processNext': 'the hub itself; no page calls it',
    'publications.addressAlso': 'part of making access data, which is asked',
    'publications.instructions': 'what who asks published himself',
    'publications.tellMarks': 'the hub itself; no page calls it',
    'publications.forget': 'the hub itself; no page calls it',
  },
};
