import { expect, test } from 'vitest';
import { Code } from '../../../src/core/cause/code.js';
import { explainTime } from '../../../src/core/cause/explain-time.js';
import type { SideTicks, Tick } from '../../../src/core/cause/ticks.js';
import type { Cause } from '../../../src/core/results/causes.js';
import { random as seeded } from '../random.js';

/** Files whose lines say what they cost: a line that ends in `//@ 300` takes 300 ns a call. `<name` says who called it, and
 * `native test` that V8 knows only the function that called `test`. */
type Files = Readonly<Record<string, string>>;

const { uniform: random } = seeded(1);

/** Returns a number of events at random, of which `mean` are expected (Knuth). */
function poisson(mean: number): number {
  // In parts, or else the exponential underflows.
  if (mean > 500) return poisson(500) + poisson(mean - 500);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

const cost = / *\/\/@ ([\d.]+)(?: <(\S+))?(?: native (\S+))?$/;

/** Profiles such code with `samples` samples; `layout` is by how much a function's time differs from one process to the next. */
function profiled(files: Files, { samples = 2500, collector = 0, noise = 0 } = {}): { side: SideTicks; time: number } {
  const texts = new Map(
    Object.entries(files).map(([file, text]) => [file, text.replaceAll(new RegExp(cost, 'gm'), '')] as const),
  );
  const code = new Code((file) => texts.get(file) ?? null);
  const costs = Object.entries(files).flatMap(([file, text]) =>
    text.split('\n').flatMap((line, index) => {
      const found = cost.exec(line);
      if (found === null) return [];
      const column = line.search(/\S/) + 1;
      return [
        { file, line: index + 1, column, ns: Number(found[1]), caller: found[2] ?? null, called: found[3] ?? null },
      ];
    }),
  );
  const time = costs.reduce((sum, { ns }) => sum + ns, collector);
  const factors = new Map<string, number>();
  const ticks = costs.map(({ file, line, column, ns, caller, called }): Tick => {
    const path = code.functionAt(file, line, column) ?? '';
    const factor = factors.get(path) ?? 1 + noise * (random() - 0.5) * 2;
    factors.set(path, factor);
    const count = poisson((samples * ns * factor) / time);
    const start = caller === null ? [] : [startOf(code, [...texts.keys()], caller)];
    const place = called === null ? { line, start: null } : { line: null, start: { file, line, column } };
    return { file, column, count, package: null, called, callers: start, ...place };
  });
  const collected = collector === 0 ? 0 : poisson((samples * collector) / time);
  const total = ticks.reduce((sum, { count }) => sum + count, collected);
  return { side: { ticks, collector: collected, total, code }, time };
}

/** A place in the body of a function. */
function startOf(code: Code, files: readonly string[], name: string): { file: string; line: number; column: number } {
  for (const file of files)
    for (const [index, text] of code.lines(file).entries()) {
      const column = Math.max(1, text.search(/\S/) + 1);
      if (code.functionAt(file, index + 1, column) === name) return { file, line: index + 1, column };
    }
  throw new Error(`no ${name}`);
}

function explained(old: Files, now: Files, options: Parameters<typeof profiled>[1] & { oldCollector?: number } = {}) {
  const before = profiled(old, { ...options, collector: options.oldCollector ?? options.collector ?? 0 });
  const after = profiled(now, options);
  const ratio = after.time / before.time;
  const times = { baseline: before.time, current: after.time, low: ratio * 0.99, high: ratio * 1.01 };
  return explainTime(before.side, after.side, times);
}

const summary = (causes: readonly Cause[]) =>
  causes.map(({ function: name, line, text, changed, was }) =>
    [name, line, text, changed ? 'changed' : 'same', ...(was === undefined ? [] : [`was ${was}`])].join(' | '),
  );

const five = `export function read(text) {
  const parts = split(text); //@ 200
  return join(parts); //@ 100
}
function split(text) {
  const out = []; //@ 50
  for (const one of text) { //@ 100
    out.push(one); //@ 300 <read
  }
  return out; //@ 10
}
function join(parts) {
  return parts.map(quote).join(','); //@ 400 <read
}
function quote(part) {
  return '"' + part + '"'; //@ 150 <join
}
`;
const edited = (...edits: readonly (readonly [string, string])[]): Files => {
  let text = five;
  for (const [from, to] of edits) {
    expect(text).toContain(from);
    text = text.replace(from, () => to);
  }
  return { 'a.js': text };
};

test('a line that was added and costs something is the cause', () => {
  const now = edited(['    out.push(one); //@ 300', '    out.push(one); //@ 300\n    out.sort(); //@ 200']);
  const { causes, explained: part } = explained({ 'a.js': five }, now);
  expect(summary(causes)).toEqual(['split | 9 | out.sort(); | changed']);
  expect(part).toBeGreaterThan(0.7);
  expect(causes[0]?.low).toBeLessThan(1);
  expect(causes[0]?.high).toBeGreaterThan(1);
});

test('a line that was changed in its place is the cause, though others are far more expensive', () => {
  const now = edited([`return '"' + part + '"'; //@ 150`, 'return JSON.stringify(part); //@ 400']);
  expect(summary(explained({ 'a.js': five }, now).causes)).toEqual([
    'quote | 16 | return JSON.stringify(part); | changed',
  ]);
});

test('a function that was renamed and moved to another file, and became slower there, is compared with what it was', () => {
  const body = `function split(text) {
  const out = []; //@ 50
  for (const one of text) { //@ 100
    out.push(one); //@ 300 <read
  }
  return out; //@ 10
}
`;
  const now = {
    'a.js': five.replace(body, '').replace('split(text)', 'letters(text)'),
    'b.js': body.replace('function split', 'export function letters').replace('//@ 300', '//@ 700'),
  };
  const { causes } = explained({ 'a.js': five }, now);
  expect(summary(causes)).toEqual(['letters | 4 | out.push(one); | same | was split']);
  expect(causes[0]?.share).toBeCloseTo(1, 0);
});

test('of a function that was split, only what became slower counts', () => {
  const now = edited(
    ['    out.push(one); //@ 300 <read', '    add(out, one); //@ 0'],
    [
      'function join',
      'function add(out, one) {\n  check(one); //@ 250 <split\n  out.push(one); //@ 300 <split\n}\nfunction join',
    ],
  );
  const { causes } = explained({ 'a.js': five }, now);
  expect(summary(causes)).toEqual(['add | 13 | check(one); | changed | was split']);
  expect(causes[0]?.share).toBeGreaterThan(0.75);
  expect(causes[0]?.share).toBeLessThan(1.25);
});

test('a helper that was taken into its caller leaves no gain and no loss behind', () => {
  const now = edited(
    [
      'parts.map(quote)',
      `parts.map((part) => {\n  wait(part); //@ 200 <read\n  return '"' + part + '"'; //@ 150\n  })`,
    ],
    [`function quote(part) {\n  return '"' + part + '"'; //@ 150 <join\n}\n`, ''],
  );
  expect(summary(explained({ 'a.js': five }, now).causes)).toEqual(['join | 14 | wait(part); | changed']);
});

test('a changed line that calls an unchanged function more often is the cause, with what it calls', () => {
  const now = edited(
    ['return parts.map(quote).join', 'return parts.map(quote).map(quote).join'],
    ['//@ 150 <join', '//@ 450 <join'],
  );
  const { causes } = explained({ 'a.js': five }, now);
  expect(summary(causes)).toEqual([`join | 13 | return parts.map(quote).map(quote).join(','); | changed`]);
  expect(causes[0]?.callee).toBe('quote');
  expect(causes[0]?.share).toBeCloseTo(1, 0);
});

test('the changed head of a loop is the cause of what its body takes', () => {
  const now = edited(
    ['for (const one of text) { //@ 100', 'for (const one of text + text) { //@ 110'],
    ['//@ 300', '//@ 600'],
  );
  expect(summary(explained({ 'a.js': five }, now).causes)).toEqual([
    'split | 7 | for (const one of text + text) { | changed',
  ]);
});

test('a change that got slower comes before what only got slower', () => {
  const now = edited(['const out = []; //@ 50', 'const out = create(); //@ 250'], ['//@ 400', '//@ 1000']);
  expect(summary(explained({ 'a.js': five }, now).causes)).toEqual([
    'split | 6 | const out = create(); | changed',
    "join | 13 | return parts.map(quote).join(','); | same",
  ]);
});

test('what a built-in takes is placed at the only changed line that calls one, or at the only one that names it', () => {
  const replaced = edited([
    `return '"' + part + '"'; //@ 150 <join`,
    'return /^x+$/.test(part); //@ 500 <join native RegExp:',
  ]);
  expect(summary(explained({ 'a.js': five }, replaced).causes)).toEqual([
    'quote | 16 | return /^x+$/.test(part); | changed',
  ]);
  const named = five.replace('//@ 400 <read', '//@ 400 <read native map');
  const slower = { 'a.js': named.replace('//@ 400', '//@ 900') };
  expect(summary(explained({ 'a.js': named }, slower).causes)).toEqual([
    "join | 13 | return parts.map(quote).join(','); | same",
  ]);
  const several = five.replace('  return out; //@ 10', '  out.at(0); //@ 100 native at\n  return out.at(1); //@ 10');
  const longer = { 'a.js': several.replace('//@ 100 native', '//@ 700 native') };
  expect(explained({ 'a.js': several }, longer).causes).toMatchObject([{ function: 'split', line: null, text: '' }]);
});

test('garbage collection is a cause of its own', () => {
  const now = edited(['const out = []; //@ 50', 'const out = [{}]; //@ 60']);
  const { causes } = explained({ 'a.js': five }, now, { collector: 600, oldCollector: 100 });
  expect(causes.map(({ kind, share }) => [kind, share > 0.8])).toEqual([['garbage collection', true]]);
});

test('of faster code, the causes are what became faster', () => {
  const now = edited(['//@ 400', '//@ 100']);
  const { causes } = explained({ 'a.js': five }, now);
  expect(summary(causes)).toEqual(["join | 13 | return parts.map(quote).join(','); | same"]);
  expect(causes[0]?.share).toBeCloseTo(1, 0);
});

test('of faster code that takes no time any more, the line that stands there now is shown', () => {
  const now = edited(['const out = []; //@ 50', 'const out = new Array(3);'], ['//@ 400', '//@ 380']);
  const old = { 'a.js': five.replace('const out = []; //@ 50', 'const out = Array.from({ length: 3 }); //@ 500') };
  expect(summary(explained(old, now).causes)).toEqual(['split | 6 | const out = new Array(3); | changed']);
});

test('a verdict that does not tell a difference has no cause', () => {
  const { side, time } = profiled({ 'a.js': five });
  const times = { baseline: time, current: time * 1.02, low: 0.98, high: 1.06 };
  expect(explainTime(side, side, times)).toMatchObject({ causes: [], explained: null });
});

test('functions that differ from process to process, and in nothing else, are not blamed in 1,000 comparisons', () => {
  let named = 0;
  for (let run = 0; run < 1000; run++) {
    const [before, after] = [profiled({ 'a.js': five }, { noise: 0.05 }), profiled({ 'a.js': five }, { noise: 0.05 })];
    const times = { baseline: before.time, current: before.time * 1.08, low: 1.05, high: 1.11 };
    named += explainTime(before.side, after.side, times).causes.length;
  }
  expect(named).toBe(0);
});

test('an injected slowdown of 10% is found in 95 of 100 noisy comparisons', () => {
  const now = edited([`return '"' + part + '"'; //@ 150`, 'return JSON.stringify(part); //@ 290']);
  let right = 0;
  for (let run = 0; run < 300; run++) {
    const [cause] = explained({ 'a.js': five }, now, { noise: 0.03 }).causes;
    right += cause?.function === 'quote' && cause.line === 16 ? 1 : 0;
  }
  expect(right).toBeGreaterThanOrEqual(285);
});
