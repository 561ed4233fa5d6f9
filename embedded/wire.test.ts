import { describe, expect, it } from 'vitest';
import { decode, doc, encode, int, RawDoc, type Doc } from './bson.ts';
import { readMessage, Splitter, WireError, writeReply } from './wire.ts';

function opMsg(
  body: Doc,
  { flags = 0, sequence, checksum = false }: { flags?: number; sequence?: [string, Doc[]]; checksum?: boolean } = {},
): Buffer {
  const sections = [Buffer.from([0]), encode(body)];
  if (sequence) {
    const content = Buffer.concat([Buffer.from(`${sequence[0]}\0`), ...sequence[1].map((each) => encode(each))]);
    const size = Buffer.alloc(4);
    size.writeInt32LE(content.length + 4);
    sections.push(Buffer.from([1]), size, content);
  }
  const rest = Buffer.concat([...sections, Buffer.alloc(checksum ? 4 : 0)]);
  const head = Buffer.alloc(20);
  head.writeInt32LE(20 + rest.length, 0);
  head.writeInt32LE(7, 4);
  head.writeInt32LE(2013, 12);
  head.writeUInt32LE(flags | (checksum ? 1 : 0), 16);
  return Buffer.concat([head, rest]);
}

describe('the splitter', () => {
  const messages = [opMsg(doc({ ping: int(1) })), opMsg(doc({ find: 'x' })), opMsg(doc({ insert: 'y' }))];

  it('finds the same messages however the bytes are cut', () => {
    const all = Buffer.concat(messages);
    for (const step of [1, 2, 7, 16, 33, all.length]) {
      const splitter = new Splitter();
      const found: Buffer[] = [];
      for (let at = 0; at < all.length; at += step) found.push(...splitter.push(all.subarray(at, at + step)));
      expect(found).toEqual(messages);
    }
  });

  it('refuses lengths that no message has', () => {
    for (const size of [-1, 0, 15, 48_000_001, 0x7fffffff]) {
      const head = Buffer.alloc(16);
      head.writeInt32LE(size);
      expect(() => [...new Splitter().push(head)]).toThrow(WireError);
    }
  });
});

describe('a message', () => {
  it('is read with its document sequence, and with a checksum', () => {
    const rows = [doc({ a: int(1) }), doc({ a: int(2) })];
    const { body, requestId, wantsReply } = readMessage(
      opMsg(doc({ insert: 'x' }), { sequence: ['documents', rows], checksum: true }),
    );
    expect([requestId, wantsReply]).toEqual([7, true]);
    expect(body.get('documents')).toEqual(rows.map((row) => new RawDoc(encode(row))));
  });

  it('with moreToCome wants no reply', () => {
    expect(readMessage(opMsg(doc({ insert: 'x' }), { flags: 2 })).wantsReply).toBe(false);
  });

  it('with a flag that nobody knows is refused', () => {
    expect(() => readMessage(opMsg(doc({ ping: int(1) }), { flags: 8 }))).toThrow(WireError);
  });

  it('is answered in its own form', () => {
    const reply = writeReply(readMessage(opMsg(doc({ ping: int(1) }))), doc({ ok: 1 }));
    expect([reply.readInt32LE(0), reply.readInt32LE(8), reply.readInt32LE(12)]).toEqual([reply.length, 7, 2013]);
    expect(decode(reply.subarray(21))).toEqual(doc({ ok: 1 }));
  });
});
