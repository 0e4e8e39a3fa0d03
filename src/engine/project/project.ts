import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config, Waiver } from '../../core/language/budget.js';
import { parseConfig } from '../../core/config/config.js';
import type { Baseline, BudgetResult, Machine, Report, RunFailure, Verdict } from '../../core/results/measurement.js';
import { benchmarkNames } from '../../core/config/mentions.js';
import { Lines, type Location, type Problem } from '../../core/problem.js';
import { err, type Result } from '../../core/result.js';
import type { BudgetState, KnownResult } from '../../core/results/state.js';
import { withWaiver } from '../../core/text/waiver.js';
import { localDay } from '../../core/text/terminal.js';
import type { BudgetFigures } from '../../core/judge/baseline.js';
import { leaves, resolve } from '../discovery/resolve.js';
import { KnownBenchmarks } from './known-benchmarks.js';
import { readBaselines, useBaseline, type Baselines, type KeptBaseline } from '../baseline/files.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import type { Bundler } from '../bundle/bundler.js';
import { cannotCapture, capture, type CaptureRequest } from '../baseline/capture.js';
import type { Forks } from '../workers/pool.js';
import type { Git } from '../git/repository.js';
import { isOwn, type History } from '../history/history.js';
import type { Idle } from '../measure/idle.js';
import { Inline } from '../discovery/inline-budgets.js';
import type { Log } from '../util/log.js';
import { relativeTo, slashed } from '../util/paths.js';
import { Places, type BudgetPlaces } from './locations.js';
import type { Planner } from '../measure/plan.js';
import type { Runner } from '../measure/run.js';
import type { RunEvents, RunRequest } from '../measure/run.js';
import { emptySnapshot, type Project, type Snapshot } from './snapshot.js';
import type { HistoryRow } from '../history/store.js';
import { recordsFile, baselinesFolder } from '../../core/config/file-names.js';

export interface ProjectOptions {
  readonly log: Log;
  /** Without trust the budgets are shown from the history, and nothing of the user's runs: no bench file, no git, no bundler. */
  readonly trusted: boolean;
  /** The Node that measures; null for the first on the PATH. */
  readonly nodePath: string | null;
  /** `dist/worker.js`. */
  readonly workerPath: string;
  /** Whether idle moments are used to measure the noise of this machine: in an editor. */
  readonly measuresWhenIdle?: boolean;
  /** Ends what is done while the project opens: a bench file may hang as it is loaded. */
  readonly signal?: AbortSignal;
}

/** Saves within this time are one run. */
const burstMs = 1;

/** What a project is made of. */
export interface Parts extends ProjectOptions {
  readonly history: History;
  readonly git: Git | null;
  readonly store: BundleStore;
  readonly bundler: Bundler;
  readonly forks: Forks;
  readonly machine: Machine;
  /** Of this machine, where `machine` is not known too. */
  readonly machineId: () => Promise<string>;
  readonly benchFiles: BenchFiles;
  readonly planner: Planner;
  readonly runner: Runner;
  readonly idle: Idle | null;
}

/** What one execution works on; a newer one takes over what it had not finished. */
interface Running {
  readonly controller: AbortController;
  readonly done: Promise<unknown>;
  /** To be looked at, and to be measured. */
  readonly look: Set<string>;
  readonly pending: Set<string>;
}

/** What is asked of one execution. */
interface Task {
  readonly look: readonly string[];
  readonly run: readonly string[];
  readonly request: RunRequest;
  /** Only what these files can reach is run. */
  readonly files?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
  readonly onResult?: (result: BudgetResult) => void;
}

