import { deserialize, serialize } from 'node:v8';

// Messages over a pipe. A frame is a prefix, the number of bytes as 32 bits, and the message as V8's structured clone.

const lengthBytes = 4;

/** Returns a message as a frame. Throws `DataCloneError` if it has what cannot be passed on, such as a function. */
export function frame(prefix: Uint8Array, message: unknown): Uint8Array {
  const body = serialize(message);
  const bytes = Buffer.allocUnsafe(prefix.length + lengthBytes + body.length);
  bytes.set(prefix);
  bytes.writeUInt32LE(body.length, prefix.length);
  bytes.set(body, prefix.length + lengthBytes);
  return bytes;
}

/** Reads frames from chunks of bytes. Whatever does not begin with the prefix comes from somebody else, and is skipped. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** No frame is complete before this many bytes, so the chunks of a large one are not joined again each time. */
  #needed = 0;

  constructor(
    readonly prefix: Uint8Array,
    readonly mostBytes: number,
  ) {}

  /** Returns the messages that are complete now. Throws if one is too long or is not a structured clone. */
  push(chunk: Buffer): readonly unknown[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    const bytes = Buffer.concat(this.#chunks);
    const messages: unknown[] = [];
    const head = this.prefix.length + lengthBytes;
    let at = 0;
    this.#needed = 0;
    for (;;) {
      const start = bytes.indexOf(this.prefix, at);
      if (start === -1) {
        // Its end may be the beginning of a prefix.
        at = Math.max(at, bytes.length - this.prefix.length + 1);
        break;
      }
      at = start;
      if (at + head > bytes.length) break;
      const size = bytes.readUInt32LE(at + this.prefix.length);
      if (size > this.mostBytes) throw new Error(`a message has ${size} bytes`);
      const end = at + head + size;
      if (end > bytes.length) {
        this.#needed = end - at;
        break;
      }
      messages.push(deserialize(bytes.subarray(at + head, end)));
      at = end;
    }
    this.#chunks = [bytes.subarray(at)];
    this.#length = bytes.length - at;
    return messages;
  }
}
