/** Everybody writes to one stream, from two nodes: with the journal's groups, against a transaction for each deed. In alternating pairs. */
import { boardStream, type StreamId } from '#models/journal/stream.ts';
import type { FromWriter, ToWriter } from './hot-writer.ts';
import { loadAverage, median, rounded } from './load.ts';
import { startProgram, type Program } from '#nemesis/program.ts';
import { PROCEDURE } from '#nemesis/world.ts';
import { startSite, type Site } from './site.ts';

const PAIRS = 3;
/** Deeds of each node in one measurement. */
const DEEDS = { journal: 1_500, alone: 150 } as const;
/** Deeds of a node that wait for their answer at the same time. */
const AT_ONCE = 40;

type How = keyof typeof DEEDS;

export async function run(): Promise<Record<string, unknown>> {
  const site = await startSite({ sockets: 1, institutions: 4 });
  const writers: Program<ToWriter, FromWriter>[] = [];
  try {
    for (let node = 0; node < 2; node += 1) {
      const writer: Program<ToWriter, FromWriter> = startProgram(
        new URL('hot-writer.ts', import.meta.url),
        [],
        [site.storeUri, site.redisUrl],
      );
      writers.push(writer);
      await writer.hear();
    }
    const pairs: Record<How, number>[] = [];
    for (let pair = -1; pair < PAIRS; pair += 1) {
      const rates = { journal: 0, alone: 0 };
      const order: How[] = pair % 2 === 0 ? ['journal', 'alone'] : ['alone', 'journal'];
      for (const how of order)
        rates[how] = await rate(site, writers, how, boardStream(PROCEDURE, `hot-${how}-${pair + 2}`));
      if (pair >= 0) pairs.push(rates); // the first is not counted: compilers and the store warm up
    }
    return {
      ratio: rounded(median(pairs.map(({ journal, alone }) => journal / alone)), 1),
      eventsPerS: median(pairs.map(({ journal }) => journal)),
      aloneEventsPerS: median(pairs.map(({ alone }) => alone)),
      pairs,
      loadAverage: loadAverage(),
    };
  } finally {
    for (const writer of writers) writer.end();
    await site.stop();
  }
}

async function rate(site: Site, writers: Program<ToWriter, FromWriter>[], how: How, stream: StreamId): Promise<number> {
  const count = DEEDS[how];
  const heads = site.client.db().collection<{ _id: string; epoch: string; seq: number; floor: number }>('heads');
  await heads.insertOne({ _id: stream, epoch: 'bench', seq: 0, floor: 0 });
  const beganAtMs = performance.now();
  await Promise.all(writers.map((writer) => writer.ask({ how, stream, count, atOnce: AT_ONCE })));
  const tookMs = performance.now() - beganAtMs;
  const head = await heads.findOne({ _id: stream });
  const written = await site.client.db().collection('events').countDocuments({ '_id.s': stream });
  if (head?.seq !== count * writers.length || written !== head.seq)
    throw new Error(`${stream}: the head says ${head?.seq ?? 0}, the journal holds ${written}`);
  return rounded((head.seq * 1_000) / tookMs);
}
