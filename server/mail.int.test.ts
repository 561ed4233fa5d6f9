/** Letters on their way: a real mail server on a socket, the real store, the clock in the test's hand. */
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from './testing.ts';

interface MailServer {
  url: string;
  /** What arrived, whole. */
  taken: string[];
  isRefusing: boolean;
  close(): Promise<void>;
}

async function startMailServer(): Promise<MailServer> {
  const mail: MailServer = { url: '', taken: [], isRefusing: false, close: () => Promise.resolve() };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        if (mail.isRefusing) {
          done(new Error('come later'));
          return;
        }
        mail.taken.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  mail.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  mail.close = () => new Promise((resolve) => server.close(() => resolve()));
  return mail;
}

let mail: MailServer;
let hub: TestHub;

beforeAll(async () => {
  mail = await startMailServer();
  hub = await startTestHub({ SMTP_URL: mail.url, MAIL_FROM: 'Свод <svod@example.org>' });
}, 300_000);
afterAll(async () => {
  await hub.stop();
  await mail.close();
});

const write = (to: string) =>
  hub.door.letters.write({
    kind: 'password_link',
    person: hub.coordinator.id,
    to,
    params: { username: 'x', link: 'http://x/y' },
    language: 'ru',
  });
const letterTo = async (to: string) => (await hub.door.letters.list(hub.coordinator)).find((one) => one.to === to);
async function until(to: string, isSo: (status: string | undefined, tries: number) => boolean) {
  for (;;) {
    const letter = await letterTo(to);
    if (isSo(letter?.status, letter?.tries ?? 0)) return letter;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a letter', () => {
  it('is sent by the node in the background, in UTF-8, marked as a machine’s; its text is then gone', async () => {
    await write('reader@example.org');
    const sent = await until('reader@example.org', (status) => status === 'sent');
    expect(sent).not.toHaveProperty('text');
    const [text = ''] = mail.taken;
    expect(text).toMatch(/^To: reader@example\.org/m);
    expect(text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(text).toContain(`<${sent?.id ?? ''}@example.org>`);
  });

  it('that the server refused waits a minute and is tried again; the deed that wrote it never waited', async () => {
    mail.isRefusing = true;
    await write('later@example.org');
    await until('later@example.org', (status, tries) => status === 'waiting' && tries === 1);
    mail.isRefusing = false;
    hub.clock.nowMs += 60_000;
    expect(await until('later@example.org', (status) => status === 'sent')).toMatchObject({ tries: 2 });
    expect(mail.taken.filter((text) => text.includes('later@example.org'))).toHaveLength(1);
  });

  it('that waits is not lost when the node stops: the one that starts next sends it', async () => {
    mail.isRefusing = true;
    await write('patient@example.org');
    const waiting = await until('patient@example.org', (status, tries) => status === 'waiting' && tries === 1);
    mail.isRefusing = false;
    await hub.restart();
    expect((await letterTo('patient@example.org'))?.id).toBe(waiting?.id);
    hub.clock.nowMs += 60_000;
    await until('patient@example.org', (status) => status === 'sent');
  });
});

describe('access data by letter', () => {
  const FROM = '192.0.2.7';
  const bodyOf = (message: string): string => {
    const [head = '', ...rest] = message.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    if (/^Content-Transfer-Encoding: base64/im.test(head)) return Buffer.from(body, 'base64').toString();
    const bytes = body
      .replaceAll('=\r\n', '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
    return Buffer.from(bytes, 'latin1').toString();
  };
  const everythingKept = async (): Promise<string> => {
    const client = await new MongoClient(hub.storeUri).connect();
    try {
      return JSON.stringify(await client.db().collection('letters').find().toArray());
    } finally {
      await client.close();
    }
  };

  it('[S4-12] [S4-13] reach the head’s verified address, seen by nobody on the way, and open the cabinet', async () => {
    const { credentials, credentialBatches, signIn } = hub.door;
    const { batch } = await credentialBatches.start(hub.coordinator, {
      ...{ unit: '48', title: 'Опрос', route: 'survey', codes: 'i48-2' },
      instructions: 'https://centre.example.org/instructions.pdf',
    });
    await expect
      .poll(async () => (await credentials.batch(hub.coordinator, batch)).state.status, { timeout: 60_000 })
      .toBe('written');
    const [municipal] = hub.municipal;
    await credentials.handOn(hub.coordinator, ['i48-2'], FROM);
    await credentials.verifyHead(municipal, { institution: 'i48-2', email: 'head@example.org' }, FROM);
    mail.isRefusing = true;
    const asked = [{ institution: 'i48-2', known: 0 }];
    expect(await credentials.sendByLetter(municipal, asked, FROM, 'ru')).toMatchObject({ done: ['i48-2'] });
    const kept = await everythingKept();
    expect(kept).toContain('head@example.org');
    expect(kept, 'what waits is sealed').not.toMatch(/Пароль: |[a-z2-9]{4}(-[a-z2-9]{4}){3}/);

    mail.isRefusing = false;
    const isHeads = (text: string): boolean => /^To: head@example\.org/m.test(text);
    await expect
      .poll(
        () => {
          hub.clock.nowMs += 60_000;
          return mail.taken.some(isHeads);
        },
        { timeout: 60_000 },
      )
      .toBe(true);
    const text = bodyOf(mail.taken.find(isHeads) ?? '');
    expect(text).toContain('https://centre.example.org/instructions.pdf');
    expect(text).toContain('/sign-in');
    const secret = /[a-z2-9]{4}(?:-[a-z2-9]{4}){3}/.exec(text)?.[0] ?? '';
    await signIn.begin({ username: 'i48-2', password: secret }, new Headers());
    const { handover, trail } = await credentials.page(hub.coordinator, 'i48-2');
    expect(handover.state).toBe('handedToInstitution');
    expect(trail[0]).toMatchObject({ kind: 'sent', by: municipal.id, address: FROM });
  });
});
