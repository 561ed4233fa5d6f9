/** One line that tells what happens now: rewritten in a terminal, once a minute in a log. */
import type { WriteStream } from 'node:tty';
import type { Deed, DeedKind, Row } from './deed.ts';

const SAID: Record<DeedKind, string> = {
  register: 'registers',
  give: 'is let in',
  decline: 'is asked for a right phone number',
  activate: 'takes its access',
  template: 'downloads the template',
  send: 'sends its file',
  correct: 'sends a corrected file',
  revise: 'sends better figures',
  attest: 'sets the tick',
};
const LOG_EVERY_MS = 60_000;

export interface ProgressLine {
  deed: (deed: Deed, row: Row) => void;
  trouble: (error: unknown, what: string) => void;
  opening: (share: number) => void;
  opened: () => void;
}

export function createProgressLine(
  out: Pick<WriteStream, 'write' | 'isTTY'>,
  now: () => number = Date.now,
): ProgressLine {
  let deeds = 0;
  let loggedAtMs = 0;
  let isOpening = false;

  function show(text: string): void {
    if (out.isTTY) out.write(`\r\u001b[2K  ${text}`);
    else if (now() - loggedAtMs >= LOG_EVERY_MS) {
      loggedAtMs = now();
      out.write(`  ${text}\n`);
    }
  }

  return {
    deed({ kind }, { name }) {
      deeds += 1;
      if (!isOpening)
        show(`${new Date(now()).toTimeString().slice(0, 8)}  ${name} ${SAID[kind]}  (${deeds} deeds so far)`);
    },
    // A refusal is what a person would see and deal with; it is shown, not piled up.
    trouble(error, what) {
      show(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    },
    opening(share) {
      isOpening = true;
      show(`The last days are being told: ${Math.floor(share * 100)} %`);
    },
    opened() {
      if (isOpening)
        out.write(`${out.isTTY ? '\r\u001b[2K' : ''}  The last days are told; from here on it happens now.\n`);
      isOpening = false;
      loggedAtMs = 0;
    },
  };
}
