/** A study of SPO students through a real store: federation, region, college; the law of live state; and what nobody may see. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studyInvitationStream, studyStream, type StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import {
  applyInvitationFact,
  applyStudyFact,
  type InvitationFact,
  type StudyFact,
  type StudyPart,
} from '#models/study/study.ts';
import { FOREIGN_REGION, openStudy, PASSWORD, REGION, setUpFederation, STUDY } from './federation.testing.ts';
import { appointNewcomer } from './newcomer.ts';
import { startTestHub, type TestHub } from './testing.ts';

const COLLEGES = ['c48-1', 'c48-2', 'c48-3'];

let hub: TestHub;
let federal: Person;
let regional: Person;
let foreign: Person;
let head: Person;
let outsider: Person;

beforeAll(async () => {
  hub = await startTestHub();
  const { appoint } = await setUpFederation(hub, { colleges: COLLEGES });
  federal = await appoint('federalCoordinator', 'fed');
  regional = await appoint('regionalCoordinator', REGION);
  foreign = await appoint('regionalCoordinator', FOREIGN_REGION);
  head = await appoint('institutionHead', 'c48-1');
  outsider = await appoint('institutionHead', 'c48-2');
  await openStudy(hub, federal);
});
afterAll(() => hub.stop());

const study = () => hub.door.study;
const refused = (code: string, params: object = {}): unknown =>
  expect.objectContaining({ code, params: expect.objectContaining(params) as unknown });
const place = { procedure: STUDY, region: REGION };
const at = (college: string) => ({ procedure: STUDY, college });
const stream = studyStream(STUDY, REGION);
const snapshot = (person: Person, name: StreamId) => hub.models.live.snapshot({ person, ticket: null }, name);
const rows = async (): Promise<StudyPart['rows']> => ((await snapshot(regional, stream)).state as StudyPart).rows;
const give = async (college: string, students: number, by = regional) =>
  study().give(by, at(college), {
    ...{ students, groups: 1, rev: (await rows()).find((row) => row.college === college)?.rev ?? 0 },
  });

/** What a deed tells, applied to the states before, gives the states after; the journal alone gives them too. */
async function holdsOver(act: () => Promise<unknown>): Promise<void> {
  const names: StreamId[] = [stream, ...COLLEGES.map((college) => studyInvitationStream(STUDY, college))];
  const before = await Promise.all(names.map((name) => snapshot(federal, name)));
  await act();
  for (const { stream: name, position, state } of before) {
    const events = await hub.models.journal.read(name, position.seq, 1_000);
    const applied = name.startsWith('study:')
      ? (events as unknown as StudyFact[]).reduce(applyStudyFact, state as StudyPart)
      : (events as unknown as InvitationFact[]).reduce(applyInvitationFact, state as never);
    const now = await snapshot(federal, name);
    expect(applied, name).toEqual(now.state);
    const past = await hub.models.live.asAt({ person: federal, ticket: null }, name, { seq: now.position.seq });
    expect(past.state, `replay of ${name}`).toEqual(now.state);
  }
}

