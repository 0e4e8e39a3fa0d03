import * as l10n from '@vscode/l10n';
import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import pLimit from 'p-limit';
import {
  configText,
  proposeBudgets,
  steadyName,
  type Candidate,
  type ProposedBudget,
  type ProposedSource,
} from '../../core/assist/propose.js';
import { configFileName } from '../../core/config/file-names.js';
import { benchCalls } from '../../core/outline/index.js';
import { err, ok, type Result } from '../../core/result.js';
import { passedOverWords, type PassedOver } from '../../core/text/init.js';
import { filePatterns, findBenchFiles, isNamedAsBench, listFiles, type Listed } from '../discovery/find.js';
import type { Git } from '../git/repository.js';
import { relativeTo, slashed } from '../util/paths.js';
import type { BenchRunner, Tried } from './bench-runner.js';
import { Subjects } from './subjects.js';

export interface InitOptions {
  readonly runner: BenchRunner;
  readonly git: Git | null;
  /** Absolute paths of bench files and folders; all that can be found if there are none. */
  readonly only?: readonly string[];
  /** Whether a bench file that was found, and not named, is left out (absolute path with `/`). */
  readonly leavesOut?: (file: string) => boolean;
  /** Whether a benchmark needs no try, because it has a budget; `file` is relative to the folder. */
  readonly isCovered?: (benchmark: Pick<Candidate, 'file' | 'name'>) => boolean;
  /** Ends the work; what is known until then is proposed. */
  readonly signal: AbortSignal;
  readonly onProgress?: (stage: 'finding' | 'trying', done: number, total: number) => void;
  /** The most milliseconds for calling benchmarks. */
  readonly tryMs?: number;
  readonly now?: () => number;
}

export interface Proposal {
  /** The text of a `perf-budget.jsonc`. */
  readonly text: string;
  readonly budgets: readonly ProposedBudget[];
  /** How many bench files and benchmarks were found. */
  readonly found: { readonly files: number; readonly benchmarks: number };
  /** What has no budget and why, one sentence each. */
  readonly passedOver: readonly string[];
  /** What was not done, one sentence each. */
  readonly notes: readonly string[];
}

const usualTryMs = 25_000;
/** As many as leave the machine usable. */
const atOnce = 2;
/** A comparison needs at least twenty calls a side. Above the first, `"time"` is raised; above the second, none is proposed. */
const longCallMs = 200;
const tooLongMs = 4_000;

interface FoundFile {
  readonly file: string;
  readonly text: string;
  readonly names: readonly string[];
  /** The names at a second load, in the same order. */
  readonly again: readonly string[];
}

/** Proposes a budget file for the benchmarks under a folder. Null if the signal aborted before any was found. */
export async function proposeConfig(root: string, options: InitOptions): Promise<Result<Proposal, string> | null> {
  const { signal, git, only = [], leavesOut = () => false, isCovered = () => false } = options;
  const folder = slashed(root);
  const listed = await listFiles(folder, git);
  const bench = await benchFilesOf(folder, listed, only, leavesOut);
  if (bench.length === 0) return err(noBenchFiles(root, only));
  const passedOver: PassedOver[] = [];
  const files = await discoverAll(folder, bench, options, passedOver);
  if (signal.aborted && files.length === 0) return null;
  const tried = await tryAll(folder, files, { ...options, isCovered });
  const subjects = new Subjects(folder, bench, listed);
  const build = await buildOf(folder);
  const built = new Set<string>();
  const all: { candidate: Candidate; reason: ReturnType<typeof reasonOf> }[] = [];
  let untried = 0;
  for (const found of files) {
    const file = relativeTo(folder, found.file);
    const callees = new Map(benchCalls(found.text, found.file).map((call) => [call.name, call.callee]));
    for (const [index, name] of found.names.entries()) {
      const one = tried.get(found)?.get(name) ?? null;
      const seen = one?.failure === null ? await subjects.of(one.reached, name, found.text) : null;
      const callee = callees.get(name) ?? null;
      // An imported constant, such as a pattern, has no function that could run, and is code all the same.
      const isOwn = seen?.kind === 'fixed' && callee?.source.startsWith('.') === true;
      // What git ignores can be built on both sides.
      if (seen?.kind === 'ignored' && build !== null) built.add(file);
      const isKnown = isOwn || (seen?.kind === 'ignored' && build !== null);
      const reason = one === null ? null : reasonOf(one, isKnown ? 'own' : (seen?.kind ?? null));
      const again = found.again[index] ?? name;
      if (one === null && again === name && !isCovered({ file, name })) untried++;
      const code = callee === null && seen?.kind === 'own' ? seen.code : null;
      const seconds = one !== null && one.ms > longCallMs ? Math.ceil((one.ms * 40) / 1000) : null;
      const candidate = { file, name, steady: steadyName(name, again, found.text), code, seconds };
      all.push({ candidate, reason });
    }
  }
  // A repository whose bench files contain all of the code still gets its budgets.
  const isAnyOwn = all.some(({ reason }) => reason === null);
  const isPassed = ({ reason }: (typeof all)[number]): boolean =>
    reason !== null && (isAnyOwn || reason.kind !== 'fixed');
  const over = all.filter(isPassed);
  for (const { candidate, reason } of over) if (reason !== null) passedOver.push({ ...reason, ...nameOf(candidate) });
  return proposal(folder, {
    ...{ files, listed, passedOver, untried, isAnyOwn, build, built },
    candidates: all.filter((one) => !isPassed(one)).map(({ candidate }) => candidate),
    others: over.map(({ candidate }) => candidate),
  });
}

