/** A survey through a real store: opened, filled, watched and read; the law of live state; the deadline; and what nobody may see. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { surveyResponseStream, surveyStream, type StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { dayEndMs } from '#models/procedure/procedure.ts';
import { STANDARD_DIRECTION, STANDARD_PLAN, STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import {
  applyResponseFact,
  applySurveyFact,
  type ResponseFact,
  type ResponseView,
  type SurveyFact,
  type SurveyPart,
} from '#models/survey/survey.ts';
import type { Typed } from '#models/survey/questionnaire.ts';
import { appointNewcomer } from './newcomer.ts';
import { startTestHub, type TestHub } from './testing.ts';

const SURVEY = 'survey-48-2021';
const TITLE = 'Оценка графиков проведения оценочных процедур';
const DEADLINE = '2021-10-19';
const OPENED_MS = Date.UTC(2021, 9, 15, 8);
const PASSWORD = 'long enough phrase';

const SCHEDULE: Record<string, Typed> = { scheduleMade: 'no', scheduleWhy: 'К ноябрю' };
const PROCEDURES = { parallels: '11', classes: '22', planned: '10', federal: '2', regional: '3', own: '5' };
const BALANCE = {
  ...{ often: { part: '10', whole: '12' }, tenth: { part: '12', whole: '12' } },
  ...{ lessons: 'yes', daily: 'no', doubled: 'never' },
};

let hub: TestHub;
let head: Person;
let deputy: Person;
let other: Person;
let privateHead: Person;

const surveys = () => hub.door.surveys;
const at = (institution: string) => ({ procedure: SURVEY, institution });
const refused = (code: string, params: object = {}): unknown =>
  expect.objectContaining({ code, params: expect.objectContaining(params) as unknown });
const snapshot = (person: Person, name: StreamId) => hub.models.live.snapshot({ person, ticket: null }, name);
const part = async (municipality = '48-m1'): Promise<SurveyPart> =>
  (await snapshot(hub.coordinator, surveyStream(SURVEY, municipality))).state as SurveyPart;
const rows = async (municipality = '48-m1') =>
  (await part(municipality)).rows.map(({ institution, status, answered, asked }) => [
    institution,
    status,
    answered,
    asked,
  ]);
const save = (person: Person, institution: string, section: string, typed: Record<string, Typed>, rev = 0) =>
  surveys().save(person, at(institution), { section, rev, typed });

beforeAll(async () => {
  hub = await startTestHub();
  hub.clock.nowMs = OPENED_MS;
  await hub.door.units.addInstitutionLines(
    hub.coordinator,
    '48',
    [
      'Округ № 1;i48-1;МБОУ СОШ № 101;муниципальная',
      'Округ № 1;i48-2;ЧОУ «Школа № 102»;частная',
      'Округ № 2;i48-3;ГБОУ «Школа № 103»;государственная',
    ].join('\n'),
  );
  const appoint = async (
    role: Parameters<typeof appointNewcomer>[2]['role'],
    unit: string,
    by = hub.coordinator,
  ): Promise<Person> => {
    const username = `${role}-${unit}`.toLowerCase();
    const newcomer = { name: `Тестов ${username}`, username, password: PASSWORD, role, unit };
    await appointNewcomer(hub.door.appointments, by, newcomer);
    return hub.person(username);
  };
  head = await appoint('institutionHead', 'i48-1');
  deputy = await appoint('institutionCoordinator', 'i48-1', head);
  privateHead = await appoint('institutionHead', 'i48-2');
  other = await appoint('institutionHead', 'i48-3');
});
afterAll(() => hub.stop());

/** What a deed tells, applied to the states before, gives the states after, also when it is applied twice; the journal alone gives them too. */
async function holdsOver(act: () => Promise<unknown>): Promise<void> {
  const names: StreamId[] = [
    ...['48-m1', '48-m2'].map((id) => surveyStream(SURVEY, id)),
    ...['i48-1', 'i48-3'].map((id) => surveyResponseStream(SURVEY, id)),
  ];
  const before = await Promise.all(names.map((name) => snapshot(hub.coordinator, name)));
  await act();
  for (const { stream: name, position, state } of before) {
    const events = await hub.models.journal.read(name, position.seq, 1_000);
    const apply = (over: unknown): unknown =>
      name.startsWith('survey:')
        ? (events as unknown as SurveyFact[]).reduce(applySurveyFact, over as SurveyPart)
        : (events as unknown as ResponseFact[]).reduce<ResponseView | null>(applyResponseFact, over as ResponseView);
    const applied = apply(state);
    const now = await snapshot(hub.coordinator, name);
    expect(applied, name).toEqual(now.state);
    expect(apply(applied), `${name} twice`).toEqual(now.state);
    const past = await hub.models.live.asAt({ person: hub.coordinator, ticket: null }, name, { seq: now.position.seq });
    expect(past.state, `replay of ${name}`).toEqual(now.state);
  }
}

