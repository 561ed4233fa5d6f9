/** What a node does by the clock beside serving people: sends letters, seals the journal of deeds, throws away what is forgotten. */
import type { Anchor } from '#models/deeds/chain.ts';
import type { HubModels } from '#models/hub.ts';

/** How often a node looks for letters that wait (ms). */
const LETTERS_LOOK_MS = 2_000;
/** How often a node looks for deeds without a place in the chain; so long an entry may stand unproven (ms). */
export const SEAL_EVERY_MS = 1_000;
/** How often at the most the end of the chain is noted in the log (ms). */
const ANCHOR_EVERY_MS = 60_000;
/** How often views that are over get their end in the journal of deeds; who may see has nothing to do with it (ms). */
const VIEWINGS_LOOK_MS = 5_000;
/** How often incidents are looked for that nobody has joined for long (ms). */
const INCIDENTS_LOOK_MS = 30_000;
/** How often journals are looked for that still hold the text of a hidden message (ms). */
const CLEANSE_LOOK_MS = 5_000;
/** How often uploads are looked for that nobody went on with for days (ms). */
const UPLOADS_LOOK_MS = 10 * 60_000;
/** How often letters are looked for that gather what is unread in forums (ms). */
const DIGESTS_LOOK_MS = 30_000;
/** How often old counts and letters are thrown away (ms). */
const FORGET_EVERY_MS = 60 * 60_000;

export interface Chores {
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export function startChores(
  {
    letters,
    attempts,
    deeds,
    publications,
    viewings,
    incidents,
    forum,
    attention,
    uploads,
    now,
  }: Pick<
    HubModels,
    | 'letters'
    | 'attempts'
    | 'deeds'
    | 'publications'
    | 'viewings'
    | 'incidents'
    | 'forum'
    | 'attention'
    | 'uploads'
    | 'now'
  >,
  node: string,
  { onFault, onSealed }: { onFault: (error: unknown) => void; onSealed: (head: Anchor) => void },
): Chores {
  let isStopped = false;

  async function sendLetters(): Promise<void> {
    while (!isStopped && (await letters.sendNext(node)));
  }

  let anchoredAtMs = -Infinity;
  async function seal(): Promise<void> {
    for (let head = isStopped ? null : await deeds.sealNext(); head; head = isStopped ? null : await deeds.sealNext())
      if (now() - anchoredAtMs >= ANCHOR_EVERY_MS) {
        anchoredAtMs = now();
        onSealed(head);
      }
  }

  async function forget(): Promise<void> {
    await attempts.forget();
    await letters.forget();
    await publications.forget();
  }

  /** Runs a chore again and again; never twice at once. */
  function every(everyMs: number, chore: () => Promise<void>): () => Promise<void> {
    let running: Promise<void> | null = null;
    const run = (): void => {
      running ??= chore()
        .catch(onFault)
        .finally(() => {
          running = null;
        });
    };
    const timer = setInterval(run, everyMs);
    run();
    return async () => {
      clearInterval(timer);
      await running;
    };
  }

  const stops = [
    every(LETTERS_LOOK_MS, sendLetters),
    every(SEAL_EVERY_MS, seal),
    every(VIEWINGS_LOOK_MS, () => viewings.endOver()),
    every(INCIDENTS_LOOK_MS, () => incidents.endOver()),
    every(DIGESTS_LOOK_MS, () => attention.writeDue()),
    every(CLEANSE_LOOK_MS, () => forum.cleanse()),
    every(UPLOADS_LOOK_MS, () => uploads.giveUpStale()),
    every(FORGET_EVERY_MS, forget),
  ];
  return {
    async stop() {
      isStopped = true;
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
