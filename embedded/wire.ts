/** MongoDB's wire protocol: bytes become messages, replies become bytes. */
import { decode, ElementReader, encode, kinds, RawDoc, type Doc, type Value } from './bson.ts';

export const messageBytesMax = 48_000_000;
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;
const checksumPresent = 1;
const moreToCome = 2;
const knownFlags = checksumPresent | moreToCome | (1 << 16);

export interface Message {
  requestId: number;
  body: Doc;
  wantsReply: boolean;
  isLegacy: boolean;
}

/** What cannot be answered: its connection is closed. */
export class WireError extends Error {}

/** Cuts the stream of a connection into messages. */
export class Splitter {
  #chunks: Buffer[] = [];
  #length = 0;

  /** The messages that are whole after this chunk. Errors: WireError. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= 16) {
      const head = this.#gather(16);
      const size = head.readInt32LE(0);
      if (size < 16 || size > messageBytesMax) throw new WireError(`a message of ${size} bytes`);
      if (this.#length < size) return;
      const all = this.#gather(size);
      this.#chunks = all.length > size ? [all.subarray(size)] : [];
      this.#length -= size;
      yield all.subarray(0, size);
    }
  }

  /** Joins chunks until the first holds this many bytes. */
  #gather(bytes: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= bytes) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

export function readMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === opMsg) return readOpMsg(bytes, requestId);
  if (opCode === opQuery) return readOpQuery(bytes, requestId);
  throw new WireError(`the operation ${opCode} is not spoken here`);
}

function readOpMsg(bytes: Buffer, requestId: number): Message {
  if (bytes.length < 26) throw new WireError('a message without a body');
  const flags = bytes.readUInt32LE(16);
  if ((flags & 0xffff & ~knownFlags) !== 0) throw new WireError(`unknown required flags ${flags}`);
  const end = flags & checksumPresent ? bytes.length - 4 : bytes.length;
  let body: Doc | undefined;
  const sequences: [string, Value[]][] = [];
  for (let at = 20; at < end;) {
    const kind = bytes.readUInt8(at++);
    const size = sizeAt(bytes, at, end);
    if (kind === 0) {
      if (body) throw new WireError('two bodies in one message');
      body = readBody(bytes.subarray(at, at + size));
    } else if (kind === 1) sequences.push(readSequence(bytes.subarray(at, at + size)));
    else throw new WireError(`a section of the kind ${kind}`);
    at += size;
  }
  if (!body) throw new WireError('a message without a body');
  for (const [name, documents] of sequences) {
    if (body.has(name)) throw new WireError(`the field ${name} twice`);
    body.set(name, documents);
  }
  return { requestId, body, wantsReply: (flags & moreToCome) === 0, isLegacy: false };
}

function sizeAt(bytes: Buffer, at: number, end: number): number {
  if (at + 4 > end) throw new WireError('a section outside its message');
  const size = bytes.readInt32LE(at);
  if (size < 5 || at + size > end) throw new WireError('a section outside its message');
  return size;
}

/** The body; documents to insert stay as they are. */
function readBody(bytes: Buffer): Doc {
  const body: Doc = new Map();
  const reader = new ElementReader(bytes, 0);
  while (reader.next()) {
    const isInserted = reader.name === 'documents' && reader.kind === kinds.array;
    body.set(reader.name, isInserted ? rawItems(reader.raw) : reader.value());
  }
  return body;
}

function rawItems(bytes: Buffer): Value[] {
  const items: Value[] = [];
  const reader = new ElementReader(bytes, 0);
  while (reader.next()) items.push(reader.kind === kinds.object ? new RawDoc(reader.raw) : reader.value());
  return items;
}

function readSequence(bytes: Buffer): [string, Value[]] {
  const nameEnd = bytes.indexOf(0, 4);
  if (nameEnd < 0) throw new WireError('a sequence without a name');
  const name = bytes.toString('utf8', 4, nameEnd);
  const documents: Value[] = [];
  for (let at = nameEnd + 1; at < bytes.length;) {
    const size = sizeAt(bytes, at, bytes.length);
    const document = bytes.subarray(at, at + size);
    documents.push(name === 'documents' ? new RawDoc(document) : decode(document));
    at += size;
  }
  return [name, documents];
}

/** Only the greeting still comes this way. */
function readOpQuery(bytes: Buffer, requestId: number): Message {
  const nameEnd = bytes.indexOf(0, 20);
  if (nameEnd < 0 || nameEnd + 9 > bytes.length) throw new WireError('a query without a collection');
  const namespace = bytes.toString('utf8', 20, nameEnd);
  if (!namespace.endsWith('.$cmd')) throw new WireError('legacy queries are not spoken here');
  const at = nameEnd + 9;
  const body = decode(bytes.subarray(at, at + sizeAt(bytes, at, bytes.length)));
  const [name] = body.keys();
  if (name !== 'isMaster' && name !== 'ismaster' && name !== 'hello')
    throw new WireError('legacy commands are not spoken here');
  body.set('$db', namespace.slice(0, -5));
  return { requestId, body, wantsReply: true, isLegacy: true };
}

let nextId = 1;

export function writeReply(message: Message, reply: Doc): Buffer {
  const document = encode(reply);
  const head = Buffer.alloc(message.isLegacy ? 36 : 21);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE((nextId = (nextId + 1) & 0x7fffffff), 4);
  head.writeInt32LE(message.requestId, 8);
  head.writeInt32LE(message.isLegacy ? opReply : opMsg, 12);
  if (message.isLegacy) {
    head.writeInt32LE(8, 16);
    head.writeInt32LE(1, 32);
  }
  return Buffer.concat([head, document]);
}
