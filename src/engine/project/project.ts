import * as l10n from '@vscode/l10n';
import path from 'node:path';
import pLimit from 'p-limit';
import { baselinesFolder } from '../../core/config/file-names.js';
import type { Spark } from '../../core/formats/reporters/overview.js';
import type { Past } from '../../core/formats/reporters/past.js';
import type { Problem } from '../../core/problem.js';
import { err, type Result } from '../../core/result.js';
import type { Bisection } from '../../core/results/bisection.js';
import type { BudgetResult, Report } from '../../core/results/measurement.js';
import type { CaptureRequest } from '../baseline/capture.js';
import type { KeptBaseline } from '../baseline/files.js';
import type { KnownBaselines } from '../baseline/manage.js';
import type { NameProblem } from '../baseline/names.js';
import { Inline } from '../discovery/inline-budgets.js';
import { isOwn } from '../history/history.js';
import type { HistoryRow } from '../history/store.js';
import type { CpuProfile, Explained, ExplainRequest } from '../explain/request.js';
import type { ExplainProgress } from '../measure/explaining.js';
import { bisect } from '../bisect/bisect.js';
import type { BisectFailure, BisectProgress, BisectRequest } from '../bisect/request.js';
import type { RunEvents, RunRequest } from '../measure/request.js';
import { disposeAll } from '../util/dispose.js';
import { relativeTo, slashed } from '../util/paths.js';
import { TemporaryFolderError } from '../util/temporary.js';
import { ProjectBaselines } from './baselines.js';
import type { DebugTarget } from './debug.js';
import { explainBudget } from './explain.js';
import type { ProfileRequest } from './profile.js';
import { SingleBenchmarks } from './single-benchmarks.js';
import { Guests } from './guests.js';
import { Loader } from './loader.js';
import { Locations } from './locations.js';
import { codeChanges, oldText, type CodeChanges } from './old-code.js';
import type { ProjectParts } from './parts.js';
import { readPast, readSparks } from './pasts.js';
import { RunQueue, type Take, type Task } from './run-queue.js';
import type { Project, Snapshot } from './snapshot.js';
import { SnapshotStore } from './snapshot-store.js';
import { errorText } from '../util/log.js';
import { changeLine } from '../../core/text/log.js';
import { reportOf } from './report.js';

/** One `perf-budget.jsonc`, open: its loader, its run queue and its snapshot, put together. */
export class OpenProject implements Project {
  readonly #loader: Loader;
  readonly #store: SnapshotStore;
  readonly #queue: RunQueue;
  readonly #guests: Guests;
  readonly #singles: SingleBenchmarks;
  readonly #baselines: ProjectBaselines;
  /** Reads one thing at a time, so that what was read last is what counts. */
  readonly #reads = pLimit(1);
  /** A reading that has not begun. */
  #nextReading: Promise<boolean> | null = null;
  /** Settles when the budget file has been read and the bench files have been found, without which nothing can run. */
  #reading: Promise<unknown> = Promise.resolve();
  /** Those who wait for an explanation. */
  readonly #onExplaining = new Set<(progress: ExplainProgress) => void>();
  /** The problem of what failed last; empty if nothing did. */
  #failure: readonly Problem[] = [];

