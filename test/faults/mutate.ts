import type { Random } from './random.js';

/** Values that break what takes its input for right. */
const tokens = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1e999',
    '-9e18',
    '8640000000000001',
    '1e-320',
    '""',
    '{}',
    '[]',
    '[null]',
    '{"a":{}}',
    'NaN',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"\\u0000"',
    '"\\u001b[2J\\u001b]0;x\\u0007"',
    '"2026-02-31"',
    '"../../../etc/passwd"',
    '"-x"',
  ],
  ...[
    '"![](https://localhost/x.png)"',
    '"</script><script>alert(1)</script>"',
    '"${1+1}"',
    '"$(touch mark)"',
    '"|||\\n|"',
    '"\\ud800"',
  ],
];

const inserted = [
  '\0',
  '\uFEFF',
  '\u2028',
  '\u001b[2J',
  '\u001b]0;x\u0007',
  '{',
  ']',
  '"',
  ',',
  '\\',
  '//',
  '/*',
  '\r',
  '\n\n',
  '<<<<<<< HEAD\n',
  '\ud800',
];

type Change = (text: string, random: Random) => string;

/** A place in the text, and one up to `most` characters behind it. */
function span(text: string, random: Random, most: number): readonly [number, number] {
  const start = random.below(text.length + 1);
  return [start, Math.min(text.length, start + 1 + random.below(most))];
}

/** Replaces one value of JSON, or one word or number of any other text. */
function otherToken(text: string, random: Random): string {
  const found = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|\b(?:true|false|null)\b|\w+/g)];
  const at = random.pick(found.length === 0 ? [null] : found);
  if (at === null) return random.pick(tokens);
  return text.slice(0, at.index) + random.pick(tokens) + text.slice(at.index + at[0].length);
}

const changes: readonly Change[] = [
  otherToken,
  otherToken,
  otherToken,
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => {
    const [start, end] = span(text, random, 200);
    return text.slice(0, start) + text.slice(end);
  },
  (text, random) => {
    const [start, end] = span(text, random, 200);
    return text.slice(0, end) + text.slice(start, end).repeat(1 + random.below(20)) + text.slice(end);
  },
  (text, random) => {
    const [start] = span(text, random, 1);
    return text.slice(0, start) + random.pick(inserted) + text.slice(start);
  },
  (text, random) => {
    const [start, end] = span(text, random, 1);
    return text.slice(0, start) + String.fromCharCode(random.below(256)) + text.slice(end);
  },
  (text, random) => {
    const [start] = span(text, random, 1);
    return text.slice(0, start) + random.pick(['[', '{"a":', '(', '"']).repeat(20_000) + text.slice(start);
  },
  (text, random) =>
    text
      .split('\n')
      .filter(() => random.uniform() > 0.1)
      .join('\n'),
  (text) => `${text}${text}`,
  () => '',
];

/** Returns the text with one to four changes. */
export function mutated(text: string, random: Random): string {
  let changed = text;
  for (let left = 1 + random.below(4); left > 0; left--) changed = random.pick(changes)(changed, random);
  return changed.slice(0, 2_000_000);
}

/** Returns the bytes with some flipped, overwritten or cut off. */
export function mutatedBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = 1 + random.below(30); left > 0 && changed.length > 0; left--)
    changed[random.below(changed.length)] = random.below(256);
  if (random.below(3) === 0) {
    const start = random.below(changed.length);
    changed.fill(random.below(256), start, start + random.below(8192));
  }
  return random.below(4) === 0 ? changed.subarray(0, random.below(changed.length)) : changed;
}