const nameOf = ({ file, name }: Candidate): Pick<Candidate, 'file' | 'name'> => ({ file, name });

function proposal(
  root: string,
  {
    files,
    listed,
    candidates,
    others,
    passedOver,
    untried,
    isAnyOwn,
    build,
    built,
  }: {
    readonly files: readonly FoundFile[];
    readonly listed: Listed;
    readonly candidates: readonly Candidate[];
    readonly others: readonly { readonly file: string; readonly name: string }[];
    readonly passedOver: readonly PassedOver[];
    readonly untried: number;
    readonly isAnyOwn: boolean;
    readonly build: readonly string[] | null;
    /** The bench files that run something built. */
    readonly built: ReadonlySet<string>;
  },
): Result<Proposal, string> {
  const words = passedOverWords(passedOver);
  if (candidates.length === 0) {
    return err([l10n.t`No benchmark in ${root} can have a budget:`, ...words.map((each) => `  ${each}`)].join('\n'));
  }
  const budgets = proposeBudgets(candidates, others);
  const used = [...new Set(candidates.map(({ file }) => file))];
  const unused = [...new Set(passedOver.filter(({ name }) => name === null).map(({ file }) => file))];
  const all = listed.files.map((file) => relativeTo(root, file));
  const sourcesOf = (isBuilt: boolean): readonly ProposedSource[] => {
    const [wanted, rest] = [true, false].map((own) => used.filter((file) => (built.has(file) === isBuilt) === own));
    const patterns = filePatterns(wanted ?? [], all, [...unused, ...(rest ?? [])]);
    return patterns.map((files) => ({ files, build: isBuilt ? build : null }));
  };
  const benchmarks = files.reduce((sum, { names }) => sum + names.length, 0);
  return ok({
    text: configText([...sourcesOf(false), ...sourcesOf(true)], budgets, words),
    budgets,
    found: { files: files.length, benchmarks },
    passedOver: words,
    notes: [
      ...(untried === 0 ? [] : [l10n.t`${untried} of ${benchmarks} benchmarks were not tried, because time ran out`]),
      ...(isAnyOwn
        ? []
        : [l10n.t('No benchmark reaches code outside its bench file, so no change can affect one yet')]),
    ],
  });
}

async function benchFilesOf(
  root: string,
  listed: Listed,
  only: readonly string[],
  leavesOut: (file: string) => boolean,
): Promise<readonly string[]> {
  const found = (await findBenchFiles(root, listed.files)).filter((file) => !leavesOut(file));
  if (only.length === 0) return found;
  const wanted = only.map(slashed);
  // A file that the user names is one, whatever it imports. A folder may be called "three.js".
  const isFolder = (one: string): boolean => statSync(one, { throwIfNoEntry: false })?.isDirectory() === true;
  const named = wanted.filter((one) => /\.[cm]?[jt]sx?$/.test(one) && !isFolder(one));
  const inside = found.filter((file) => wanted.some((one) => file.startsWith(`${one}/`)));
  return [...new Set([...named, ...inside])].sort();
}

function noBenchFiles(root: string, only: readonly string[]): string {
  const where = only.length === 0 ? root : only.map((one) => relativeTo(root, one) || '.').join(', ');
  return l10n.t`No bench files for tinybench, Vitest, mitata or Benchmark.js were found in ${where}. Name them like bench/parser.bench.ts.`;
}

/** Loads the bench files and returns those that have benchmarks. */
async function discoverAll(
  root: string,
  bench: readonly string[],
  { runner, signal, onProgress }: InitOptions,
  passedOver: PassedOver[],
): Promise<readonly FoundFile[]> {
  const limit = pLimit(atOnce);
  let done = 0;
  const isOver = (): boolean => signal.aborted;
  const found = bench.map((file) =>
    limit(async (): Promise<FoundFile | null> => {
      if (isOver()) return null;
      const names = await runner.discover(file);
      if (isOver()) return null;
      onProgress?.('finding', ++done, bench.length);
      const about = { file: relativeTo(root, file), name: null };
      if (!names.ok) passedOver.push({ ...about, kind: 'failed', message: names.error });
      else {
        for (const { name, failure } of names.value.failures)
          passedOver.push({ ...about, name, kind: 'partly', message: partlyWords(failure.message) });
      }
      if (names.ok && names.value.names.length > 0) {
        const text = await readFile(file, 'utf8').catch(() => '');
        const again = await namesAgain(file, names.value.names, text, runner);
        return { file, text, names: names.value.names, again };
      }
      if (names.ok && names.value.failures.length === 0 && isNamedAsBench(file))
        passedOver.push({ ...about, kind: 'empty' });
      return null;
    }),
  );
  const all = await Promise.all(found);
  passedOver.sort((a, b) => (a.file < b.file ? -1 : 1));
  return all.filter((one) => one !== null);
}

