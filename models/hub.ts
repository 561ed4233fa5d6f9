/** The hub's use cases and queries, put together over one database. `event.locals.hub` is this, and nothing else. */
import type { Mongoose } from 'mongoose';
import { createAccountRequestActions } from './account-request/account-request.actions.ts';
import { createAccountRequestQueries } from './account-request/account-request.queries.ts';
import { createAccountRequestStore } from './account-request/account-request.store.ts';
import { createAttemptActions } from './attempts/attempts.actions.ts';
import { createAttemptStore } from './attempts/attempts.store.ts';
import { createClaimActions } from './claim/claim.actions.ts';
import { createClaimStore } from './claim/claim.store.ts';
import type { Context } from './context.ts';
import { createContextualDataActions } from './contextual-data/contextual-data.actions.ts';
import { createContextualDataQueries } from './contextual-data/contextual-data.queries.ts';
import { createContextualChangeStore, createContextualDataStore } from './contextual-data/contextual-data.store.ts';
import { createCredentialBatchActions } from './credential/credential-batch.actions.ts';
import { createHandoverActions } from './credential/credential-handover.actions.ts';
import { createCredentialQueries } from './credential/credential.queries.ts';
import {
  createCredentialBatchStore,
  createHandoverStore,
  createHandoverTrailStore,
} from './credential/credential.store.ts';
import { createDeedActions } from './deeds/deed.actions.ts';
import { createDeedQueries } from './deeds/deed.queries.ts';
import { createDeedStore } from './deeds/deed.store.ts';
import { createAttentionActions } from './forum/attention/attention.actions.ts';
import { createBellQueries } from './forum/attention/bell.queries.ts';
import { createAttentionStore, createPushCursorStore } from './forum/attention/attention.store.ts';
import { createCannedAnswerActions } from './forum/canned/canned-answer.actions.ts';
import { createCannedAnswerStore } from './forum/canned/canned-answer.store.ts';
import { createForumActions } from './forum/forum.actions.ts';
import { createForumFillActions } from './forum/forum-fill.actions.ts';
import { createForumOverviewQueries } from './forum/forum-overview.queries.ts';
import { createForumQueries } from './forum/forum.queries.ts';
import { createIncidentActions } from './forum/incident/incident.actions.ts';
import { createIncidentStore } from './forum/incident/incident.store.ts';
import { createForumIndexes } from './forum/search/forum-index.ts';
import { createForumSearchQueries } from './forum/search/forum-search.queries.ts';
import {
  createForumCleansingStore,
  createForumMessageStore,
  createForumQuestionStore,
  createForumReadingStore,
} from './forum/forum.store.ts';
import { createRetentionActions } from './journal/retention.actions.ts';
import { createJournal } from './journal/journal.store.ts';
import { createLetterActions } from './letter/letter.actions.ts';
import { createLetterStore } from './letter/letter.store.ts';
import { createLiveStreams } from './live.ts';
import { createUnitImportActions } from './org/unit-import.actions.ts';
import { createImportLineStore, createUnitImportStore } from './org/unit-import.store.ts';
import { createPastQueries } from './past.ts';
import { createUnitActions } from './org/unit.actions.ts';
import { createUnitQueries } from './org/unit.queries.ts';
import { createUnitStore } from './org/unit.store.ts';
import { createBoardListActions } from './participation/board-list.actions.ts';
import { createBoardListStore } from './participation/board-list.store.ts';
import { createParticipationActions } from './participation/participation.actions.ts';
import { createParticipationQueries } from './participation/participation.queries.ts';
import { createParticipationStore } from './participation/participation.store.ts';
import { createPasswordChoice } from './password/password.choice.ts';
import { createAccessVersions } from './people/access.store.ts';
import { createAppointmentActions } from './people/appointment.actions.ts';
import { createAppointmentFacts } from './people/appointment.facts.ts';
import { createAppointmentQueries } from './people/appointment.queries.ts';
import { createAppointmentStore, createSeatStore } from './people/appointment.store.ts';
import { createRightsQueries } from './people/rights.queries.ts';
import { createPersonActions } from './people/person.actions.ts';
import { createViewingActions } from './people/viewing.actions.ts';
import { createViewedPageStore, createViewingStore } from './people/viewing.store.ts';
import { createProcedureActions } from './procedure/procedure.actions.ts';
import { createProcedureQueries } from './procedure/procedure.queries.ts';
import { createProcedureStore } from './procedure/procedure.store.ts';
import { createPublicationActions } from './publication/publication.actions.ts';
import { createPublicationQueries } from './publication/publication.queries.ts';
import {
  createDispatchStore,
  createFormerEditionStore,
  createPublicationFileStore,
  createPublicationStore,
  createReceiptStore,
} from './publication/publication.store.ts';
import { createPushQueries } from './push/push.queries.ts';
import { createPushActions } from './push/push.actions.ts';
import { createPushDeviceStore, createPushKeyStore, createPushMessageStore } from './push/push.store.ts';
import { createRecountActions } from './recount/recount.actions.ts';
import { createRecountStore } from './recount/recount.store.ts';
import { createResultQueries } from './result/result.queries.ts';
import { createResultStore } from './result/result.store.ts';
import { createRollupActions } from './rollup/rollup.actions.ts';
import { createRollupQueries } from './rollup/rollup.queries.ts';
import { createRollupRowStore } from './rollup/rollup.store.ts';
import { createSafeguardActions } from './safeguard/safeguard.actions.ts';
import { createSafeguardStore } from './safeguard/safeguard.store.ts';
import { createRoomActions } from './room/room.actions.ts';
import { createPlacing } from './room/room.placing.ts';
import { createRoomQueries } from './room/room.queries.ts';
import { createCollegeRoomsStore } from './room/room.store.ts';
import { createScanningCentreActions } from './scanning-centre/scanning-centre.actions.ts';
import { createScanningCentreQueries } from './scanning-centre/scanning-centre.queries.ts';
import { createScanningCentreStore } from './scanning-centre/scanning-centre.store.ts';
import { createCheckActions } from './scanning/check.actions.ts';
import { createJointSettlementActions } from './scanning/joint-settlement.actions.ts';
import { createScanErrorActions } from './scanning/scan-error.actions.ts';
import { createScanReadingActions } from './scanning/scan-reading.actions.ts';
import { createScanningActions } from './scanning/scanning.actions.ts';
import { createScanningQueries } from './scanning/scanning.queries.ts';
import {
  createCheckStore,
  createJointSettlementStore,
  createPrintRunStore,
  createScanBatchStore,
  createScanCollegeStore,
  createScanErrorStore,
  createScanFileStore,
  createScanNumberStore,
  createScanPageStore,
  createWorkStore,
} from './scanning/scanning.store.ts';
import { createStudyActions } from './study/study.actions.ts';
import { createStudyQueries } from './study/study.queries.ts';
import { createStudyCollegeStore, createStudyRegionStore } from './study/study.store.ts';
import { createSurveyListActions } from './survey/survey-list.actions.ts';
import { createSurveyActions } from './survey/survey.actions.ts';
import { createSurveyQueries } from './survey/survey.queries.ts';
import { createSurveyListStore, createSurveyResponseStore } from './survey/survey.store.ts';
import { createFileStore } from './submission/file.store.ts';
import { createSubmissionActions } from './submission/submission.actions.ts';
import { createSubmissionQueries } from './submission/submission.queries.ts';
import { createSubmissionStore } from './submission/submission.store.ts';
import { createStreamSources } from './streams.ts';
import { createBlobSweep } from './upload/blob-sweep.actions.ts';
import { createUploadActions, type UploadPurposes } from './upload/upload.actions.ts';
import { createUploadQueries } from './upload/upload.queries.ts';
import { createUploadStore } from './upload/upload.store.ts';

