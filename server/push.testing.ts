/** A push service for tests, on the machine itself: it takes what is sent, and its devices read it as a browser would (RFC 8291). */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PushNotice } from '#models/push/push.ts';

const SALT_BYTES = 16;
const HEADER_BYTES = SALT_BYTES + 5;
const TAG_BYTES = 16;

export interface Delivered {
  /** The device's place at the service. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A browser's end of a subscription. */
export class PushedDevice {
  readonly #key: ECDH = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly endpoint: string;
  readonly path: string;

  constructor(origin: string, path: string) {
    this.path = path;
    this.endpoint = origin + path;
    this.#key.generateKeys();
  }

  get subscription() {
    const keys = { p256dh: this.#key.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
    return { endpoint: this.endpoint, expirationTime: null, keys };
  }

  /** Errors: Error for what is not encrypted for it. */
  read({ body }: Delivered): PushNotice {
    const salt = body.subarray(0, SALT_BYTES);
    const keyBytes = body.readUInt8(HEADER_BYTES - 1);
    const sender = body.subarray(HEADER_BYTES, HEADER_BYTES + keyBytes);
    const sealed = body.subarray(HEADER_BYTES + keyBytes);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#key.getPublicKey(), sender]);
    const secret = Buffer.from(hkdfSync('sha256', this.#key.computeSecret(sender), this.#auth, info, 32));
    const derived = (what: string, bytes: number): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${what}\0`, bytes));
    const decipher = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString()) as PushNotice;
  }
}

/** Who sent, as a push service sees it (RFC 8292): the claims of the token if its signature is the key's own, else null. */
export function senderOf({ headers }: Delivered): { aud: string; sub: string; key: string } | null {
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    key: {
      ...{ kty: 'EC', crv: 'P-256' },
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
    format: 'jwk',
  });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { aud, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string };
  return isSigned ? { aud, sub, key } : null;
}

export interface PushStandIn {
  origin: string;
  /** Everything that was taken, in its order. */
  taken: Delivered[];
  /** Requests that were answered, taken or not. */
  asked: number;
  /** What it answers from now on; it takes with 201. */
  answer: { status: number; headers?: Record<string, string> };
  device(name: string): PushedDevice;
  /** What a device was sent, as it reads it. */
  read(device: PushedDevice): PushNotice[];
  close(): Promise<void>;
}

export async function startPushStandIn(): Promise<PushStandIn> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { status, headers = {} } = standIn.answer;
      standIn.asked += 1;
      if (status === 201)
        standIn.taken.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const standIn: PushStandIn = {
    ...{ origin, taken: [], asked: 0, answer: { status: 201 } },
    device: (name) => new PushedDevice(origin, `/push/${name}`),
    read: (device) => standIn.taken.filter(({ path }) => path === device.path).map((one) => device.read(one)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}
