import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { samplesNeeded } from '../../core/language/metric.js';
import { err, ok, type Result } from '../../core/result.js';
import { libraryOf } from '../bundle/libraries.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { Estimate, Side } from '../../core/stats/estimate.js';
import { configFileName } from '../../core/config/file-names.js';

/** Runs the user's bench files for `proposeConfig`. Failures are one sentence each. */
export interface BenchRunner {
  /** Returns the names of a bench file's benchmarks. */
  discover(file: string): Promise<Result<readonly string[], string>>;
  /** Measures the current code: `time`, and `p95` if there are enough samples. */
  measure(file: string, name: string): Promise<Result<Side, string>>;
}

export interface InitOptions {
  readonly runner: BenchRunner;
  /** Checked between benchmarks; the runner must end the running one itself. */
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** One benchmark that was found and measured. */
export interface Proposed {
  /** Relative to the folder. */
  readonly file: string;
  readonly name: string;
  readonly time: Estimate;
  /** The check proposed as its limit; null for none. */
  readonly limit: string | null;
}

export interface Proposal {
  /** The text of a `perf-budget.jsonc`. */
  readonly text: string;
  readonly benchmarks: readonly Proposed[];
  /** What was left out and why, one sentence each. */
  readonly leftOut: readonly string[];
}

const code = '{js,mjs,cjs,jsx,ts,mts,cts,tsx}';
/** The file names that Vitest uses for bench files, and the folders where others keep theirs. */
const named = `**/*.{bench,benchmark}.${code}`;
const searched = [named, `**/{bench,benches,benchmark,benchmarks}/**/*.${code}`];
const notSearched = ['**/node_modules/**', '**/.git/**', '**/dist/**', '**/.perf-budget/**', '**/*.d.{ts,mts,cts}'];

/**
 * Proposes a budget file for the bench files under a folder. Every benchmark gets the default regression limit, and the first
 * one measured in each file an absolute limit at three times its figure here. Null if the signal aborted.
 */
export async function proposeConfig(root: string, options: InitOptions): Promise<Result<Proposal, string> | null> {
  const { runner, signal, onProgress } = options;
  const found = await findBenchFiles(root);
  if (found.length === 0) {
    return err(
      `No bench files for tinybench, Vitest, mitata or Benchmark.js were found in ${root}. Name them like bench/parser.bench.ts.`,
    );
  }
  const leftOut: string[] = [];
  const files: { file: string; names: readonly string[] }[] = [];
  for (const file of found) {
    if (signal.aborted) return null;
    const names = await runner.discover(file);
    const shown = relativeTo(root, file);
    if (!names.ok) leftOut.push(about(shown, names.error));
    else if (names.value.length > 0) files.push({ file, names: names.value });
    else if (isNamed(file)) leftOut.push(`${shown}: it has no benchmarks`);
  }
  const chosen = withReferences(root, files);
  const benchmarks: Proposed[] = [];
  const limited = new Set<string>();
  for (const [done, { file, name, benchmark }] of chosen.entries()) {
    if (signal.aborted) return null;
    onProgress?.(done, chosen.length);
    const measured = await runner.measure(file, name);
    const time = measured.ok ? measured.value.metrics['time'] : undefined;
    if (!measured.ok || time === undefined) {
      const why = measured.ok ? 'nothing was measured' : measured.error;
      leftOut.push(about(relativeTo(root, file), `${name}: ${why}`));
      continue;
    }
    const limit = limited.has(file) ? null : proposedLimit(measured.value);
    limited.add(file);
    benchmarks.push({ file: relativeTo(root, file), name: benchmark, time, limit });
  }
  // An abort makes the last measurement fail, which is not a problem to report.
  if (signal.aborted) return null;
  if (benchmarks.length === 0) {
    return err(`No benchmark in ${root} could be measured:\n${leftOut.map((each) => `  ${each}`).join('\n')}`);
  }
  return ok({ text: configText(benchmarks, leftOut), benchmarks, leftOut });
}

/** Returns a message on one line, without a full stop. Adds the file unless the message begins with it. */
function about(file: string, message: string): string {
  const line = message.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '');
  return line.startsWith(file) ? line : `${file}: ${line}`;
}

/** Writes a proposal into the folder, but never over an existing file. Returns the absolute path, or why it could not. */
export async function writeConfig(root: string, { text }: Proposal): Promise<Result<string, string>> {
  const file = slashed(path.join(root, configFileName));
  try {
    await writeFile(file, text, { flag: 'wx' });
    return ok(file);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const message = error instanceof Error ? error.message : String(error);
    return err(exists ? `${file} already exists.` : `${file} could not be written: ${message}`);
  }
}

/** Finds files named as bench files, and files in bench folders that import a library. Absolute paths, sorted. */
async function findBenchFiles(root: string): Promise<readonly string[]> {
  const files = await glob(searched, { cwd: root, absolute: true, ignore: notSearched });
  const texts = files.sort().map(async (file) => ({ file: slashed(file), text: await readFile(file, 'utf8') }));
  return (await Promise.all(texts)).filter(({ file, text }) => isBench(file, text)).map(({ file }) => file);
}