/** Calls each benchmark once, as far as the time goes. */
async function tryAll(
  folder: string,
  files: readonly FoundFile[],
  {
    runner,
    signal,
    onProgress,
    isCovered,
    tryMs = usualTryMs,
    now = Date.now,
  }: InitOptions & Required<Pick<InitOptions, 'isCovered'>>,
): Promise<ReadonlyMap<FoundFile, ReadonlyMap<string, Tried>>> {
  const limit = pLimit(atOnce);
  const covered = new Map(
    files.map((found) => {
      const file = relativeTo(folder, found.file);
      return [found, new Set(found.names.filter((name) => isCovered({ file, name })))];
    }),
  );
  const total = files.reduce((sum, found) => sum + found.names.length - (covered.get(found)?.size ?? 0), 0);
  const started = now();
  const isAborted = (): boolean => signal.aborted;
  const isOver = (): boolean => isAborted() || now() - started > tryMs;
  let count = 0;
  const trying = files.map((found) =>
    limit(async () => {
      const tried = new Map<string, Tried>();
      const isDone = (name: string): boolean => tried.has(name) || covered.get(found)?.has(name) === true;
      let isAlone = false;
      const left = (): string | undefined =>
        found.names.find((name, index) => !isDone(name) && found.again[index] === name);
      for (let name = left(); name !== undefined && !isOver(); name = left()) {
        const others = found.names.filter((one) => one !== name && (isAlone || isDone(one)));
        const answer = await runner.tryOnce(found.file, name, others);
        if (isAborted()) break;
        // One that hangs or crashes takes the others with it, so it is found by running each alone.
        if (!answer.ok && others.length + 1 < found.names.length) {
          isAlone = true;
          continue;
        }
        const cases = answer.ok ? answer.value : [{ name, failure: answer.error, ms: 0, reached: [] }];
        for (const one of cases) tried.set(one.name, one);
        count += cases.length;
        onProgress?.('trying', count, total);
      }
      return [found, tried] as const;
    }),
  );
  return new Map(await Promise.all(trying));
}

/** Returns the names of a second load, if the text does not have all of them and they may therefore differ. */
async function namesAgain(
  file: string,
  names: readonly string[],
  text: string,
  runner: BenchRunner,
): Promise<readonly string[]> {
  // Small numbers count, and what is written in the file stays.
  const numbers = names.flatMap((name) => name.match(/\d+(?:[.:-]\d+)+|\d{3,}/g) ?? []);
  if (numbers.every((number) => text.includes(number))) return names;
  const again = await runner.discover(file);
  return again.ok && again.value.names.length === names.length ? again.value.names : names;
}

/** What is said of one benchmark that a suite would have defined is true of all. */
const partlyWords = (message: string): string =>
  message.replace('defined this benchmark', 'had defined all its benchmarks');

/** Returns the command that builds the package of a folder; null if its package.json has none. */
async function buildOf(root: string): Promise<readonly string[] | null> {
  const manifest = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { scripts } = (parse(manifest) as { readonly scripts?: { readonly build?: unknown } } | undefined) ?? {};
  if (typeof scripts?.build !== 'string') return null;
  const locks = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun' };
  const found = Object.entries(locks).find(([file]) => existsSync(path.join(root, file)));
  return [found?.[1] ?? 'npm', 'run', 'build'];
}

/** Returns why a benchmark gets no budget; null if it gets one. */
function reasonOf(
  { failure, ms }: Tried,
  subject: 'own' | 'ignored' | 'fixed' | null,
): Pick<PassedOver, 'kind' | 'message'> | null {
  if (failure !== null) return { kind: 'failed', message: failure };
  if (ms > tooLongMs) return { kind: 'long', message: `${(ms / 1000).toFixed(1)} s` };
  return subject === 'ignored' || subject === 'fixed' ? { kind: subject } : null;
}

/** Writes a proposal into the folder, but never over an existing file. Returns the absolute path, or why it could not. */
export async function writeConfig(root: string, { text }: Pick<Proposal, 'text'>): Promise<Result<string, string>> {
  const file = slashed(path.join(root, configFileName));
  try {
    await writeFile(file, text, { flag: 'wx' });
    return ok(file);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const message = error instanceof Error ? error.message : String(error);
    return err(exists ? l10n.t`${file} already exists.` : l10n.t`${file} could not be written: ${message}`);
  }
}
