import type { NoiseRow } from '../../core/stats/noise.js';
import { isOwn, type CacheKind, type KeptCapture, type KeptRow, type Store } from './store.js';

type Behind = Pick<Store, 'rows' | 'ownRows'>;

/** A history that is lost when the process ends. */
export class MemoryStore implements Store {
  /** Oldest first, by the budget's name as a file can hold it: see `SqliteStore.record`. */
  readonly #rows = new Map<string, KeptRow[]>();
  /** In the order in which entries were kept. */
  readonly #cache = new Map<string, { readonly value: string; readonly at: number }>();
  readonly #bundles = new Map<string, string>();
  readonly #noise = new Map<string, { readonly machine: string; readonly row: NoiseRow }>();
  #baselines: readonly KeptCapture[] = [];
  /** The budgets of which the store that this one was copied from may have older rows. */
  readonly #cut = new Set<string>();
  /** Reads all rows of the store that this one was copied from; none if it is no copy. */
  #behind: Behind = { rows: () => [], ownRows: () => [] };

  /** Copies what a screen needs from another store; `behind` reads the further rows that a report needs. */
  static from(store: Store, rowsPerBudget: number, behind: Behind): MemoryStore {
    const memory = new MemoryStore();
    for (const budget of store.budgets()) {
      const rows = store.rows(budget, rowsPerBudget);
      memory.#rows.set(budget, rows.toReversed());
      // To read behind opens a file, which is too slow to find out for each of thousands of budgets that it has no more.
      if (rows.length >= rowsPerBudget) memory.#cut.add(budget);
    }
    memory.#baselines = store.baselines();
    memory.#behind = behind;
    return memory;
  }

  record(row: KeptRow): void {
    const name = row.result.name.toWellFormed();
    const rows = this.#rows.get(name) ?? [];
    this.#rows.set(name, rows);
    rows.splice(rows.findLastIndex((each) => each.at <= row.at) + 1, 0, row);
  }

  recordAll(rows: readonly KeptRow[]): void {
    for (const row of rows) this.record(row);
  }

  otherKeys(budget: string): readonly string[] {
    return (this.#rows.get(budget.toWellFormed()) ?? []).flatMap((row) => (isOwn(row) ? [] : row.key));
  }

  rows(budget: string, limit: number): readonly KeptRow[] {
    return this.#newest(budget, this.#rows.get(budget.toWellFormed()) ?? [], limit, 'rows');
  }

  ownRows(budget: string, limit: number): readonly KeptRow[] {
    const own = (this.#rows.get(budget.toWellFormed()) ?? []).filter(isOwn);
    return this.#newest(budget, own, limit, 'ownRows');
  }

  /** Returns the newest rows of `kept` (oldest first), followed by those behind them if `kept` has too few. */
  #newest(budget: string, kept: readonly KeptRow[], limit: number, which: keyof Behind): readonly KeptRow[] {
    const rows = limit <= 0 ? [] : kept.slice(-limit).reverse();
    if (rows.length >= limit || !this.#cut.has(budget.toWellFormed())) return rows;
    const older = this.#behind[which](budget, limit);
    const since = older[0]?.at ?? -Infinity;
    return [...rows.filter(({ at }) => at > since), ...older].slice(0, limit);
  }

  latest(): ReadonlyMap<string, KeptRow> {
    return new Map(
      [...this.#rows.keys()].flatMap((budget) => this.ownRows(budget, 1).map((row) => [row.result.name, row])),
    );
  }

  cached(kind: CacheKind, key: string): string | null {
    return this.#cache.get(`${kind} ${key}`)?.value ?? null;
  }

  cache(kind: CacheKind, key: string, value: string, at: number): void {
    this.#cache.delete(`${kind} ${key}`);
    this.#cache.set(`${kind} ${key}`, { value, at });
  }

  forget(kind: CacheKind): void {
    for (const key of this.#cache.keys()) if (key.startsWith(`${kind} `)) this.#cache.delete(key);
  }

  baselines(): readonly KeptCapture[] {
    return this.#baselines;
  }

  capture(baseline: Omit<KeptCapture, 'current'>): void {
    const others = this.#baselines.filter(({ name }) => name !== baseline.name);
    this.#baselines = [{ ...baseline, current: true }, ...others.map((each) => ({ ...each, current: false }))];
    this.#baselines = this.#baselines.toSorted((a, b) => b.at - a.at);
  }

  forgetBaseline(name: string): void {
    this.#baselines = this.#baselines.filter((one) => one.name !== name);
    for (const key of [...this.#bundles.keys()]) if (key.startsWith(bundleKey(name, ''))) this.#bundles.delete(key);
  }

  keepBundle(baseline: string, file: string, text: string): void {
    this.#bundles.set(bundleKey(baseline, file), text);
  }

  bundle(baseline: string, file: string): string | null {
    return this.#bundles.get(bundleKey(baseline, file)) ?? null;
  }

  addNoise(machine: string, row: NoiseRow): void {
    const key = JSON.stringify([machine, row.benchmark, row.day, row.kind]);
    const old = this.#noise.get(key)?.row ?? { runs: 0, total: 0, squares: 0, df: 0 };
    const sum = (name: keyof typeof old): number => old[name] + row[name];
    const added = { ...row, runs: sum('runs'), total: sum('total'), squares: sum('squares'), df: sum('df') };
    this.#noise.set(key, { machine, row: added });
  }

  noise(machine: string): readonly NoiseRow[] {
    return Array.from(this.#noise.values()).flatMap((one) => (one.machine === machine ? [one.row] : []));
  }

  pruneNoise(before: number): void {
    for (const [key, { row }] of this.#noise) {
      if (row.day < before) this.#noise.delete(key);
    }
  }

  budgets(): readonly string[] {
    return [...this.#rows.keys()];
  }

  pruneRuns(budget: string, before: number, count: number, atOnce: number): void {
    const rows = this.#rows.get(budget.toWellFormed()) ?? [];
    const kept = rows.filter(({ at }, index) => at >= before && index >= rows.length - count).length;
    rows.splice(0, Math.min(rows.length - kept, atOnce));
    if (rows.length === 0) this.#rows.delete(budget.toWellFormed());
  }

  pruneCache(before: number, count: number): void {
    for (const [key, { at }] of this.#cache) {
      if (at < before) this.#cache.delete(key);
    }
    for (const key of [...this.#cache.keys()].slice(0, Math.max(0, this.#cache.size - count))) this.#cache.delete(key);
  }

  close(): void {
    this.#rows.clear();
    this.#cache.clear();
    this.#bundles.clear();
    this.#noise.clear();
    this.#baselines = [];
  }
}

const bundleKey = (baseline: string, file: string): string => `${baseline}\0${file}`;
