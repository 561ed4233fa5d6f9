/** Answering one question: it is taken before the first word, kept while the answer is written, and given back. */
import { ANSWER_LEASE_MS } from '#models/forum/forum.ts';
import type { RefusalCode, RefusalParams } from '#models/error.ts';

type Refused = { code: RefusalCode; params: RefusalParams };
type Answer = { ok: true; token: number } | { ok: false; refusal: Refused };

export class Answering {
  /** The question that is taken. */
  question = $state<string | null>(null);
  token = $state(0);
  /** The last message that the writer has seen. */
  seen = $state(0);
  refusal = $state.raw<Refused | null>(null);
  readonly #base: string;
  #renewing: ReturnType<typeof setInterval> | null = null;

  /** `base` is the address of the forum. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Takes a question. False, with the reason, when somebody else has it or there is no line. */
  async take(question: string, seen: number): Promise<boolean> {
    const answer = await this.#say(question, { deed: 'take' });
    if (!answer.ok) {
      this.refusal = answer.refusal;
      return false;
    }
    this.refusal = null;
    this.question = question;
    this.token = answer.token;
    this.seen = seen;
    this.#keep();
    return true;
  }

  /** Gives the question back; the lease would end by itself. */
  async leave(): Promise<void> {
    const { question, token } = this;
    this.end();
    if (question !== null) await this.#say(question, { deed: 'release', token });
  }

  /** It was sent: the hub gives the question back when it arrives. */
  end(): void {
    if (this.#renewing) clearInterval(this.#renewing);
    this.#renewing = null;
    this.question = null;
    this.refusal = null;
  }

  #keep(): void {
    if (this.#renewing) clearInterval(this.#renewing);
    this.#renewing = setInterval(() => {
      const { question, token } = this;
      if (question === null) return;
      void this.#say(question, { deed: 'renew', token }).then((answer) => {
        // A lost line takes nothing away yet: the token decides when the answer is sent.
        if (!answer.ok && answer.refusal.code === 'claim_lost' && this.question === question)
          this.refusal = answer.refusal;
      });
    }, ANSWER_LEASE_MS / 3);
  }

  async #say(question: string, wish: { deed: string; token?: number }): Promise<Answer> {
    try {
      const response = await fetch(`${this.#base}/${encodeURIComponent(question)}/claim`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(wish),
      });
      const told = (await response.json()) as { token?: number; refusal?: Refused };
      if (response.ok && told.token !== undefined) return { ok: true, token: told.token };
      return { ok: false, refusal: told.refusal ?? { code: 'busy', params: {} } };
    } catch {
      return { ok: false, refusal: { code: 'line_lost', params: {} } };
    }
  }
}
