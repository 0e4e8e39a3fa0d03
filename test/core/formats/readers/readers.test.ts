import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { read, type Figure } from '../../../../src/core/formats/readers/index.js';
import { readerNames, type ReaderName } from '../../../../src/core/language/reader-names.js';

const outputs = path.resolve(import.meta.dirname, '../../../fixtures/outputs');
const output = (file: string): string => readFileSync(path.join(outputs, file), 'utf8');

const short = (value: number): number => Number(value.toPrecision(4));

/** `time 1.5 ns [1.4, 1.6] of 20`. */
function said(key: string, { value, unit, low, high, samples }: Figure): string {
  const ends = low === undefined || high === undefined ? '' : ` [${short(low)}, ${short(high)}]`;
  return `  ${key} ${short(value)} ${unit}`.trimEnd() + ends + (samples === undefined ? '' : ` of ${samples}`);
}

/** Everything that was read, a line a metric; or what is wrong. */
function reading(format: ReaderName, text: string): string {
  const result = read(format, text);
  if (!result.ok) return result.error;
  const lines = result.value.flatMap(({ name, metrics }) => [
    name === '' ? '(no name)' : name,
    ...Object.entries(metrics).map(([key, figure]) => said(key, figure)),
  ]);
  return `\n${lines.join('\n')}\n`;
}

/** Outputs of the tools themselves (see the README beside them); those that are not to be had here are of their documented shape. */
const files: Readonly<Record<ReaderName, readonly string[]>> = {
  bencher: ['bencher.json'],
  benchee: ['benchee.json'],
  benchmarkdotnet: ['benchmarkdotnet.json'],
  criterion: ['criterion-fib-10.json', 'criterion-fib-20.json'],
  'github-action-benchmark': ['github-action-benchmark.json'],
  go: ['go.txt'],
  'google-benchmark': ['google-benchmark.json', 'google-benchmark-repetitions.json'],
  hyperfine: ['hyperfine.json', 'hyperfine-parameters.json'],
  jmh: ['jmh.json'],
  mitata: ['mitata.json'],
  'pytest-benchmark': ['pytest-benchmark.json', 'pytest-benchmark-data.json'],
  tinybench: ['tinybench.json'],
  vitest: ['vitest4.json', 'vitest4-projects.json', 'vitest5.json'],
};

test.each(Object.values(files).flat())('%s is read whole', async (file) => {
  const format = readerNames.find((name) => files[name].includes(file)) ?? 'go';
  await expect(reading(format, output(file))).toMatchFileSnapshot(path.join(outputs, 'read', `${file}.txt`));
});

const every = readerNames.flatMap((name) => files[name].map((file) => ({ name, file })));

test.each(every)('$file is known as the output of $name by every other reader', ({ name, file }) => {
  const expected = (other: ReaderName): string => `This is ${name}'s output, not ${other}'s: write "reads": "${name}".`;
  const others = readerNames.filter((other) => other !== name);
  expect(others.map((other) => reading(other, output(file)))).toEqual(others.map(expected));
});

test.each(every.filter(({ name }) => name !== 'go'))('$file cut short says so', ({ name, file }) => {
  const text = output(file);
  for (const share of [0.1, 0.5, 0.9]) {
    expect(reading(name, text.slice(0, text.length * share).replace(/[\s\]}]+$/, ''))).toBe(
      `This cannot be read as ${name}'s output. The output is cut off: its JSON never ends.`,
    );
  }
});

test.each(readerNames)('nothing and other texts are no output of %s', (name) => {
  const of = (error: string): string => `This cannot be read as ${name}'s output. ${error}`;
  const noLine =
    'The output has no benchmark lines, such as "BenchmarkSort-8 1269 19263 ns/op". "go test -bench ." prints them.';
  const isGo = name === 'go';
  expect(reading(name, '')).toBe(of(isGo ? noLine : 'There is no output.'));
  expect(reading(name, ' \n')).toBe(of(isGo ? noLine : 'There is no output.'));
  expect(reading(name, 'Compiling 3 files\n')).toBe(
    of(isGo ? noLine : 'The output is not JSON: it begins with "Compiling 3 files".'),
  );
  expect(reading(name, '{"a": 1,}')).toBe(of(isGo ? noLine : 'The output is not valid JSON.'));
});

