/** What the use cases are given: stores, the journal, and the ports that `server/` fills. Nothing is reached for. */
import type { ClientSession } from 'mongoose';
import type { AccountRequest } from './account-request/account-request.ts';
import type { Attempts } from './attempts/attempts.ts';
import type { Workbooks } from './attendance/workbook.ts';
import type { ContextualChangeRecord } from './contextual-data/contextual-data.store.ts';
import type { ContextualData } from './contextual-data/contextual-data.ts';
import type { Origin } from './deeds/deed.ts';
import type { DeedStore } from './deeds/deed.store.ts';
import type { BlobStore } from './blob/blob.ts';
import type { ClaimStore } from './claim/claim.store.ts';
import type { CredentialHandover, TrailEntry } from './credential/credential-handover.ts';
import type { CredentialBatchStore } from './credential/credential.store.ts';
import type { EntityStore } from './entity.store.ts';
import type { Reading } from './forum/forum-state.ts';
import type { Cleansing, Message, Question } from './forum/forum.ts';
import type { CannedAnswer } from './forum/canned/canned-answer.ts';
import type { Attention, PushCursor } from './forum/attention/attention.ts';
import type { Incident } from './forum/incident/incident.ts';
import type { LetterWords, Post } from './letter/letter.actions.ts';
import type { Letter } from './letter/letter.ts';
import type { Journal } from './journal/journal.store.ts';
import type { ImportLineStore } from './org/unit-import.store.ts';
import type { UnitImport } from './org/unit-import.ts';
import type { UnitStore } from './org/unit.store.ts';
import type { AccessVersions } from './people/access.store.ts';
import type { Dispatch, Receipt } from './publication/publication-dispatch.ts';
import type { PublicationFileStore } from './publication/publication.store.ts';
import type { FormerEdition, Publication } from './publication/publication.ts';
import type { AppointmentStore, Seat } from './people/appointment.store.ts';
import type { PushService, PushWords } from './push/push.actions.ts';
import type { PushDevice, PushMessage, PushOutcome } from './push/push.ts';
import type { PushKeys } from './push/push.store.ts';
import type { ProcedureStore } from './procedure/procedure.store.ts';
import type { ViewedPage, Viewing } from './people/viewing.ts';
import type { BoardList } from './participation/board-list.store.ts';
import type { Participation } from './participation/participation.ts';
import type { Recount } from './recount/recount.ts';
import type { Result } from './result/result.ts';
import type { KeptRollupRow } from './rollup/rollup.store.ts';
import type { ChosenPassword } from './password/password.ts';
import type { CollegeRooms } from './room/room.ts';
import type { ScanningCentre } from './scanning-centre/scanning-centre.ts';
import type { StudyCollege, StudyRegion } from './study/study.ts';
import type { SurveyList, SurveyResponse } from './survey/survey.ts';
import type { Collector, PrintWords } from '#collector/reading.ts';
import type { Check } from './scanning/check.ts';
import type { JointSettlement } from './scanning/joint-settlement.ts';
import type { PrintRun } from './scanning/print-run.ts';
import type { ScanBatch, ScanFile } from './scanning/scan-batch.ts';
import type { ScanCollege } from './scanning/scan-college.ts';
import type { ScanError } from './scanning/scan-error.ts';
import type { ScanNumber } from './scanning/scan-number.ts';
import type { ScanPage } from './scanning/scan-page.ts';
import type { Work } from './scanning/work.ts';
import type { Safeguard, SecondFactorPolicy } from './safeguard/safeguard.ts';
import type { FileStore } from './submission/file.store.ts';
import type { Submission } from './submission/submission.ts';
import type { UploadStore } from './upload/upload.store.ts';

declare const isPrepared: unique symbol;
/** A password's hash: what the database may hold. */
export type PreparedPassword = string & { readonly [isPrepared]: true };

/** Accounts to sign in with; filled by the sign-in library. */
export interface Accounts {
  /**
   * Opens an account and returns the person's id. `owner` is the key of what the account is opened for: asked again for
   * the same owner it sets name and password of the same account, so that a crash half-way can be repeated.
   * Errors: HubError `username_taken`.
   */
  open(account: { owner: string; username: string; name: string; password: ChosenPassword }): Promise<string>;
  find(personId: string): Promise<{ id: string; name: string; username: string } | null>;
  findByName(username: string): Promise<{ id: string; name: string; username: string } | null>;
  /** False for a wrong password, for a blocked account and for none at all (null): after the same time. */
  checkPassword(personId: string | null, password: string): Promise<boolean>;
  setPassword(personId: string, password: ChosenPassword): Promise<void>;
  /** The account that was opened for an owner, if it was. */
  findByOwner(owner: string): Promise<{ id: string; username: string } | null>;
  /** The password as it is kept: slow on purpose, and therefore made before the transaction that keeps it. */
  prepare(password: ChosenPassword): Promise<PreparedPassword>;
  /** Keeps a prepared password in the transaction of the deed that is told of it. */
  putPassword(personId: string, prepared: PreparedPassword, session: ClientSession): Promise<void>;
  /** Ends the sessions of a person, or those of one device or but for one session. */
  endSessions(personId: string, which?: { device?: string; except?: string }): Promise<void>;
}

/** Texts that become part of the record; in Russian, from the message files. */
export interface RecordTexts {
  attestation(institutionName: string, academicYear: string): string;
  /** What is printed on forms beside their own words. */
  printWords(): PrintWords;
}

