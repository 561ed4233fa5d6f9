/** Every expected refusal of the hub. A closed union: words `refusal_<code>_*` live in the message files, statuses in `server/` and `realtime/`. */
export const REFUSAL_CODES = [
  'not_signed_in',
  'not_allowed',
  'not_found',
  'bad_input', // params.field, params.reason
  'rate_limited', // params.seconds
  'stale_write',
  'busy', // the store did not answer in time
  // people and access
  'wrong_credentials',
  'username_taken', // params.username
  'password_short', // params.min, params.length
  'password_long', // params.max, params.length
  'password_own', // params.word
  'password_pattern',
  'password_common',
  'password_same',
  'second_factor_on',
  'second_factor_obliged',
  'code_wrong',
  'link_over',
  'setup_done',
  'setup_code_wrong',
  // appointments (S0-11, S1-01 … S1-18)
  'first_only', // an administrator appoints the first only: there is somebody whose matter it is
  'seat_taken', // params.name
  'seat_invited', // params.name
  'appointment_over',
  'observer_own', // G-02
  'administrator_last',
  // looking through somebody's eyes
  'viewing_only',
  'viewing_unfit',
  'viewing_declined',
  'viewing_over',
  'viewing_closed',
  'invitation_expired', // params.atMs
  'invitation_used',
  'invitation_revoked',
  // the tree of units
  'unit_code_taken', // params.code
  'unit_parent_unfit', // params.kind, params.parentKind
  'unit_inactive', // params.name
  'unit_top',
  'unit_has_children', // params.count
  'unit_successor_unfit', // params.name
  'unit_region_other',
  'tree_importing', // an import is being written: nothing else changes the tree meanwhile
  'import_stale', // the tree changed since the difference was made
  'import_broken', // params.count: rows that can't be taken
  'import_over', // confirmed, withdrawn or refused already
  // registration in a monitoring (S2-05, S2-08)
  'already_registered', // params.atMs
  'not_registered',
  'access_awaited',
  'access_declined', // params.reason
  'access_given_already',
  // a cabinet, and what its institution tells of itself (S0-09 … S0-16)
  'request_pending', // params.atMs
  'request_decided', // params.status, params.atMs, params.by
  'letter_date_wrong', // params.day, params.reason
  'coordinator_changed',
  // handing access data down (S1-27, S1-32, S4-09 … S4-13)
  'sample_unknown', // params.count, params.codes
  'sample_empty',
  'sample_too_large', // params.count, params.max
  'batch_over',
  'deeds_too_many', // params.count, params.max
  'handover_elsewhere', // params.state
  'handover_opened', // params.by, params.atMs
  'handover_unopened',
  'handover_next_opened',
  'head_address_unverified',
  'head_address_unknown',
  'post_absent',
  'credentials_revoked', // params.atMs
  'credentials_not_handed',
  // studies of SPO students (S1-29 … S1-31)
  'study_unlisted',
  'study_list_closed',
  'study_incomplete', // params.count, params.names
  'study_not_handed',
  'study_sampled',
  'study_not_sampled', // params.name
  // rooms of a study and who answers for them (S1-08 … S1-10)
  'room_gone',
  'rooms_full', // params.max
  'room_name_taken', // params.room
  'room_occupied', // params.room, params.name
  'room_taken', // params.room, params.name
  'room_second', // params.name, params.room
  'room_specialist', // params.name, params.room, params.subject
  'room_not_employee', // params.name
  // scanning centres of regions (S1-03, S1-04)
  'scanning_unnamed',
  'scanning_specialist_absent', // params.name
  'scanning_unmet', // params.count
  'scanning_elsewhere', // params.name
  // surveys (S4-03, S4-04)
  'survey_not_covered', // params.name, params.ownership
  'survey_unlisted', // params.name
  'survey_closed', // params.deadlineMs, params.zone
  'survey_section_changed', // params.by
  'survey_filled', // params.by, params.atMs
  'survey_answer_wrong', // params.question, params.problem, params.limit, params.count
  'survey_incomplete', // params.count, params.names
  'survey_contradiction', // params.count
  // the Collector (S1-04, S1-12, S1-51)
  'scan_centre_other', // params.name
  'roster_full', // params.max
  'roster_room_taken', // params.name
  'roster_missing',
  'print_empty',
  'print_too_long', // params.count, params.max
  'package_accepted', // params.atMs
  'package_awaited', // params.name
  'batch_empty',
  'batch_open',
  'batch_ended',
  'scan_file_repeated', // params.name, params.by, params.atMs
  'scan_kind_refused', // params.name, params.kinds
  'error_settled', // params.by
  'way_unfit',
  'code_mistyped', // params.reason
  'settlement_over',
  'check_over',
  'check_moved',
  // publications (S0-05, S0-07, S4-07, S4-08)
  'publication_empty',
  'publication_withdrawn',
  'addressees_none',
  'addressees_too_many', // params.count, params.max
  'attachment_too_large', // params.mb, params.mbMax
  'files_too_large', // params.mb, params.mbMax
  'files_waiting', // params.max
  'file_kind_refused',
  'file_macros',
  'release_past', // params.untilMs
  'release_far', // params.max
  'reminded_lately', // params.untilMs
  'nobody_unread',
  // sending a file (S2-13 … S2-21)
  'window_closed', // params.deadlineMs, params.zone
  'attestation_late',
  'attestation_missing',
  'file_missing',
  'file_personal', // S0-01: params.sheet, params.cell, params.heading
  'file_too_large', // params.mb, params.mbMax
  'line_lost', // said by the page itself
  'file_repeated', // params.atMs, params.outcome
  'submission_busy',
  'submission_replaced',
  // large files on their way in (S1-04)
  'upload_over', // params.name
  'upload_expired', // params.name, params.days
  'upload_moved', // params.offset
  'upload_too_large', // params.mb, params.mbMax
  'upload_differs', // params.name
  'upload_unreadable', // params.name: said by the page itself
  'upload_repeated', // params.name, params.by, params.atMs
  'upload_unprocessed', // params.name
  'uploads_unfinished', // params.max
  // questions and answers (S1-40 … S1-42)
  'question_closed',
  'question_unanswered',
  'answered_meanwhile', // params.by, params.atMs
  'push_host', // params.host
  'push_devices_max', // params.max
  'push_device_gone',
  'thread_full', // params.max
  'duplicate_unfit',
  'faq_full', // params.max
  'canned_full', // params.max
  'placeholder_unknown', // params.name
  'placeholder_unfilled', // params.name
  // live layer
  'stream_unknown',
  'resnapshot',
  'contract_old',
  'slow_reader',
  'sockets_too_many', // params.max
  'streams_too_many', // params.max
  'message_too_large',
  'past_gone', // params.sinceMs
  // claims
  'claim_held', // params.by, params.untilMs
  'claim_lost',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export type RefusalParams = Record<string, string | number>;

/** An expected refusal. Anything else that is thrown is a fault: logged once with an id, shown to nobody. */
export class HubError extends Error {
  readonly code: RefusalCode;
  readonly params: RefusalParams;

  constructor(code: RefusalCode, params: RefusalParams = {}) {
    super(`${code} ${JSON.stringify(params)}`);
    this.name = 'HubError';
    this.code = code;
    this.params = params;
  }
}