export class OpenProject implements Project {
  #snapshot: Snapshot = emptySnapshot;
  /** What the file says. */
  #written: Config | null = null;
  /** With what comments in the code say. */
  #config: Config | null = null;
  #configProblems: readonly Problem[] = [];
  #inlineProblems: readonly Problem[] = [];
  #runProblems: readonly Problem[] = [];
  #waivers: ReadonlyMap<string, Waiver | undefined> = new Map();
  readonly #states = new Map<string, BudgetState>();
  readonly #found = new Map<string, BudgetPlaces>();
  /** What a capture would keep of what is known. */
  readonly #figures = new Map<string, readonly BudgetFigures[]>();
  #progress: Snapshot['progress'] = null;
  #baseline: Baseline | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #places: Places;
  readonly #inline: Inline;
  readonly #benchmarks = new KnownBenchmarks();
  /** Whether the bench files were read, or will not be. */
  #isRead = false;
  #running: Running | null = null;
  readonly #changed = new Set<string>();
  #burst: NodeJS.Timeout | undefined;
  #isPublishing = false;
  #disposed = false;

  constructor(
    readonly root: string,
    readonly configFile: string,
    readonly parts: Parts,
  ) {
    this.#places = new Places(root);
    this.#inline = new Inline(root, configFile, parts.git);
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reload(): Promise<void> {
    try {
      await this.#reload();
    } finally {
      this.#isRead = true;
      this.#publish();
    }
  }

  async #reload(): Promise<void> {
    const text = await readFile(this.configFile, 'utf8').catch(() => '');
    const parsed = parseConfig(this.configFile, text);
    // A file that cannot be read at all keeps the budgets that were known: it is being edited.
    this.#written = parsed.config ?? this.#written;
    this.#configProblems = parsed.problems;
    const { warning } = this.parts.history;
    if (warning !== null) {
      const location = new Lines(this.configFile, text).location({ start: 0, end: 0 });
      this.#configProblems = [...this.#configProblems, { location, message: warning, warning: true }];
    }
    this.#merge();
    this.#publish();
    if (this.#written === null) return;
    await this.#inline.scan(this.#written);
    const config = this.#merge();
    this.#publish();
    if (config === null) return;
    if (!this.parts.trusted) {
      // Where a budget says itself what it is about, reading that file is enough to show it there.
      for (const budget of config.budgets) this.#found.set(budget.name, await this.#places.of(budget, null));
      this.#publish();
      return;
    }
    await this.parts.benchFiles.scan(config);
    // What is known from the history may be about older code; the hashes of the code tell, and no benchmark runs for it.
    await this.#start({ look: this.#names(), run: [], request: {} });
  }

  filesChanged(files: readonly string[], measuring = true): void {
    if (!this.parts.trusted || this.#disposed) return;
    this.parts.idle?.touch();
    for (const file of files) this.#changed.add(slashed(file));
    clearTimeout(this.#burst);
    const answer = (): void => void this.#answerChanges(measuring).catch((error: unknown) => this.#bug(error));
    this.#burst = setTimeout(answer, burstMs);
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Report> {
    const started = performance.now();
    const files = request.files && new Set(request.files.map((file) => slashed(path.resolve(file))));
    if (files !== undefined) this.parts.benchFiles.changed(files);
    const results = new Map<string, BudgetResult>();
    const named = new Set(request.budgets ?? this.#names());
    if (this.parts.trusted) {
      await this.#start({
        look: [],
        run: [...named],
        request,
        ...(files !== undefined && { files }),
        ...(signal !== undefined && { signal }),
        onResult: (result) => named.has(result.name) && results.set(result.name, result),
      });
    }
    const problems = this.#snapshot.problems.map(({ location: { file, start }, message }) => ({
      file: relativeTo(this.root, file),
      ...start,
      message,
    }));
    return {
      version: 1,
      verdict: worst([...results.values()].map((result) => result.verdict)),
      elapsedMs: Math.round(performance.now() - started),
      baseline: this.#baseline,
      machine: this.parts.machine,
      budgets: this.#names().flatMap((name) => results.get(name) ?? []),
      problems,
    };
  }

  cancel(): void {
    this.#running?.controller.abort();
    this.#running?.pending.clear();
  }

  cannotCapture(): Promise<string | null> {
    return cannotCapture(this.root, this.parts);
  }

