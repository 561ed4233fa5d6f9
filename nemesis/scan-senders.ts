/**
 * Scanners: each file of the pile is sent by the tus protocol to any node, cut off in the midst on purpose beside whatever the faults do, and gone
 * on with on another. Written by hand over HTTP, so that a line can end after any byte.
 */
import { request as begin } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '#chance/chance.ts';
import type { ScannedFile, ScanPile } from './scan-pile.ts';

export interface SendersOptions {
  seed: number;
  pile: ScanPile;
  urls: () => string[];
  /** The files are spread over this time (ms). */
  overMs: number;
}

export interface Senders {
  /** Names under which the hub said to have everything. */
  acknowledged: ReadonlySet<string>;
  /** What was sent to its end, by name: the upload. */
  uploads: ReadonlyMap<string, string>;
  tally: { sent: number; cuts: number; resumed: number; unanswered: number };
  /** Nothing waits for its moment any more; resolves when every file is sent. */
  finish(): Promise<void>;
}

/** Longest wait for one answer (ms). */
const ANSWER_MS_MAX = 8_000;
const PAUSE_MS = 300;
/** A file is cut on purpose so often at the most. */
const CUTS_MAX = 2;
/** Everything works again by then; whoever still can't send never will (ms). */
const FINISH_MS_MAX = 60_000;

const encoded = (text: string): string => Buffer.from(text).toString('base64');

interface Answer {
  status: number;
  offset: number;
  location: string;
}
interface Asked {
  method: 'POST' | 'HEAD' | 'PATCH';
  cookie: string;
  headers: Record<string, string>;
  body?: Uint8Array;
  /** The line ends after so many bytes of the body. */
  cutAfter?: number | undefined;
}

/** Null: no answer, and nobody knows what arrived. */
function ask(url: string, { method, cookie, headers, body, cutAfter }: Asked): Promise<Answer | null> {
  return new Promise((resolve) => {
    const asking = begin(url, {
      method,
      headers: { 'tus-resumable': '1.0.0', cookie, 'content-length': body?.length ?? 0, ...headers },
      timeout: ANSWER_MS_MAX,
    });
    const lost = (): void => {
      asking.destroy();
      resolve(null);
    };
    asking.once('timeout', lost);
    asking.once('error', lost);
    asking.once('response', (response) => {
      response.resume();
      response.once('error', lost);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          offset: Number(response.headers['upload-offset'] ?? Number.NaN),
          location: response.headers.location ?? '',
        }),
      );
    });
    if (body && cutAfter !== undefined) asking.write(body.subarray(0, cutAfter), () => setTimeout(lost, PAUSE_MS));
    else asking.end(body);
  });
}

export function startSenders({ seed, pile, urls, overMs }: SendersOptions): Senders {
  const acknowledged = new Set<string>();
  const uploads = new Map<string, string>();
  const tally = { sent: 0, cuts: 0, resumed: 0, unanswered: 0 };
  const hurry = new AbortController();
  let giveUpAtMs = Infinity;

  async function send(file: ScannedFile, name: string, cookie: string, chance: Chance): Promise<void> {
    let upload: string | null = null;
    let at = '';
    let cutsLeft = chance.whole(0, CUTS_MAX);
    while (Date.now() < giveUpAtMs) {
      const from = at;
      at = chance.oneOf(urls());
      if (upload === null) {
        upload = await open(file, name, cookie, at);
        if (upload === null) await pause(PAUSE_MS);
        continue;
      }
      const where = `${at}/uploads/${upload}`;
      const known = await ask(where, { method: 'HEAD', cookie, headers: {} });
      if (known?.status === 200 && known.offset === file.bytes.length) break;
      if (known?.status !== 200) {
        tally.unanswered += 1;
        await pause(PAUSE_MS);
        continue;
      }
      if (known.offset > 0 && at !== from) tally.resumed += 1;
      const body = file.bytes.subarray(known.offset);
      const cutAfter = cutsLeft > 0 ? chance.whole(1, body.length) : undefined;
      if (cutAfter !== undefined) {
        cutsLeft -= 1;
        tally.cuts += 1;
      }
      const headers = { 'upload-offset': String(known.offset), 'content-type': 'application/offset+octet-stream' };
      const answer = await ask(where, { method: 'PATCH', cookie, headers, body, cutAfter });
      if (answer?.status === 204 && answer.offset === file.bytes.length) break;
      if (cutAfter === undefined) {
        tally.unanswered += 1;
        await pause(PAUSE_MS);
      }
    }
    if (upload === null || Date.now() >= giveUpAtMs) return;
    acknowledged.add(name);
    uploads.set(name, upload);
    tally.sent += 1;
  }

  async function open(file: ScannedFile, name: string, cookie: string, url: string): Promise<string | null> {
    const said = { filename: name, purpose: 'scan', target: file.batch };
    const metadata = Object.entries(said).map(([key, value]) => `${key} ${encoded(value)}`);
    const headers = { 'upload-length': String(file.bytes.length), 'upload-metadata': metadata.join(',') };
    const answer = await ask(`${url}/uploads`, { method: 'POST', cookie, headers });
    if (answer?.status !== 201) {
      tally.unanswered += 1;
      return null;
    }
    return answer.location.split('/').at(-1) ?? null;
  }

  const sending = pile.files.map(async (file, index) => {
    const chance = new Chance(seed, `scanner ${file.name}`);
    const dueMs = (overMs * index) / pile.files.length;
    await Promise.race([
      pause(dueMs),
      new Promise<void>((resolve) => hurry.signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    const [first, second] = chance.shuffled(pile.specialists);
    const twin = new Chance(seed, `twin of ${file.name}`);
    await Promise.all([
      send(file, file.name, first ?? '', chance),
      ...(file.isSentTwice ? [send(file, twinOf(file.name), second ?? '', twin)] : []),
    ]);
  });

  return {
    acknowledged,
    uploads,
    tally,
    async finish() {
      giveUpAtMs = Date.now() + FINISH_MS_MAX;
      hurry.abort();
      await Promise.all(sending);
    },
  };
}

export const twinOf = (name: string): string => `ещё раз ${name}`;
