/** Printing of cards: a file that comes once. It is saved at once, because the hub has forgotten it by then. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';

interface Refused {
  institution: string;
  name: string;
  code: RefusalCode;
  params: RefusalParams;
}
interface Chosen {
  institution: string;
  openings: number;
}

export class Printing {
  isUnderWay = $state(false);
  chosen = $state.raw<readonly Chosen[]>([]);
  refusal = $state.raw<{ code: RefusalCode; params: RefusalParams } | null>(null);
  outcome = $state.raw<{ done: number; refused: readonly Refused[] } | null>(null);

  async print(chosen: readonly Chosen[], perPage: 1 | 2): Promise<void> {
    this.isUnderWay = true;
    this.chosen = chosen;
    this.refusal = null;
    this.outcome = null;
    try {
      const response = await fetch(`/credentials/cards?perPage=${perPage}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(chosen.map(({ institution, openings }) => ({ institution, known: openings }))),
      });
      if (response.headers.get('content-type') === 'application/pdf') {
        save(await response.blob(), fileNameOf(response));
        const refused = Number(response.headers.get('x-svod-refused') ?? 0);
        this.outcome = { done: chosen.length - refused, refused: [] };
        return;
      }
      const answer = (await response.json()) as {
        refusal?: { code: RefusalCode; params: RefusalParams };
        outcome?: { done: string[]; refused: Refused[] };
      };
      if (answer.refusal) this.refusal = answer.refusal;
      if (answer.outcome) this.outcome = { done: answer.outcome.done.length, refused: answer.outcome.refused };
    } catch {
      // What was opened meanwhile is seen in the table; those cards are printed again.
      this.refusal = { code: 'line_lost', params: {} };
    } finally {
      this.isUnderWay = false;
    }
  }
}

function fileNameOf(response: Response): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return encoded === undefined ? 'cards.pdf' : decodeURIComponent(encoded);
}

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
