/** Who may do what in the hub itself: its first page, uploads of any purpose, the journal of deeds, claims, what is kept for how long. */
import { Readable } from 'node:stream';
import { ROLES, type Role } from '#models/people/rights.ts';
import type { Area } from './area.ts';
import { done } from './shared.ts';

/** Who reads what was done in a territory. */
const DEEDS: readonly Role[] = ['administrator', 'federalCoordinator', 'regionalCoordinator', 'municipalCoordinator'];
/** A file for the purpose of tests: whoever is appointed to the municipality or its region sends for it. */
const FILE = { purpose: 'test', target: '48-m1', name: 'file.pdf', bytes: 1 };
const TUS = { 'tus-resumable': '1.0.0' };
const METADATA = Object.entries({ purpose: FILE.purpose, target: FILE.target, filename: FILE.name })
  .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  .join(',');

export const hub: Area = {
  routes: ({ upload, noted }) => [
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
    { target: '/language/[locale] GET', may: 'everyone', isPublic: true, path: '/language/ru' },
    { target: '/deeds GET', may: DEEDS, unit: '48-m1', path: '/deeds?unit=48-m1' },
    { target: '/deeds/[deed] GET', may: DEEDS, unit: '48-m1', path: `/deeds/${noted}` },
    { target: '/deeds/export GET', may: DEEDS, unit: '48-m1', path: '/deeds/export?unit=48-m1' },
  ],
  streams: () => [
    { stream: 'uploads:test:48-m1', may: ROLES, unit: '48-m1' },
    { stream: 'deeds:48-m1', may: DEEDS, unit: '48-m1' },
  ],
  deeds: ({ upload, noted }) => ({
    'uploads.begin': { may: ROLES, unit: '48-m1', call: (door, person) => done(door.uploads.begin(person, FILE)) },
    'uploads.find': { may: ROLES, unit: '48-m1', call: (door, person) => done(door.uploads.find(person, upload)) },
    'uploads.outcome': {
      may: ROLES,
      unit: '48-m1',
      call: (door, person) => done(door.uploads.outcome(person, upload)),
    },
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
    'deeds.page': { may: DEEDS, unit: '48-m1', call: (door, person) => door.deeds.page(person, { unit: '48-m1' }) },
    'deeds.exported': {
      may: DEEDS,
      unit: '48-m1',
      call: (door, person) => door.deeds.exported(person, { unit: '48-m1' }),
    },
    'deeds.start': { may: DEEDS, unit: '48-m1', call: (door, person) => door.deeds.start(person, { unit: '48-m1' }) },
    'deeds.entry': {
      may: DEEDS,
      unit: '48-m1',
      call: (door, person) => door.deeds.entry(person, noted),
    },
  }),
  routesLeftOut: {
    '/dev/ui GET': 'not served by the built pages; e2e looks',
  },
  deedsLeftOut: {
    'claims.letGo': 'part of other deeds; no page calls it',
    'claims.release': 'part of other deeds; no page calls it yet',
    'claims.renew': 'part of other deeds; no page calls it yet',
    'claims.take': 'part of other deeds; no page calls it yet',
    'deeds.noteOnPerson': 'part of other deeds; no page calls it',
    'deeds.noteOnUnit': 'part of other deeds; no page calls it',
    'deeds.noteExport': 'part of exports, which are asked',
    'deeds.head': 'the hub itself; no page calls it',
    'deeds.sealNext': 'the hub itself; no page calls it',
    'deeds.forgetOld': 'the hub itself; no page calls it',
    'deeds.total': 'a number; the stream is asked',
    'retention.forgetOld': 'the hub itself; no page calls it',
    'blobSweep.sweep': 'the hub itself; no page calls it',
    'uploads.abandon': 'asks as going on does; would end the upload that the others ask of',
    'uploads.processNext': 'the hub itself; no page calls it',
    'uploads.giveUpStale': 'the hub itself; no page calls it',
  },
};
