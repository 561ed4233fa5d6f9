/** A store that speaks S3, as far as the hub uses it, in this process: it checks every signature and every hash, and can fail on demand. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Options } from './blob.s3.ts';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Uint8Array | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const ACCESS = 'TESTACCESS';
const SECRET = 'a-secret-of-tests';
const REGION = 'test-1';

/** The signature (AWS Signature Version 4) written down apart from the client's. */
function signatureOf(request: IncomingMessage, url: URL): string {
  const authorization = request.headers.authorization ?? '';
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  const query = [...url.searchParams.entries()]
    .map(([name, value]) => [encodeURIComponent(name), encodeURIComponent(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
  const headers = signed.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('');
  const hash = String(request.headers['x-amz-content-sha256']);
  const canonical = [request.method, url.pathname, query, headers, signed.join(';'), hash].join('\n');
  const atTime = String(request.headers['x-amz-date']);
  const scope = `${atTime.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const key = ['s3', 'aws4_request'].reduce(
    (before, word) => hmac(before, word),
    hmac(hmac(`AWS4${SECRET}`, atTime.slice(0, 8)), REGION),
  );
  return hmac(key, ['AWS4-HMAC-SHA256', atTime, scope, sha256(canonical)].join('\n')).toString('hex');
}

export interface TestS3 {
  options: S3Options;
  objects: Map<string, { bytes: Buffer; type: string }>;
  uploads: Map<string, { key: string; type: string; parts: Map<number, Buffer> }>;
  /** Answers so many of the next requests with 503. */
  fail: { next: number };
  /** Requests whose signature or hash was wrong. */
  refused: string[];
  stop(): Promise<void>;
}

export async function startTestS3(): Promise<TestS3> {
  const objects: TestS3['objects'] = new Map();
  const uploads: TestS3['uploads'] = new Map();
  const fail = { next: 0 };
  const refused: string[] = [];
  let begun = 0;
  const atOnce = new Date().toISOString();

  function answer(
    method: string,
    url: URL,
    headers: IncomingMessage['headers'],
    body: Buffer,
  ): { status: number; headers?: Record<string, string>; body?: Uint8Array | string } {
    const key = decodeURIComponent(url.pathname.replace(/^\/bucket\/?/, ''));
    const { searchParams: query } = url;
    const type = headers['content-type'] ?? '';
    const id = query.get('uploadId');
    const upload = id === null ? null : uploads.get(id);
    if (id !== null && !upload) return { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' };
    if (method === 'GET' && query.has('uploads')) {
      const prefix = query.get('prefix') ?? '';
      const listed = [...uploads].filter(([, one]) => one.key.startsWith(prefix));
      const rows = listed.map(
        ([upload, one]) =>
          `<Upload><Key>${one.key}</Key><UploadId>${upload}</UploadId><Initiated>${atOnce}</Initiated></Upload>`,
      );
      return { status: 200, body: `<ListMultipartUploadsResult>${rows.join('')}</ListMultipartUploadsResult>` };
    }
    if (method === 'GET' && query.get('list-type') === '2') {
      const [prefix, behind] = [query.get('prefix') ?? '', query.get('start-after') ?? ''];
      const keys = [...objects.keys()].filter((one) => one.startsWith(prefix) && one > behind).sort();
      const rows = keys
        .slice(0, Number(query.get('max-keys')))
        .map((one) => `<Contents><Key>${one}</Key><LastModified>${atOnce}</LastModified></Contents>`);
      return { status: 200, body: `<ListBucketResult>${rows.join('')}</ListBucketResult>` };
    }
    if (method === 'POST' && query.has('uploads')) {
      begun += 1;
      uploads.set(`upload/${begun}`, { key, type, parts: new Map() });
      return { status: 200, body: `<R><UploadId>upload/${begun}</UploadId></R>` };
    }
    if (method === 'PUT' && upload) {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: `"${sha256(body)}"` } };
    }
    if (method === 'POST' && upload && id !== null) {
      const told = [...body.toString().matchAll(/<ETag>&quot;(\w+)&quot;<\/ETag>/g)].map(([, tag]) => tag);
      const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
      const isRight = parts.length === told.length && parts.every((part, at) => sha256(part) === told[at]);
      const isLarge = parts.slice(0, -1).every((part) => part.length >= 5 * 2 ** 20);
      if (!isRight || !isLarge) return { status: 200, body: '<Error><Code>InvalidPart</Code></Error>' };
      objects.set(upload.key, { bytes: Buffer.concat(parts), type: upload.type });
      uploads.delete(id);
      return { status: 200, body: '<CompleteMultipartUploadResult/>' };
    }
    if (method === 'DELETE' && id !== null) {
      uploads.delete(id);
      return { status: 204 };
    }
    if (method === 'DELETE') {
      objects.delete(key);
      return { status: 204 };
    }
    if (method === 'PUT') {
      objects.set(key, { bytes: body, type });
      return { status: 200 };
    }
    const found = objects.get(key);
    if (!found) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
    const bytes = range ? found.bytes.subarray(Number(range[1]), Number(range[2]) + 1) : found.bytes;
    return {
      status: range ? 206 : 200,
      headers: { 'content-type': found.type, 'content-length': String(bytes.length) },
      body: method === 'HEAD' ? '' : bytes,
    };
  }

  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://store');
      const body = Buffer.concat(pieces);
      const isSigned = (request.headers.authorization ?? '').endsWith(`Signature=${signatureOf(request, url)}`);
      if (fail.next > 0) {
        fail.next -= 1;
        response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
      } else if (!isSigned || request.headers['x-amz-content-sha256'] !== sha256(body)) {
        refused.push(`${request.method ?? ''} ${url.pathname}`);
        response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
      } else {
        const told = answer(request.method ?? '', url, request.headers, body);
        response.writeHead(told.status, told.headers).end(told.body ?? '');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    options: {
      url: `http://127.0.0.1:${port}/bucket/scans`,
      region: REGION,
      accessKey: ACCESS,
      secretKey: SECRET,
    },
    ...{ objects, uploads, fail, refused },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
