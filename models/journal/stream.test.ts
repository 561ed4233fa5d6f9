import { describe, expect, it } from 'vitest';
import {
  boardStream,
  cabinetsStream,
  cabinetStream,
  credentialBatchStream,
  credentialsStream,
  institutionStream,
  isFolded,
  parseStream,
  registrationStream,
  requestQueueStream,
  requestTicketStream,
  rollupStream,
  STREAM_KINDS,
} from './stream.ts';

describe('the name of a stream', () => {
  it('comes apart into what it was made of', () => {
    expect(parseStream(boardStream('p', 'm'))).toEqual({ kind: 'board', parts: { procedure: 'p', municipality: 'm' } });
    expect(parseStream(cabinetStream('p', 'i'))).toEqual({
      kind: 'cabinet',
      parts: { procedure: 'p', institution: 'i' },
    });
    expect(parseStream(registrationStream('p/i'))).toEqual({
      kind: 'registration',
      parts: { participation: 'p/i' },
    });
    expect(parseStream(requestQueueStream('48'))).toEqual({ kind: 'requestQueue', parts: { region: '48' } });
    expect(parseStream(requestTicketStream('r'))).toEqual({ kind: 'requestTicket', parts: { request: 'r' } });
    expect(parseStream(institutionStream('i'))).toEqual({ kind: 'institution', parts: { institution: 'i' } });
    expect(parseStream(cabinetsStream('m'))).toEqual({ kind: 'cabinets', parts: { parent: 'm' } });
    expect(parseStream(credentialsStream('m'))).toEqual({ kind: 'credentials', parts: { parent: 'm' } });
    expect(parseStream(credentialBatchStream('b'))).toEqual({ kind: 'credentialBatch', parts: { batch: 'b' } });
  });

  it('is refused when no stream has it', () => {
    for (const name of ['', 'board', 'board:p', 'board::m', 'board:p:', 'board:p:m:x', 'registration:', 'Board:p:m'])
      expect(parseStream(name)).toBeNull();
  });

  it('does not reach what every object has', () => {
    for (const name of ['constructor:a', '__proto__:a:b', 'toString:a']) {
      expect(parseStream(name)).toBeNull();
      expect(isFolded(name)).toBe(false);
    }
  });
});

describe('folding', () => {
  it('is for boards and rollups, where many change at once, and not for the few events of one institution', () => {
    expect(isFolded(boardStream('p', 'm'))).toBe(true);
    expect(isFolded(rollupStream('p', 'r'))).toBe(true);
    expect(isFolded(cabinetsStream('m'))).toBe(true);
    expect(isFolded(cabinetStream('p', 'i'))).toBe(false);
    expect(isFolded(registrationStream('p/i'))).toBe(false);
    expect(isFolded('nothing:p:m')).toBe(false);
  });
});

describe('retention', () => {
  it('keeps every kind over the season after its procedure', () => {
    for (const [kind, { daysKept }] of Object.entries(STREAM_KINDS))
      // What it tells of is kept elsewhere, and longer.
      if (!['deeds', 'forumReader', 'pushDevices', 'uploads'].includes(kind))
        expect(daysKept).toBeGreaterThanOrEqual(366);
  });
});
