import type { BudgetFigures } from '../../core/judge/baseline.js';
import type { Config, Waiver } from '../../core/language/budget.js';
import type { Problem, Location } from '../../core/problem.js';
import type { Baseline, BudgetResult } from '../../core/results/measurement.js';
import {
  knownOf,
  restedState,
  type BudgetState,
  type KnownResult,
  type StaleCause,
  type WaitsFor,
} from '../../core/results/state.js';
import { localDay } from '../../core/text/terminal.js';
import { withWaiver } from '../../core/text/waiver.js';
import type { BudgetLocations } from './locations.js';
import { emptySnapshot, type KnownBenchmark, type Snapshot } from './snapshot.js';

/** A verdict that is confirmed within this many milliseconds of a save is not shown as stale before. */
const doubtMs = 100;

/** How many times as long as a snapshot took, the next one waits. */
const restShare = 9;

/** Where the store gets what a snapshot shows besides the budgets' states. */
export interface SnapshotSources {
  readonly configFile: string;
  /** Returns the newest result of each budget in the history. */
  latest(): ReadonlyMap<string, { readonly result: BudgetResult; readonly at: number }>;
  problems(): readonly Problem[];
  /** Null until the bench files have been read. */
  benchmarks(): readonly KnownBenchmark[] | null;
  /** Returns the functions below the comments that set this budget. */
  commented(budget: string): readonly Location[];
}

/** Keeps the state of every budget and publishes snapshots. */
export class SnapshotStore {
  baseline: Baseline | null = null;
  #snapshot: Snapshot = emptySnapshot;
  #config: Config | null = null;
  #waivers: ReadonlyMap<string, Waiver | undefined> = new Map();
  #progress: Snapshot['progress'] = null;
  readonly #states = new Map<string, BudgetState>();
  readonly #locations = new Map<string, BudgetLocations>();
  /** The figures that a capture would keep of the results, by budget. */
  readonly #figures = new Map<string, readonly BudgetFigures[]>();
  /** Budgets whose code has changed, and of which nothing more is known yet, with the states that this made stale. */
  readonly #doubted = new Map<string, BudgetState | null>();
  #doubt: NodeJS.Timeout | undefined;
  readonly #listeners = new Set<() => void>();
  #isPublishing = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the last snapshot was published and how long that took, in milliseconds. */
  #last = { at: -Infinity, took: 0 };
  #isDisposed = false;

