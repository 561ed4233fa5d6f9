/** The study of the demonstration, as far as forms that are printed and packages that came back (domain S1-03, S1-08, S1-12, S1-23, S1-28 … S1-31). */
import type { Person } from '#models/people/person.ts';
import { REQUIREMENTS } from '#models/scanning-centre/scanning-centre.ts';
import type { Door } from '#server/door.ts';
import {
  COLLEGES,
  FEDERATION,
  REGION,
  ROOMS,
  SAMPLED,
  SCANNED,
  SCANNING_CENTRE,
  studyAt,
  VISITORS_COLLEGE,
} from './region.ts';
import { unlessDone } from './once.ts';

export interface StudyPeople {
  federation: Person;
  coordinator: Person;
  /** The head of the visitor's college. */
  head: Person;
}

const PARTICIPANTS_OTHERWISE = 25;
const SPARES = 1;

/** Returns the id of the study. Repeated after a crash it goes on where it stood. */
export async function runStudy(door: Door, people: StudyPeople, nowMs: number): Promise<string> {
  const { federation, coordinator, head } = people;
  const input = studyAt(nowMs);
  const known = (await door.procedures.of(federation)).find(({ kind }) => kind === 'study');
  const { id: study } = known ?? (await door.procedures.create(federation, FEDERATION.id, input));
  const region = { procedure: study, region: REGION.id };

  await nameCentre(door, coordinator);
  await unlessDone(() => door.study.list(federation, region), 'study_list_closed');
  for (const { id: college } of COLLEGES) {
    const data = { students: studentsOf(college), groups: 1, rev: 1 };
    await unlessDone(
      () => door.study.give(coordinator, { procedure: study, college }, data),
      'stale_write',
      'study_sampled',
    );
  }
  await unlessDone(() => door.study.handOver(coordinator, region), 'study_list_closed');
  await unlessDone(() => door.study.publishSample(federation, region, SAMPLED), 'study_sampled');
  await door.study.inform(coordinator, region, null);

  const own = { procedure: study, college: VISITORS_COLLEGE };
  await door.study.acknowledge(head, own);
  const [subject = ''] = input.kind === 'study' ? input.subjects : [];
  for (const { name, participants } of ROOMS[VISITORS_COLLEGE] ?? []) {
    const room = { name, isConditional: false, subject, seats: participants };
    await unlessDone(() => door.rooms.add(head, own, room), 'room_name_taken');
  }

  for (const [college, rooms] of Object.entries(ROOMS)) {
    const place = { procedure: study, centre: SCANNING_CENTRE.id, college };
    await unlessDone(() => door.scanning.print(coordinator, place, { rooms, spares: SPARES }), 'roster_room_taken');
    const sheets = SPARES + rooms.reduce((sum, { participants }) => sum + 2 + participants, 0);
    if (SCANNED.includes(college))
      await unlessDone(() => door.scanning.acceptPackage(coordinator, place, { sheets }), 'package_accepted');
  }
  return study;
}

const studentsOf = (college: string): number =>
  ROOMS[college]?.reduce((sum, { participants }) => sum + participants, 0) ?? PARTICIPANTS_OTHERWISE;

/** The region has its point that scans, with all that is required (S1-03). */
async function nameCentre(door: Door, coordinator: Person): Promise<void> {
  const { scanningCentres } = door;
  const unit = SCANNING_CENTRE.id;
  const choice = { unit, sort: 'dataProcessingCentre', rev: 0 };
  await unlessDone(() => scanningCentres.choose(coordinator, REGION.id, choice), 'stale_write');
  for (const requirement of REQUIREMENTS)
    await scanningCentres.check(coordinator, REGION.id, { requirement, isMet: true, unit });
  await scanningCentres.confirm(coordinator, REGION.id, unit);
}
