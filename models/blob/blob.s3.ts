/** Files in a store that speaks the protocol of S3: in pieces of its multipart uploads, so that memory holds one piece of each put. */
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { HubError } from '../error.ts';
import { demandBlobId, type BlobStore } from './blob.ts';

export interface S3Options {
  /** Address of the bucket, with the beginning of all keys: `https://host/bucket/prefix`. */
  url: string;
  region: string;
  accessKey: string;
  secretKey: string;
}

/** Bytes sent by one request; S3 wants at least 5 MiB of every part but the last. With 10,000 parts at the most a file has up to 80 GiB. */
export const S3_PART_BYTES = 8 * 2 ** 20;
/** Tries of a request that the store could not serve. */
const RETRIES_MAX = 4;
/** A request that sends a part, or asks for nothing but a word (ms). */
const REQUEST_MS = 120_000;
/** Reading of a whole file (ms). */
const READ_MS = 30 * 60_000;

const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) =>
    (text ?? '').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export function createS3Blobs({ url, region, accessKey, secretKey }: S3Options): BlobStore {
  const client = new AwsClient({
    ...{ accessKeyId: accessKey, secretAccessKey: secretKey, service: 's3', region },
    retries: RETRIES_MAX,
  });
  const { origin, pathname } = new URL(url);
  const [, bucket = '', ...prefix] = pathname.replace(/\/$/, '').split('/');
  const keyOf = (id: string): string => [...prefix, id].join('/');
  const addressOf = (id: string, query = ''): string => `${origin}/${bucket}/${keyOf(id)}${query}`;

  /** A refusal of the store is a fault: its address and its keys are configuration. */
  async function ask(
    method: string,
    address: string,
    {
      body = '',
      headers = {},
      signal,
    }: { body?: Uint8Array | string; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const response = await client.fetch(address, {
      method,
      // What is signed is the hash of the very bytes: a part that arrives otherwise is refused.
      headers: { ...headers, 'x-amz-content-sha256': sha256Of(body) },
      ...(method === 'PUT' || method === 'POST' ? { body: body as BodyInit } : {}),
      signal: signal ?? AbortSignal.timeout(REQUEST_MS),
    });
    if (response.ok || response.status === 404) return response;
    const [code = ''] = elements(await response.text(), 'Code');
    throw new Error(`the store of files refused ${method} with ${response.status} ${code}`);
  }
  async function said(response: Response): Promise<string> {
    const text = await response.text();
    // Completing answers with 200 before it knows how it ends.
    const [code] = elements(text, 'Code');
    if (!response.ok || code !== undefined)
      throw new Error(`the store of files refused with ${response.status} ${code ?? ''}`);
    return text;
  }

  async function begin(id: string, type: string): Promise<string> {
    const begun = await ask('POST', addressOf(id, '?uploads='), { headers: { 'content-type': type } });
    const [upload] = elements(await said(begun), 'UploadId');
    if (upload === undefined) throw new Error('the store of files began no upload');
    return upload;
  }
  async function abort(id: string, upload: string): Promise<void> {
    await (await ask('DELETE', addressOf(id, `?uploadId=${encodeURIComponent(upload)}`))).body?.cancel();
  }
  /** What a node that died has begun. */
  async function abortOld(id: string): Promise<void> {
    const query = `?uploads=&prefix=${encodeURIComponent(keyOf(id))}`;
    const listed = await said(await ask('GET', `${origin}/${bucket}${query}`));
    const keys = elements(listed, 'Key');
    const uploads = elements(listed, 'UploadId');
    for (const [at, upload] of uploads.entries()) if (keys[at] === keyOf(id)) await abort(id, upload);
  }

  return {
    async put(id, source, about) {
      demandBlobId(id);
      await abortOld(id);
      const hash = createHash('sha256');
      let bytes = 0;
      const begun: { upload: string | null } = { upload: null };
      const tags: string[] = [];
      const part = new Uint8Array(S3_PART_BYTES);
      let filled = 0;

      const send = async (): Promise<void> => {
        begun.upload ??= await begin(id, about.type);
        const query = `?partNumber=${tags.length + 1}&uploadId=${encodeURIComponent(begun.upload)}`;
        const sent = await ask('PUT', addressOf(id, query), { body: part.subarray(0, filled) });
        await said(sent);
        tags.push(sent.headers.get('etag') ?? '');
        filled = 0;
      };

      try {
        for await (const piece of source) {
          hash.update(piece);
          bytes += piece.length;
          for (let at = 0; at < piece.length;) {
            // Sent only when more follows: what fits into one part needs no multipart upload.
            if (filled === part.length) await send();
            const taken = piece.subarray(at, at + part.length - filled);
            part.set(taken, filled);
            filled += taken.length;
            at += taken.length;
          }
        }
        if (begun.upload === null) {
          const body = part.subarray(0, filled);
          await said(await ask('PUT', addressOf(id), { body, headers: { 'content-type': about.type } }));
        } else {
          await send();
          const parts = tags
            .map(
              (tag, at) =>
                `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`,
            )
            .join('');
          const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`;
          await said(await ask('POST', addressOf(id, `?uploadId=${encodeURIComponent(begun.upload)}`), { body }));
        }
      } catch (error) {
        if (begun.upload !== null) await abort(id, begun.upload).catch(() => undefined);
        throw error;
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    async *read(id, range) {
      if (range && range.from >= range.to) return;
      const headers: Record<string, string> = range ? { range: `bytes=${range.from}-${range.to - 1}` } : {};
      const response = await ask('GET', addressOf(id), { headers, signal: AbortSignal.timeout(READ_MS) });
      if (response.status === 404) {
        await response.body?.cancel();
        throw new HubError('not_found');
      }
      if (response.body) for await (const piece of response.body as AsyncIterable<Uint8Array>) yield piece;
    },
    async find(id) {
      const response = await ask('HEAD', addressOf(id));
      if (response.status === 404) return null;
      return {
        bytes: Number(response.headers.get('content-length')),
        type: response.headers.get('content-type') ?? 'application/octet-stream',
      };
    },
    async list(after, limit) {
      const first = keyOf('');
      const prefix = encodeURIComponent(first);
      const behind = `&start-after=${encodeURIComponent(keyOf(after))}&max-keys=${limit}`;
      const whole = await said(await ask('GET', `${origin}/${bucket}?list-type=2&prefix=${prefix}${behind}`));
      const broken = await said(await ask('GET', `${origin}/${bucket}?uploads=&prefix=${prefix}`));
      const kept = (xml: string, moment: string) => {
        const moments = elements(xml, moment);
        return elements(xml, 'Key').map((key, at) => ({
          id: key.slice(first.length),
          sinceMs: Date.parse(moments[at] ?? ''),
        }));
      };
      return [...kept(whole, 'LastModified'), ...kept(broken, 'Initiated')]
        .filter(({ id }) => id > after)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    async remove(id) {
      await (await ask('DELETE', addressOf(id))).body?.cancel();
      await abortOld(id);
    },
  };
}