/** What `server/` passes in from outside the models. */
export type Ports = Pick<
  Context,
  | 'now'
  | 'origin'
  | 'newId'
  | 'sign'
  | 'sha256'
  | 'seal'
  | 'open'
  | 'ownUrl'
  | 'accounts'
  | 'isCommonPassword'
  | 'secondFactorPolicy'
  | 'post'
  | 'letterWords'
  | 'pushService'
  | 'pushWords'
  | 'pushOrigins'
  | 'lettersFor'
  | 'workbooks'
  | 'collector'
  | 'texts'
  | 'observer'
  | 'revocation'
  | 'blobs'
>;

/** What files may be sent for beyond what the hub itself knows: tests have their own. */
export interface Additions {
  purposes?: UploadPurposes;
}

/** Builds the use cases over an open Mongoose connection; makes collections' indexes. */
export async function createHub({ connection }: Mongoose, ports: Ports, additions: Additions = {}) {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const accessVersions = createAccessVersions(db);
  const deeds = await createDeedStore(db);
  const context: Context = {
    ...ports,
    deeds,
    journal: await createJournal(client, db, ports.newId, {
      deeds,
      origin: ports.origin,
      onFault: (error, where) => ports.observer.fault(error, where),
    }),
    units: await createUnitStore(connection),
    unitImports: await createUnitImportStore(connection),
    importLines: await createImportLineStore(connection),
    accessVersions,
    assignments: await createAppointmentStore(connection, accessVersions, ports.revocation),
    seats: await createSeatStore(connection),
    procedures: await createProcedureStore(connection),
    participations: await createParticipationStore(connection),
    boardLists: await createBoardListStore(connection),
    claims: await createClaimStore(connection),
    forumQuestions: await createForumQuestionStore(connection),
    forumMessages: await createForumMessageStore(connection),
    forumReadings: await createForumReadingStore(connection),
    forumCleansings: await createForumCleansingStore(connection),
    forumIncidents: await createIncidentStore(connection),
    forumAttention: await createAttentionStore(connection),
    forumPushCursors: await createPushCursorStore(connection),
    forumCannedAnswers: await createCannedAnswerStore(connection),
    recounts: await createRecountStore(connection),
    rollupRows: await createRollupRowStore(connection),
    submissions: await createSubmissionStore(connection),
    results: await createResultStore(connection),
    files: createFileStore(db),
    uploads: await createUploadStore(connection),
    accountRequests: await createAccountRequestStore(connection),
    contextualData: await createContextualDataStore(connection),
    contextualChanges: await createContextualChangeStore(connection),
    handovers: await createHandoverStore(connection),
    handoverTrail: await createHandoverTrailStore(connection),
    credentialBatches: await createCredentialBatchStore(connection),
    publications: await createPublicationStore(connection),
    formerEditions: await createFormerEditionStore(connection),
    dispatches: await createDispatchStore(connection),
    receipts: await createReceiptStore(connection),
    publicationFiles: await createPublicationFileStore(connection),
    studyColleges: await createStudyCollegeStore(connection),
    studyRegions: await createStudyRegionStore(connection),
    scanningCentres: await createScanningCentreStore(connection),
    surveyLists: await createSurveyListStore(connection),
    surveyResponses: await createSurveyResponseStore(connection),
    collegeRooms: await createCollegeRoomsStore(connection),
    scanNumbers: await createScanNumberStore(connection),
    scanColleges: await createScanCollegeStore(connection),
    printRuns: await createPrintRunStore(connection),
    scanBatches: await createScanBatchStore(connection),
    scanFiles: await createScanFileStore(connection),
    scanPages: await createScanPageStore(connection),
    works: await createWorkStore(connection),
    scanErrors: await createScanErrorStore(connection),
    jointSettlements: await createJointSettlementStore(connection),
    checks: await createCheckStore(connection),
    attempts: await createAttemptStore(connection),
    safeguards: await createSafeguardStore(connection),
    viewings: await createViewingStore(connection),
    viewedPages: await createViewedPageStore(connection),
    letters: await createLetterStore(connection),
    pushKeys: await createPushKeyStore(connection),
    pushDevices: await createPushDeviceStore(connection),
    pushMessages: await createPushMessageStore(connection),
    together: (work) => client.withSession((session) => session.withTransaction(() => work(session))),
  };
  const passwords = createPasswordChoice(context);
  const attempts = createAttemptActions(context);
  const letters = createLetterActions(context);
  const deedActions = createDeedActions(context);
  const pushes = createPushActions(context, deedActions);
  const pushQueries = createPushQueries(context);
  const safeguards = createSafeguardActions(context, passwords, attempts, letters, deedActions);
  const boards = createBoardListActions(context);
  const surveyLists = createSurveyListActions(context);
  /** Whatever lists the units of a territory follows a change of the tree there. */
  const lists = {
    relist: async (path: string): Promise<void> => {
      await boards.relist(path);
      await surveyLists.relist(path);
    },
  };
  const units = createUnitActions(context, lists);
  const unitQueries = createUnitQueries(context, deedActions);
  const appointmentFacts = createAppointmentFacts(context);
  const contextual = createContextualDataActions(context, appointmentFacts);
  const people = createPersonActions(context, units, passwords, appointmentFacts);
  const appointmentQueries = createAppointmentQueries(context);
  const participations = createParticipationActions(context, boards, contextual, passwords, safeguards);
  const participationQueries = createParticipationQueries(context, boards);
  const rollupQueries = createRollupQueries(context);
  const submissions = createSubmissionActions(context, participations);
  const submissionQueries = createSubmissionQueries(context, participations);
  const contextualQueries = createContextualDataQueries(context);
  const credentialQueries = createCredentialQueries(context);
  const publications = createPublicationActions(context, letters);
  const publicationQueries = createPublicationQueries(context);
  const studyQueries = createStudyQueries(context);
  const scanningQueries = createScanningQueries(context);
  const scanReading = createScanReadingActions(context);
  const scanningCentreQueries = createScanningCentreQueries(context);
  const surveyQueries = createSurveyQueries(context);
  const roomQueries = createRoomQueries(context);
  const requestQueries = createAccountRequestQueries(context);
  const deedQueries = createDeedQueries(context);
  const claims = createClaimActions(context);
  const forumQueries = createForumQueries(context);
  const forumIndexes = createForumIndexes(context);
  const purposes: UploadPurposes = { scan: scanReading.purpose, ...additions.purposes };
  const uploadQueries = createUploadQueries(context, purposes);
  const streams = createStreamSources({
    deeds: deedQueries,
    participation: participationQueries,
    submission: submissionQueries,
    rollups: rollupQueries,
    units: unitQueries,
    accountRequest: requestQueries,
    contextualData: contextualQueries,
    credentials: credentialQueries,
    appointments: appointmentQueries,
    publications: publicationQueries,
    study: studyQueries,
    scanningCentres: scanningCentreQueries,
    surveys: surveyQueries,
    rooms: roomQueries,
    scanning: scanningQueries,
    forum: forumQueries,
    pushes: pushQueries,
    uploads: uploadQueries,
  });
  const live = createLiveStreams(context, streams);
  return {
    now: ports.now,
    journal: context.journal,
    retention: createRetentionActions(context, live),
    deeds: { ...deedActions, ...deedQueries },
    live,
    units: { ...units, ...unitQueries },
    imports: createUnitImportActions(context, units, lists),
    people,
    appointments: {
      ...createAppointmentActions(context, contextual, passwords, letters, appointmentFacts, createPlacing(context)),
      ...appointmentQueries,
    },
    rights: createRightsQueries(),
    procedures: { ...createProcedureActions(context, boards, surveyLists), ...createProcedureQueries(context) },
    viewings: createViewingActions(context, people, deedActions, letters),
    boards,
    participations: { ...participations, ...participationQueries },
    past: createPastQueries(context, live, participationQueries),
    submissions: { ...submissions, ...submissionQueries },
    claims,
    forum: {
      ...createForumActions(context, claims, live),
      ...forumQueries,
      ...createForumSearchQueries(context, forumIndexes),
      ...createForumOverviewQueries(context, forumIndexes),
      ...createBellQueries(context),
      ...createForumFillActions(context),
    },
    incidents: createIncidentActions(context, forumIndexes),
    attention: createAttentionActions(context, people, letters, pushes),
    cannedAnswers: createCannedAnswerActions(context),
    results: createResultQueries(context),
    recounts: createRecountActions(context),
    rollups: { ...createRollupActions(context), ...rollupQueries },
    accountRequests: { ...createAccountRequestActions(context, contextual, passwords), ...requestQueries },
    contextualData: { edit: contextual.edit, ...contextualQueries },
    credentials: {
      ...createHandoverActions(context, passwords, letters, appointmentFacts),
      ...credentialQueries,
    },
    study: { ...createStudyActions(context), ...studyQueries },
    rooms: { ...createRoomActions(context, appointmentFacts), ...roomQueries },
    scanning: {
      ...createScanningActions(context),
      ...createScanErrorActions(context, claims),
      ...createJointSettlementActions(context),
      ...createCheckActions(context, claims),
      ...scanningQueries,
    },
    scanReading,
    scanningCentres: { ...createScanningCentreActions(context), ...scanningCentreQueries },
    surveys: { ...createSurveyActions(context), ...surveyQueries },
    credentialBatches: createCredentialBatchActions(context, passwords, publications),
    publications: { ...publications, ...publicationQueries },
    uploads: { ...createUploadActions(context, purposes), ...uploadQueries },
    blobSweep: createBlobSweep(context),
    workbooks: ports.workbooks,
    attempts,
    passwords: { lengthMin: passwords.lengthMin },
    safeguards,
    letters,
    pushes: { ...pushes, ...pushQueries },
  };
}

export type HubModels = Awaited<ReturnType<typeof createHub>>;
