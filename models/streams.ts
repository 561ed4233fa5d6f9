/** The one table of streams: for each kind who may hear it and what its state is. A new capability adds its entry here and its name in `journal/stream.ts`. */
import {
  applyQueueFact,
  applyTicketFact,
  queueOf,
  type RequestQueue,
  type RequestTicketView,
} from './account-request/account-request.ts';
import type { AccountRequestQueries } from './account-request/account-request.queries.ts';
import {
  applyCabinetsFact,
  applyInstitutionFact,
  emptyCabinets,
  emptyInstitution,
  type CabinetsPart,
  type InstitutionState,
} from './contextual-data/contextual-data.ts';
import type { ContextualDataQueries } from './contextual-data/contextual-data.queries.ts';
import { applyBatchFact, type BatchView } from './credential/credential-batch.ts';
import { applyHandoverFact, emptyHandovers, type HandoversPart } from './credential/credential-handover.ts';
import type { CredentialQueries } from './credential/credential.queries.ts';
import { applyDeedsFact, noDeeds, type DeedsState } from './deeds/deed.live.ts';
import type { DeedQueries } from './deeds/deed.queries.ts';
import { HubError } from './error.ts';
import type { ForumQueries } from './forum/forum.queries.ts';
import {
  applyForumFact,
  applyReaderFact,
  emptyReader,
  forumOf,
  type ForumState,
  type ReaderState,
} from './forum/forum-state.ts';
import type { JournalEvent, Snapshot } from './journal/journal.ts';
import { registrationStream, requestTicketStream, type StreamKind, type StreamParts } from './journal/stream.ts';
import { applyImportFact, type ImportView } from './org/unit-import.ts';
import type { UnitQueries } from './org/unit.queries.ts';
import type { AppointmentQueries } from './people/appointment.queries.ts';
import { applyAppointmentsFact, emptyAppointments, type AppointmentsPart } from './people/appointment.ts';
import { applyBoardFact, emptyPart, type BoardPart } from './participation/board.ts';
import { applyRegistrationFact, type RegistrationView } from './participation/participation.ts';
import type { ParticipationQueries } from './participation/participation.queries.ts';
import type { Person } from './people/person.ts';
import {
  applyBoxFact,
  applyOutboxFact,
  applyReceiptsFact,
  emptyBox,
  emptyOutbox,
  noReceipts,
  type Box,
  type Outbox,
  type ReceiptsPart,
} from './publication/publication-dispatch.ts';
import type { RoomQueries } from './room/room.queries.ts';
import { applyRoomsFact, noRooms, roomsPart, type RoomsPart } from './room/room.ts';
import type { ScanningCentreQueries } from './scanning-centre/scanning-centre.queries.ts';
import { applyScanningCentreFact, type ScanningCentre } from './scanning-centre/scanning-centre.ts';
import type { SurveyQueries } from './survey/survey.queries.ts';
import {
  applyResponseFact,
  applySurveyFact,
  emptySurveyPart,
  type ResponseView,
  type SurveyPart,
} from './survey/survey.ts';
import { applyErrorFact, errorsOf, type ScanErrorsState } from './scanning/scan-error.ts';
import {
  applyBatchFact as applyScanBatchFact,
  applyCheckingFact,
  applyCollectorFact,
  applyOwnScansFact,
  batchOf,
  checkingOf,
  emptyCollector,
  ownScansOf,
  type CheckingState,
  type CollectorState,
  type OwnScans,
  type ScanBatchState,
} from './scanning/scan-views.ts';
import type { ScanningQueries } from './scanning/scanning.queries.ts';
import type { StudyQueries } from './study/study.queries.ts';
import {
  applyInvitationFact,
  applyStudyFact,
  emptyStudyPart,
  type StudyInvitation,
  type StudyPart,
} from './study/study.ts';
import type { PublicationQueries } from './publication/publication.queries.ts';
import type { Capability } from './people/rights.ts';
import type { RollupQueries } from './rollup/rollup.queries.ts';
import { applyRollupFact, emptyRollup, type Rollup } from './rollup/rollup.ts';
import { applyPushDevicesFact, devicesOf, type PushDevices } from './push/push.ts';
import type { PushQueries } from './push/push.queries.ts';
import { applyUploadFact, noUploads, type UploadsPart } from './upload/upload.ts';
import type { UploadQueries } from './upload/upload.queries.ts';
import { replayCabinetFact, type CabinetState } from './submission/cabinet.ts';
import type { SubmissionQueries } from './submission/submission.queries.ts';

