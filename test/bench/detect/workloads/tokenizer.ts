/** One item is a line of source text that is split into words, numbers and signs, character by character. */
export const items = 300;

const lines = Array.from(
  { length: 16 },
  (_, line) =>
    `export const value${line} = compute(${line * 37}, 'text ${line}') + other.field[${line}] * 2.5; // note`,
);
let next = 0;

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function endOfWord(line: string, from: number): number {
  let at = from;
  while (at < line.length && (isLetter(line.charCodeAt(at)) || isDigit(line.charCodeAt(at)))) at++;
  return at;
}

function tokens(line: string): number {
  let count = 0;
  for (let at = 0; at < line.length; count++) {
    const code = line.charCodeAt(at);
    at = isLetter(code) || isDigit(code) ? endOfWord(line, at) : at + 1;
  }
  return count;
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    // Lines of different lengths take turns over all calls, so that in the long run every item costs the same.
    next = (next + 1) % lines.length;
    total += tokens(lines[next] ?? '');
  }
  return total;
}
