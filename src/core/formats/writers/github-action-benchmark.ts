import { jsonText } from '../../text/escape.js';
import type { WrittenFigure, WrittenRun } from './run.js';

/** What github-action-benchmark's page shows about a commit. */
export interface CommitInfo {
  readonly message: string;
  readonly author: string;
  /** In ISO 8601. */
  readonly timestamp: string;
}

export interface StoreOptions {
  /** The URL of the repository; empty if it has none. */
  readonly repoUrl: string;
  readonly commits: ReadonlyMap<string, CommitInfo>;
}

interface Entry {
  readonly commit: string;
  date: number;
  readonly benches: Map<string, { readonly run: WrittenRun; readonly metric: string; readonly figure: WrittenFigure }>;
}

/**
 * Writes the store of github-action-benchmark (`data.js`): the runs of clean commits, in one suite per machine, with figures
 * where more is better in a separate suite. `extra`, which its page shows, says what a figure is.
 */
export function writeStore(runs: readonly WrittenRun[], { repoUrl, commits }: StoreOptions): string {
  const suites = new Map<string, Entry[]>();
  const clean = runs.filter(({ commit, dirty }) => commit !== null && !dirty);
  for (const run of clean.toSorted((a, b) => a.at - b.at)) {
    for (const [metric, figure] of Object.entries(run.figures)) {
      const of = run.here || run.machine === null ? '' : ` on ${run.machine}`;
      const name = `Perf Budget${of}${figure.moreIsBetter ? ': more is better' : ''}`;
      const entries = suites.get(name) ?? [];
      suites.set(name, entries);
      const bench = metric === 'time' ? run.budget : `${run.budget}: ${metric}`;
      let entry = entries.findLast(({ commit }) => commit === run.commit);
      // Measured again: another entry for the same commit.
      if (entry === undefined || entry.benches.has(bench)) {
        entry = { commit: run.commit ?? '', date: run.at, benches: new Map() };
        entries.push(entry);
      }
      entry.date = run.at;
      entry.benches.set(bench, { run, metric, figure });
    }
  }
  const entries = Array.from(suites, ([name, all]) => {
    const tool = name.endsWith(': more is better') ? 'customBiggerIsBetter' : 'customSmallerIsBetter';
    return [name, all.map((entry) => written(entry, tool, commits.get(entry.commit), repoUrl))] as const;
  });
  const lastUpdate = Math.max(0, ...clean.map(({ at }) => at));
  const store = { lastUpdate, repoUrl, entries: Object.fromEntries(entries) };
  return `window.BENCHMARK_DATA = ${jsonText(store, 2)}\n`;
}

function written(entry: Entry, tool: string, info: CommitInfo | undefined, repoUrl: string): unknown {
  const person = { name: info?.author ?? '', username: info?.author ?? '', email: '' };
  return {
    commit: {
      author: person,
      committer: person,
      id: entry.commit,
      message: info?.message ?? '',
      timestamp: info?.timestamp ?? new Date(entry.date).toISOString(),
      url: repoUrl === '' ? '' : `${repoUrl}/commit/${entry.commit}`,
    },
    date: entry.date,
    tool,
    benches: Array.from(entry.benches, ([name, { run, metric, figure }]) => ({
      name,
      value: figure.value,
      ...rangeOf(figure),
      unit: figure.unit === '1/s' ? 'ops/s' : figure.unit,
      extra: `budget: ${run.budget}\nmetric: ${metric}\nverdict: ${run.verdict}`,
    })),
  };
}

function rangeOf({ value, low, high }: WrittenFigure): { readonly range?: string } {
  return low === undefined || high === undefined ? {} : { range: `± ${Math.max(high - value, value - low)}` };
}
