/**
 * A scanner for the XML that spreadsheet programs write: fed piece by piece, it calls back with elements and texts.
 * It knows no document types and no entities but the five of XML itself: a file that declares any is refused, so nothing can expand.
 */
import { FileRefusal } from './refusal.ts';

/** No tag, text or comment of a real workbook comes near this. */
const TOKEN_CHARS_MAX = 1_000_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export interface XmlSink {
  /** `name` is local, without prefix; `attributes` alternates names and values and is reused by the next call. */
  open(name: string, attributes: readonly string[]): void;
  close(name: string): void;
  /** Text with entities decoded; asked for only where `wantsText`. */
  text(text: string): void;
  wantsText: boolean;
}

export class XmlScanner {
  readonly #sink: XmlSink;
  #rest = '';
  #depth = 0;
  #hasRoot = false;
  readonly #attributes: string[] = [];

  constructor(sink: XmlSink) {
    this.#sink = sink;
  }

  feed(piece: string): void {
    const source = this.#rest === '' ? piece : this.#rest + piece;
    let at = 0;
    for (;;) {
      const open = source.indexOf('<', at);
      if (open === -1) {
        this.#keep(source, this.#sink.wantsText ? at : source.length);
        return;
      }
      if (open > at && this.#sink.wantsText) this.#sink.text(decodeEntities(source.slice(at, open)));
      const next = source.charCodeAt(open + 1);
      const end = next === 33 || next === 63 ? this.#skipDeclaration(source, open) : this.#takeTag(source, open);
      if (end === -1) {
        this.#keep(source, open);
        return;
      }
      at = end;
    }
  }

  /** Every element that was opened is closed, and there was one. */
  end(): void {
    if (!this.#hasRoot || this.#depth !== 0 || this.#rest.trim() !== '') throw new FileRefusal('file_corrupt');
  }

  #keep(source: string, from: number): void {
    this.#rest = from === 0 ? source : source.slice(from);
    if (this.#rest.length > TOKEN_CHARS_MAX) throw new FileRefusal('file_corrupt');
  }

  /** Comments, processing instructions and CDATA; a document type ends everything. Returns where to go on, -1 for "not all here". */
  #skipDeclaration(source: string, open: number): number {
    if (source.charCodeAt(open + 1) === 63) return after(source, '?>', open);
    if (source.startsWith('<!--', open)) return after(source, '-->', open + 4);
    if (source.startsWith('<![CDATA[', open)) {
      const end = source.indexOf(']]>', open);
      if (end !== -1 && this.#sink.wantsText) this.#sink.text(source.slice(open + 9, end));
      return end === -1 ? -1 : end + 3;
    }
    if (source.length - open < 9) return -1;
    throw new FileRefusal('file_unsafe');
  }

  #takeTag(source: string, open: number): number {
    const end = tagEnd(source, open + 1);
    if (end === -1) return -1;
    if (source.charCodeAt(open + 1) === 47) {
      this.#depth--;
      if (this.#depth < 0) throw new FileRefusal('file_corrupt');
      this.#sink.close(localName(source, open + 2, nameEnd(source, open + 2, end)));
      return end + 1;
    }
    const isEmpty = source.charCodeAt(end - 1) === 47;
    const nameStop = nameEnd(source, open + 1, end);
    const name = localName(source, open + 1, nameStop);
    this.#hasRoot = true;
    readAttributes(source, nameStop, isEmpty ? end - 1 : end, this.#attributes);
    this.#sink.open(name, this.#attributes);
    if (isEmpty) this.#sink.close(name);
    else this.#depth++;
    return end + 1;
  }
}

function after(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  return found === -1 ? -1 : found + mark.length;
}

/** The `>` that ends the tag: one inside a quoted value does not. */
function tagEnd(source: string, from: number): number {
  let quote = 0;
  for (let at = from; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 62) return at;
    else if (code === 34 || code === 39) quote = code;
  }
  return -1;
}

function nameEnd(source: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at);
    if (code <= 32 || code === 47) return at;
  }
  return to;
}

function localName(source: string, from: number, to: number): string {
  for (let at = from; at < to; at++) if (source.charCodeAt(at) === 58) return source.slice(at + 1, to);
  return source.slice(from, to);
}

function readAttributes(source: string, from: number, to: number, into: string[]): void {
  into.length = 0;
  let at = from;
  while (at < to) {
    while (at < to && source.charCodeAt(at) <= 32) at++;
    const nameStart = at;
    while (at < to && source.charCodeAt(at) !== 61 && source.charCodeAt(at) > 32) at++;
    if (at === nameStart) return;
    const name = source.slice(nameStart, at);
    while (at < to && source.charCodeAt(at) !== 34 && source.charCodeAt(at) !== 39) at++;
    const quote = source.charCodeAt(at);
    const valueStart = ++at;
    while (at < to && source.charCodeAt(at) !== quote) at++;
    if (at >= to) throw new FileRefusal('file_corrupt');
    into.push(name, source.slice(valueStart, at));
    at++;
  }
}

/** Value of an attribute by its full or local name, entities decoded; undefined when it is not there. */
export function attributeOf(attributes: readonly string[], name: string): string | undefined {
  for (let at = 0; at < attributes.length; at += 2) {
    const full = attributes[at] ?? '';
    if (full === name || (full.endsWith(`:${name}`) && full !== `xmlns:${name}`))
      return decodeEntities(attributes[at + 1] ?? '');
  }
  return undefined;
}

export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith('#')) return (Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined) ?? whole;
    const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