  constructor(
    readonly sources: SnapshotSources,
    readonly now: () => number = Date.now,
  ) {}

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a new configuration. Budgets that are new to the store start with their last result from the history. */
  configure(config: Config): void {
    this.#config = config;
    this.#waivers = new Map(config.budgets.map(({ name, waived }) => [name, waived]));
    const unseen = config.budgets.filter(({ name }) => !this.#states.has(name));
    const latest = unseen.length === 0 ? new Map<string, never>() : this.sources.latest();
    for (const { name } of unseen) {
      const row = latest.get(name);
      if (row === undefined) this.#states.set(name, { kind: 'unmeasured' });
      else {
        const result = this.#waived({ ...row.result, cached: true });
        this.#states.set(name, { kind: 'known', known: { result, at: row.at } });
      }
    }
  }

  locate(budget: string, locations: BudgetLocations): void {
    this.#locations.set(budget, locations);
  }

  measuring(budgets: readonly string[]): void {
    for (const name of budgets) {
      this.#doubted.delete(name);
      this.#states.set(name, { kind: 'measuring', previous: previousOf(this.#states.get(name)) });
    }
    this.publish();
  }

  /** Says what budgets that are being measured take longer for. */
  waiting(budgets: readonly string[], waitsFor: WaitsFor): void {
    for (const name of budgets) {
      const state = this.#states.get(name);
      if (state?.kind === 'measuring') this.#states.set(name, { ...state, waitsFor });
    }
    this.publish();
  }

  /** Marks the results of these budgets as stale. */
  outdated(budgets: ReadonlyMap<string, StaleCause>): void {
    for (const [name, cause] of budgets) {
      this.#doubted.delete(name);
      const previous = previousOf(this.#states.get(name));
      if (previous !== null) this.#states.set(name, { kind: 'stale', previous, cause });
    }
  }

  /** The code of these budgets has changed: unless more is known of them soon, what is shown is stale until then. */
  doubt(budgets: readonly string[]): void {
    for (const name of budgets) if (!this.#doubted.has(name)) this.#doubted.set(name, null);
    if (this.#doubted.size > 0) this.#doubt ??= setTimeout(() => this.#showDoubt(), doubtMs);
  }

  /** The code of these budgets has not changed after all. */
  spare(budgets: readonly string[]): void {
    for (const name of budgets) {
      const before = this.#doubted.get(name) ?? null;
      this.#doubted.delete(name);
      if (before !== null) this.#states.set(name, before);
    }
  }

  /** Whether a budget is being measured, or is about to be. */
  get isUnsettled(): boolean {
    const names = (this.#config?.budgets ?? []).map(({ name }) => name);
    return names.some((name) => this.#doubted.has(name) || this.#states.get(name)?.kind === 'measuring');
  }

  #showDoubt(): void {
    this.#markDoubted();
    this.publish();
  }

  #markDoubted(): void {
    clearTimeout(this.#doubt);
    this.#doubt = undefined;
    for (const name of this.#doubted.keys()) {
      const state = this.#states.get(name);
      // One that is being measured says so already.
      if (state?.kind !== 'known') continue;
      this.#doubted.set(name, state);
      this.#states.set(name, { kind: 'stale', previous: state.known, cause: 'code' });
    }
  }

  /** The budgets that have a verdict, however old. */
  get judged(): readonly string[] {
    return [...this.#states].flatMap(([name, state]) => (previousOf(state) === null ? [] : [name]));
  }

  progress(done: number, total: number): void {
    this.#progress = { done, total };
    this.#publishSoon();
  }

  /** All that was to be measured is. */
  finished(): void {
    this.#progress = null;
    this.#publishSoon();
  }

  /** Takes a result, and returns it with today's waivers applied. */
  measured(result: BudgetResult, figures: readonly BudgetFigures[]): BudgetResult {
    this.#figures.set(result.name, figures);
    this.#doubted.delete(result.name);
    // The history keeps what was measured. Whether it is waived depends on the day.
    const judged = this.#waived(result);
    this.#states.set(result.name, { kind: 'known', known: { result: judged, at: this.now() } });
    this.#publishSoon();
    return judged;
  }

  /** Ends a run: budgets that were still being measured go back to their old result, or to none. */
  rest(): void {
    this.#progress = null;
    // What was ended before it told.
    this.#markDoubted();
    this.#doubted.clear();
    for (const [name, state] of this.#states) this.#states.set(name, restedState(state));
    this.publish();
  }

  figuresOf(budget: string): readonly BudgetFigures[] {
    return this.#figures.get(budget) ?? [];
  }

  publish(): void {
    if (this.#isDisposed) return;
    const started = performance.now();
    const problems = this.sources.problems();
    const before = this.#snapshot.problems;
    const isSame = problems.length === before.length && problems.every((one, at) => one === before[at]);
    this.#snapshot = {
      config: this.#config,
      // The same list while it says the same: whoever looks at it need not do so again.
      problems: isSame ? before : problems,
      budgets: (this.#config?.budgets ?? []).map((budget) => {
        const locations = this.#locations.get(budget.name);
        const state = this.#states.get(budget.name) ?? { kind: 'unmeasured' as const };
        const bench = locations?.bench ?? null;
        const [below = null, ...also] = this.sources.commented(budget.name);
        // An entry in the file says where to show it. A budget that only a comment sets is shown below that comment.
        const isInline = budget.location.file !== this.sources.configFile;
        const code = isInline ? (below ?? locations?.code ?? null) : (locations?.code ?? null);
        return { budget, state, code, also: isInline || below === null ? also : [below, ...also], bench };
      }),
      benchmarks: this.sources.benchmarks(),
      progress: this.#progress,
      baseline: this.baseline,
    };
    for (const listener of this.#listeners) listener();
    const at = performance.now();
    this.#last = { at, took: at - started };
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#doubt);
    this.#listeners.clear();
  }

  /**
   * Publishes one snapshot for many results at once, because each snapshot has all budgets in it. What comes between two of them
   * takes nine times as long as one, so that thousands of results do not wait for thousands of snapshots of thousands.
   */
  #publishSoon(): void {
    if (this.#isPublishing) return;
    this.#isPublishing = true;
    const publish = (): void => {
      this.#isPublishing = false;
      this.publish();
    };
    const waitMs = this.#last.at + restShare * this.#last.took - performance.now();
    if (waitMs < 1) queueMicrotask(publish);
    else this.#timer = setTimeout(publish, waitMs);
  }

  #waived(result: BudgetResult): BudgetResult {
    return withWaiver(result, this.#waivers.get(result.name), localDay(new Date(this.now())));
  }
}

const previousOf = (state: BudgetState | undefined): KnownResult | null =>
  state === undefined ? null : knownOf(state);
