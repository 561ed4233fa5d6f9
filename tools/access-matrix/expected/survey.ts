/** Who may do what in the survey of schedules (S4-01 … S4-06). */
import { SURVEY, SCHOOL } from '../places.ts';
import type { Area } from './area.ts';
import { ANSWERS, BOARD, PROCEDURES, SAYS } from './shared.ts';

const surveyOf = { procedure: SURVEY, institution: 'i48-1' };

export const survey: Area = {
  routes: () => [
    { target: '/survey GET', may: 'signedIn', path: '/survey' },
    {
      target: '/survey open',
      may: PROCEDURES,
      unit: '48',
      path: '/survey?/open',
      // A survey without a plan, questions or letters is none: whoever may open one is told so.
      form: { unit: '48', title: 'Опрос', academicYear: '2013', deadline: '2099-11-29' },
    },
    ...['', '/export', '/plan', '/plan/export'].map((page) => ({
      target: `/survey/[procedure]${page} GET`,
      may: [...BOARD, 'administrator' as const],
      unit: '48',
      isOfAnyPart: true,
      path: `/survey/${SURVEY}${page}`,
    })),
    {
      target: '/survey/[procedure]/[institution] GET',
      may: ANSWERS,
      unit: SCHOOL,
      path: `/survey/${SURVEY}/${SCHOOL}`,
    },
  ],
  streams: () => [
    { stream: `survey:${SURVEY}:48-m1`, may: BOARD, unit: '48-m1' },
    { stream: `surveyResponse:${SURVEY}:${SCHOOL}`, may: ANSWERS, unit: SCHOOL },
  ],
  deeds: () => ({
    'surveys.save': {
      may: SAYS,
      unit: SCHOOL,
      // Saved by somebody else meanwhile: whoever may is told so.
      call: (door, person) => door.surveys.save(person, surveyOf, { section: 'schedule', rev: 99, typed: {} }),
    },
    'surveys.finish': { may: SAYS, unit: SCHOOL, call: (door, person) => door.surveys.finish(person, surveyOf) },
    'surveys.part': { may: BOARD, unit: '48-m1', call: (door, person) => door.surveys.part(person, SURVEY, '48-m1') },
    'surveys.overview': {
      may: [...BOARD, 'administrator'],
      unit: '48',
      isOfAnyPart: true,
      call: (door, person) => door.surveys.overview(person, SURVEY),
    },
    'surveys.response': { may: ANSWERS, unit: SCHOOL, call: (door, person) => door.surveys.response(person, surveyOf) },
    'surveys.form': { may: ANSWERS, unit: SCHOOL, call: (door, person) => door.surveys.form(person, surveyOf) },
  }),
  deedsLeftOut: {
    'surveys.of': 'shows everybody the surveys that he watches or may open, and no others',
    'surveys.ofInstitution': 'what who asks may read of the institution, and nothing for anybody else',
  },
};
