/** Who may do what in cabinets of institutions: requests for them and what an institution says of itself (S0-09, S0-12). */
import { SCHOOL } from '../places.ts';
import type { Area } from './area.ts';
import { CENTRE, CONTEXT, SAYS } from './shared.ts';

const OVER_CABINETS = CONTEXT.filter((role) => !role.startsWith('institution'));
/** What is said of the school, of a revision that is not there: whoever may say it is told so. */
const SAYING = {
  rev: '99999',
  site: 'https://school.example.org',
  ...{ surname: 'Тестова', firstName: 'Тест', patronymic: 'Тестовна', position: 'Заместитель директора' },
  ...{ phone: '+7 000 000-00-02', email: 'user02@example.org' },
};

export const cabinets: Area = {
  routes: ({ request }) => [
    { target: '/cabinet GET', may: 'signedIn', path: '/cabinet' },
    { target: '/cabinet-request GET', may: 'everyone', isPublic: true, path: '/cabinet-request' },
    { target: '/cabinet-request default', may: 'everyone', isPublic: true, path: '/cabinet-request', form: {} },
    { target: '/cabinet/[institution] GET', may: CONTEXT, unit: SCHOOL, path: `/cabinet/${SCHOOL}` },
    { target: '/cabinet/[institution] save', may: SAYS, unit: SCHOOL, path: `/cabinet/${SCHOOL}?/save`, form: SAYING },
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
  ],
  streams: ({ request }) => [
    { stream: 'requestQueue:48', may: CENTRE, unit: '48' },
    { stream: `requestTicket:${request}`, may: 'ticket' },
    { stream: `institution:${SCHOOL}`, may: CONTEXT, unit: SCHOOL },
    { stream: 'cabinets:48-m1', may: CONTEXT, unit: '48-m1' },
  ],
  deeds: ({ request }) => ({
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
  }),
  routesLeftOut: {
    '/cabinet-request/[ticket] GET': 'the ticket is the right',
    '/cabinet-request/[ticket] default': 'the ticket is the right',
  },
  deedsLeftOut: {
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
  },
};
