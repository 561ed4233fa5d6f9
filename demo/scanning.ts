/** The scanning centre at work: what came back is scanned, errors are settled and answers marked, through the same pages as everybody. */
import { setTimeout as after } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import { z } from 'zod';
import { colleagueAccount, shiftAccount, type Account } from './accounts.ts';
import { createChance } from './chance.ts';
import type { Pace } from './pace.ts';
import { ROOMS, SCANNED, SCANNING_CENTRE } from './region.ts';
import { sheetsOf, type ScanTask } from './scans.ts';
import { signedIn, type Session } from './session.ts';

export interface ScanningOptions {
  seed: number;
  study: string;
  pace: Pace;
  newSession: () => Session;
  url: string;
  /** The forms of a college as they were printed; null while they are. */
  printed: (college: string) => Promise<Uint8Array | null>;
  scan: (task: ScanTask) => Promise<Uint8Array>;
  stopped: AbortSignal;
  onTrouble: (error: unknown, what: string) => void;
}

export interface Scanning {
  /** The first college is scanned whole, of the second a beginning. Begun anew it goes on where it stood. */
  open(): Promise<void>;
  /** The rest comes page by page, until all is scanned or it is stopped. */
  live(): Promise<void>;
}

/** Pages of the second college that the visitor finds there. */
const SCANNED_BEFORE = 10;
const PAGES_IN_FILE = 3;
/** Deeds of the region between two files, and while an error is being looked at. */
const FILE_EVERY = 12;
const LOOKED_AT = 5;
const LOOK_MS = 250;

const boardSchema = z.object({
  board: z.object({
    state: z.object({
      batches: z.array(
        z.object({ id: z.string(), college: z.string(), number: z.number(), endedAtMs: z.number().nullable() }),
      ),
    }),
  }),
});
const contentsSchema = z.object({
  contents: z.object({ state: z.object({ files: z.array(z.object({ name: z.string() })) }) }),
});
const errorsSchema = z.object({
  errors: z.object({
    state: z.object({
      errors: z.array(z.object({ id: z.string(), status: z.string(), finding: z.object({ code: z.string() }) })),
    }),
  }),
});
const claimSchema = z.object({ token: z.number() });
const taskSchema = z.object({
  task: z.object({ check: z.string(), slot: z.string(), token: z.number(), pointsMax: z.number() }).nullable(),
});
/** What the other specialist settles by himself: rows in which a person sees at once what was meant. */
const SETTLED_BY_SHIFT: readonly string[] = ['MARK_MULTIPLE', 'MARK_AMBIGUOUS', 'MARK_STAIN'];