describe('a survey of institutions', () => {
  it('[S4-01] [S4-02] [S4-05] [S4-06] is opened by the region with its basis, plan, questions and responsible centre', async () => {
    const input = {
      ...{ kind: 'survey', title: TITLE, academicYear: 2021, deadline: DEADLINE, direction: STANDARD_DIRECTION },
      monitoring: 'Комплексный мониторинг качества подготовки обучающихся',
      basis: [{ title: 'Письмо Рособрнадзора', number: '01-169/08-01', date: '2021-08-06' }],
      ...{ covers: ['state', 'municipal'], plan: STANDARD_PLAN, questionnaire: STANDARD_QUESTIONNAIRE },
      centre: {
        ...{ name: 'Региональный центр', phone: '+7 000 000-00-01', email: 'centre@example.org' },
        siteUrl: 'https://centre.example.org',
      },
    };
    await expect(hub.door.procedures.create(hub.municipal[0], '48', input)).rejects.toEqual(refused('not_allowed'));
    await expect(hub.door.procedures.create(hub.coordinator, '48', { ...input, basis: [] })).rejects.toThrow();
    await hub.door.procedures.create(hub.coordinator, '48', input);
    const { survey, indicators, mayRead } = await surveys().overview(hub.coordinator, SURVEY);
    expect(survey).toMatchObject({
      ...{ title: TITLE, academicYear: 2021, direction: STANDARD_DIRECTION, basis: input.basis, plan: STANDARD_PLAN },
      centre: { name: 'Региональный центр' },
    });
    expect(indicators).toContain('График составлен');
    expect(mayRead).toBe(true);
  });

  it('[S4-03] lists state and municipal institutions; a private one, and one that nobody named, are left out by name', async () => {
    expect(await rows()).toEqual([['i48-1', 'notStarted', 0, 12]]);
    expect(await rows('48-m2')).toEqual([['i48-3', 'notStarted', 0, 12]]);
    expect((await part()).leftOut).toEqual([{ institution: 'i48-2', name: 'ЧОУ «Школа № 102»', ownership: 'private' }]);
    expect((await part('48-m2')).leftOut).toMatchObject([{ institution: 'i48-4', ownership: null }]);
    await expect(surveys().form(privateHead, at('i48-2'))).rejects.toEqual(
      refused('survey_not_covered', { name: 'ЧОУ «Школа № 102»', ownership: 'private' }),
    );
    await expect(save(privateHead, 'i48-2', 'schedule', SCHEDULE)).rejects.toEqual(refused('survey_not_covered'));
    expect(await surveys().ofInstitution(privateHead, 'i48-2')).toEqual({ current: [], past: [] });
  });

  it('[S4-04] is filled by section, and every save is told to institution, municipality and region', async () => {
    expect((await surveys().ofInstitution(head, 'i48-1')).current.map(({ survey }) => survey.id)).toEqual([SURVEY]);
    await holdsOver(() => save(head, 'i48-1', 'schedule', SCHEDULE));
    expect(await rows()).toEqual([['i48-1', 'filling', 2, 13]]);
    await expect(save(head, 'i48-1', 'procedures', { ...PROCEDURES, parallels: '12' })).rejects.toEqual(
      refused('survey_answer_wrong', { problem: 'max', limit: 11 }),
    );
    expect(await rows()).toEqual([['i48-1', 'filling', 2, 13]]);
  });

  it('[S4-04] two people fill two sections at once, and neither writes over the other', async () => {
    await holdsOver(() =>
      Promise.all([save(head, 'i48-1', 'procedures', PROCEDURES), save(deputy, 'i48-1', 'balance', BALANCE)]),
    );
    expect(await rows()).toEqual([['i48-1', 'filling', 13, 13]]);
    await expect(save(head, 'i48-1', 'balance', {})).rejects.toEqual(
      refused('survey_section_changed', { by: deputy.name }),
    );
  });

  it('[S4-04] is finished once nothing is missing and all agrees; in the same moment its indicators are in the base', async () => {
    await save(other, 'i48-3', 'schedule', { scheduleMade: 'yes' });
    await expect(surveys().finish(other, at('i48-3'))).rejects.toEqual(refused('survey_incomplete', { count: 13 }));
    await save(head, 'i48-1', 'procedures', { ...PROCEDURES, own: '6' }, 1);
    await expect(surveys().finish(head, at('i48-1'))).rejects.toEqual(refused('survey_contradiction', { count: 1 }));
    await save(head, 'i48-1', 'procedures', PROCEDURES, 2);
    await holdsOver(() => surveys().finish(head, at('i48-1')));
    await surveys().finish(head, at('i48-1'));
    expect((await part()).rows[0]).toMatchObject({ status: 'filled', byName: head.name, filledAtMs: OPENED_MS });
    await expect(save(head, 'i48-1', 'schedule', SCHEDULE, 1)).rejects.toEqual(refused('survey_filled'));
    const { rows: results, sums } = await hub.door.results.page(hub.coordinator, { kind: 'survey' });
    expect(results.map(({ institution, procedure }) => [institution, procedure])).toEqual([['i48-1', SURVEY]]);
    expect(sums[0]?.gathered).toContainEqual(
      expect.objectContaining({ title: 'Не чаще раза в 2,5 недели', by: 'share', value: 83, whole: 12 }),
    );
    const { entries } = await hub.door.deeds.page(hub.coordinator, { unit: 'i48-1', kind: 'survey.filled' });
    expect(entries).toHaveLength(1);
  });

  it('[S4-04] each sees its own part: a municipality its own, an institution itself, and nobody another', async () => {
    const seen = async (person: Person) =>
      (await surveys().overview(person, SURVEY)).parts.map(({ state }) => state.municipality);
    expect(await seen(hub.coordinator)).toEqual(['48-m1', '48-m2']);
    expect(await seen(hub.municipal[1])).toEqual(['48-m2']);
    expect((await surveys().form(hub.municipal[0], at('i48-1'))).mayFill).toBe(false);
    await expect(surveys().form(hub.municipal[1], at('i48-1'))).rejects.toEqual(refused('not_allowed'));
    await expect(surveys().form(other, at('i48-1'))).rejects.toEqual(refused('not_allowed'));
    await expect(save(hub.coordinator, 'i48-1', 'schedule', SCHEDULE, 1)).rejects.toEqual(refused('not_allowed'));
    await expect(surveys().overview(head, SURVEY)).rejects.toEqual(refused('not_allowed'));
    for (const name of [surveyStream(SURVEY, '48-m1'), surveyResponseStream(SURVEY, 'i48-1')])
      await expect(snapshot(other, name)).rejects.toEqual(refused('not_allowed'));
  });

  it('[S4-03] the lists follow the tree: who becomes covered stands on one, and whoever moves takes his answers along', async () => {
    const { name } = await hub.models.units.unit(hub.coordinator, 'i48-4').then(({ unit }) => unit);
    await holdsOver(() =>
      hub.door.units.edit(hub.coordinator, 'i48-4', { name, shortName: '', zone: null, ownership: 'state' }),
    );
    expect((await part('48-m2')).leftOut).toEqual([]);
    await holdsOver(() => hub.door.units.move(hub.coordinator, 'i48-3', '48-m1'));
    other = await hub.person('institutionhead-i48-3');
    expect(await rows()).toEqual([
      ['i48-1', 'filled', 13, 13],
      ['i48-3', 'filling', 1, 14],
    ]);
    expect(await rows('48-m2')).toEqual([['i48-4', 'notStarted', 0, 12]]);
    await holdsOver(() => save(other, 'i48-3', 'procedures', PROCEDURES));
    expect((await rows())[1]).toEqual(['i48-3', 'filling', 7, 14]);
  });

  it('[S4-04] the last day holds whole; from the next midnight on nothing is saved, and all stays to be read', async () => {
    const endMs = dayEndMs(DEADLINE, 'Europe/Moscow');
    hub.clock.nowMs = endMs - 1;
    await save(other, 'i48-3', 'balance', BALANCE);
    hub.clock.nowMs = endMs;
    await expect(save(other, 'i48-3', 'balance', BALANCE, 1)).rejects.toEqual(
      refused('survey_closed', { deadlineMs: endMs }),
    );
    await expect(surveys().finish(other, at('i48-3'))).rejects.toEqual(refused('survey_closed'));
    const { current, past } = await surveys().ofInstitution(other, 'i48-3');
    expect([current.length, past.length]).toEqual([0, 1]);
    expect((await surveys().form(other, at('i48-3'))).response.state?.answers).toMatchObject({ lessons: true });
  });
});