type Parts<Kind extends StreamKind> = Readonly<StreamParts<Kind>>;

/**
 * The state from the journal alone: before the first event, and after each. Events of a stream carry absolute state, so the same
 * function serves the past, where every event is applied, and the page, where some are known already.
 */
export interface Replay<Kind extends StreamKind> {
  genesis: (parts: Parts<Kind>) => unknown;
  apply: (state: unknown, event: JournalEvent) => unknown;
}

/** The table does not know the states of its kinds; each entry is written with its own. */
function replay<Kind extends StreamKind, State>(
  genesis: (parts: Parts<Kind>) => State,
  apply: (state: State, fact: never) => State,
): Replay<Kind> {
  return { genesis, apply: (state, event) => apply(state as State, event as never) };
}

/** Heard by whoever holds the capability over the unit; where there is a procedure, in one whose territory holds the unit. */
interface HeardByRight<Kind extends StreamKind> {
  heardBy: 'right';
  capability: Capability;
  /** The parts of the name that are the unit and the procedure; null for what belongs to no procedure. */
  unit: (parts: Parts<Kind>) => string;
  procedure: ((parts: Parts<Kind>) => string) | null;
  /** What one must hold over the unit to be told the names of those who are present; the others are told roles. */
  namesFor: Capability;
  snapshot: (person: Person, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

/** Heard by all organizers of a procedure: whoever holds the capability over a part of its territory, or over all of it (`heldIn`). */
interface HeardByOrganizers<Kind extends StreamKind> {
  heardBy: 'organizers';
  capability: Capability;
  procedure: (parts: Parts<Kind>) => string;
  snapshot: (person: Person, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

/** Heard by the holder of a ticket; a ticket of something else is HubError `not_allowed`. */
interface HeardByTicket<Kind extends StreamKind> {
  heardBy: 'ticket';
  snapshot: (ticket: string, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

/** Heard by whom reading the state lets in: where no unit stands in the name. HubError `not_allowed` for anybody else. */
interface HeardByPerson<Kind extends StreamKind> {
  heardBy: 'person';
  /** Not heard through his eyes (ADR 21). */
  isHisAlone?: true;
  snapshot: (person: Person, parts: Parts<Kind>) => Promise<Snapshot<unknown>>;
}

export type StreamSource<Kind extends StreamKind> = Replay<Kind> &
  (HeardByRight<Kind> | HeardByOrganizers<Kind> | HeardByTicket<Kind> | HeardByPerson<Kind>);
export type StreamSources = { readonly [Kind in StreamKind]: StreamSource<Kind> };

export interface StreamQueries {
  deeds: DeedQueries;
  participation: ParticipationQueries;
  submission: SubmissionQueries;
  rollups: RollupQueries;
  units: UnitQueries;
  accountRequest: AccountRequestQueries;
  contextualData: ContextualDataQueries;
  credentials: CredentialQueries;
  appointments: AppointmentQueries;
  publications: PublicationQueries;
  study: StudyQueries;
  scanningCentres: ScanningCentreQueries;
  surveys: SurveyQueries;
  rooms: RoomQueries;
  scanning: ScanningQueries;
  forum: ForumQueries;
  pushes: PushQueries;
  uploads: UploadQueries;
}

export function createStreamSources({
  deeds,
  participation,
  submission,
  rollups,
  units,
  accountRequest,
  contextualData,
  credentials,
  appointments,
  publications,
  study,
  scanningCentres,
  surveys,
  rooms,
  scanning,
  forum,
  pushes,
  uploads,
}: StreamQueries): StreamSources {
  return {
    board: {
      ...replay<'board', BoardPart>(({ municipality }) => emptyPart(municipality), applyBoardFact),
      heardBy: 'right',
      capability: 'board.view',
      unit: ({ municipality }) => municipality,
      procedure: ({ procedure }) => procedure,
      namesFor: 'board.view',
      snapshot: (person, { procedure, municipality }) => participation.boardPart(person, procedure, municipality),
    },
    rollup: {
      ...replay<'rollup', Rollup>(({ unit }) => emptyRollup(unit), applyRollupFact),
      heardBy: 'right',
      capability: 'board.view',
      unit: ({ unit }) => unit,
      procedure: ({ procedure }) => procedure,
      namesFor: 'board.view',
      snapshot: (_person, { procedure, unit }) => rollups.rollup(procedure, unit),
    },
    cabinet: {
      ...replay<'cabinet', CabinetState | null>(() => null, replayCabinetFact),
      heardBy: 'right',
      capability: 'submission.view',
      unit: ({ institution }) => institution,
      procedure: ({ procedure }) => procedure,
      // An institution need not know which specialist looks at its work, only that the centre does.
      namesFor: 'access.grant',
      snapshot: (person, place) => submission.cabinet(person, place),
    },
    registration: {
      ...replay<'registration', RegistrationView | null>(() => null, applyRegistrationFact),
      heardBy: 'ticket',
      snapshot: async (ticket, { participation: id }) => {
        const snapshot = await participation.registration(ticket);
        if (snapshot.stream !== registrationStream(id)) throw new HubError('not_allowed');
        return snapshot;
      },
    },
    import: {
      ...replay<'import', ImportView | null>(() => null, applyImportFact),
      heardBy: 'person',
      snapshot: (person, { import: id }) => units.import(person, id),
    },
    requestQueue: {
      ...replay<'requestQueue', RequestQueue>(({ region }) => queueOf(region, []), applyQueueFact),
      heardBy: 'right',
      capability: 'cabinet.grant',
      unit: ({ region }) => region,
      procedure: null,
      namesFor: 'cabinet.grant',
      snapshot: (person, { region }) => accountRequest.queue(person, region),
    },
    requestTicket: {
      ...replay<'requestTicket', RequestTicketView | null>(() => null, applyTicketFact),
      heardBy: 'ticket',
      snapshot: async (ticket, { request }) => {
        const snapshot = await accountRequest.ticket(ticket);
        if (snapshot.stream !== requestTicketStream(request)) throw new HubError('not_allowed');
        return snapshot;
      },
    },
    institution: {
      ...replay<'institution', InstitutionState>(
        ({ institution }) => emptyInstitution(institution),
        applyInstitutionFact,
      ),
      heardBy: 'right',
      capability: 'contextual.view',
      unit: ({ institution }) => institution,
      procedure: null,
      namesFor: 'cabinet.grant',
      snapshot: async (person, { institution }) => (await contextualData.page(person, institution)).snapshot,
    },
    deeds: {
      ...replay<'deeds', DeedsState>(() => noDeeds(), applyDeedsFact),
      heardBy: 'right',
      capability: 'deeds.view',
      unit: ({ unit }) => unit,
      procedure: null,
      namesFor: 'deeds.view',
      snapshot: (_person, { unit }) => deeds.total(unit),
    },
    forum: {
      ...replay<'forum', ForumState>(({ procedure }) => forumOf(procedure, [], []), applyForumFact),
      heardBy: 'organizers',
      capability: 'forum.read',
      procedure: ({ procedure }) => procedure,
      snapshot: (person, { procedure }) => forum.snapshot(person, procedure),
    },
    forumReader: {
      ...replay<'forumReader', ReaderState>(() => emptyReader(), applyReaderFact),
      heardBy: 'person',
      snapshot: (person, parts) => forum.reader(person, parts),
    },
    pushDevices: {
      ...replay<'pushDevices', PushDevices>(() => devicesOf([]), applyPushDevicesFact),
      heardBy: 'person',
      isHisAlone: true,
      snapshot: (person, parts) => pushes.snapshot(person, parts),
    },
    cabinets: {
      // The past has the rows of those who asked; who was in the list and did not, only the tree knows.
      ...replay<'cabinets', CabinetsPart>(({ parent }) => emptyCabinets(parent), applyCabinetsFact),
      heardBy: 'right',
      capability: 'contextual.view',
      unit: ({ parent }) => parent,
      procedure: null,
      namesFor: 'board.view',
      snapshot: (person, { parent }) => contextualData.part(person, parent),
    },
    credentials: {
      ...replay<'credentials', HandoversPart>(({ parent }) => emptyHandovers(parent), applyHandoverFact),
      heardBy: 'right',
      capability: 'credentials.hand',
      unit: ({ parent }) => parent,
      procedure: null,
      namesFor: 'credentials.hand',
      snapshot: (person, { parent }) => credentials.part(person, parent),
    },
    credentialBatch: {
      ...replay<'credentialBatch', BatchView | null>(() => null, applyBatchFact),
      heardBy: 'person',
      snapshot: (person, { batch }) => credentials.batch(person, batch),
    },
    publications: {
      ...replay<'publications', Box>(({ unit }) => emptyBox(unit), applyBoxFact),
      heardBy: 'right',
      capability: 'publications.view',
      unit: ({ unit }) => unit,
      procedure: null,
      namesFor: 'publications.send',
      snapshot: (person, { unit }) => publications.box(person, unit),
    },
    sentPublications: {
      ...replay<'sentPublications', Outbox>(({ unit }) => emptyOutbox(unit), applyOutboxFact),
      heardBy: 'right',
      capability: 'publications.send',
      unit: ({ unit }) => unit,
      procedure: null,
      namesFor: 'publications.send',
      snapshot: (person, { unit }) => publications.outbox(person, unit),
    },
    receipts: {
      ...replay<'receipts', ReceiptsPart>(
        ({ publication, sender }) => noReceipts(publication, sender),
        applyReceiptsFact,
      ),
      heardBy: 'right',
      capability: 'publications.send',
      unit: ({ sender }) => sender,
      procedure: null,
      namesFor: 'publications.send',
      snapshot: (person, { publication, sender }) => publications.list(person, publication, sender),
    },
    study: {
      ...replay<'study', StudyPart>(({ region }) => emptyStudyPart(region), applyStudyFact),
      heardBy: 'right',
      capability: 'study.view',
      unit: ({ region }) => region,
      procedure: ({ procedure }) => procedure,
      namesFor: 'study.view',
      snapshot: (person, { procedure, region }) => study.part(person, procedure, region),
    },
    studyInvitation: {
      ...replay<'studyInvitation', StudyInvitation | null>(() => null, applyInvitationFact),
      heardBy: 'right',
      capability: 'study.read',
      unit: ({ college }) => college,
      procedure: ({ procedure }) => procedure,
      namesFor: 'study.view',
      snapshot: (person, { procedure, college }) => study.invitation(person, procedure, college),
    },
    rooms: {
      ...replay<'rooms', RoomsPart>((of) => roomsPart(noRooms({ ...of, region: '' })), applyRoomsFact),
      heardBy: 'right',
      capability: 'rooms.view',
      unit: ({ college }) => college,
      procedure: ({ procedure }) => procedure,
      namesFor: 'rooms.view',
      snapshot: (person, { procedure, college }) => rooms.part(person, procedure, college),
    },
    scanningCentre: {
      ...replay<'scanningCentre', ScanningCentre | null>(() => null, applyScanningCentreFact),
      heardBy: 'right',
      capability: 'scanning.view',
      unit: ({ region }) => region,
      procedure: null,
      namesFor: 'scanning.view',
      snapshot: (person, { region }) => scanningCentres.part(person, region),
    },
    survey: {
      ...replay<'survey', SurveyPart>(({ municipality }) => emptySurveyPart(municipality), applySurveyFact),
      heardBy: 'right',
      capability: 'board.view',
      unit: ({ municipality }) => municipality,
      procedure: ({ procedure }) => procedure,
      namesFor: 'board.view',
      snapshot: (person, { procedure, municipality }) => surveys.part(person, procedure, municipality),
    },
    surveyResponse: {
      ...replay<'surveyResponse', ResponseView | null>(() => null, applyResponseFact),
      heardBy: 'right',
      capability: 'survey.read',
      unit: ({ institution }) => institution,
      procedure: ({ procedure }) => procedure,
      // Whoever fills knows who fills beside him; of those who look on he is told the role.
      namesFor: 'survey.read',
      snapshot: (person, place) => surveys.response(person, place),
    },
    collector: {
      ...replay<'collector', CollectorState>(({ centre }) => emptyCollector(centre), applyCollectorFact),
      heardBy: 'right',
      capability: 'collector.view',
      unit: ({ centre }) => centre,
      procedure: ({ procedure }) => procedure,
      namesFor: 'collector.view',
      snapshot: (person, { procedure, centre }) => scanning.board(person, procedure, centre),
    },
    scanErrors: {
      ...replay<'scanErrors', ScanErrorsState>(() => errorsOf([], [], []), applyErrorFact),
      heardBy: 'right',
      capability: 'scanErrors.view',
      unit: ({ centre }) => centre,
      procedure: ({ procedure }) => procedure,
      namesFor: 'scanErrors.view',
      snapshot: (person, { procedure, centre }) => scanning.errors(person, procedure, centre),
    },
    scanBatch: {
      ...replay<'scanBatch', ScanBatchState>(() => batchOf([], []), applyScanBatchFact),
      heardBy: 'right',
      capability: 'scanErrors.view',
      unit: ({ centre }) => centre,
      procedure: ({ procedure }) => procedure,
      namesFor: 'scanErrors.view',
      snapshot: (person, { procedure, centre, batch }) => scanning.contents(person, procedure, centre, batch),
    },
    checking: {
      ...replay<'checking', CheckingState>(() => checkingOf([]), applyCheckingFact),
      heardBy: 'right',
      capability: 'checks.view',
      unit: ({ centre }) => centre,
      procedure: ({ procedure }) => procedure,
      namesFor: 'checks.view',
      snapshot: (person, { procedure, centre }) => scanning.checking(person, procedure, centre),
    },
    ownScans: {
      ...replay<'ownScans', OwnScans>(() => ownScansOf(null, []), applyOwnScansFact),
      heardBy: 'right',
      capability: 'scans.own',
      unit: ({ college }) => college,
      procedure: ({ procedure }) => procedure,
      namesFor: 'scanErrors.view',
      snapshot: (person, { procedure, college }) => scanning.ownScans(person, procedure, college),
    },
    appointments: {
      ...replay<'appointments', AppointmentsPart>(({ unit }) => emptyAppointments(unit), applyAppointmentsFact),
      heardBy: 'right',
      capability: 'people.view',
      unit: ({ unit }) => unit,
      procedure: null,
      namesFor: 'people.view',
      snapshot: (person, { unit }) => appointments.part(person, unit),
    },
    uploads: {
      ...replay<'uploads', UploadsPart>(({ purpose, target }) => noUploads(purpose, target), applyUploadFact),
      heardBy: 'person',
      snapshot: (person, { purpose, target }) => uploads.part(person, purpose, target),
    },
  };
}
