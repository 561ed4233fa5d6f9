import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  applyInvitationFact,
  applyStudyFact,
  candidate,
  collegeDataSchema,
  collegeRow,
  countColleges,
  emptyStudyPart,
  giveData,
  GROUPS_MAX,
  handOver,
  inform,
  invitationOf,
  listRegion,
  publishSample,
  regionView,
  STUDENTS_MAX,
  type StudyCollege,
} from './study.ts';

const PROCEDURE = 'study-fed-2019';
const college = (number: number): StudyCollege =>
  candidate({
    procedure: PROCEDURE,
    region: '48',
    college: `c48-${number}`,
    name: `Колледж № ${number}`,
    order: number,
  });
const withData = (number: number): StudyCollege => giveData(college(number), { students: 20, groups: 2 }, 1);
const listed = () => listRegion(null, PROCEDURE, '48');
const handed = () => handOver(listed(), [withData(1), withData(2)], 10);

describe('data on a college', () => {
  const isGood = (students: unknown, groups: unknown): boolean =>
    collegeDataSchema.safeParse({ students, groups }).success;

  it('[S1-05] are whole numbers of students and their groups, up to their limits', () => {
    expect([
      isGood(STUDENTS_MAX, GROUPS_MAX),
      isGood(STUDENTS_MAX + 1, 1),
      isGood(STUDENTS_MAX, GROUPS_MAX + 1),
    ]).toEqual([true, false, false]);
    expect([isGood(-1, 0), isGood(1.5, 1), isGood('много', 1)]).toEqual([false, false, false]);
  });

  it('[S1-05] have no group without a student, and no student without a group', () => {
    expect([isGood(0, 0), isGood(0, 1), isGood(5, 0), isGood(2, 2), isGood(2, 3)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('[S1-29] over a revision that the writer did not see are refused', () => {
    expect(() => giveData(withData(1), { students: 1, groups: 1 }, 1)).toThrow('stale_write');
    expect(giveData(withData(1), { students: 1, groups: 1 }, 2)).toMatchObject({ rev: 3, data: { students: 1 } });
  });
});

describe('the list of a region', () => {
  it('[S1-29] is handed over only whole; colleges without data are named', () => {
    expect(() => handOver(listed(), [withData(1), college(2)], 10)).toThrow(/study_incomplete.*"count":1.*Колледж № 2/);
    const { region, colleges } = handed();
    expect(region).toMatchObject({ status: 'handedOver', handedAtMs: 10, rev: 2 });
    expect(colleges.map(({ status, rev }) => [status, rev])).toEqual([
      ['dataProvided', 3],
      ['dataProvided', 3],
    ]);
    expect(() => handOver(region, colleges, 11)).toThrow('study_list_closed');
    expect(() => listRegion(region, PROCEDURE, '48')).toThrow('study_list_closed');
  });

  it('[S1-30] is sampled once and for good: every college is in or out', () => {
    const { region, colleges } = handed();
    expect(() => publishSample(listed(), colleges, [], 20)).toThrow('study_not_handed');
    expect(() => publishSample(region, colleges, ['c70-1'], 20)).toThrow(/sample_unknown.*c70-1/);
    const sample = publishSample(region, colleges, ['c48-2'], 20);
    expect(sample.colleges.map(({ status }) => status)).toEqual(['notSampled', 'sampled']);
    expect(() => publishSample(sample.region, sample.colleges, ['c48-1'], 21)).toThrow('study_sampled');
    for (const one of sample.colleges)
      expect(() => giveData(one, { students: 1, groups: 1 }, one.rev)).toThrow('study_sampled');
  });
});

describe('a college', () => {
  const [out, sampled] = publishSample(handed().region, handed().colleges, ['c48-2'], 20).colleges;
  if (!out || !sampled) throw new Error('two colleges');
  const study = { title: 'Исследование СПО', subjects: ['Физика'] };

  it('[S1-31] of the sample is informed once, and says that it has read it', () => {
    const told = inform(sampled, 30);
    if (!told) throw new Error('told');
    expect(told).toMatchObject({ status: 'informed', informedAtMs: 30 });
    expect(inform(told, 31)).toBeNull();
    const read = acknowledge(told, { name: 'Тестов' }, 40);
    expect(read).toMatchObject({ status: 'acknowledged', acknowledgedAtMs: 40, byName: 'Тестов', informedAtMs: 30 });
    expect(read && acknowledge(read, { name: 'Другой' }, 41)).toBeNull();
  });

  it('[S1-31] out of the sample, or not told yet, is told nothing and answers nothing', () => {
    expect(() => inform(out, 30)).toThrow(/study_not_sampled.*Колледж № 1/);
    for (const one of [out, sampled, college(3)]) {
      expect(invitationOf(one, study)).toBeNull();
      expect(() => acknowledge(one, { name: 'Тестов' }, 40)).toThrow('not_found');
    }
  });

  it('facts applied twice, or late, change nothing', () => {
    const told = inform(sampled, 30);
    if (!told) throw new Error('told');
    const fact = (one: StudyCollege) => ({ type: 'studyCollegeChanged' as const, body: { row: collegeRow(one) } });
    const region = { type: 'studyRegionChanged' as const, body: { state: regionView(listed()) } };
    const part = [region, fact(out), fact(told)].reduce(applyStudyFact, emptyStudyPart('48'));
    expect([region, fact(sampled), fact(told)].reduce(applyStudyFact, part)).toEqual(part);
    expect(countColleges(part.rows)).toEqual({
      ...{ listed: 2, withData: 2, students: 40, sampled: 1, informed: 1, acknowledged: 0 },
    });
    const invitation = invitationOf(told, study);
    const read = acknowledge(told, { name: 'Тестов' }, 40);
    const after = read && invitationOf(read, study);
    if (!invitation || !after) throw new Error('invited');
    const said = (one: typeof invitation) => ({ type: 'studyInvitationChanged' as const, body: { invitation: one } });
    expect([said(invitation), said(after), said(invitation)].reduce(applyInvitationFact, null)).toEqual(after);
  });
});