  async capture(request: CaptureRequest): Promise<Result<KeptBaseline, string>> {
    const config = this.#config;
    if (config === null) return err('The budgets cannot be read.');
    const results = this.#snapshot.budgets.flatMap(({ state }) => (state.kind === 'known' ? [state.known.result] : []));
    const figures = results.flatMap(({ name }) => this.#figures.get(name) ?? []);
    const seen = { config, results, figures, compared: this.#baseline?.name ?? 'the baseline' };
    const captured = await capture(
      this.root,
      request,
      Date.now(),
      { ...this.parts, files: this.parts.benchFiles.all },
      seen,
    );
    if (captured.ok) await this.#readBaseline();
    return captured;
  }

  baselines(): Promise<Baselines> {
    return readBaselines(this.root);
  }

  async useBaseline(name: string | null): Promise<Result<null, string>> {
    const used = await useBaseline(this.root, name);
    if (used.ok) await this.#readBaseline();
    return used;
  }

  async #readBaseline(): Promise<void> {
    const { old } = await this.parts.planner.oldSide(this.#config?.defaults.baseline ?? 'auto');
    this.#baseline = old?.baseline ?? null;
    this.#publish();
  }

  async history(budget: string, limit: number, onlyHere = false): Promise<readonly HistoryRow[]> {
    const { history } = this.parts;
    const rows = onlyHere ? history.ownRows(budget, limit) : history.rows(budget, limit);
    // Another clone's runs on a machine like this one are as good as its own.
    const here = rows.every(isOwn) ? null : await this.parts.machineId();
    return rows.map((row) => ({ ...row, here: isOwn(row) || row.machine === here }));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#burst);
    this.cancel();
    this.parts.idle?.dispose();
    this.#listeners.clear();
    this.parts.forks.dispose();
    await this.#running?.done.catch(() => undefined);
    await this.parts.bundler.dispose();
    this.parts.git?.dispose();
    this.parts.history.close();
    this.parts.store.dispose();
  }

  /** Puts together what the file and the comments say, and what is known of it from the history. */
  #merge(): Config | null {
    if (this.#written === null) return null;
    const { config, problems } = this.#inline.merged(this.#written);
    this.#config = config;
    this.#waivers = new Map(config.budgets.map(({ name, waived }) => [name, waived]));
    this.#inlineProblems = problems;
    const unseen = config.budgets.filter(({ name }) => !this.#states.has(name));
    const latest = unseen.length === 0 ? new Map<string, never>() : this.parts.history.latest();
    for (const { name } of unseen) {
      const row = latest.get(name);
      if (row === undefined) this.#states.set(name, { kind: 'unmeasured' });
      else {
        const result = this.#waived({ ...row.result, cached: true });
        this.#states.set(name, { kind: 'known', known: { result, at: row.at } });
      }
    }
    return config;
  }

  #waived(result: BudgetResult): BudgetResult {
    return withWaiver(result, this.#waivers.get(result.name), localDay(new Date()));
  }

  #names(): readonly string[] {
    return (this.#config?.budgets ?? []).map((budget) => budget.name);
  }

  /**
   * One execution at a time: a newer one ends the older and takes over what it had not finished. Looks again at the bench
   * files that changed, tells which of the `look` budgets are stale, and measures the `run` ones.
   */
  async #start(task: Task): Promise<void> {
    this.parts.idle?.busy();
    const before = this.#running;
    before?.controller.abort();
    const carried = before?.pending ?? new Set();
    const pending = new Set([...carried, ...task.run]);
    const look = new Set([...(before?.look ?? []), ...task.look]);
    const controller = new AbortController();
    const signal = task.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, task.signal]);
    const ended = (): boolean => signal.aborted;
    const done = (async () => {
      await before?.done.catch(() => undefined);
      if (ended() || this.#config === null) return;
      const config = await this.#refresh(this.#config, signal);
      // Which budgets a file can reach is known now; what is not reached has no part in this run.
      const { files } = task;
      for (const name of files === undefined ? [] : task.run) {
        if (!carried.has(name) && !this.#reaches(name, files ?? new Set())) pending.delete(name);
      }
      if (ended()) return;
      const unseen = [...look].filter((name) => !pending.has(name));
      if (unseen.length > 0) await this.#look(config, unseen);
      look.clear();
      const events = this.#events(task.onResult);
      if (pending.size > 0) await this.parts.runner.run(config, [...pending], task.request, signal, events);
    })();
    const running = { controller, done, look, pending };
    this.#running = running;
    try {
      await done;
    } finally {
      if (this.#running === running) {
        this.#running = null;
        this.#progress = null;
        this.#settleStates();
        this.#publish();
        this.parts.idle?.rest();
      }
    }
  }

  /** Compares what is known of these budgets with the code as it is; what is not measured yet for it is stale. */
  async #look(config: Config, names: readonly string[]): Promise<void> {
    const stale = await this.parts.runner.look(config, names, this.#events());
    for (const name of stale) {
      const previous = previousOf(this.#states.get(name));
      if (previous !== null) this.#states.set(name, { kind: 'stale', previous });
    }
  }

  async #answerChanges(measuring: boolean): Promise<void> {
    const { benchFiles } = this.parts;
    const changed = new Set(this.#changed);
    this.#changed.clear();
    if (this.#written === null) return;
    const isInlineNew = await this.#inline.changed(changed, this.#written);
    const config = isInlineNew ? this.#merge() : this.#config;
    if (config === null) return;
    // A new file may be a bench file; a known one that is gone is noticed when it is bundled.
    const isBenchNew = [...changed].some(
      (file) => (!benchFiles.has(file) && /bench/i.test(file)) || benchFiles.isNew(file),
    );
    if (isBenchNew || isInlineNew) await benchFiles.scan(config);
    benchFiles.changed(changed);
    const isRecorded = changed.has(slashed(path.join(this.root, recordsFile)));
    const folder = `${slashed(path.join(this.root, baselinesFolder))}/`;
    const isBaseline = [...changed].some((file) => file.startsWith(folder));
    if ((!benchFiles.isDirty && !isRecorded && !isInlineNew && !isBaseline) || this.#disposed) return;
    const affected = this.#names().filter((name) => this.#reaches(name, changed));
    const request = { files: [...changed] };
    // While the bench files are first read nearly nothing is known of what they reach: `files` is held against it then.
    const look = isBaseline ? this.#names() : [];
    await this.#start(
      measuring ? { look, run: affected, request, files: changed } : { look: [...look, ...affected], run: [], request },
    );
  }

  #reaches(name: string, files: ReadonlySet<string>): boolean {
    const budget = this.#config?.budgets.find((one) => one.name === name);
    const config = this.#config;
    if (budget === undefined || config === null) return false;
    if (budget.subject.kind === 'manual') return files.has(slashed(path.join(this.root, recordsFile)));
    // A comment that was changed may ask for something new.
    if (budget.checks.some(({ location }) => location !== null && files.has(location.file))) return true;
    return [...benchmarkNames(config, [budget])].some((one) => this.parts.benchFiles.reaches(one, files));
  }

  /**
   * Looks again at the bench files that changed, finds every budget's places, and says what cannot be found. Returns the
   * configuration with the budgets that stand in what the bench files reach.
   */
  async #refresh(before: Config, signal: AbortSignal): Promise<Config> {
    const { benchFiles, forks } = this.parts;
    forks.prepare();
    // The sources are read while the bundler, a process of its own, is at work.
    const sources = before.budgets.flatMap(({ code }) => (code === null ? [] : [code.file]));
    await Promise.all([benchFiles.refresh(signal), this.#places.read(new Set(sources))]);
    let config = before;
    const reached = new Set(benchFiles.all.flatMap(({ inputs }) => [...inputs]));
    if (!signal.aborted && this.#written !== null && (await this.#inline.reached(reached, this.#written))) {
      config = this.#merge() ?? before;
      await benchFiles.scan(config);
      await benchFiles.refresh(signal);
    }
    if (signal.aborted) return config;
    this.#isRead = true;
    const problems: Problem[] = [];
    for (const { failure, file, text, command } of benchFiles.all) {
      if (failure === null) continue;
      const location = command?.location ?? failureLocation(failure, file, text);
      problems.push({ location, message: sentence(failure) });
    }
    for (const budget of config.budgets) {
      const resolved = resolve(config, budget, benchFiles);
      if (!resolved.ok) problems.push(...resolved.error);
      const first = resolved.ok ? leaves(resolved.value.members)[0] : undefined;
      const places = await this.#places.of(budget, first?.found ?? null);
      if (places.problem !== null) problems.push(places.problem);
      this.#found.set(budget.name, places);
    }
    this.#runProblems = problems;
    return config;
  }

  #events(onResult: (result: BudgetResult) => void = () => undefined): RunEvents {
    return {
      baseline: (baseline) => {
        this.#baseline = baseline;
      },
      measuring: (names) => {
        for (const name of names) {
          this.#states.set(name, { kind: 'measuring', previous: previousOf(this.#states.get(name)) });
        }
        this.#publish();
      },
      progress: (done, total) => {
        this.#progress = { done, total };
        this.#publish();
      },
      result: (result, figures) => {
        this.#figures.set(result.name, figures);
        // The history keeps what was measured; whether it is waived is a matter of the day.
        const judged = this.#waived(result);
        this.#states.set(result.name, { kind: 'known', known: { result: judged, at: Date.now() } });
        this.#running?.pending.delete(result.name);
        onResult(judged);
        this.#publishSoon();
      },
    };
  }

  /** What was measuring when a run ended early has an old answer, or none. */
  #settleStates(): void {
    for (const [name, state] of this.#states) {
      if (state.kind !== 'measuring') continue;
      this.#states.set(
        name,
        state.previous === null ? { kind: 'unmeasured' } : { kind: 'stale', previous: state.previous },
      );
    }
  }

  /** Of a thousand results that are known at once there is one snapshot: each has all budgets in it. */
  #publishSoon(): void {
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    queueMicrotask(() => {
      this.#isPublishing = false;
      this.#publish();
    });
  }