/** Tells what happened inside the hub to whoever measures or logs it. */
export interface Observer {
  processed(outcome: 'processed' | 'failed' | 'crashed', durationMs: number): void;
  /** What became of a message to a device; `givenUp` after the last try. */
  pushed(outcome: PushOutcome['kind'] | 'givenUp'): void;
  fault(error: unknown, where: string): void;
}

/**
 * Tells every node that the rights or the sessions of a person may have changed, so that his open pages are looked at anew at
 * once. Only a hint, and never waited for: the nodes look once a second in any case. Whoever ends sessions (signing out
 * everywhere, a new password, a closed account) calls it after they ended; assignments call it themselves.
 */
export interface Revocation {
  tell: (personId: string) => void;
}

export interface Context {
  now: () => number;
  /** From where the request under way came; null for what the hub does by itself. */
  origin: () => Origin | null;
  /** Unguessable, URL-safe, 128 bits or more. */
  newId: () => string;
  /** HMAC-SHA256 with the hub's secret, hex. */
  sign: (text: string) => string;
  sha256: (bytes: Uint8Array | string) => string;
  /** Encrypts with the hub's secret what has to be read again, such as the secret of a second factor; `open` reads it. */
  seal: (text: string) => string;
  open: (sealed: string) => string;
  /** An address of this hub for a letter: by configuration, never by what a request claims. */
  ownUrl: (path: string) => string;
  /** Runs several saves as one transaction; may run `work` more than once. */
  together: (work: (session: ClientSession) => Promise<void>) => Promise<void>;
  journal: Journal;
  deeds: DeedStore;
  units: UnitStore;
  unitImports: EntityStore<UnitImport>;
  importLines: ImportLineStore;
  /** Appointments; what somebody holds are those that he took. */
  assignments: AppointmentStore;
  /** Guards of posts that one person holds at a time. */
  seats: EntityStore<Seat>;
  accessVersions: AccessVersions;
  procedures: ProcedureStore;
  participations: EntityStore<Participation>;
  boardLists: EntityStore<BoardList>;
  claims: ClaimStore;
  forumQuestions: EntityStore<Question>;
  forumMessages: EntityStore<Message>;
  forumReadings: EntityStore<Reading>;
  forumCleansings: EntityStore<Cleansing>;
  forumIncidents: EntityStore<Incident>;
  forumAttention: EntityStore<Attention>;
  forumPushCursors: EntityStore<PushCursor>;
  forumCannedAnswers: EntityStore<CannedAnswer>;
  recounts: EntityStore<Recount>;
  rollupRows: EntityStore<KeptRollupRow>;
  submissions: EntityStore<Submission>;
  /** The analytical base: figures of institutions, and nobody's name. */
  results: EntityStore<Result>;
  accountRequests: EntityStore<AccountRequest>;
  contextualData: EntityStore<ContextualData>;
  contextualChanges: EntityStore<ContextualChangeRecord>;
  handovers: EntityStore<CredentialHandover>;
  handoverTrail: EntityStore<TrailEntry>;
  credentialBatches: CredentialBatchStore;
  publications: EntityStore<Publication>;
  formerEditions: EntityStore<FormerEdition>;
  dispatches: EntityStore<Dispatch>;
  receipts: EntityStore<Receipt>;
  publicationFiles: PublicationFileStore;
  studyColleges: EntityStore<StudyCollege>;
  studyRegions: EntityStore<StudyRegion>;
  scanningCentres: EntityStore<ScanningCentre>;
  surveyLists: EntityStore<SurveyList>;
  surveyResponses: EntityStore<SurveyResponse>;
  collegeRooms: EntityStore<CollegeRooms>;
  /** Numbers in printed codes. */
  scanNumbers: EntityStore<ScanNumber>;
  scanColleges: EntityStore<ScanCollege>;
  printRuns: EntityStore<PrintRun>;
  scanBatches: EntityStore<ScanBatch>;
  scanFiles: EntityStore<ScanFile>;
  scanPages: EntityStore<ScanPage>;
  works: EntityStore<Work>;
  scanErrors: EntityStore<ScanError>;
  jointSettlements: EntityStore<JointSettlement>;
  /** Marks of experts. */
  checks: EntityStore<Check>;
  files: FileStore;
  /** Large files on their way in, and where they are kept when they are whole. */
  uploads: UploadStore;
  blobs: BlobStore;
  attempts: EntityStore<Attempts>;
  safeguards: EntityStore<Safeguard>;
  viewings: EntityStore<Viewing>;
  viewedPages: EntityStore<ViewedPage>;
  letters: EntityStore<Letter>;
  pushKeys: EntityStore<PushKeys>;
  pushDevices: EntityStore<PushDevice>;
  pushMessages: EntityStore<PushMessage>;
  accounts: Accounts;
  isCommonPassword: (lowered: string) => boolean;
  secondFactorPolicy: SecondFactorPolicy;
  /** The mail server; null where there is none and letters are kept for reading. */
  post: Post | null;
  letterWords: LetterWords;
  pushService: PushService;
  pushWords: PushWords;
  /** Push services that the operator named beside those of browsers. */
  pushOrigins: readonly string[];
  /** Who may read the letters' page. */
  lettersFor: 'administrators' | 'everybody';
  workbooks: Workbooks;
  collector: Collector;
  texts: RecordTexts;
  observer: Observer;
  revocation: Revocation;
}
