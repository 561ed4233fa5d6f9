/** Who may do what in a study: its lists, rooms and scanning centres (S1-03 … S1-10, S1-28 … S1-31). */
import type { Role } from '#models/people/rights.ts';
import { STUDY, COLLEGE } from '../places.ts';
import type { Area } from './area.ts';
import { CENTRE, PROCEDURES, SAYS } from './shared.ts';

/** S1-28 … S1-31: who sees the lists of a study, who is told of it and answers, who prepares, and who decides. */
const STUDIES: readonly Role[] = ['federalCoordinator', 'authoritySpecialist', 'regionalCoordinator'];
const TOLD: readonly Role[] = [...STUDIES, 'institutionHead', 'institutionCoordinator'];
/** S1-08, S1-36: the college states its rooms; those above it and its room organizers see them. */
const ROOMS: readonly Role[] = [...TOLD, 'roomOrganizer'];
/** S1-03: the region says which point scans, and that it has what is required. */
const SCANNING_SETS: readonly Role[] = ['authoritySpecialist', 'regionalCoordinator'];
const SCANNING_SEES: readonly Role[] = [...SCANNING_SETS, 'federalCoordinator', 'dataProcessingOperator'];
const FEDERAL: readonly Role[] = ['federalCoordinator'];
const studyOf = { procedure: STUDY, region: '48' };
const collegeOf = { procedure: STUDY, college: COLLEGE };

export const study: Area = {
  routes: () => [
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
  ],
  streams: () => [
    { stream: `study:${STUDY}:48`, may: STUDIES, unit: '48' },
    { stream: `studyInvitation:${STUDY}:${COLLEGE}`, may: TOLD, unit: COLLEGE },
    { stream: `rooms:${STUDY}:${COLLEGE}`, may: ROOMS, unit: COLLEGE },
    { stream: 'scanningCentre:48', may: SCANNING_SEES, unit: '48' },
  ],
  deeds: () => ({
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
    'scanningCentres.choose': {
      may: SCANNING_SETS,
      unit: '48',
      call: (door, person) => door.scanningCentres.choose(person, '48', { unit: '48', sort: 'other', rev: 0 }),
    },
    'scanningCentres.check': {
      may: SCANNING_SETS,
      unit: '48',
      call: (door, person) =>
        door.scanningCentres.check(person, '48', { unit: '48', requirement: 'line', isMet: true }),
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
  }),
  deedsLeftOut: {
    'study.ofCollege': 'what who asks may read of the college, and nothing for anybody else',
  },
};
