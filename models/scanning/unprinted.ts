/** Colleges of the sample for which nothing was printed yet: what the study tells against what the Collector has. Pure, browser-safe. */
import { SAMPLED_STATES, type StudyPart } from '../study/study.ts';
import { PARTICIPANTS_IN_ROOM_MAX } from './scan-college.ts';
import type { ScanCollegeRow } from './scan-views.ts';

export interface Unprinted {
  college: string;
  name: string;
  /** As the college stated them. */
  rooms: { name: string; participants: number }[];
}

export function unprintedOf({ rows, rooms }: StudyPart, colleges: readonly ScanCollegeRow[]): Unprinted[] {
  const printed = new Set(colleges.map(({ college }) => college));
  const stated = new Map(rooms.map((line) => [line.college, line.stated]));
  return rows
    .filter(({ college, status }) => SAMPLED_STATES.some((one) => one === status) && !printed.has(college))
    .map(({ college, name }) => ({
      ...{ college, name },
      // A larger room than an attendance sheet has rows is for whoever prints to divide.
      rooms: (stated.get(college) ?? []).map((room) => ({
        ...{ name: room.name, participants: Math.min(room.seats, PARTICIPANTS_IN_ROOM_MAX) },
      })),
    }));
}
