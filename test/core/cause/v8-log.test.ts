import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { V8Log, type FactOptions, type SlowFact } from '../../../src/core/cause/v8-log.js';

const usual: FactOptions = { iterations: 30, all: false };

function factsOf(lines: readonly string[], options = usual): readonly SlowFact[] | null {
  const log = new V8Log((url) => url.startsWith('file:///project/') || url.startsWith('/project/'));
  for (const line of lines) log.read(line);
  return log.facts(options);
}

/** In a few words. */
const brief = ({ url, at, functionName, ...why }: SlowFact): string => {
  const place = `${path.posix.basename(url)}:${typeof at === 'number' ? at : `${at.line}:${at.column}`} ${functionName}`;
  const about = why.kind === 'megamorphic' ? `${why.access} ${why.of} ${why.property}` : why.reason;
  return `${place} ${why.kind} ${about}`;
};

/**
 * What V8 wrote while it ran five functions: one that reads `kind` of five shapes, one that looks up two names, one that deletes
 * a property, one that creates objects of a prototype that is replaced, and one of 140 KiB of bytecode. Shortened.
 */
const real = (version: number): readonly string[] =>
  readFileSync(path.join(import.meta.dirname, `v8-node-${version}.txt`), 'utf8').split('\n');

test.each([20, 22, 24])('the log of Node %i is read', (version) => {
  const dependency = version === 24 ? 'dependent initial map changed' : 'code dependencies';
  const facts = factsOf(real(version)) ?? [];
  expect(facts.map(brief)).toEqual([
    `lib.mjs:22:14 make deoptimized ${dependency}`,
    'lib.mjs:16:3 drop dictionary DeletingProperty',
    // The others were sampled too rarely.
    ...(version === 20 ? ['lib.mjs:13:35 lookup megamorphic read names null'] : []),
    'lib.mjs:32:45 prototypes megamorphic read shapes x',
    'long.mjs:1:21 long not optimized null',
  ]);
  expect(facts.at(-1)).toMatchObject({ bytes: 143_199 });
  expect(facts[0]).toMatchObject({ times: { 20: 21, 22: 15, 24: 14 }[version] });
  const all = factsOf(real(version), { ...usual, all: true }) ?? [];
  expect(all.map(brief)).toEqual(
    expect.arrayContaining([
      'lib.mjs:5:43 of megamorphic read shapes kind',
      'lib.mjs:13:35 lookup megamorphic read names null',
      'lib.mjs:20:10 Point megamorphic written shapes x',
      'lib.mjs:20:10 Point deoptimized wrong map',
    ]),
  );
  expect(all.filter(({ kind }) => kind === 'dictionary')).toHaveLength(1);
});

const mark = (name: string, time: number): string =>
  `code-creation,Script,9,${time},0x1,1, perf-budget:${name}:1:1,0x2,~`;

/** A log with these lines between the marks, of a second. */
const steady = (before: readonly string[], between: readonly string[]): readonly string[] => [
  ...before,
  mark('steady', 1_000_000),
  ...between,
  mark('end', 2_000_000),
];

const created = (name: string, start: number, size: number, address: number, marker: string): string =>
  `code-creation,JS,9,1,0x${start.toString(16)},${size},${name},0x${address.toString(16)},${marker}`;

const read = 'read file:///project/a.js:1:10';
const megamorphic = 'LoadIC,0x1010,1,3,7,P,N,0x5,kind,,';
const ticks = (address: string, count = 10): readonly string[] =>
  Array<string>(count).fill(`tick,${address},1,0,0x0,0`);
const deopts = (reason: string, times: readonly number[]): readonly string[] =>
  times.map((time) => `code-deopt,${time},100,0x1000,-1,5,deopt-eager,<file:///project/a.js:3:7>,${reason}`);
const often = [1_100_000, 1_300_000, 1_500_001, 1_700_000, 1_900_000];

test('without both marks nothing is known', () => {
  expect(factsOf([])).toBeNull();
  expect(factsOf([mark('steady', 1), megamorphic])).toBeNull();
  expect(factsOf([mark('end', 1)])).toBeNull();
  expect(factsOf(steady([], []))).toEqual([]);
});

test('a site counts only in code that is hot', () => {
  const code = created(read, 0x1000, 0x100, 0x20, '~');
  expect(factsOf(steady([code, megamorphic], ticks('0x1010')))?.map(brief)).toEqual([
    'a.js:3:7 read megamorphic read shapes kind',
  ]);
  expect(factsOf(steady([code, megamorphic], [...ticks('0x1010', 3), ...ticks('0x9999', 200)]))).toEqual([]);
  // Its code was moved by the collector, and other code took its place.
  const moved = ['code-move,0x1000,0x5000', created('other node:fs:1:1', 0x1000, 0x100, 0x30, '~')];
  expect(factsOf(steady([code, megamorphic, ...moved], ticks('0x5010')))).toHaveLength(1);
  expect(factsOf(steady([code, megamorphic, ...moved], ticks('0x1010')))).toEqual([]);
});

test('that V8 makes another map for dictionaries now and then is no reason', () => {
  const code = created(read, 0x1000, 0x100, 0x20, '~');
  const normalized = 'map,NormalizeCached,1,0x4,0x5,0x1010,2,7,DeletingProperty,';
  expect(factsOf(steady([code, normalized, megamorphic], ticks('0x1010')))).toEqual([]);
});

