/** Asking a node for a deed. */

/** `unknown`: no answer, or a fault: the deed may have happened or not. */
export type Outcome =
  { kind: 'done'; value: unknown } | { kind: 'refused'; code: string } | { kind: 'unknown'; why: string };

/** Longest time a writer waits for an answer (ms). */
const ANSWER_MS_MAX = 4_000;

export async function ask(
  url: string,
  deed: string,
  input: object,
  cookie = '',
  waitMs = ANSWER_MS_MAX,
): Promise<Outcome> {
  try {
    const response = await fetch(`${url}/deeds/${deed}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(waitMs),
    });
    const answer = (await response.json()) as { ok: boolean; value?: unknown; code?: string };
    if (answer.ok) return { kind: 'done', value: answer.value };
    const code = answer.code ?? '';
    return response.status === 409 ? { kind: 'refused', code } : { kind: 'unknown', why: code };
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
  }
}

export interface Insisting {
  /** What a repetition is refused with when the deed was done before. */
  doneCode?: string;
  /** Longest wait for one answer (ms). */
  waitMs?: number;
}

/** Asks until the deed is done: for what a run needs. */
export async function insist(
  url: () => string,
  deed: string,
  input: object,
  cookie = '',
  { doneCode, waitMs }: Insisting = {},
): Promise<unknown> {
  for (let tried = 1; ; tried += 1) {
    const outcome = await ask(url(), deed, input, cookie, waitMs);
    if (outcome.kind === 'done') return outcome.value;
    if (outcome.kind === 'refused' && outcome.code === doneCode && tried > 1) return undefined;
    if (outcome.kind === 'refused' || tried >= 10)
      throw new Error(`${deed}: ${outcome.kind === 'refused' ? outcome.code : outcome.why}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
