/** The mail server, by SMTP. */
import { createTransport } from 'nodemailer';
import type { Post } from '#models/letter/letter.actions.ts';

export interface MailOptions {
  /** smtp://user:password@host:587 or smtps://… */
  smtpUrl: string;
  /** «Свод <svod@example.org>» */
  from: string;
}

/** A mail server that says nothing for so long is taken for dead: the letter waits for its next try (ms). */
const ANSWER_MS = 30_000;

export function createPost({ smtpUrl, from }: MailOptions): Post & { close(): void } {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: ANSWER_MS,
    greetingTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
    // Texts are our own: nothing in them may reach for files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    async send({ id, to, subject, text }) {
      await transport.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        messageId: `<${id}@${domain}>`,
        // No holiday notes in answer to a machine (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    },
    close: () => transport.close(),
  };
}