  constructor(
    readonly root: string,
    readonly configFile: string,
    readonly parts: ProjectParts,
  ) {
    const { benchFiles, git, history, planner, idle } = parts;
    const inline = new Inline(root, configFile, git);
    const store = new SnapshotStore({
      configFile,
      latest: () => history.latest(),
      problems: () => [...this.#failure, ...loader.problems.config, ...planner.warnings, ...loader.problems.code],
      benchmarks: () => loader.benchmarks,
      commented: (budget) => inline.code(budget),
    });
    const loader = new Loader({
      ...{ root, configFile, benchFiles, inline, locations: new Locations(root) },
      warning: () => history.warning,
      onConfig: (config) => store.configure(config),
      onLocations: (budget, locations) => store.locate(budget, locations),
    });
    this.#store = store;
    this.#loader = loader;
    this.#baselines = new ProjectBaselines(parts, loader, store);
    this.#guests = new Guests({ settled: () => this.settled(), busy: () => idle?.busy(), rest: () => idle?.rest() });
    this.#singles = new SingleBenchmarks(parts, this.#guests, () => this.#saved());
    this.#queue = new RunQueue({
      begin: ({ changed = [] }) => {
        this.#guests.interrupt();
        idle?.busy();
        store.doubt(changed);
      },
      prepare: (signal) => {
        if (loader.config !== null) parts.workers.prepare();
        return this.#noting(loader.refresh(signal));
      },
      reaches: (budget, files) => loader.reaches(budget, files),
      spare: (budgets) => store.spare(budgets),
      look: async (config, budgets, signal) =>
        store.outdated(await this.#noting(parts.runner.look(config, budgets, this.#events(), signal))),
      run: (config, budgets, request, signal, onResult) =>
        this.#noting(parts.runner.run(config, budgets, request, signal, this.#events(onResult))),
      end: () => {
        store.rest();
        idle?.rest();
      },
      changed: (files, measuring) => this.#reads(() => this.#taskOf(files, measuring)),
      failed: (error) => {
        parts.log.error(errorText(error));
        store.publish();
      },
    });
  }

  get snapshot(): Snapshot {
    return this.#store.snapshot;
  }

  onDidChange(listener: () => void): () => void {
    return this.#store.onDidChange(listener);
  }

  async reload(measuring = false): Promise<void> {
    try {
      await this.#reload(measuring);
    } finally {
      this.#loader.finish();
      this.#store.publish();
    }
  }