export function createScanning(options: ScanningOptions): Scanning {
  const { seed, study, pace, url, newSession, printed, scan, stopped, onTrouble } = options;
  const centre = `/collector/${study}/${SCANNING_CENTRE.id}`;
  const checking = `/checking/${study}/${SCANNING_CENTRE.id}`;
  const shift = { session: newSession(), account: shiftAccount(seed) };
  const colleague = { session: newSession(), account: colleagueAccount(seed) };
  const chance = createChance(seed, 'scanning');

  const asShift = <T>(work: (session: Session) => Promise<T>): Promise<T> => as(shift, work);
  const pass = async (deeds: number): Promise<void> => {
    for (let deed = 0; deed < deeds; deed += 1) await after(pace.gapMs(chance), null, { signal: stopped });
  };

  async function paperOf(college: string): Promise<Uint8Array> {
    for (;;) {
      const paper = await printed(college);
      if (paper) return paper;
      await after(LOOK_MS, null, { signal: stopped });
    }
  }

  /** The one batch of a college; opened when it is not there. */
  async function batchOf(college: string): Promise<{ id: string; isOpen: boolean }> {
    const { board } = boardSchema.parse(await asShift((session) => session.page(centre)));
    const known = board.state.batches.find((batch) => batch.college === college);
    if (known) return { id: known.id, isOpen: known.endedAtMs === null };
    const { location } = await asShift((session) => session.form(`${centre}?/open`, { college }));
    return { id: location?.split('/').at(-1) ?? '', isOpen: true };
  }

  /** What is still to be done for a college: a file of so many pages, then files of a few, then the end of the batch. */
  async function* stepsOf(college: string, firstPages: number): AsyncGenerator<() => Promise<void>> {
    const batch = await batchOf(college);
    if (!batch.isOpen) return;
    const path = `${centre}/batches/${batch.id}`;
    const filesOf = async (): Promise<string[]> => {
      const { contents } = contentsSchema.parse(await asShift((session) => session.page(path)));
      return contents.state.files.map(({ name }) => name);
    };
    const known = new Set(await filesOf());
    const sent = new Set(known);
    const rooms = (ROOMS[college] ?? []).map(({ participants }) => participants);
    const pages = sheetsOf(rooms).length;
    for (let [from, to] = [0, 0]; to < pages;) {
      [from, to] = [to, Math.min(pages, to + (to === 0 ? firstPages : PAGES_IN_FILE))];
      const name = `скан ${from + 1}–${to}.pdf`;
      if (known.has(name)) continue;
      yield async () => {
        const bytes = await scan({ seed, printed: await paperOf(college), rooms, from, to });
        await asShift((session) => send(url, session, batch.id, { name, bytes }));
        sent.add(name);
      };
    }
    yield async () => {
      // A file belongs to its batch a moment after its last byte.
      while ((await filesOf()).length < sent.size) await after(LOOK_MS, null, { signal: stopped });
      await asShift((session) => session.form(`${path}?/end`, {}));
    };
  }

  /** The oldest error of a kind that is told at a glance: taken, looked at for a while, settled. */
  async function settleOne(): Promise<void> {
    const { errors } = errorsSchema.parse(await asShift((session) => session.page(`${centre}/errors`)));
    const open = errors.state.errors.find(
      ({ status, finding }) => status === 'open' && SETTLED_BY_SHIFT.includes(finding.code),
    );
    if (!open) return;
    const path = `${centre}/errors/${open.id}`;
    const { token } = claimSchema.parse(await asShift((session) => session.json(`${path}/claim`, { deed: 'take' })));
    await pass(LOOKED_AT);
    await asShift((session) => session.json(`${path}/settle`, { token, settlement: { way: 'markBlank' } }));
  }

  /** The other expert marks one answer; the second mark is left to the visitor. */
  async function markOne(): Promise<void> {
    const { task } = taskSchema.parse(await as(colleague, (session) => session.json(`${checking}/take`, {})));
    if (!task) return;
    const { check, slot, token, pointsMax } = task;
    const mark = { token, slot, points: chance.whole(0, pointsMax) };
    await as(colleague, (session) => session.json(`${checking}/${check}/mark`, mark));
  }

  async function attempt(work: () => Promise<void>, what: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (stopped.aborted) throw error;
      onTrouble(error, what);
    }
  }

  return {
    async open() {
      const [whole = '', begun = ''] = SCANNED;
      for await (const step of stepsOf(whole, Number.POSITIVE_INFINITY)) await step();
      for await (const step of stepsOf(begun, SCANNED_BEFORE)) {
        await step();
        break;
      }
    },

    async live() {
      const [, begun = ''] = SCANNED;
      let turn = 0;
      for await (const step of stepsOf(begun, SCANNED_BEFORE)) {
        await pass(FILE_EVERY);
        await attempt(step, 'scanner');
        turn += 1;
        if (turn % 3 === 0) await attempt(settleOne, 'errors');
        await attempt(markOne, 'checking');
      }
    },
  };
}

const as = <T>({ session, account }: { session: Session; account: Account }, work: (session: Session) => Promise<T>) =>
  signedIn(session, account, () => work(session));

/** As a browser sends a file: from where the hub has it. */
function send(
  url: string,
  session: Session,
  batch: string,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<void> {
  return new Promise((resolve, reject) => {
    new Upload(Buffer.from(bytes), {
      endpoint: new URL('/uploads', url).href,
      headers: { cookie: session.cookie() },
      metadata: { purpose: 'scan', target: batch, filename: name },
      storeFingerprintForResuming: false,
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}
