/** Bytes that grow as they are written. */
export class ByteWriter {
  protected bytes: Buffer;
  protected at = 0;

  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(expected);
  }

  /** Makes room, and tells where it begins. */
  protected reserve(length: number): number {
    const { at } = this;
    if (at + length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, at + length));
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    this.at = at + length;
    return at;
  }

  byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
  }

  raw(bytes: Buffer): void {
    const at = this.reserve(bytes.length);
    bytes.copy(this.bytes, at);
  }

  /** What is written; the writer is not to be used again. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.at);
  }
}
