/** Refusals to forms and scripts. A refusal of a page is thrown on and meets the table in `handleError`; forms and scripts catch it here. */
import { fail, type ActionFailure } from '@sveltejs/kit';
import { refusalOf, statusOf, type Refusal } from './status.ts';

export { refusalOf, statusOf, type Refusal } from './status.ts';

/** Runs a deed of a form: a refusal goes back into the form. */
export async function orFail<T>(work: () => Promise<T>): Promise<T | ActionFailure<{ refusal: Refusal }>> {
  try {
    return await work();
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (!refusal) throw thrown;
    return fail(statusOf(refusal.code), { refusal });
  }
}

/** A refusal as JSON, for what is sent by script. */
export async function orRefusalJson(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (!refusal) throw thrown;
    return Response.json({ refusal }, { status: statusOf(refusal.code) });
  }
}