test('what a build tool prints before and after the results is passed over, and a byte order mark too', () => {
  const plain = reading('hyperfine', output('hyperfine.json'));
  expect(reading('hyperfine', `\u{FEFF}${output('hyperfine.json')}`)).toBe(plain);
  expect(reading('hyperfine', `Compiling [1/3]\n  done\n${output('hyperfine.json')}`)).toBe(plain);
  expect(reading('hyperfine', `> build\n${output('hyperfine.json')}\nDone in 1 s.\n`)).toBe(plain);
});

test('what is no number is named where it stands; where nothing depends on it, it is left out', () => {
  const pytest = (stats: string): string =>
    `{"machine_info": {}, "benchmarks": [{"name": "a", "fullname": "t.py::a", "stats": ${stats}}]}`;
  expect(reading('pytest-benchmark', pytest('{"mean": NaN, "rounds": 1}'))).toBe(
    'This cannot be read as pytest-benchmark\'s output. "benchmarks.0.stats.mean" is NaN, not a number.',
  );
  expect(reading('pytest-benchmark', pytest('{"mean": -Infinity, "rounds": 1}'))).toBe(
    'This cannot be read as pytest-benchmark\'s output. "benchmarks.0.stats.mean" is -Infinity, not a number.',
  );
  expect(reading('pytest-benchmark', pytest('{"mean": 1e999, "rounds": 1}'))).toBe(
    'This cannot be read as pytest-benchmark\'s output. "benchmarks.0.stats.mean" is Infinity, not a number.',
  );
  expect(reading('pytest-benchmark', pytest('{"mean": 2, "stddev": NaN, "rounds": 1}'))).toBe(
    '\na\n  time 2000000000 ns of 1\n  throughput 0.5 1/s of 1\n  mean 2000000000 ns of 1\n',
  );
  const named = pytest('{"mean": 2, "rounds": 1}').replace('"name": "a"', '"name": "NaN and -inf"');
  expect(reading('pytest-benchmark', named)).toBe(
    '\nNaN and -inf\n  time 2000000000 ns of 1\n  throughput 0.5 1/s of 1\n  mean 2000000000 ns of 1\n',
  );
  expect(reading('pytest-benchmark', pytest('{"rounds": 1}'))).toBe(
    'This cannot be read as pytest-benchmark\'s output. "benchmarks.0.stats.mean" is missing.',
  );
});

test('figures without units are none', () => {
  const google = '{"context": {}, "benchmarks": [{"name": "BM_A", "real_time": 12, "cpu_time": 11}]}';
  expect(reading('google-benchmark', google)).toBe(
    'This cannot be read as google-benchmark\'s output. "BM_A" has no "time_unit".',
  );
  expect(reading('go', 'BenchmarkSort-2   1269   19263')).toBe(
    'This cannot be read as go\'s output. BenchmarkSort-2 has a number without a unit: "BenchmarkSort-2   1269   19263".',
  );
  expect(reading('github-action-benchmark', '[{"name": "a", "value": 1}]')).toBe(
    'This cannot be read as github-action-benchmark\'s output. "0.unit" is missing.',
  );
  const jmh = '[{"benchmark": "a.B.c", "mode": "avgt", "primaryMetric": {"score": 1, "scoreUnit": "fortnights/op"}}]';
  expect(reading('jmh', jmh)).toBe(
    'This cannot be read as jmh\'s output. a.B.c is in "fortnights/op", which is neither a time nor a throughput.',
  );
});

test('an output in which every benchmark failed says so', () => {
  expect(reading('benchmarkdotnet', '{"Title": "x", "Benchmarks": [{"FullName": "a", "Statistics": null}]}')).toBe(
    "This cannot be read as benchmarkdotnet's output. No benchmark in the output has statistics: all of them failed.",
  );
  expect(reading('hyperfine', '{"results": []}')).toBe(
    "This cannot be read as hyperfine's output. The output has no benchmarks.",
  );
});

test('names that two packages or files share are told apart, and a name keeps a number that is its own', () => {
  const go = [
    'pkg: a.com/x',
    'BenchmarkSort-8 10 5 ns/op',
    'pkg: a.com/y',
    'BenchmarkSort-8 10 6 ns/op',
    'BenchmarkSize-10-8 10 7 ns/op',
  ];
  const names = (text: string): readonly string[] => {
    const result = read('go', text);
    return result.ok ? result.value.map(({ name }) => name) : [result.error];
  };
  expect(names(go.join('\n'))).toEqual(['a.com/x/BenchmarkSort', 'a.com/y/BenchmarkSort', 'BenchmarkSize-10']);
  expect(names('BenchmarkSize-10 10 7 ns/op\nBenchmarkSort 10 7 ns/op')).toEqual(['BenchmarkSize-10', 'BenchmarkSort']);
});