test('elements of arrays, symbols and escaped names are told apart', () => {
  const code = created('gr\\xfc\\xdfe\\x2C /project/\\u4e2d.cjs:1:10', 0x1000, 0x100, 0x20, '~');
  const sites = [
    'KeyedLoadIC,0x1010,1,3,7,P,N,0x5,0,,max polymorph exceeded',
    'LoadIC,0x1020,1,4,7,P,N,0x5,symbol("Symbol.iterator" hash 776e6e),,',
    'KeyedStoreIC,0x1030,1,5,7,0,1,0x5,alpha,,',
    'KeyedStoreIC,0x1030,1,5,7,1,N,0x5,beta,,',
    // The state of proxies, and of code without feedback.
    'LoadIC,0x1040,1,6,7,0,N,0x5,then,,',
    'LoadIC,0x1050,1,7,7,X,X,0x5,then,,',
  ];
  expect(factsOf(steady([code, ...sites], ticks('0x1010')))?.map(brief)).toEqual([
    '中.cjs:3:7 grüße, megamorphic read shapes null',
    '中.cjs:4:7 grüße, megamorphic read shapes [Symbol.iterator]',
    '中.cjs:5:7 grüße, megamorphic written names null',
  ]);
});

test('a deoptimization counts only if it goes on while the code is warm', () => {
  const code = created(read, 0x1000, 0x100, 0x20, '*');
  const found = (lines: readonly string[]) => factsOf(steady([code], lines));
  expect(found(deopts('wrong map', often))).toEqual([
    {
      ...{ url: 'file:///project/a.js', at: { line: 3, column: 7 }, functionName: 'read' },
      ...{ kind: 'deoptimized', reason: 'wrong map', times: 5, ms: 1000 },
    },
  ]);
  expect(found(deopts('wrong map', often.slice(1)))).toEqual([]);
  expect(
    found(
      deopts(
        'wrong map',
        [1, 2, 3, 4, 5].map((at) => 1_000_000 + at),
      ),
    ),
  ).toEqual([]);
  expect(found(deopts('prepare for on stack replacement (OSR)', often))).toEqual([]);
  expect(found(deopts('(unknown)', often))).toEqual([]);
  expect(factsOf([...deopts('wrong map', often), ...steady([code], [])])).toEqual([]);
  // Of a function of Node that is part of the user's, the user's place counts.
  const within = deopts('not a Smi', often).map((line) => line.replace('<file', '<node:fs:1:1> inlined at <file'));
  expect(found(within)?.map(brief)).toEqual(['a.js:3:7 read deoptimized not a Smi']);
});

test('a copy inside code of another script is told at its own place', () => {
  const lines = [
    created('inner file:///project/b.js:1:15', 0x2000, 0x100, 0x30, '~'),
    created('outer file:///project/a.js:1:15', 0x1000, 0x100, 0x20, '*'),
    'code-source-info,0x1000,7,0,90,C0O5C16O40I0C64O50,F0O30,S0x30',
  ];
  const normalized = often.map((time) => `map,Normalize,${time},0x1,0x2,0x1020,3,7,DeletingProperty,`);
  expect(factsOf(steady(lines, normalized))?.map(brief)).toEqual(['b.js:40 inner dictionary DeletingProperty']);
  // After the copy, it is the outer one again.
  const outside = normalized.map((line) => line.replace('0x1020', '0x1050'));
  expect(factsOf(steady(lines, outside))?.map(brief)).toEqual(['a.js:3:7 outer dictionary DeletingProperty']);
});

test('a dictionary now and then is no reason', () => {
  const lines = [created(read, 0x1000, 0x100, 0x20, '~')];
  const normalized = often.map((time) => `map,Normalize,${time},0x1,0x2,0x1020,3,7,DeletingProperty,`);
  expect(factsOf(steady(lines, normalized), { iterations: 101, all: false })).toEqual([]);
  expect(factsOf(steady(lines, normalized), { iterations: 100, all: false })).toHaveLength(1);
  // Prototypes are dictionaries while they are made.
  expect(
    factsOf(
      steady(
        lines,
        normalized.map((line) => line.replace('DeletingProperty', 'NormalizeAsPrototype')),
      ),
    ),
  ).toEqual([]);
});

test('why V8 does not optimize a function is told only if V8 says so', () => {
  const slow = created(read, 0x1000, 0x100, 0x20, '~');
  const optimized = created('run file:///project/a.js:9:1', 0x3000, 0x100, 0x40, '*');
  const disabled = 'code-disable-optimization,read,Function has too many parameters';
  const found = (lines: readonly string[]) => factsOf(steady(lines, ticks('0x1010')))?.map(brief);
  expect(found([slow, optimized, disabled])).toEqual(['a.js:1:10 read not optimized Function has too many parameters']);
  expect(found([slow, optimized])).toEqual([]);
  // Nothing is, for example with --jitless.
  expect(found([slow, disabled])).toEqual([]);
  // V8 tells no place, and there are two of that name.
  const other = created('read file:///project/b.js:1:10', 0x4000, 0x100, 0x50, '~');
  expect(found([slow, optimized, other, disabled])).toEqual([]);
});

test('whatever else stands in a log is no reason, and no error', () => {
  const odd = [
    '',
    ',',
    'tick',
    'tick,,,,,,,',
    'map,Normalize',
    'code-creation',
    'code-move,0x1',
    'LoadIC,x,y,z,,P,N',
    'code-deopt,,,,,,,<>,',
  ];
  const names = [
    created('f\\x', 0x1000, 0x100, 0x20, '~'),
    created('a:b:c file:///project/a.js:x:1', 0x1000, 1, 0x20, ''),
  ];
  expect(
    factsOf(steady([...odd, ...names], [...odd, ...ticks('0x1010'), 'tick,0x1010,1,0,0x0,0,+1f,-2,overflow,0x'])),
  ).toEqual([]);
});
