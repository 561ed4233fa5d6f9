import { describe, expect, it } from 'vitest';
import {
  claimLetter,
  LETTER_LEASE_MS,
  LETTER_TRIES_MAX,
  letterRefused,
  letterSent,
  writeLetter,
  type Letter,
  type LetterOf,
} from './letter.ts';

const NOW_MS = 1_000_000;
const WORDS = { kind: 'password_link', person: 'p', to: 'a@example.org', subject: 'Пароль', text: 'ссылка' } as const;
const claimed = (letter: Letter, atMs = NOW_MS): LetterOf<'sending'> => {
  const taken = claimLetter(letter, 'node', atMs);
  if (!taken) throw new Error('not free');
  return taken;
};

describe('a letter', () => {
  it('waits for the mail server, or is kept for reading where there is none', () => {
    expect(writeLetter('1', WORDS, true, NOW_MS).status).toBe('waiting');
    expect(writeLetter('1', WORDS, false, NOW_MS)).toMatchObject({ status: 'kept', text: 'ссылка' });
    expect(claimLetter(writeLetter('1', WORDS, false, NOW_MS), 'node', NOW_MS)).toBeNull();
  });

  it('is taken by one node, and by another when the lease is over, to the millisecond', () => {
    const sending = claimed(writeLetter('1', WORDS, true, NOW_MS));
    expect(claimLetter(sending, 'other', NOW_MS + LETTER_LEASE_MS - 1)).toBeNull();
    expect(claimLetter(sending, 'other', NOW_MS + LETTER_LEASE_MS)).toMatchObject({ node: 'other', tries: 2 });
  });

  it('keeps no text once it is sent: it may hold a link that opens something', () => {
    expect(letterSent(claimed(writeLetter('1', WORDS, true, NOW_MS)), NOW_MS)).not.toHaveProperty('text');
  });

  it('is tried again later and later, eight times, and then no more', () => {
    let letter = writeLetter('1', WORDS, true, NOW_MS);
    let atMs = NOW_MS;
    const waits: number[] = [];
    for (let n = 1; n < LETTER_TRIES_MAX; n += 1) {
      letter = letterRefused(claimed(letter, atMs), atMs);
      if (letter.status !== 'waiting') throw new Error(letter.status);
      waits.push((letter.nextAtMs - atMs) / 60_000);
      expect(claimLetter(letter, 'node', letter.nextAtMs - 1)).toBeNull();
      atMs = letter.nextAtMs;
    }
    expect(waits).toEqual([1, 4, 16, 64, 256, 360, 360]);
    const last = letterRefused(claimed(letter, atMs), atMs);
    expect(last).toMatchObject({ status: 'failed', tries: LETTER_TRIES_MAX });
    expect(last).not.toHaveProperty('text');
  });

  it('has one line of a heading, whatever a name brings into it', () => {
    const { subject } = writeLetter('1', { ...WORDS, subject: 'Пароль\r\nBcc: everybody@example.org' }, true, NOW_MS);
    expect(subject).toBe('Пароль Bcc: everybody@example.org');
  });
});
