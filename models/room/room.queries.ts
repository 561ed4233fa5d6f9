/** What pages read of a college's rooms in a study. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { roomsStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { zoneAt } from '../org/unit.zone.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import type { StudyProcedure } from '../procedure/procedure.ts';
import { isTold, studyId } from '../study/study.ts';
import { noRooms, roomsPart, type RoomsPart } from './room.ts';

export interface RoomsPage {
  study: Pick<StudyProcedure, 'id' | 'title' | 'subjects'>;
  college: { id: string; name: string; zone: string };
  region: string;
  part: Snapshot<RoomsPart>;
  /** States rooms and appoints to them. */
  maySet: boolean;
  /** Sees who is appointed to what in the college, its cabinet, the lists of the study. */
  seesPeople: boolean;
  seesCabinet: boolean;
  seesStudy: boolean;
}

export function createRoomQueries({ journal, units, procedures, studyColleges, collegeRooms }: Context) {
  async function viewed(
    person: Person,
    procedure: string,
    college: string,
  ): Promise<{ study: StudyProcedure; unit: Unit; region: string }> {
    const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(college)]);
    if (!unit || !isWithin(unit.path, study.path) || !isAllowed(person, 'rooms.view', unit.path, study.id))
      throw new HubError('not_allowed');
    const taking = await studyColleges.find(studyId(study.id, unit.id));
    // What was not said to a college does not exist for it.
    if (!taking || !isTold(taking)) throw new HubError('not_found');
    return { study, unit, region: taking.region };
  }

  /** The position first, then the state. */
  async function snapshot(of: { procedure: string; region: string; college: string }): Promise<Snapshot<RoomsPart>> {
    const stream = roomsStream(of.procedure, of.college);
    const position = await positionOf(journal, stream);
    const found = await collegeRooms.find(studyId(of.procedure, of.college));
    return { stream, position, state: roomsPart(found ?? noRooms(of)) };
  }

  return {
    /** One college's rooms, for a reader that needs them anew. */
    async part(person: Person, procedure: string, college: string): Promise<Snapshot<RoomsPart>> {
      const { region } = await viewed(person, procedure, college);
      return snapshot({ procedure, region, college });
    },

    async page(person: Person, procedure: string, college: string): Promise<RoomsPage> {
      const { study, unit, region } = await viewed(person, procedure, college);
      const { id, title, subjects } = study;
      return {
        study: { id, title, subjects },
        college: { id: unit.id, name: unit.name, zone: await zoneAt(units, unit.path) },
        region,
        part: await snapshot({ procedure: id, region, college: unit.id }),
        maySet: isAllowed(person, 'rooms.set', unit.path, id),
        seesPeople: isAllowed(person, 'people.view', unit.path),
        seesCabinet: isAllowed(person, 'contextual.view', unit.path),
        seesStudy: isAllowed(person, 'study.view', unit.path, id),
      };
    },
  };
}

export type RoomQueries = ReturnType<typeof createRoomQueries>;