describe('a study of SPO students', () => {
  it('[S1-29] begins with the preliminary list of a region, which the federal organizer makes', async () => {
    await expect(study().list(regional, place)).rejects.toEqual(refused('not_allowed'));
    await expect(study().handOver(regional, place)).rejects.toEqual(refused('study_unlisted'));
    await expect(study().list(federal, { ...place, region: FOREIGN_REGION })).rejects.toEqual(refused('sample_empty'));
    await holdsOver(() => study().list(federal, place));
    expect((await rows()).map(({ college, status }) => [college, status])).toEqual(
      COLLEGES.map((college) => [college, 'candidate']),
    );
    expect(await study().list(federal, place)).toEqual({ listed: 0 });
  });

  it('[S1-29] [S1-05] the region gives data on each college by revision, and hands over only a whole list', async () => {
    await holdsOver(() => give('c48-1', 25));
    await expect(study().give(regional, at('c48-1'), { students: 1, groups: 1, rev: 1 })).rejects.toEqual(
      refused('stale_write'),
    );
    await expect(give('c48-1', 1, foreign)).rejects.toEqual(refused('not_allowed'));
    await expect(give('c48-1', 1, federal)).rejects.toEqual(refused('not_allowed'));
    await expect(study().handOver(regional, place)).rejects.toEqual(
      refused('study_incomplete', { count: 2, names: 'Единица c48-2, Единица c48-3' }),
    );
    await give('c48-2', 10);
    await give('c48-3', 0).catch(() => study().give(regional, at('c48-3'), { students: 0, groups: 0, rev: 1 }));
    await expect(study().publishSample(federal, place, ['c48-1'])).rejects.toEqual(refused('study_not_handed'));
    await holdsOver(() => study().handOver(regional, place));
    await holdsOver(() => give('c48-2', 12));
    expect((await rows()).map(({ status, data }) => [status, data?.students])).toEqual([
      ['dataProvided', 25],
      ['dataProvided', 12],
      ['dataProvided', 0],
    ]);
  });

  it('[S1-30] the sample is published at once and for good, and only by the federal organizer', async () => {
    await expect(study().publishSample(regional, place, ['c48-1'])).rejects.toEqual(refused('not_allowed'));
    await expect(study().publishSample(federal, place, ['i48-1'])).rejects.toEqual(refused('sample_unknown'));
    await holdsOver(() => study().publishSample(federal, place, ['c48-1', 'c48-3']));
    await expect(study().publishSample(federal, place, COLLEGES)).rejects.toEqual(refused('study_sampled'));
    await expect(give('c48-2', 1)).rejects.toEqual(refused('study_sampled'));
    expect((await rows()).map(({ status }) => status)).toEqual(['sampled', 'notSampled', 'sampled']);
  });

  it('[S1-31] each sampled college is informed, one or all; it says that it has read it, with its name', async () => {
    await expect(study().inform(regional, place, ['c48-2'])).rejects.toEqual(
      refused('study_not_sampled', { name: 'Единица c48-2' }),
    );
    await expect(study().acknowledge(head, at('c48-1'))).rejects.toEqual(refused('not_found'));
    await holdsOver(() => study().inform(regional, place, ['c48-1']));
    expect(await study().inform(regional, place, null)).toEqual({ informed: 1 });
    expect(await study().inform(regional, place, null)).toEqual({ informed: 0 });
    await holdsOver(() => study().acknowledge(head, at('c48-1')));
    await study().acknowledge(head, at('c48-1'));
    expect((await rows()).map(({ status, byName }) => [status, byName])).toEqual([
      ['acknowledged', head.name],
      ['notSampled', null],
      ['informed', null],
    ]);
  });

  it('[S1-31] a college out of the sample sees nothing, and no college sees another or the list', async () => {
    const [own] = await study().ofCollege(outsider, 'c48-2');
    expect(own?.state).toBeNull();
    await expect(study().acknowledge(outsider, at('c48-2'))).rejects.toEqual(refused('not_found'));
    for (const name of [stream, studyInvitationStream(STUDY, 'c48-1')])
      await expect(snapshot(outsider, name)).rejects.toEqual(refused('not_allowed'));
    await expect(study().overview(outsider, STUDY)).rejects.toEqual(refused('not_allowed'));
    await expect(study().region(foreign, STUDY, REGION)).rejects.toEqual(refused('not_allowed'));
    await expect(snapshot(foreign, stream)).rejects.toEqual(refused('not_allowed'));
  });

  it('[S1-28] the region sees its own colleges, the federal organizer all regions; attendance pages know no study', async () => {
    const seen = async (person: Person) => {
      const { isWhole, regions } = await study().overview(person, STUDY);
      return [isWhole, regions.map(({ id }) => id)];
    };
    expect(await seen(regional)).toEqual([false, [REGION]]);
    expect(await seen(federal)).toEqual([true, [REGION, FOREIGN_REGION]]);
    await expect(hub.door.participations.procedure(STUDY)).rejects.toEqual(refused('not_found'));
    expect((await hub.door.participations.procedures()).map(({ kind }) => kind)).toEqual(['attendance']);
  });

  it('[S1-06] [S1-07] whoever answers for a college is its director, until he appoints another', async () => {
    const organizer = async () => (await study().region(regional, STUDY, REGION)).organizers['c48-1'];
    expect(await organizer()).toMatchObject({ name: head.name, isHead: true });
    await appointNewcomer(hub.door.appointments, head, {
      ...{ name: 'Ответственный', username: 'responsible', password: PASSWORD },
      ...{ role: 'institutionCoordinator', unit: 'c48-1' },
    });
    expect(await organizer()).toMatchObject({ name: 'Ответственный', isHead: false });
  });
});
