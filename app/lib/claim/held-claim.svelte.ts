/** Something that one of many takes for a while: it is taken before the first word, kept while it is worked on, and given back. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';

export type Refused = { code: RefusalCode; params: RefusalParams };
type Answer = { ok: true; token: number } | { ok: false; refusal: Refused };

export class HeldClaim {
  /** What is taken. */
  subject = $state<string | null>(null);
  token = $state(0);
  refusal = $state.raw<Refused | null>(null);
  readonly #addressOf: (subject: string) => string;
  readonly #leaseMs: number;
  #renewing: ReturnType<typeof setInterval> | null = null;
  /** What was asked for last: a claim that arrives for anything else is given back at once. */
  #wanted: string | null = null;

  /** `addressOf` tells where the claims of a subject are made. */
  constructor(addressOf: (subject: string) => string, leaseMs: number) {
    this.#addressOf = addressOf;
    this.#leaseMs = leaseMs;
  }

  /** Takes it. False, with the reason, when somebody else has it or there is no line. */
  async hold(subject: string): Promise<boolean> {
    this.#wanted = subject;
    const answer = await this.#say(subject, { deed: 'take' });
    if (this.#wanted !== subject) {
      if (answer.ok) await this.#say(subject, { deed: 'release', token: answer.token });
      return false;
    }
    if (!answer.ok) {
      this.refusal = answer.refusal;
      return false;
    }
    this.refusal = null;
    this.subject = subject;
    this.token = answer.token;
    this.#keep();
    return true;
  }

  /** Gives it back, also while the page is left; the lease would end by itself. */
  async leave(): Promise<void> {
    const { subject, token } = this;
    this.#wanted = null;
    this.end();
    if (subject !== null) await this.#say(subject, { deed: 'release', token });
  }

  /** The deed was sent: the hub gives it back when it arrives. */
  end(): void {
    if (this.#renewing) clearInterval(this.#renewing);
    this.#renewing = null;
    this.subject = null;
    this.refusal = null;
  }

  #keep(): void {
    if (this.#renewing) clearInterval(this.#renewing);
    this.#renewing = setInterval(() => {
      const { subject, token } = this;
      if (subject === null) return;
      void this.#say(subject, { deed: 'renew', token }).then((answer) => {
        // A lost line takes nothing away yet: the token decides when the deed is sent.
        if (!answer.ok && answer.refusal.code === 'claim_lost' && this.subject === subject)
          this.refusal = answer.refusal;
      });
    }, this.#leaseMs / 3);
  }

  async #say(subject: string, wish: { deed: string; token?: number }): Promise<Answer> {
    try {
      const response = await fetch(this.#addressOf(subject), {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish) },
        keepalive: wish.deed === 'release',
      });
      const told = (await response.json()) as { token?: number; refusal?: Refused };
      if (response.ok && told.token !== undefined) return { ok: true, token: told.token };
      return { ok: false, refusal: told.refusal ?? { code: 'busy', params: {} } };
    } catch {
      return { ok: false, refusal: { code: 'line_lost', params: {} } };
    }
  }
}
