/** Use cases of a study from the preliminary list to informed colleges (S1-29 … S1-31). */
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { DeedKind } from '../deeds/deed.ts';
import { differencesOf } from '../deeds/deed.ts';
import { retryStale } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { studyInvitationStream, studyStream } from '../journal/stream.ts';
import { isActive, isWithin, type Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, type Capability } from '../people/rights.ts';
import type { StudyProcedure } from '../procedure/procedure.ts';
import {
  acknowledge,
  candidate,
  collegeDataSchema,
  collegeRow,
  giveData,
  handOver,
  inform,
  invitationOf,
  listRegion,
  publishSample,
  regionView,
  studyId,
  type StudyCollege,
  type StudyRegion,
} from './study.ts';

export interface RegionPlace {
  procedure: string;
  region: string;
}
export interface CollegePlace {
  procedure: string;
  college: string;
}

/** Colleges of one region that a deed names. */
const COLLEGES_MAX = 1_000;
const codesSchema = z.array(z.string().max(40)).max(COLLEGES_MAX);

export function createStudyActions(context: Context) {
  const { journal, units, procedures, studyColleges, studyRegions, now, newId } = context;

  function factsOf(
    study: StudyProcedure,
    { regions = [], colleges = [] }: { regions?: readonly StudyRegion[]; colleges?: readonly StudyCollege[] },
  ): Fact[] {
    return [
      ...regions.map((one): Fact => ({
        stream: studyStream(study.id, one.region),
        type: 'studyRegionChanged',
        entity: one.id,
        rev: one.rev,
        body: { state: regionView(one) },
      })),
      ...colleges.flatMap((one): Fact[] => {
        const invitation = invitationOf(one, study);
        const of = { entity: one.id, rev: one.rev };
        return [
          {
            ...{ stream: studyStream(study.id, one.region), type: 'studyCollegeChanged', ...of },
            body: { row: collegeRow(one) },
          },
          ...(invitation
            ? [
                {
                  ...{ stream: studyInvitationStream(study.id, one.college), type: 'studyInvitationChanged', ...of },
                  body: { invitation },
                },
              ]
            : []),
        ];
      }),
    ];
  }

  async function record(
    actor: Person,
    kind: DeedKind,
    study: StudyProcedure,
    unit: Unit,
    changed: { regions?: readonly StudyRegion[]; colleges?: readonly StudyCollege[] },
    told: Parameters<typeof differencesOf>[1],
    before: Parameters<typeof differencesOf>[0] = null,
  ): Promise<void> {
    const note = {
      ...{ kind, path: unit.path, subject: unit.id, subjectName: unit.name },
      differences: differencesOf(before, { ...told, procedure: study.title }),
    };
    const deed: Deed = { actor: actor.id, atMs: now(), commandId: newId(), note };
    await journal.record(deed, factsOf(study, changed), async (session) => {
      for (const region of changed.regions ?? []) await studyRegions.save(region, session);
      if (changed.colleges?.length) await studyColleges.saveMany(changed.colleges, session);
    });
  }

  /** A unit of the study over which the person holds the capability; what is not his does not exist for him. */
  async function demand(
    person: Person,
    capability: Capability,
    procedure: string,
    unitId: string,
  ): Promise<{ study: StudyProcedure; unit: Unit }> {
    const [study, unit] = await Promise.all([procedures.getOf('study', procedure), units.find(unitId)]);
    if (!unit || !isWithin(unit.path, study.path) || !isAllowed(person, capability, unit.path, study.id))
      throw new HubError('not_allowed');
    return { study, unit };
  }

  const collegesOf = ({ procedure, region }: RegionPlace): Promise<StudyCollege[]> =>
    studyColleges.list({ procedure, region });

  async function regionOf({ procedure, region }: RegionPlace): Promise<StudyRegion> {
    const found = await studyRegions.find(studyId(procedure, region));
    if (!found) throw new HubError('study_unlisted');
    return found;
  }

  return {
    /**
     * The preliminary list of a region: its working colleges; once more, those who are new. Returns how many came.
     * Errors: HubError `not_allowed`, `study_list_closed`, `sample_empty`.
     */
    list: (person: Person, place: RegionPlace): Promise<{ listed: number }> =>
      retryStale(async () => {
        const { study, unit } = await demand(person, 'study.sample', place.procedure, place.region);
        const present = await studyRegions.find(studyId(study.id, unit.id));
        const region = listRegion(present, study.id, unit.id);
        const [known, found] = await Promise.all([
          collegesOf(place),
          units.list({ parent: unit.id, kind: 'college' }, { sort: { order: 1 } }),
        ]);
        const fresh = found
          .filter((one) => isActive(one) && !known.some(({ college }) => college === one.id))
          .map(({ id: college, name, order }) =>
            candidate({ procedure: study.id, region: unit.id, college, name, order }),
          );
        if (unit.kind !== 'region' || fresh.length + known.length === 0) throw new HubError('sample_empty');
        if (fresh.length === 0) return { listed: 0 };
        const changed = { regions: [region], colleges: fresh };
        await record(person, 'study.listed', study, unit, changed, { count: fresh.length });
        return { listed: fresh.length };
      }),

    /** Data on one college (S1-05, S1-29). `rev` is what the writer saw. Errors: HubError `not_allowed`, `stale_write`, `study_sampled`, `study_unlisted`. */
    async give(person: Person, place: CollegePlace, input: unknown): Promise<void> {
      const { study, unit } = await demand(person, 'study.prepare', place.procedure, place.college);
      const { rev, ...given } = z.looseObject({ rev: z.coerce.number().int() }).parse(input);
      const data = collegeDataSchema.parse(given);
      const found = await studyColleges.find(studyId(study.id, unit.id));
      if (!found) throw new HubError('study_unlisted');
      const told = (one: typeof found.data) => one && { students: one.students, groups: one.groups };
      const changed = { colleges: [giveData(found, data, rev)] };
      await record(person, 'study.dataGiven', study, unit, changed, told(data) ?? {}, told(found.data));
    },

    /** The region's list goes to the federal organizer. Errors: HubError `not_allowed`, `study_incomplete`, `study_list_closed`. */
    handOver: (person: Person, place: RegionPlace): Promise<void> =>
      retryStale(async () => {
        const { study, unit } = await demand(person, 'study.prepare', place.procedure, place.region);
        const region = await regionOf(place);
        const move = handOver(region, await collegesOf(place), now());
        const changed = { regions: [move.region], colleges: move.colleges };
        await record(person, 'study.handedOver', study, unit, changed, { count: move.colleges.length });
      }),

    /** Publishes the sample of a region, for good. Errors: HubError `not_allowed`, `study_not_handed`, `study_sampled`, `sample_unknown`. */
    publishSample: (person: Person, place: RegionPlace, chosen: unknown): Promise<{ sampled: number }> =>
      retryStale(async () => {
        const { study, unit } = await demand(person, 'study.sample', place.procedure, place.region);
        const codes = [...new Set(codesSchema.parse(chosen))];
        const region = await regionOf(place);
        const move = publishSample(region, await collegesOf(place), codes, now());
        const changed = { regions: [move.region], colleges: move.colleges };
        await record(person, 'study.sampled', study, unit, changed, { count: codes.length });
        return { sampled: codes.length };
      }),

    /**
     * Tells sampled colleges of their participation (S1-31): those named, or with null all who were not told yet. Returns how many
     * were told now. Errors: HubError `not_allowed`, `study_not_sampled`, `sample_unknown`.
     */
    inform: (person: Person, place: RegionPlace, named: unknown): Promise<{ informed: number }> =>
      retryStale(async () => {
        const { study, unit } = await demand(person, 'study.prepare', place.procedure, place.region);
        const codes = codesSchema.nullable().parse(named);
        const colleges = await collegesOf(place);
        const unknown = (codes ?? []).filter((code) => !colleges.some(({ college }) => college === code));
        if (unknown.length > 0)
          throw new HubError('sample_unknown', { count: unknown.length, codes: unknown.join(', ') });
        const meant = colleges.filter(({ status, college }) =>
          codes === null ? status === 'sampled' : codes.includes(college),
        );
        const informed = meant.flatMap((one) => inform(one, now()) ?? []);
        if (informed.length > 0)
          await record(person, 'study.informed', study, unit, { colleges: informed }, { count: informed.length });
        return { informed: informed.length };
      }),

    /** A college has read that it takes part. Errors: HubError `not_allowed`, `not_found` for one that was not told. */
    acknowledge: (person: Person, place: CollegePlace): Promise<void> =>
      retryStale(async () => {
        const { study, unit } = await demand(person, 'study.answer', place.procedure, place.college);
        const found = await studyColleges.get(studyId(study.id, unit.id));
        const read = acknowledge(found, person, now());
        if (read) await record(person, 'study.acknowledged', study, unit, { colleges: [read] }, {});
      }),
  };
}
