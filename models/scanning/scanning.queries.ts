/** What pages read of the Collector: the board of a centre, one batch, open errors, images by right, and a work's life. */
import type { Attendance } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { WayOut } from '#collector/finding.ts';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import {
  checkingStream,
  collectorStream,
  ownScansStream,
  scanBatchStream,
  scanErrorsStream,
} from '../journal/stream.ts';
import { isActive, isWithin, pathIds } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories, type Capability } from '../people/rights.ts';
import { attendanceInBooks, type Attended } from './attendance.ts';
import {
  AWAITED_SHOWN_MAX,
  claimSubject,
  ERRORS_ASKED_MAX,
  errorsAskedSchema,
  errorsOf,
  errorView,
  HEALED_SHOWN_MAX,
  OPEN_SHOWN_MAX,
  type ScanError,
  type ErrorStep,
  type ScanErrorsState,
  type ScanErrorView,
} from './scan-error.ts';
import { codeOf, type Answer, workId, type ScanPage } from './scan-page.ts';
import { createScanPageQueries } from './scan-page.queries.ts';
import {
  batchOf,
  batchRow,
  checkingOf,
  checkingPart,
  collectorOf,
  collegeRow,
  fileRow,
  ownErrorView,
  ownScansOf,
  pageRow,
  printRunRow,
  type BatchRow,
  type CheckingState,
  type CollectorState,
  type OwnScans,
  type ScanBatchState,
} from './scan-views.ts';
import type { PrintedPages } from './print-run.ts';
import { PRINTED_PAGES } from './printed-forms.ts';
import { participantsOf, roomOf, scanCollegeId } from './scan-college.ts';
import { demandCentre } from './scanning.access.ts';
import type { WorkState } from './work.ts';

/** Claims that belong to the open errors are asked for so many at once. */
const CLAIMS_AT_ONCE = 500;
/** Errors of either state that a college is shown: a cabinet is no desk, and its figures tell how many there are. */
const OWN_SHOWN_MAX = 100;
export interface CentreOfStudy {
  study: { id: string; title: string };
  centre: { id: string; name: string };
}

/** How many Collectors one page follows: a line follows only so many streams. */
export const COLLECTORS_FOLLOWED_MAX = 150;
/** One of several Collectors that somebody watches. */
export interface WatchedCollector extends CentreOfStudy {
  region: string;
  /** Its colleges with their figures, without rooms, batches and prints; null behind the last that a page can follow. */
  board: Snapshot<CollectorState> | null;
}
export interface WatchedCollectors {
  /** Who holds the newest of the studies, and the zone in which its moments are told. */
  territory: string;
  zone: string;
  collectors: WatchedCollector[];
}

export interface CollectorRights {
  prepares: boolean;
  uploads: boolean;
  settles: boolean;
}
export interface CollectorPage {
  study: { id: string; title: string; zone: string };
  centre: { id: string; name: string };
  region: { id: string; name: string; zone: string };
  rights: CollectorRights;
  /** Whether the pages and their errors are shown to the reader, beyond counts and states. */
  seesPages: boolean;
  board: Snapshot<CollectorState>;
  /** What a job of printing would write; null for whoever prints nothing. */
  printed: PrintedPages | null;
}

export interface ScanBatchPage extends Omit<CollectorPage, 'board' | 'printed'> {
  batch: BatchRow;
  board: Snapshot<CollectorState>;
  errors: Snapshot<ScanErrorsState>;
  contents: Snapshot<ScanBatchState>;
}

export interface WorkStep {
  atMs: number;
  kind: 'printed' | 'packageAccepted' | 'pageRead' | 'marksVoided' | ErrorStep['did'];
  byName: string | null;
  /** Code of the error, number of the page, count of sheets, of marks. */
  what: string | null;
  said: string | null;
  /** Of a step in the life of an error. */
  way: WayOut | null;
}
/** What a specialist has settled so far. */
export interface Pace {
  settled: number;
  firstAtMs: number | null;
}
export interface CheckingPage {
  study: { id: string; title: string; zone: string };
  centre: { id: string; name: string };
  region: { name: string; zone: string };
  /** Whether the reader marks, or only follows. */
  marks: boolean;
  checking: Snapshot<CheckingState>;
}