  #publish(): void {
    if (this.#disposed) return;
    const budgets = (this.#config?.budgets ?? []).map((budget) => {
      const places = this.#found.get(budget.name);
      const state = this.#states.get(budget.name) ?? { kind: 'unmeasured' as const };
      const bench = places?.bench ?? null;
      const [below = null, ...also] = this.#inline.code(budget.name);
      // An entry of the file says where it is shown; what only a comment is about is below that.
      const isInline = budget.location.file !== this.configFile;
      const code = isInline ? (below ?? places?.code ?? null) : (places?.code ?? null);
      return { budget, state, code, also: isInline || below === null ? also : [below, ...also], bench };
    });
    this.#snapshot = {
      config: this.#config,
      problems: [
        ...this.#configProblems,
        ...this.parts.planner.warnings,
        ...this.#inlineProblems,
        ...this.#runProblems,
      ],
      budgets,
      benchmarks: this.#isRead ? this.#benchmarks.of(this.parts.benchFiles.all) : null,
      progress: this.#progress,
      baseline: this.#baseline,
    };
    for (const listener of this.#listeners) listener();
  }

  #bug(error: unknown): void {
    this.parts.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function previousOf(state: BudgetState | undefined): KnownResult | null {
  switch (state?.kind) {
    case 'known':
      return state.known;
    case 'measuring':
    case 'stale':
      return state.previous;
    case 'unmeasured':
    case undefined:
      return null;
  }
}

const order: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce<Verdict>((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'pass');
}

/** What could not be compiled is told with its file's name first, which has no capital letter of ours. */
function sentence({ kind, message }: RunFailure): string {
  const first = message.charAt(0);
  return `${kind === 'compile' ? first : first.toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** Where a bench file's failure is shown: where it says, if that is a place of the user's, else the file's first line. */
function failureLocation(failure: RunFailure, file: string, text: string): Location {
  if (failure.file !== undefined && failure.line !== undefined) {
    const start = { line: failure.line, column: failure.column ?? 1 };
    return { file: slashed(failure.file), start, end: { ...start, column: start.column + 1 } };
  }
  const end = text.indexOf('\n');
  return new Lines(file, text).location({ start: 0, end: end === -1 ? text.length : end });
}