  async #reload(measuring: boolean): Promise<void> {
    // One that has not begun reads all that this one would.
    this.#nextReading ??= this.#reads(() => {
      this.#nextReading = null;
      return this.#noting(this.#read());
    });
    const reading = this.#nextReading;
    this.#reading = reading.catch(() => undefined);
    if (!(await reading)) return;
    // The history may be about older code. The hashes of the code show that without running a benchmark.
    const { names } = this.#loader;
    const run = measuring ? this.#store.judged.filter((name) => names.includes(name)) : [];
    await this.#queue.start({ look: this.parts.isBrief === true ? [] : names, run, request: {} });
  }

  /** Shows in the configuration what ends a step unexpectedly, until a step succeeds: an editor shows nothing else of it. */
  async #noting<T>(step: Promise<T>): Promise<T> {
    try {
      const value = await step;
      this.#failure = [];
      return value;
    } catch (error) {
      const start = { line: 1, column: 1 };
      const words = error instanceof Error ? error.message : String(error);
      const message =
        error instanceof TemporaryFolderError
          ? words
          : l10n.t`Perf Budget could not finish, for a reason that it does not know: ${words}`;
      this.#failure = [{ location: { file: this.configFile, start, end: start }, message }];
      throw error;
    }
  }

  /** Reads the budget file and finds the bench files. Returns whether budgets can run. */
  async #read(): Promise<boolean> {
    await this.#loader.readConfig();
    this.#store.publish();
    const config = await this.#loader.readComments();
    if (config === null) return false;
    this.#store.publish();
    if (!this.parts.trusted) {
      // If a budget names its code, that file is all we need to read to show it there.
      await this.#loader.locate(config);
      this.#store.publish();
      return false;
    }
    await this.parts.benchFiles.scan(config);
    return true;
  }

  filesChanged(files: readonly string[], measuring = true): void {
    if (!this.parts.trusted) return;
    this.parts.idle?.touch();
    this.#queue.filesChanged(files, measuring);
  }

  async run(request: RunRequest, signal?: AbortSignal): Promise<Report> {
    const started = performance.now();
    await this.#reading;
    // What was saved before is measured, not what was known of it.
    await this.#queue.flush();
    const files = request.files && new Set(request.files.map((file) => slashed(path.resolve(file))));
    if (files !== undefined) this.parts.benchFiles.changed(files);
    const results = new Map<string, BudgetResult>();
    const named = new Set(request.budgets ?? this.#loader.names);
    if (this.parts.trusted) {
      signal?.addEventListener('abort', () => this.parts.pipelines?.cancel(), { once: true });
      await this.#queue.start({
        look: [],
        run: [...named],
        request,
        ...(files !== undefined && { files }),
        ...(signal !== undefined && { signal }),
        onResult: (result) => named.has(result.name) && results.set(result.name, result),
      });
    }
    const budgets = this.#loader.names.flatMap((name) => results.get(name) ?? []);
    const report = await reportOf(this, budgets, this.#store.baseline);
    return { ...report, elapsedMs: Math.round(performance.now() - started) };
  }

  /** Returns the files that each budget depends on. */
  inputs(): ReadonlyMap<string, readonly string[]> {
    const budgets = this.#loader.config?.budgets ?? [];
    return new Map(budgets.map((budget) => [budget.name, this.#loader.inputsOf(budget)]));
  }

  /** Settles when nothing is left to do, for files that changed or otherwise. */
  settled(): Promise<void> {
    return this.#queue.settled();
  }

  cancel(): void {
    this.#queue.cancel();
    this.parts.pipelines?.cancel();
  }

  cannotCapture(): Promise<string | null> {
    return this.#baselines.cannotCapture();
  }

  capture(request: CaptureRequest, signal?: AbortSignal): Promise<Result<KeptBaseline, string>> {
    return this.#baselines.capture(request, signal);
  }

  baselineNameProblem(name: string): Promise<NameProblem | null> {
    return this.#baselines.nameProblem(name);
  }

  baselines(): Promise<KnownBaselines> {
    return this.#baselines.known();
  }

  deleteBaseline(name: string): Promise<Result<null, string>> {
    return this.#baselines.delete(name);
  }

  useBaseline(name: string | null): Promise<Result<null, string>> {
    return this.#baselines.use(name);
  }

  async explain(
    request: ExplainRequest,
    onProgress: (progress: ExplainProgress) => void = () => undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result<Explained, string>> {
    this.#onExplaining.add(onProgress);
    try {
      if (request.to === undefined) return await explainBudget(this, request, onProgress, signal);
      // The queue is for the working tree.
      return await this.#guests.visit(signal, (turn, until) =>
        turn((each) => explainBudget(this, request, onProgress, each), until),
      );
    } finally {
      this.#onExplaining.delete(onProgress);
    }
  }

  async bisect(
    request: BisectRequest,
    onProgress: (progress: BisectProgress) => void = () => undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result<Bisection, BisectFailure>> {
    await this.#reading;
    // An empty task finds the benchmarks, if they are not known yet.
    if (this.parts.trusted) await this.#queue.start({ look: [], run: [], request: {}, follows: true, signal });
    const { config } = this.#loader;
    if (config === null) return err({ kind: 'request', message: l10n.t('The budget file cannot be read.') });
    const explainStep = (one: ExplainRequest, each: AbortSignal) => this.explain(one, undefined, each);
    return this.#guests.visit(signal, (turn, until) =>
      bisect({ ...this.parts.runner.parts, config, turn, explainStep }, request, onProgress, until),
    );
  }

  debugTargets(budget: string): Promise<Result<readonly DebugTarget[], string>> {
    return this.#singles.debugTargets(budget);
  }

  profile(request: ProfileRequest, signal?: AbortSignal): Promise<Result<CpuProfile, string> | null> {
    return this.#singles.profile(request, signal);
  }

  /** Returns the configuration once an empty task has read all that was saved. */
  async #saved(): Promise<Loader['config']> {
    await this.#reading;
    await this.#queue.flush();
    await this.#queue.start({ look: [], run: [], request: {}, follows: true });
    return this.#loader.config;
  }

  async check(file: string, text: string): Promise<readonly Problem[]> {
    return this.#loader.check(slashed(file), text);
  }

  reaching(file: string, symbol: string | null): Promise<readonly string[]> {
    return Promise.resolve(this.#loader.reaching(slashed(file), symbol));
  }

  async changes(budget: string): Promise<Result<CodeChanges, string>> {
    const view = this.snapshot.budgets.find((one) => one.budget.name === budget);
    if (view === undefined) return err(l10n.t`There is no budget "${budget}".`);
    return codeChanges(view.budget, this.#loader.inputsOf(view.budget), this.parts);
  }

  oldText(commit: string, file: string): Promise<Result<string, string>> {
    return oldText(commit, slashed(file), this.parts);
  }

  async history(budget: string, limit: number, onlyHere = false): Promise<readonly HistoryRow[]> {
    const { history } = this.parts;
    const rows = onlyHere ? history.ownRows(budget, limit) : history.rows(budget, limit);
    // Runs of another clone on a machine like this one are as good as our own.
    const here = rows.every(isOwn) ? null : ((await this.parts.machineId()) ?? rows.find(isOwn)?.machine ?? null);
    return rows.map((row) => ({ ...row, here: isOwn(row) || row.machine === here }));
  }

  past(budget: string, limit: number): Promise<Past> {
    return readPast(this, budget, limit);
  }

  sparks(budgets: readonly string[]): Promise<readonly (Spark | null)[]> {
    return readSparks(this, budgets);
  }

  async dispose(): Promise<void> {
    const settled = this.#queue.dispose();
    this.#guests.close();
    const { idle, workers, pipelines, bundler, git, history, store, planner } = this.parts;
    await disposeAll([
      () => idle?.dispose(),
      () => this.#store.dispose(),
      () => workers.dispose(),
      () => pipelines?.cancel(),
      () => settled,
      () => pipelines?.dispose(),
      () => bundler.dispose(),
      () => planner.dispose(),
      () => git?.dispose(),
      () => history.close(),
      () => store.dispose(),
    ]);
  }

  async #taskOf(changed: ReadonlySet<string>, measuring: boolean): Promise<Task | null> {
    const isConfig = changed.has(this.configFile);
    if (isConfig) await this.#read();
    const change = await this.#loader.changed(changed);
    const { config, names } = this.#loader;
    const folder = `${slashed(path.join(this.root, baselinesFolder))}/`;
    const isBaseline = [...changed].some((file) => file.startsWith(folder));
    if (config === null || (change === 'nothing' && !isBaseline && !isConfig)) return null;
    const affected = names.filter((name) => this.#loader.reaches(name, changed));
    this.parts.log.info(
      changeLine(
        Array.from(changed, (file) => relativeTo(this.root, file)),
        affected.length,
        names.length,
      ),
    );
    const look = isBaseline || isConfig ? names : [];
    // What they were compared with is another now, or is gone: they are judged anew, as after a commit.
    const anew = isBaseline && measuring ? this.#store.judged.filter((name) => names.includes(name)) : [];
    // It may as well fail again. What runs would never finish beside a program that writes files all the time.
    const follows = change !== 'code' && look.length === 0;
    const about = { request: { files: [...changed] }, changed: follows ? [] : affected, follows };
    // Before the bench files are first read, we know little about what they import, so the queue applies `files` again later.
    if (anew.length > 0) return { ...about, look, run: [...new Set([...affected, ...anew])] };
    return measuring
      ? { ...about, look, run: affected, files: changed }
      : { ...about, look: [...look, ...affected], run: [] };
  }

  #events(onResult: (take: Take) => void = (take) => void take()): RunEvents {
    return {
      baseline: (baseline) => {
        this.#store.baseline = baseline;
      },
      measuring: (budgets) => this.#store.measuring(budgets),
      waiting: (budgets, waitsFor) => this.#store.waiting(budgets, waitsFor),
      progress: (done, total) => this.#store.progress(done, total),
      judged: () => this.#store.finished(),
      explaining: (progress) => {
        for (const listener of this.#onExplaining) listener(progress);
      },
      result: (result, figures) => onResult(() => this.#store.measured(result, figures)),
    };
  }
}
