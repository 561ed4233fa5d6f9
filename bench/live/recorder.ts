/** Records events as another node does: through the journal, with a hint over Redis after the commit. */
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { createJournal } from '#models/journal/journal.store.ts';
import type { Fact } from '#models/journal/journal.ts';
import type { StreamId } from '#models/journal/stream.ts';
import { boardRow, NO_PROGRESS } from '#models/participation/participation.ts';
import { connectHints, hintWord } from '#server/hints.ts';

export interface Recorder {
  journal: Awaited<ReturnType<typeof createJournal>>;
  /**
   * Records `count` deeds in a stream, each about one of `entities`; `atOnce` of them are under way together, and `everyMs` is the
   * pause between two of one hand. Resolves with the last sequence.
   */
  record(options: RecordOptions): Promise<number>;
  close(): Promise<void>;
}

export interface RecordOptions {
  stream: StreamId;
  count: number;
  entities: number;
  atOnce: number;
  everyMs?: number;
  /** Text added to each event, to make it as large (bytes). */
  padBytes?: number;
}

const newId = (): string => randomBytes(18).toString('base64url');

export async function createRecorder(storeUri: string, redisUrl: string): Promise<Recorder> {
  const client = await new MongoClient(storeUri).connect();
  const journal = await createJournal(client, client.db(), newId);
  const hints = connectHints({
    url: redisUrl,
    node: newId(),
    onWord: () => undefined,
    onUp: () => undefined,
    onDown: (error) => console.error(error),
  });
  while (!hints.isUp()) await new Promise((resolve) => setTimeout(resolve, 10));
  journal.onRecorded((hint) => hints.say(hintWord(hint)));
  let rev = 0;

  return {
    journal,
    async record({ stream, count, entities, atOnce, everyMs = 0, padBytes = 0 }) {
      const padding = 'x'.repeat(padBytes);
      let next = 0;
      const hand = async (): Promise<void> => {
        while (next < count) {
          const index = next++;
          // With its entry, as a deed of a person has it.
          const note = { kind: 'access.given', path: '/48/48-m1/i/', subject: 'i', subjectName: 'i' } as const;
          const deed = { actor: 'bench', atMs: Date.now(), commandId: newId(), note };
          const fact = factOf(stream, index % entities, ++rev);
          const facts = padBytes > 0 ? [{ ...fact, body: { row: fact.body, padding } }] : [fact];
          await journal.record(deed, facts, () => Promise.resolve());
          if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, hand));
      const [head] = await journal.heads([stream]);
      return head?.seq ?? 0;
    },
    async close() {
      await hints.close();
      await client.close();
    },
  };
}

/** A row of a board as a deed tells it, of the size it has in a season. */
export function factOf(stream: StreamId, entity: number, rev: number): Fact {
  const id = `q${entity + 1}`;
  const atMs = Date.now();
  const row = boardRow({ id, name: `Муниципальное образование, школа № ${entity + 1}`, order: entity + 1 }, null);
  const progress = {
    ...NO_PROGRESS,
    phase: 'attested' as const,
    templateAtMs: atMs,
    sentAtMs: atMs,
    attestedAtMs: atMs,
  };
  return {
    stream,
    type: 'rowChanged',
    entity: id,
    rev,
    body: { row: { ...row, rev, registeredAtMs: atMs, access: 'activated', progress } },
  };
}
