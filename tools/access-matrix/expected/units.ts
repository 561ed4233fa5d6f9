/** Who may do what in the tree of units, its imports and its sums. */
import { HubError } from '#models/error.ts';
import type { Role } from '#models/people/rights.ts';
import { PROCEDURE, SCHOOL } from '../places.ts';
import type { Area } from './area.ts';
import { ADMINISTRATOR, BOARD, of } from './shared.ts';

/** Who reads the tree of units: whoever answers for a territory. */
const TREE: readonly Role[] = [
  'administrator',
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'municipalCoordinator',
];

export const units: Area = {
  routes: ({ import: imported }) => [
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
    { target: '/imports GET', may: TREE, unit: '48', isOfAnyRegion: true, path: '/imports' },
    { target: '/imports/form.[format] GET', may: 'signedIn', path: '/imports/form.csv' },
    { target: '/imports/upload POST', may: ADMINISTRATOR, unit: '48', path: '/imports/upload?unit=48&name=x.csv' },
    { target: '/imports/[import] GET', may: ADMINISTRATOR, unit: '48', path: `/imports/${imported}` },
    {
      target: '/imports/[import]/lines GET',
      may: ADMINISTRATOR,
      unit: '48',
      path: `/imports/${imported}/lines?kind=new&page=0`,
    },
    {
      target: '/imports/[import] confirm',
      may: ADMINISTRATOR,
      unit: '48',
      path: `/imports/${imported}?/confirm`,
      form: { edition: 'absent' },
    },
  ],
  streams: ({ import: imported }) => [{ stream: `import:${imported}`, may: ADMINISTRATOR, unit: '48' }],
  deeds: ({ import: imported }) => ({
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
  }),
  routesLeftOut: {
    '/imports/[import] withdraw': 'asks as confirming does; would end the import that the others ask of',
  },
  deedsLeftOut: {
    'recounts.drifting': 'a number for the metrics',
    'recounts.recountAll': 'the hub itself; no page calls it',
    'recounts.drifts': 'shows administrators their own territory; an empty list is no refusal',
    'units.createTop': 'part of the first start; no page calls it',
    'units.record': 'used by the others',
    'units.roots': 'shows everybody the tops of his own territories, and no others',
    'units.search': 'looks only into the territories of who asks; units.int.test shows it',
    'units.export': 'the units of the territories of who asks; units.int.test shows it',
    'units.imports': 'the imports of the territories of who asks',
    'units.template': 'an empty form',
    'imports.processNext': 'the hub itself; no page calls it',
    'imports.withdraw': 'asks as confirming does; would end the import that the others ask of',
    'rollups.rollUp': 'the hub itself; no page calls it',
    'rollups.createSweeper': 'the hub itself; no page calls it',
    'rollups.rollup': 'asks as the overview does; the stream is asked',
    'units.tree': 'shows everybody the units that he manages, and no others',
    'units.countInstitutions': 'a number of each region; no names',
  },
};