export interface ScanResults {
  title: string;
  rows: {
    college: string;
    room: number;
    participant: number;
    /** Of a participant of whom nothing but his absence is known there is no work. */
    status: WorkState | 'awaited';
    attendance: Attendance | null;
    answers: Record<string, Answer>;
    points: Record<string, number>;
  }[];
}

/** A work's life from print to check on one page. */
export interface WorkPage {
  /** In which the moments of its life are told. */
  zone: string;
  college: { id: string; name: string };
  participant: number;
  room: { number: number; name: string } | null;
  status: WorkState | 'awaited';
  attendance: Attended | null;
  pages: { number: number; id: string | null }[];
  answers: { label: string; answer: Answer; options: { key: string; label: string }[] }[];
  steps: WorkStep[];
}

export function createScanningQueries(context: Context) {
  const { journal, units, procedures, scanColleges, scanBatches, scanFiles, scanPages } = context;
  const { scanErrors, works, checks, printRuns, scanningCentres, claims, blobs, now } = context;

  async function centresWhere(person: Person, capability: Capability): Promise<CentreOfStudy[]> {
    const studies = await procedures.listOf('study', {}, { sort: { deadlineMs: -1 } });
    const found = await Promise.all(
      studies.map(async (study) => {
        const paths = territories(person, capability, study.id);
        if (paths.length === 0) return [];
        // Whoever is appointed at a region or above it reaches the centres in it.
        const within = { $or: paths.map((path) => ({ path: startingWith(path) })) };
        const centres = await units.list({ kind: 'scanningCentre', ...within });
        return centres
          .filter((centre) => isActive(centre) && isWithin(centre.path, study.path))
          .map(({ id, name }) => ({ study: { id: study.id, title: study.title }, centre: { id, name } }));
      }),
    );
    return found.flat();
  }

  async function board(procedure: string, centre: string): Promise<Snapshot<CollectorState>> {
    const stream = collectorStream(procedure, centre);
    const position = await positionOf(journal, stream);
    const of = { procedure, centre };
    const [colleges, batches, prints] = await Promise.all([
      scanColleges.list(of),
      scanBatches.list(of),
      printRuns.list(of),
    ]);
    const state = collectorOf(centre, colleges.map(collegeRow), batches.map(batchRow), prints.map(printRunRow));
    return { stream, position, state };
  }

  /** Errors with who is on which. */
  async function withClaims(errors: readonly ScanError[], healed: readonly ScanError[] = []): Promise<ScanErrorsState> {
    const found = [];
    for (let at = 0; at < errors.length; at += CLAIMS_AT_ONCE) {
      const subjects = errors.slice(at, at + CLAIMS_AT_ONCE).map(({ id }) => claimSubject(id));
      found.push(...(await claims.list({ _id: { $in: subjects } })));
    }
    const held = found.map(({ id, rev, token, holder, sinceMs, untilMs }) => ({
      ...{ id, rev, token, holder, sinceMs, untilMs },
    }));
    return errorsOf(errors.map(errorView), held, healed.map(errorView));
  }

  /** The oldest that are not settled: all of a centre, or those of one batch. */
  async function openErrors(
    procedure: string,
    centre: string,
    batch: string | null = null,
  ): Promise<Snapshot<ScanErrorsState>> {
    const stream = scanErrorsStream(procedure, centre);
    const position = await positionOf(journal, stream);
    const of = { procedure, centre, ...(batch === null ? {} : { batch }) };
    const oldest = (status: ScanError['status'], limit: number): Promise<ScanError[]> =>
      scanErrors.list({ ...of, status }, { sort: { raisedAtMs: 1, _id: 1 }, limit });
    const [open, awaited, healed] = await Promise.all([
      oldest('open', OPEN_SHOWN_MAX),
      oldest('awaitingRescan', AWAITED_SHOWN_MAX),
      scanErrors.list(
        { ...of, status: 'resolved', byName: null },
        { sort: { resolvedAtMs: -1, _id: 1 }, limit: HEALED_SHOWN_MAX },
      ),
    ]);
    return { stream, position, state: await withClaims([...open, ...awaited], healed) };
  }

  async function ownScans(procedure: string, college: string): Promise<Snapshot<OwnScans>> {
    const stream = ownScansStream(procedure, college);
    const position = await positionOf(journal, stream);
    const oldestOf = (status: ScanError['status']): Promise<ScanError[]> =>
      scanErrors.list({ procedure, college, status }, { sort: { raisedAtMs: 1, _id: 1 }, limit: OWN_SHOWN_MAX });
    const [own, open, awaited] = await Promise.all([
      scanColleges.find(scanCollegeId(procedure, college)),
      oldestOf('open'),
      oldestOf('awaitingRescan'),
    ]);
    const views = [...open, ...awaited].map((error) => ownErrorView(errorView(error)));
    return { stream, position, state: ownScansOf(own && collegeRow(own), views) };
  }

  async function checking(procedure: string, centre: string): Promise<Snapshot<CheckingState>> {
    const stream = checkingStream(procedure, centre);
    const position = await positionOf(journal, stream);
    const colleges = await scanColleges.list({ procedure, centre });
    return { stream, position, state: checkingOf(colleges.map(checkingPart)) };
  }

  async function contents(procedure: string, centre: string, batch: string): Promise<Snapshot<ScanBatchState>> {
    const stream = scanBatchStream(procedure, centre, batch);
    const position = await positionOf(journal, stream);
    const of = { procedure, centre, batch };
    const [files, pages] = await Promise.all([scanFiles.list(of), scanPages.list(of)]);
    return { stream, position, state: batchOf(files.map(fileRow), pages.map(pageRow)) };
  }

  async function headOf(person: Person, procedure: string, centreId: string) {
    const { study, centre, region } = await demandCentre(context, person, 'collector.view', procedure, centreId);
    const may = (capability: Parameters<typeof isAllowed>[1]): boolean =>
      isAllowed(person, capability, centre.path, study.id);
    return {
      study: { id: study.id, title: study.title, zone: study.zone },
      centre: { id: centre.id, name: centre.name },
      region: { id: region.id, name: region.name, zone: region.zone ?? study.zone },
      rights: {
        prepares: may('materials.prepare'),
        uploads: may('scans.upload'),
        settles: may('scanErrors.settle'),
      },
      seesPages: may('scanErrors.view'),
    };
  }

  /** What stands about the rooms of a college: attendance sheets and protocols. */
  const roomPagesOf = (procedure: string, college: string): Promise<ScanPage[]> =>
    scanPages.list({ place: startingWith(`${procedure}/${college}/room-`), status: 'standing' });

  return {
    ...createScanPageQueries(context),
    /** The scanning centres at which a person works or which he watches, with the studies that they scan for. */
    collectors: (person: Person): Promise<CentreOfStudy[]> => centresWhere(person, 'collector.view'),
    /** The same with the figures of each, newest studies first; null for whoever watches none. */
    async watched(person: Person): Promise<WatchedCollectors | null> {
      const found = await centresWhere(person, 'collector.view');
      const [first] = found;
      const newest = first && (await procedures.find(first.study.id));
      if (newest?.kind !== 'study') return null;
      const followed = found.slice(0, COLLECTORS_FOLLOWED_MAX);
      const streamOf = ({ study, centre }: CentreOfStudy) => collectorStream(study.id, centre.id);
      const positionIn = await positionsOf(journal, followed.map(streamOf));
      const [colleges, centres] = await Promise.all([
        scanColleges.list({
          procedure: { $in: [...new Set(followed.map(({ study }) => study.id))] },
          centre: { $in: [...new Set(followed.map(({ centre }) => centre.id))] },
        }),
        units.list({ _id: { $in: [...new Set(found.map(({ centre }) => centre.id))] } }),
      ]);
      const pathOf = new Map(centres.map(({ id, path }) => [id, path]));
      const above = [...new Set(centres.flatMap(({ path }) => pathIds(path)))];
      const regions = await units.list({ _id: { $in: above }, kind: 'region' });
      const ofCentre = Map.groupBy(colleges, ({ procedure, centre }) => `${procedure}/${centre}`);
      return {
        ...{ territory: newest.centre.name, zone: newest.zone },
        collectors: found.map((one, at) => {
          const stream = streamOf(one);
          const rows = (ofCentre.get(`${one.study.id}/${one.centre.id}`) ?? []).map(collegeRow);
          const bare = rows.map((row) => ({ ...row, rooms: [] }));
          const state = collectorOf(one.centre.id, bare, [], []);
          return {
            ...one,
            region: regions.find(({ path }) => isWithin(pathOf.get(one.centre.id) ?? '', path))?.name ?? '',
            board: at < COLLECTORS_FOLLOWED_MAX ? { stream, position: positionIn(stream), state } : null,
          };
        }),
      };
    },
    /** Those whose free answers he marks, or whose checking he follows. */
    checkings: (person: Person): Promise<CentreOfStudy[]> => centresWhere(person, 'checks.view'),

    /** The Collector of a region in a study, for who watches both; null while the region has named no centre. */
    async ofRegion(
      person: Person,
      procedure: string,
      region: string,
    ): Promise<{ centre: { id: string; name: string }; board: Snapshot<CollectorState> } | null> {
      const named = await scanningCentres.find(region);
      const centre = named && (await units.find(named.unit));
      if (!centre || !isAllowed(person, 'collector.view', centre.path, procedure)) return null;
      await demandCentre(context, person, 'collector.view', procedure, centre.id);
      return { centre: { id: centre.id, name: centre.name }, board: await board(procedure, centre.id) };
    },

    async page(person: Person, procedure: string, centreId: string): Promise<CollectorPage> {
      const head = await headOf(person, procedure, centreId);
      const state = await board(procedure, centreId);
      return { ...head, board: state, printed: head.rights.prepares ? PRINTED_PAGES : null };
    },

    /** One batch with its files and pages: for whoever may look at pages, not for those who are told counts and states. */
    async batch(person: Person, procedure: string, centreId: string, id: string): Promise<ScanBatchPage> {
      await demandCentre(context, person, 'scanErrors.view', procedure, centreId);
      const head = await headOf(person, procedure, centreId);
      const batch = await scanBatches.find(id);
      if (batch?.procedure !== procedure || batch.centre !== centreId) throw new HubError('not_found');
      const [state, errors, inside] = await Promise.all([
        board(procedure, centreId),
        openErrors(procedure, centreId, id),
        contents(procedure, centreId, id),
      ]);
      return { ...head, batch: batchRow(batch), board: state, errors, contents: inside };
    },

    board: async (person: Person, procedure: string, centre: string): Promise<Snapshot<CollectorState>> => {
      await demandCentre(context, person, 'collector.view', procedure, centre);
      return board(procedure, centre);
    },
    errors: async (person: Person, procedure: string, centre: string): Promise<Snapshot<ScanErrorsState>> => {
      await demandCentre(context, person, 'scanErrors.view', procedure, centre);
      return openErrors(procedure, centre);
    },
    /** The next errors behind those that are known, by filter, with who is on which. Errors: HubError `not_allowed`. */
    async errorsBehind(person: Person, procedure: string, centre: string, asked: unknown): Promise<ScanErrorsState> {
      await demandCentre(context, person, 'scanErrors.view', procedure, centre);
      const { status, college, batch, code, after } = errorsAskedSchema.parse(asked);
      const [raisedAtMs, id] = after ?? [0, ''];
      const found = await scanErrors.list(
        {
          ...{ procedure, centre, status },
          ...(college === null ? {} : { college }),
          ...(batch === null ? {} : { batch }),
          ...(code === null ? {} : { 'finding.code': code }),
          ...(after ? { $or: [{ raisedAtMs: { $gt: raisedAtMs } }, { raisedAtMs, _id: { $gt: id } }] } : {}),
        },
        { sort: { raisedAtMs: 1, _id: 1 }, limit: ERRORS_ASKED_MAX },
      );
      return withClaims(found);
    },
    contents: async (person: Person, procedure: string, centre: string, batch: string) => {
      await demandCentre(context, person, 'scanErrors.view', procedure, centre);
      return contents(procedure, centre, batch);
    },

    /** A college's own scans. */
    async ownScans(person: Person, procedure: string, college: string): Promise<Snapshot<OwnScans>> {
      const unit = await units.find(college);
      if (unit?.kind !== 'college' || !isAllowed(person, 'scans.own', unit.path, procedure))
        throw new HubError('not_allowed');
      return ownScans(procedure, college);
    },
    /** Those of every study in which something was printed for a college, each with its state. */
    async ownOf(
      person: Person,
      college: string,
    ): Promise<{ study: { id: string; title: string }; own: Snapshot<OwnScans> }[]> {
      const unit = await units.find(college);
      if (unit?.kind !== 'college') return [];
      const studies = await procedures.listOf('study', {}, { sort: { deadlineMs: -1 } });
      const shown = studies.filter(
        ({ id, path }) => isWithin(unit.path, path) && isAllowed(person, 'scans.own', unit.path, id),
      );
      const all = await Promise.all(
        shown.map(async ({ id, title }) => ({ study: { id, title }, own: await ownScans(id, college) })),
      );
      return all.filter(({ own }) => own.state.college !== null);
    },

    /** A job of printing as a file. */
    async printFile(person: Person, procedure: string, centre: string, id: string) {
      await demandCentre(context, person, 'materials.prepare', procedure, centre);
      const run = await printRuns.find(id);
      if (run?.procedure !== procedure || run.centre !== centre || run.status !== 'ready')
        throw new HubError('not_found');
      return { name: run.collegeName, bytes: run.bytes, content: blobs.read(run.blob) };
    },

    /** The life of an error, for whoever settles errors of its centre. */
    async errorLife(
      person: Person,
      procedure: string,
      centre: string,
      id: string,
    ): Promise<{ error: ScanErrorView; steps: ErrorStep[] }> {
      await demandCentre(context, person, 'scanErrors.view', procedure, centre);
      const error = await scanErrors.find(id);
      if (error?.procedure !== procedure || error.centre !== centre) throw new HubError('not_found');
      return { error: errorView(error), steps: error.steps };
    },

    /** How far experts are. */
    checking: async (person: Person, procedure: string, centre: string): Promise<Snapshot<CheckingState>> => {
      await demandCentre(context, person, 'checks.view', procedure, centre);
      return checking(procedure, centre);
    },
    async checkingPage(person: Person, procedure: string, centreId: string): Promise<CheckingPage> {
      const { study, centre, region } = await demandCentre(context, person, 'checks.view', procedure, centreId);
      return {
        study: { id: study.id, title: study.title, zone: study.zone },
        centre: { id: centre.id, name: centre.name },
        region: { name: region.name, zone: region.zone ?? study.zone },
        marks: isAllowed(person, 'checks.mark', centre.path, study.id),
        checking: await checking(procedure, centreId),
      };
    },

    /**
     * What every participant answered and how experts marked it, for an export: options by field, points by free answer. Participants are
     * numbers. Errors: HubError `not_allowed`.
     */
    async results(person: Person, procedure: string, centreId: string): Promise<ScanResults> {
      // An expert follows how far the works are, and never what others marked (S1-54).
      const { study } = await demandCentre(context, person, 'scanResults.view', procedure, centreId);
      const [own, marked, colleges] = await Promise.all([
        works.list({ procedure, centre: centreId }, { sort: { _id: 1 } }),
        checks.list({ procedure, centre: centreId, status: 'done' }),
        scanColleges.list({ procedure, centre: centreId }, { sort: { order: 1 } }),
      ]);
      const pointsOf = new Map<string, Record<string, number>>();
      for (const check of marked)
        if (check.status === 'done')
          pointsOf.set(check.work, { ...pointsOf.get(check.work), [check.field]: check.points });
      return {
        title: study.title,
        rows: (
          await Promise.all(
            colleges.map(async (college) => {
              const works = own.filter((work) => work.college === college.college);
              const known = attendanceInBooks(college, works, await roomPagesOf(procedure, college.college));
              const byNumber = new Map(works.map((work) => [work.participant, work]));
              return college.roster.rooms.flatMap((room) =>
                participantsOf(room).flatMap((participant) => {
                  const work = byNumber.get(participant);
                  const attendance = known.get(participant)?.attendance ?? null;
                  if (!work && attendance === null) return [];
                  return [
                    {
                      ...{ college: college.name, room: room.number, participant, attendance },
                      ...{ status: work?.status ?? ('awaited' as const), answers: work?.answers ?? {} },
                      points: (work && pointsOf.get(work.id)) ?? {},
                    },
                  ];
                }),
              );
            }),
          )
        ).flat(),
      };
    },

    /** What a specialist settled on this day of the region, by errors that stay settled, and when he began. */
    async pace(person: Person, procedure: string, centre: string): Promise<Pace> {
      const { study, region } = await demandCentre(context, person, 'scanErrors.view', procedure, centre);
      const today = Temporal.Instant.fromEpochMilliseconds(now()).toZonedDateTimeISO(region.zone ?? study.zone);
      const own = await scanErrors.list({
        ...{ procedure, centre, status: 'resolved', byName: person.name },
        resolvedAtMs: { $gte: today.startOfDay().epochMilliseconds },
      });
      const moments = own.flatMap((error) => (error.status === 'resolved' ? [error.resolvedAtMs] : []));
      return { settled: moments.length, firstAtMs: moments.length === 0 ? null : Math.min(...moments) };
    },

    /** A work's life from print to check. Errors: HubError `not_allowed`, `not_found` for a number that was given to nobody. */
    async work(
      person: Person,
      procedure: string,
      centreId: string,
      college: string,
      participant: number,
    ): Promise<WorkPage> {
      const { study, region } = await demandCentre(context, person, 'scanErrors.view', procedure, centreId);
      const own = await scanColleges.find(scanCollegeId(procedure, college));
      const room = own && roomOf(own.roster, participant);
      if (own?.centre !== centreId || !room) throw new HubError('not_found');
      const id = workId(procedure, college, participant);
      const [work, runs, pages, marked, roomPages] = await Promise.all([
        works.find(id),
        printRuns.list({ procedure, centre: centreId, college }),
        scanPages.list({ work: id }),
        checks.list({ work: id }),
        roomPagesOf(procedure, college),
      ]);
      const errors = await scanErrors.list({
        $or: [{ page: { $in: pages.map((page) => page.id) } }, { procedure, college, work: id, page: null }],
      });
      const run = runs.find(({ rooms }) => rooms.includes(room.number));
      const answers = FORMS.find(({ purpose }) => purpose === 'answers');
      const steps: WorkStep[] = [
        ...(run
          ? [{ atMs: run.askedAtMs, kind: 'printed' as const, byName: run.askedBy, what: null, said: null, way: null }]
          : []),
        ...(own.package
          ? [
              {
                ...{ atMs: own.package.acceptedAtMs, kind: 'packageAccepted' as const, byName: own.package.byName },
                ...{ what: String(own.package.sheets), said: null, way: null },
              },
            ]
          : []),
        ...pages.map((page) => ({
          ...{ atMs: page.readAtMs, kind: 'pageRead' as const, byName: null },
          ...{ what: String(codeOf(page)?.page ?? page.n), said: page.droppedFor, way: null },
        })),
        // Who marked is no matter of whoever settles errors.
        ...marked.flatMap(({ voided }) =>
          voided.map(({ atMs, marks }) => ({
            ...{ atMs, kind: 'marksVoided' as const, byName: null },
            ...{ what: String(Object.keys(marks).length), said: null, way: null },
          })),
        ),
        ...errors.flatMap((error) =>
          error.steps.map(({ atMs, byName, did, said, way }) => ({
            ...{ atMs, kind: did, byName, what: error.finding.code, said, way },
          })),
        ),
      ];
      return {
        zone: region.zone ?? study.zone,
        ...{ college: { id: college, name: own.name }, participant, room: { number: room.number, name: room.name } },
        status: work?.status ?? 'awaited',
        attendance: attendanceInBooks(own, work ? [work] : [], roomPages).get(participant) ?? null,
        pages: (answers?.pages ?? []).map(({ number }) => ({ number, id: work?.pages[String(number)] ?? null })),
        answers: (answers?.pages ?? []).flatMap(({ fields }) =>
          fields.flatMap((field) =>
            work && field.key in work.answers
              ? [
                  {
                    ...{ label: field.label, answer: work.answers[field.key] ?? null },
                    options: 'options' in field ? field.options.map(({ key, label }) => ({ key, label })) : [],
                  },
                ]
              : [],
          ),
        ),
        steps: steps.toSorted((a, b) => a.atMs - b.atMs),
      };
    },
  };
}

export type ScanningQueries = ReturnType<typeof createScanningQueries>;