const isNamed = (file: string): boolean => /\.(bench|benchmark)\.[cm]?[jt]sx?$/.test(file);

function isBench(file: string, text: string): boolean {
  const specifiers = [...text.matchAll(/(?:from|import|require\()\s*(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2] ?? '',
  );
  const libraries = specifiers.map(libraryOf).filter((library) => library !== null);
  // Vitest's functions may be globals. In a bench folder, a file that imports Vitest may be just a test.
  if (isNamed(file)) return libraries.length > 0 || /\bbench\s*\(/.test(text);
  return libraries.some((library) => library !== 'vitest' || /\bbench\s*[.(]/.test(text));
}

interface Chosen {
  readonly file: string;
  readonly name: string;
  /** The name that a budget uses. */
  readonly benchmark: string;
}

/** Picks the name that a budget uses for each benchmark: with the file if several bench files share the name. */
function withReferences(root: string, files: readonly { file: string; names: readonly string[] }[]): readonly Chosen[] {
  const owners = new Map<string, number>();
  for (const name of files.flatMap(({ names }) => names)) owners.set(name, (owners.get(name) ?? 0) + 1);
  return files.flatMap(({ file, names }) =>
    names.map((name) => ({
      file,
      name,
      benchmark: owners.get(name) === 1 ? name : `${relativeTo(root, file)}#${name}`,
    })),
  );
}

/** Returns a check like `p95 <= 2.5 ms`, at three times the figure here, so that only a grave change breaks it elsewhere. */
function proposedLimit({ metrics }: Side): string | null {
  const { p95, time } = metrics;
  if (p95 !== undefined && p95.samples >= samplesNeeded(95)) return `p95 <= ${roundedUp(3 * p95.value)}`;
  return time === undefined ? null : `time <= ${roundedUp(3 * time.high)}`;
}

const units: readonly (readonly [string, number])[] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
];

/** Formats nanoseconds as a quantity for a check, rounded up to two significant digits. */
export function roundedUp(nanoseconds: number): string {
  const step = 10 ** (Math.floor(Math.log10(nanoseconds)) - 1);
  const rounded = Math.ceil(Number((nanoseconds / step).toPrecision(12))) * step;
  const [unit, scale] = units.find(([, from]) => rounded >= from) ?? ['ns', 1];
  return `${Number((rounded / scale).toPrecision(2))} ${unit}`;
}

const widest = 120;

function configText(benchmarks: readonly Proposed[], leftOut: readonly string[]): string {
  const sources = filePatterns([...new Set(benchmarks.map(({ file }) => file))]).map(
    (pattern) => `{ "files": ${JSON.stringify(pattern)} }`,
  );
  const [only = '', ...others] = sources;
  return [
    '{',
    '  // Where the benchmarks are.',
    ...(others.length === 0
      ? [`  "benchmarks": [${only}],`]
      : ['  "benchmarks": [', ...sources.map((source) => `    ${source},`), '  ],']),
    ...leftOut.map((reason) => `  // Left out: ${reason}${reason.endsWith('?') ? '' : '.'}`),
    '',
    '  // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".',
    '  // The limits are three times what was measured when this file was written: tighten them.',
    '  "budgets": {',
    ...benchmarks.flatMap(budgetText),
    '  },',
    '}',
    '',
  ].join('\n');
}

/** Formatted as Prettier would. */
function budgetText({ name, limit }: Proposed): readonly string[] {
  const key = JSON.stringify(name);
  const entries = [`"benchmark": ${key}`, ...(limit === null ? [] : [`"limit": [${JSON.stringify(limit)}]`])];
  const line = `    ${key}: { ${entries.join(', ')} },`;
  return line.length <= widest ? [line] : [`    ${key}: {`, ...entries.map((entry) => `      ${entry},`), '    },'];
}

/** Returns patterns for these files: one for all that are named as bench files, and one for each of the others. */
function filePatterns(files: readonly string[]): readonly string[] {
  const bench = files.filter(isNamed);
  const parts = (index: number): readonly string[] =>
    [...new Set(bench.map((file) => /\.(bench|benchmark)\.(\w+)$/.exec(file)?.[index] ?? ''))].sort();
  const pattern = `${commonFolder(bench)}**/*.${either(parts(1))}.${either(parts(2))}`;
  return [
    ...(bench.length > 1 ? [pattern] : bench.map(escapeGlob)),
    ...files.filter((file) => !isNamed(file)).map(escapeGlob),
  ];
}

const either = (parts: readonly string[]): string => (parts.length === 1 ? parts.join('') : `{${parts.join(',')}}`);

/** Returns the common folder, like `bench/` for `bench/a.bench.ts` and `bench/b/c.bench.ts`; empty if there is none. */
function commonFolder(files: readonly string[]): string {
  const folders = files.map((file) => file.split('/').slice(0, -1));
  const [first = []] = folders;
  const shared = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part));
  const parts = shared === -1 ? first : first.slice(0, shared);
  return parts.map((part) => `${escapeGlob(part)}/`).join('');
}

/** Escapes the characters that have a meaning in a glob. */
const escapeGlob = (text: string): string => text.replaceAll(/[\\*?[\]{}()!+@]/g, (character) => `\\${character}`);
