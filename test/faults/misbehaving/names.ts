import { either, failed, measured, type Kind } from './kind.js';

const named = (expression: string): string => `import { bench } from 'vitest';\nbench(${expression}, () => {});\n`;
/** One with this name, found by it. */
const called = (name: string, what: string): Kind => ({
  name: `is called ${what}`,
  source: named(JSON.stringify(name)),
  benchmark: name,
  verdicts: either,
});

// What it is called, and how many there are.
export const names: readonly Kind[] = [
  called('__proto__', '__proto__'),
  called('constructor', 'constructor'),
  called('toString', 'toString'),
  called('🚀 é e\u0301 \u202egnp.exe', 'emoji and bidirectional text'),
  called('[x](command:perfBudget.runAll) ![](https://localhost/x.png)', 'a link'),
  called('\u001b[2J\u001b]0;title\u0007', 'terminal escapes'),
  called(' spaces  and\ttabs ', 'spaces'),
  called('x'.repeat(100_000), '100,000 letters'),
  { name: 'has an empty name', source: named("''"), verdicts: failed },
  { name: 'has a name with NUL', source: named("'bad\\0'"), verdicts: failed },
  {
    name: 'has a name of 1 MB beside it',
    source: `${named("'x'.repeat(1_000_000)")}bench('bad', () => {});\n`,
    verdicts: measured,
  },
  {
    name: 'has names that are not strings',
    source: `import { bench } from 'vitest';\nfor (const name of [null, undefined, 3, Symbol('s'), {}, []]) try { bench(name as any, () => {}); } catch {}\nbench('bad', () => {});\n`,
    verdicts: either,
  },
  {
    name: 'defines 10,000 benchmarks',
    source: `import { bench } from 'vitest';\nfor (let i = 0; i < 10_000; i++) bench(\`many/\${i}\`, () => {});\nbench('bad', () => {});\n`,
    verdicts: measured,
  },
  {
    name: 'defines benchmarks for ever',
    source: `import { bench } from 'vitest';\nbench('bad', () => {});\nfor (let i = 0; ; i++) bench(\`many/\${i}\`, () => {});\n`,
    verdicts: failed,
    isLong: true,
  },
  {
    name: 'has the same name twice',
    source: `import { bench } from 'vitest';\nbench('bad', () => {});\nbench('bad', () => {});\n`,
    verdicts: either,
  },
  {
    name: 'has another name at each load',
    source: `import { bench } from 'vitest';\nbench(\`bad-\${Math.random()}\`, () => {});\n`,
    verdicts: failed,
    message: /There is no benchmark|no longer exists|has no benchmark/,
  },
  { name: 'is no function', source: `import { bench } from 'vitest';\nbench('bad', 3 as any);\n`, verdicts: failed },
  {
    name: 'defines benchmarks in itself',
    source: `import { bench } from 'vitest';\nbench('bad', () => { try { bench('inner', () => {}); } catch {} });\n`,
    verdicts: either,
  },
];
