/** One item is a picture of 32 × 32 bytes that is blurred, and the checksum of the outcome. */
export const items = 100;

const side = 32;
const picture = Uint8Array.from({ length: side * side }, (_, at) => (at * at * 31) & 255);
const blurred = new Uint8Array(side * side);

function blur(source: Uint8Array): void {
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const at = y * side + x;
      const row = (source[at - 1] ?? 0) + 2 * (source[at] ?? 0) + (source[at + 1] ?? 0);
      blurred[at] = (row + (source[at - side] ?? 0) + (source[at + side] ?? 0)) / 6;
    }
  }
}

/** Adler-32 (RFC 1950). */
function checksum(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    picture[(item * 37) % picture.length] = item & 255;
    blur(picture);
    total += checksum(blurred);
  }
  return total;
}
