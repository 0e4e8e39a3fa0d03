import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, FrameReader } from '../../src/system/frames.js';

const secret = Buffer.from('0123456789abcdef');
const limit = 10_000;

/** Cuts bytes into chunks of these sizes, over and over. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const message = fc.anything({ withTypedArray: true, withDate: true, withBigInt: true }).filter((value) => {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
});
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const junk = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

describe('frames', () => {
  test('arrive whole and in order, however the pipe cuts them, and whatever others write between them', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(junk, message), { maxLength: 6 }), junk, sizes, (parts, rest, chunkSizes) => {
        const bytes = Buffer.concat([...parts.flatMap(([noise, one]) => [noise, frame(secret, one)]), rest]);
        const reader = new FrameReader(secret, limit);
        const read = cut(bytes, chunkSizes).flatMap((chunk) => reader.push(chunk));
        expect(read).toStrictEqual(parts.map(([, one]) => structuredClone(one)));
      }),
    );
  });

  test('without the secret are nobody’s messages', () => {
    const reader = new FrameReader(secret, limit);
    expect(reader.push(Buffer.from(frame(Buffer.from('fedcba9876543210'), 'forged')))).toEqual([]);
    expect(reader.push(Buffer.from(frame(secret, 'true')))).toEqual(['true']);
  });

  test('that are too long or damaged are refused', () => {
    const long = new FrameReader(secret, limit);
    expect(() => long.push(Buffer.from(frame(secret, 'x'.repeat(limit + 1))))).toThrow('a message has');
    const damaged = Buffer.from(frame(secret, { text: 'x' })).fill(0xff, secret.length + 4);
    expect(() => new FrameReader(secret, limit).push(damaged)).toThrow();
  });
});
