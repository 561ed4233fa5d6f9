/** Answering one question: it is taken before the first word, kept while the answer is written, and given back. */
import { ANSWER_LEASE_MS } from '#models/forum/forum.ts';
import { HeldClaim } from '#lib/claim/held-claim.svelte.ts';

export class Answering extends HeldClaim {
  /** The last message that the writer has seen. */
  seen = $state(0);

  /** `base` is the address of the forum. */
  constructor(base: string) {
    super((question) => `${base}/${encodeURIComponent(question)}/claim`, ANSWER_LEASE_MS);
  }

  /** The question that is taken. */
  get question(): string | null {
    return this.subject;
  }

  /** Takes a question. False, with the reason, when somebody else has it or there is no line. */
  async take(question: string, seen: number): Promise<boolean> {
    const isTaken = await this.hold(question);
    if (isTaken) this.seen = seen;
    return isTaken;
  }
}
