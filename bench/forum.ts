/**
 * Finding in a forum of 100,000 questions, through the hub's own use cases over its store: how long a search and a look for similar
 * questions take, and how many of 200 questions are found by how somebody else asked the same (`forum-paraphrases.json`, written without
 * knowledge of the search). The bare reference is a match of whole words over the same texts. Words of the field were added while looking at the
 * odd half of the pairs; `recallHeldOut` is that of the even half, and `amongPairs` is the same where nobody asked anything but the 200: what
 * is lost there is a matter of words, what is lost beyond it is taken by others that are as like. `post` is a question on its way to `--readers` sockets (`live/forum-post.ts`); none with
 * `--readers 0`.
 */
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { MongoClient } from 'mongodb';
import { QuestionIndex } from '#models/forum/search/question-index.ts';
import { PROCEDURE, startTestHub } from '#server/testing.ts';
import { quantile, roundTo, watchStalls } from './figures.ts';
import { forumCorpus } from './forum-corpus.ts';
import { measurePosts } from './live/forum-post.ts';

const QUESTIONS = 100_000;
const SEED = 20191112;
const SEARCHES = 300;
const FOUND_AMONG = 5;
const READERS = 5_000;
const PAGE = 5_000;
const SOUGHT = [
  'опись',
  'бланк ответов',
  'сканировние пустых бланков',
  'пароль директора',
  'ведомость дост',
  'ошибка в ячейке после замены директора',
];

interface Pair {
  id: string;
  question: string;
  paraphrase: string;
}

export async function run({
  json,
  flags,
}: {
  json: boolean;
  flags: Record<string, string>;
}): Promise<Record<string, unknown>> {
  const readers = Number(flags['readers'] ?? READERS);
  if (!json && readers > 0) console.log(`a post to ${readers} readers`);
  const post = readers > 0 ? { post: await measurePosts(readers) } : {};
  return { ...(await measureFinding(json)), ...post };
}

async function measureFinding(json: boolean): Promise<Record<string, unknown>> {
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const pairs = JSON.parse(await readFile(new URL('forum-paraphrases.json', import.meta.url), 'utf8')) as Pair[];
  const texts = [...forumCorpus(QUESTIONS, SEED)];
  const hub = await startTestHub();
  const client = await MongoClient.connect(hub.storeUri);
  try {
    say(`${QUESTIONS + pairs.length} questions, seed ${SEED}`);
    const asked = [
      ...texts.map((text, at) => ({ id: `q${at}`, text })),
      ...pairs.map(({ id, question }) => ({ id, text: question })),
    ];
    await fill(client, asked);
    const person = await hub.enrol('i48-1');
    const search = (text: string) => hub.door.forum.search(person, PROCEDURE, { text });
    const similar = (text: string) => hub.door.forum.similar(person, PROCEDURE, { text });

    const heapBefore = heapNow();
    const stalls = watchStalls();
    const began = performance.now();
    await search('опись');
    const built = {
      ms: Math.round(performance.now() - began),
      heapMb: heapNow() - heapBefore,
      longestStallMs: Math.round(stalls.stop()),
    };

    say('searches');
    const sought = Array.from({ length: SEARCHES }, (_, at) => SOUGHT[at % SOUGHT.length] ?? '');
    const typed = Array.from({ length: SEARCHES }, (_, at) => texts[(at * 331) % texts.length] ?? '');
    const timesOf = async (texts: readonly string[], find: (text: string) => Promise<unknown>) => {
      const times: number[] = [];
      for (const text of texts) {
        const from = performance.now();
        await find(text);
        times.push(performance.now() - from);
      }
      return percentiles(times);
    };
    const searched = await timesOf(sought, search);
    const likened = await timesOf(typed, similar);

    say('paraphrases');
    const isFound = finderAmong(asked);
    const isFoundAmongPairs = finderAmong(pairs.map(({ id, question }) => ({ id, text: question })));
    const words = asked.map(({ text }) => wordSet(text));
    const bare: number[] = [];
    const isMatched = ({ id, paraphrase }: Pair): boolean => {
      const from = performance.now();
      const best = matchWords(words, paraphrase).map((at) => asked[at]?.id);
      bare.push(performance.now() - from);
      return best.includes(id);
    };
    const even = pairs.filter((_, at) => at % 2 === 1);
    const matched = part(pairs, isMatched);
    const bareTimes = percentiles(bare);
    return {
      questions: asked.length,
      built,
      search: searched,
      similar: likened,
      wholeWords: bareTimes,
      ratio: roundTo(likened.p50 / bareTimes.p50, 2),
      recall: part(pairs, isFound),
      recallHeldOut: part(even, isFound),
      recallWholeWords: matched,
      amongPairs: { recall: part(pairs, isFoundAmongPairs), heldOut: part(even, isFoundAmongPairs) },
    };
  } finally {
    await client.close();
    await hub.stop();
  }
}

/** Whether a question is found among the first by how somebody else asked the same. */
function finderAmong(asked: readonly { id: string; text: string }[]): (pair: Pair) => boolean {
  const index = new QuestionIndex();
  for (const { id, text } of asked) index.add({ id, question: id, kind: 'question', text });
  return ({ id, paraphrase }) =>
    index.find(paraphrase, { limit: FOUND_AMONG, withAnswers: false }).hits.some(({ question }) => question === id);
}

const part = (pairs: readonly Pair[], is: (pair: Pair) => boolean): number =>
  roundTo(pairs.filter(is).length / pairs.length, 2);
const heapNow = (): number => Math.round(process.memoryUsage().heapUsed / 2 ** 20);

const percentiles = (times: readonly number[]): { p50: number; p99: number } => ({
  p50: roundTo(quantile(times, 0.5), 2),
  p99: roundTo(quantile(times, 0.99), 2),
});

async function fill(client: MongoClient, asked: readonly { id: string; text: string }[]): Promise<void> {
  const db = client.db();
  const author = {
    id: 'bench',
    name: 'Тестов Тест',
    role: 'institutionCoordinator',
    unit: 'i48-1',
    unitName: 'МБОУ СОШ № 101',
  };
  for (let from = 0; from < asked.length; from += PAGE) {
    const page = asked.slice(from, from + PAGE);
    const common = { rev: 1, procedure: PROCEDURE, author };
    await db.collection<{ _id: string }>('forumQuestions').insertMany(
      page.map(({ id, text }) => ({
        ...{
          _id: id,
          ...common,
          excerpt: text.slice(0, 160),
          askedAtMs: from,
          messages: 1,
          answers: 0,
          official: null,
        },
        ...{ changedAtMs: from, status: 'open', waitingSinceMs: from },
      })),
    );
    await db.collection<{ _id: string }>('forumMessages').insertMany(
      page.map(({ id, text }) => ({
        _id: id,
        ...common,
        question: id,
        n: 1,
        kind: 'question',
        text,
        atMs: from,
        corrects: null,
      })),
    );
  }
}

const wordSet = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** The texts with the most of the words as they are written, the best first. */
function matchWords(texts: readonly ReadonlySet<string>[], sought: string): number[] {
  const words = [...wordSet(sought)];
  const best: { at: number; count: number }[] = [];
  for (const [at, text] of texts.entries()) {
    let count = 0;
    for (const word of words) if (text.has(word)) count += 1;
    const last = best[FOUND_AMONG - 1];
    if (count === 0 || (last && last.count >= count)) continue;
    const place = best.findIndex((other) => other.count < count);
    best.splice(place < 0 ? best.length : place, 0, { at, count });
    if (best.length > FOUND_AMONG) best.pop();
  }
  return best.map(({ at }) => at);
}
