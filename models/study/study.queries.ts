/** What pages read of a study: the lists of regions, and what a sampled college is told. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { studyInvitationStream, studyStream } from '../journal/stream.ts';
import { isWithin, type Unit } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import { isInForce } from '../people/appointment.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { roomsLine } from '../room/room.ts';
import type { StudyProcedure } from '../procedure/procedure.ts';
import {
  collegeRow,
  emptyStudyPart,
  inCollegeOrder,
  inListOrder,
  invitationOf,
  regionView,
  studyId,
  type StudyInvitation,
  type StudyPart,
} from './study.ts';

/** Regions that one page follows: more than the country has. */
const REGIONS_MAX = 150;

/** A study as its pages name it. */
export type StudyHead = Pick<StudyProcedure, 'id' | 'title' | 'academicYear' | 'subjects' | 'deadline'> &
  Pick<StudyProcedure, 'deadlineMs' | 'zone' | 'centre'>;

export interface StudyRegionPart {
  id: string;
  name: string;
  part: Snapshot<StudyPart>;
}

export interface StudyOverview {
  study: StudyHead;
  /** Whether the reader watches the whole study, or regions of it. */
  isWhole: boolean;
  regions: StudyRegionPart[];
}

/** Who answers for a college: whom its director appointed, or else the director himself (S1-06, S1-07). */
export interface ResponsibleOrganizer {
  name: string;
  phone: string | null;
  email: string | null;
  isHead: boolean;
}

export interface StudyRegionPage {
  study: StudyHead;
  region: { id: string; name: string; zone: string };
  part: Snapshot<StudyPart>;
  /** By college. */
  organizers: Record<string, ResponsibleOrganizer>;
  mayPrepare: boolean;
  maySample: boolean;
  /** Makes access data for its colleges. */
  mayGenerate: boolean;
}

const headOf = ({
  id,
  title,
  academicYear,
  subjects,
  deadline,
  deadlineMs,
  zone,
  centre,
}: StudyProcedure): StudyHead => ({
  ...{ id, title, academicYear, subjects, deadline, deadlineMs, zone, centre },
});

export function createStudyQueries(context: Context) {
  const { journal, units, procedures, studyColleges, studyRegions, collegeRooms, assignments, now } = context;

  /** Positions first, then the states. */
  async function partsOf(study: StudyProcedure, regions: readonly Unit[]): Promise<StudyRegionPart[]> {
    if (regions.length === 0) return [];
    const ids = regions.map(({ id }) => id);
    const positionIn = await positionsOf(
      journal,
      ids.map((id) => studyStream(study.id, id)),
    );
    const of = { procedure: study.id, region: { $in: ids } };
    const [states, colleges, rooms] = await Promise.all([
      studyRegions.list(of),
      studyColleges.list(of),
      collegeRooms.list(of),
    ]);
    return regions.map(({ id, name }) => {
      const stream = studyStream(study.id, id);
      const state = states.find(({ region }) => region === id);
      const part: StudyPart = {
        ...emptyStudyPart(id),
        state: state ? regionView(state) : null,
        rows: inListOrder(colleges.filter(({ region }) => region === id).map(collegeRow)),
        rooms: inCollegeOrder(rooms.filter(({ region }) => region === id).map(roomsLine)),
      };
      return { id, name, part: { stream, position: positionIn(stream), state: part } };
    });
  }

  async function organizersOf(colleges: readonly string[]): Promise<Record<string, ResponsibleOrganizer>> {
    const nowMs = now();
    const roles = { $in: ['institutionHead', 'institutionCoordinator'] };
    const held = await assignments.held({ unit: { $in: [...colleges] }, role: roles }, nowMs);
    // The head first: whom he appointed takes his place.
    const present = held
      .filter((one) => isInForce(one, nowMs))
      .toSorted((a, b) => Number(b.role === 'institutionHead') - Number(a.role === 'institutionHead'));
    return Object.fromEntries(
      present.map(({ unit, role, name, phone, email }) => [
        unit,
        { name, phone, email, isHead: role === 'institutionHead' },
      ]),
    );
  }

  async function invitation(study: StudyProcedure, college: string): Promise<Snapshot<StudyInvitation | null>> {
    const stream = studyInvitationStream(study.id, college);
    const position = await positionOf(journal, stream);
    const found = await studyColleges.find(studyId(study.id, college));
    return {
      stream,
      position,
      state: found && invitationOf(found, study),
    };
  }

  return {
    /** One region, for a reader that needs it anew. */
    async part(person: Person, procedure: string, region: string): Promise<Snapshot<StudyPart>> {
      const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(region)]);
      if (!unit || !isAllowed(person, 'study.view', unit.path, study.id)) throw new HubError('not_allowed');
      const [one] = await partsOf(study, [unit]);
      if (!one) throw new HubError('not_found');
      return one.part;
    },

    /** All regions of the reader in a study. */
    async overview(person: Person, procedure: string): Promise<StudyOverview> {
      const study = await procedures.getOf('study', procedure);
      const mine = territories(person, 'study.view', study.id).filter(
        (path) => isWithin(path, study.path) || isWithin(study.path, path),
      );
      if (mine.length === 0) throw new HubError('not_allowed');
      const found = await units.list(
        { kind: 'region', path: startingWith(study.path) },
        { sort: { order: 1 }, limit: REGIONS_MAX },
      );
      const regions = found.filter(({ path }) => mine.some((own) => isWithin(path, own)));
      return {
        study: headOf(study),
        isWhole: mine.some((own) => isWithin(study.path, own)),
        regions: await partsOf(study, regions),
      };
    },

    /** One region with whoever answers for its colleges. */
    async region(person: Person, procedure: string, regionId: string): Promise<StudyRegionPage> {
      const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(regionId)]);
      if (
        unit?.kind !== 'region' ||
        !isWithin(unit.path, study.path) ||
        !isAllowed(person, 'study.view', unit.path, study.id)
      )
        throw new HubError('not_allowed');
      const [one] = await partsOf(study, [unit]);
      if (!one) throw new HubError('not_found');
      return {
        study: headOf(study),
        region: { id: unit.id, name: unit.name, zone: unit.zone ?? study.zone },
        part: one.part,
        organizers: await organizersOf(one.part.state.rows.map(({ college }) => college)),
        mayPrepare: isAllowed(person, 'study.prepare', unit.path, study.id),
        maySample: isAllowed(person, 'study.sample', unit.path, study.id),
        mayGenerate: isAllowed(person, 'credentials.generate', unit.path),
      };
    },

    /** What a college is told, for a reader that needs it anew. */
    async invitation(person: Person, procedure: string, college: string): Promise<Snapshot<StudyInvitation | null>> {
      const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(college)]);
      if (!unit || !isAllowed(person, 'study.read', unit.path, study.id)) throw new HubError('not_allowed');
      return invitation(study, unit.id);
    },

    /** Studies that may tell a college something: what they did not tell yet comes live. Nothing for whoever is no college. */
    async ofCollege(person: Person, college: string): Promise<Snapshot<StudyInvitation | null>[]> {
      const unit = await units.find(college);
      if (unit?.kind !== 'college') return [];
      const studies = (await procedures.listOf('study', {}, { sort: { deadlineMs: -1 } })).filter(
        ({ id, path }) => isWithin(unit.path, path) && isAllowed(person, 'study.read', unit.path, id),
      );
      return Promise.all(studies.map((study) => invitation(study, unit.id)));
    },
  };
}

export type StudyQueries = ReturnType<typeof createStudyQueries>;
