/** The one table from refusals to HTTP. A refusal of a page is thrown on and meets it in `handleError`; forms and scripts catch it here. */
import { fail, type ActionFailure } from '@sveltejs/kit';
import { z } from 'zod';
import type { RefusalCode, RefusalParams } from '#models/error.ts';

const STATUS: Record<RefusalCode, number> = {
  not_signed_in: 401,
  not_allowed: 403,
  not_found: 404,
  bad_input: 400,
  rate_limited: 429,
  stale_write: 409,
  busy: 503,
  wrong_credentials: 401,
  username_taken: 409,
  password_short: 400,
  password_long: 400,
  password_own: 400,
  password_pattern: 400,
  password_common: 400,
  password_same: 400,
  second_factor_on: 409,
  second_factor_obliged: 403,
  code_wrong: 401,
  link_over: 404,
  setup_done: 409,
  setup_code_wrong: 403,
  first_only: 409,
  seat_taken: 409,
  seat_invited: 409,
  appointment_over: 409,
  observer_own: 409,
  administrator_last: 409,
  viewing_only: 403,
  viewing_unfit: 403,
  viewing_declined: 409,
  viewing_over: 409,
  viewing_closed: 403,
  invitation_expired: 410,
  invitation_used: 410,
  invitation_revoked: 410,
  unit_code_taken: 409,
  unit_parent_unfit: 400,
  unit_inactive: 409,
  unit_top: 409,
  unit_has_children: 409,
  unit_successor_unfit: 400,
  unit_region_other: 409,
  tree_importing: 409,
  import_stale: 409,
  import_broken: 409,
  import_over: 409,
  already_registered: 409,
  not_registered: 404,
  access_awaited: 403,
  access_declined: 403,
  access_given_already: 409,
  request_pending: 409,
  request_decided: 409,
  letter_date_wrong: 400,
  coordinator_changed: 409,
  sample_unknown: 400,
  sample_empty: 400,
  sample_too_large: 400,
  batch_over: 409,
  deeds_too_many: 400,
  handover_elsewhere: 409,
  handover_opened: 409,
  handover_unopened: 409,
  handover_next_opened: 409,
  head_address_unverified: 409,
  head_address_unknown: 409,
  post_absent: 409,
  credentials_revoked: 403,
  credentials_not_handed: 403,
  study_unlisted: 409,
  study_list_closed: 409,
  study_incomplete: 409,
  study_not_handed: 409,
  study_sampled: 409,
  study_not_sampled: 409,
  scanning_unnamed: 409,
  scanning_specialist_absent: 409,
  scanning_unmet: 409,
  scanning_elsewhere: 409,
  publication_empty: 400,
  publication_withdrawn: 409,
  addressees_none: 400,
  addressees_too_many: 400,
  attachment_too_large: 413,
  files_too_large: 413,
  files_waiting: 409,
  file_kind_refused: 415,
  file_macros: 415,
  release_past: 400,
  release_far: 400,
  reminded_lately: 429,
  nobody_unread: 409,
  window_closed: 403,
  attestation_late: 403,
  attestation_missing: 400,
  file_missing: 400,
  file_personal: 422,
  file_too_large: 413,
  line_lost: 503,
  file_repeated: 409,
  submission_busy: 409,
  submission_replaced: 409,
  question_closed: 409,
  question_unanswered: 409,
  answered_meanwhile: 409,
  thread_full: 409,
  stream_unknown: 404,
  resnapshot: 409,
  contract_old: 409,
  slow_reader: 409,
  sockets_too_many: 429,
  streams_too_many: 429,
  message_too_large: 413,
  past_gone: 410,
  claim_held: 409,
  claim_lost: 409,
};

export interface Refusal {
  code: RefusalCode;
  params: RefusalParams;
}

/**
 * The refusal in an error, or null for a fault. By name, not by class: the pages are bundled apart from the models, so
 * their classes are never the same.
 */
export function refusalOf(thrown: unknown): Refusal | null {
  if (thrown instanceof z.ZodError || (thrown instanceof Error && thrown.name === 'ZodError')) {
    const [issue] = (thrown as z.ZodError).issues;
    return { code: 'bad_input', params: { field: issue?.path.join('.') ?? '', reason: issue?.code ?? '' } };
  }
  if (thrown instanceof Error && thrown.name === 'HubError' && 'code' in thrown && 'params' in thrown)
    return { code: thrown.code as RefusalCode, params: thrown.params as RefusalParams };
  return null;
}

export const statusOf = (code: RefusalCode): number => STATUS[code];

/** Runs a deed of a form: a refusal goes back into the form. */
export async function orFail<T>(work: () => Promise<T>): Promise<T | ActionFailure<{ refusal: Refusal }>> {
  try {
    return await work();
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (!refusal) throw thrown;
    return fail(STATUS[refusal.code], { refusal });
  }
}

/** A refusal as JSON, for what is sent by script. */
export async function orRefusalJson(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (!refusal) throw thrown;
    return Response.json({ refusal }, { status: STATUS[refusal.code] });
  }
}
