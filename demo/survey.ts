/** The survey of the demonstration: opened by the region, filled by institutions as they come to their cabinets (domain 5.10). */
import type { Person } from '#models/people/person.ts';
import type { Typed } from '#models/survey/questionnaire.ts';
import { STANDARD_DIRECTION, STANDARD_PLAN, STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import type { Door } from '#server/door.ts';
import { createChance } from './chance.ts';
import { localAt, monitoringAt, REGION } from './region.ts';

const LETTERS = [
  { title: 'Письмо Минпросвещения России', number: 'СК-228/03', date: '2021-08-06' },
  { title: 'Письмо Рособрнадзора', number: '01-169/08-01', date: '2021-08-06' },
];
const DAYS_LEFT = 4;

/** Opens the survey for the region; repeated after a crash it opens nothing twice. */
export async function openSurveyForRegion(door: Door, coordinator: Person, nowMs: number): Promise<void> {
  if ((await door.surveys.of(coordinator)).length > 0) return;
  const { academicYear, centre } = monitoringAt(nowMs);
  await door.procedures.create(coordinator, REGION.id, {
    ...{
      kind: 'survey',
      title: 'Оценка графиков проведения оценочных процедур',
      academicYear: academicYear + 1,
      centre,
    },
    monitoring: 'Комплексный мониторинг качества подготовки обучающихся',
    ...{ direction: STANDARD_DIRECTION, basis: LETTERS, covers: ['state', 'municipal'] },
    deadline: localAt(nowMs).toPlainDate().add({ days: DAYS_LEFT }).toString(),
    ...{ plan: STANDARD_PLAN, questionnaire: STANDARD_QUESTIONNAIRE },
  });
}

/** What an institution answers, by section: drawn once from the seed, and whole. */
export function answersOf(seed: number, institution: string): Record<string, Record<string, Typed>> {
  const chance = createChance(seed, `survey ${institution}`);
  const isMade = chance.happens(0.85);
  const parallels = chance.whole(4, 11);
  const [federal, regional, own] = [chance.whole(0, 6), chance.whole(0, 8), chance.whole(10, 60)];
  const pairs = parallels * chance.whole(6, 12);
  const share = (least: number): Typed => ({
    part: String(chance.whole(Math.round(pairs * least), pairs)),
    whole: String(pairs),
  });
  const say = (probability: number): string => (chance.happens(probability) ? 'yes' : 'no');
  return {
    schedule: isMade
      ? {
          ...{ scheduleMade: 'yes', scheduleDate: `2021-09-${String(chance.whole(1, 20)).padStart(2, '0')}` },
          ...{ schedulePublished: say(0.7), scheduleBy: ['head', 'teachers'] },
        }
      : { scheduleMade: 'no', scheduleWhy: 'График согласуют на педагогическом совете.' },
    procedures: {
      ...{ parallels: String(parallels), classes: String(parallels * chance.whole(1, 4)) },
      ...{ planned: String(federal + regional + own), federal: String(federal) },
      ...{ regional: String(regional), own: String(own) },
    },
    balance: {
      ...{ often: share(0.6), tenth: share(0.8), lessons: say(0.6), daily: say(0.9) },
      doubled: chance.oneOf(['never', 'partly', 'yes'] as const),
    },
  };
}
