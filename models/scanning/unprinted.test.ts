import { expect, it } from 'vitest';
import { applyStudyFact, emptyStudyPart, type CollegeRow, type StudyPart } from '../study/study.ts';
import { PARTICIPANTS_IN_ROOM_MAX } from './scan-college.ts';
import type { ScanCollegeRow } from './scan-views.ts';
import { unprintedOf } from './unprinted.ts';

const row = (college: string, status: CollegeRow['status'], rev = 1): CollegeRow => ({
  ...{ college, rev, name: `Колледж ${college}`, order: Number(college), status, data: null },
  ...{ informedAtMs: null, acknowledgedAtMs: null, byName: null },
});
const listed: StudyPart = { ...emptyStudyPart('r'), rows: [row('1', 'dataProvided'), row('2', 'dataProvided')] };

it('[S1-13] [S1-51] forms are to be printed for the colleges of the sample, in the rooms that they stated, until they were', () => {
  expect(unprintedOf(listed, [])).toEqual([]);
  const sampled = [row('1', 'sampled', 2), row('2', 'notSampled', 2)].reduce<StudyPart>(
    (part, one) => applyStudyFact(part, { type: 'studyCollegeChanged', body: { row: one } }),
    listed,
  );
  expect(unprintedOf(sampled, [])).toEqual([{ college: '1', name: 'Колледж 1', rooms: [] }]);
  const stated = [
    { name: 'Каб. 1', seats: PARTICIPANTS_IN_ROOM_MAX },
    { name: 'Актовый зал', seats: PARTICIPANTS_IN_ROOM_MAX + 1 },
  ];
  const line = { college: '1', rev: 1, rooms: [[], []], stated };
  const withRooms = applyStudyFact(sampled, { type: 'studyRoomsChanged', body: { line } });
  expect(unprintedOf(withRooms, [])[0]?.rooms).toEqual([
    { name: 'Каб. 1', participants: PARTICIPANTS_IN_ROOM_MAX },
    { name: 'Актовый зал', participants: PARTICIPANTS_IN_ROOM_MAX },
  ]);
  expect(unprintedOf(withRooms, [{ college: '1' } as ScanCollegeRow])).toEqual([]);
});
