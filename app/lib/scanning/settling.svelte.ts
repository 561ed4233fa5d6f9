/** Settling errors over HTTP: one is taken while it is open, settled under its claim, and a decision can be taken back. */
import type { z } from 'zod';
import type { jointInputSchema, JointOutcome } from '#models/scanning/joint-settlement.ts';
import { ERROR_LEASE_MS, type ErrorStep, type ScanErrorView, type Settlement } from '#models/scanning/scan-error.ts';
import type { ScanPageView } from '#models/scanning/scan-page.queries.ts';
import { HeldClaim, type Refused } from '#lib/claim/held-claim.svelte.ts';

export type Told<T> = { ok: true; value: T } | { ok: false; refusal: Refused };

/** Asks by script; whatever is not an answer of the hub is a line that was lost. */
export async function ask<T>(address: string, body?: object): Promise<Told<T>> {
  try {
    const response = await fetch(
      address,
      body === undefined
        ? undefined
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
    const told = (await response.json()) as T & { refusal?: Refused };
    if (response.ok) return { ok: true, value: told };
    return { ok: false, refusal: told.refusal ?? { code: 'busy', params: {} } };
  } catch {
    return { ok: false, refusal: { code: 'line_lost', params: {} } };
  }
}

export interface ErrorLife {
  error: ScanErrorView;
  steps: ErrorStep[];
}

export class Settling extends HeldClaim {
  readonly #base: string;
  readonly #addressOf: (error: string) => string;

  /** `base` is the address of the desk. */
  constructor(base: string) {
    const addressOf = (error: string): string => `${base}/${encodeURIComponent(error)}`;
    super((error) => `${addressOf(error)}/claim`, ERROR_LEASE_MS);
    this.#base = base;
    this.#addressOf = addressOf;
  }

  /** Settles the error that is taken. What is refused stays taken: a slip of the finger is mended at once. */
  async settle(settlement: Settlement): Promise<Told<{ isGone: boolean }>> {
    const { subject, token } = this;
    if (subject === null) return { ok: false, refusal: { code: 'claim_lost', params: {} } };
    const told = await ask<{ isGone: boolean }>(`${this.#addressOf(subject)}/settle`, { token, settlement });
    // The hub gives it back with the answer.
    if (told.ok && this.subject === subject) this.end();
    return told;
  }

  /** The same of all errors that a batch has in common: one deed, which the hub carries out. */
  settleTogether = (wish: z.input<typeof jointInputSchema>): Promise<Told<JointOutcome>> =>
    ask<JointOutcome>(`${this.#base}/together`, wish);
  takeBackTogether = (joint: string): Promise<Told<JointOutcome>> =>
    ask<JointOutcome>(`${this.#base}/together/take-back`, { joint });

  takeBack = (error: string): Promise<Told<object>> => ask<object>(`${this.#addressOf(error)}/take-back`, {});
  life = (error: string): Promise<Told<ErrorLife>> => ask<ErrorLife>(this.#addressOf(error));
  page = (page: string): Promise<Told<ScanPageView>> =>
    ask<ScanPageView>(`/collector/pages/${encodeURIComponent(page)}`);
}
