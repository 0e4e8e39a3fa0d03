import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { budgetNamed } from '../../core/config/mentions.js';
import type { Config, RunSettings } from '../../core/language/budget.js';
import { err, ok, type Result } from '../../core/result.js';
import { sentence } from '../../core/text/words.js';
import type { Bundle } from '../bundle/bundle.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import { leaves, resolve } from '../discovery/resolve.js';
import type { Runtime } from '../workers/runtime.js';

export type { DebugRequest } from '../../worker/debug.js';

/** What it takes to run one benchmark under a debugger. The caller writes the bundle to a file, and deletes it afterwards. */
export interface DebugTarget {
  readonly name: string;
  readonly benchFile: string;
  /** The texts of its bundle, with a source map, and of a module to import before that; null for none. */
  readonly bundle: string;
  readonly prelude: string | null;
  /** The Node that measures, its options, and what its environment has besides. */
  readonly node: string;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `dist/debug.js`, which takes a file with a `DebugRequest`. */
  readonly program: string;
}

/** A benchmark of a budget that a process of ours can run: its bundle was built. */
export interface RunnableBenchmark {
  readonly name: string;
  readonly benchFile: string;
  readonly bundle: Bundle;
  readonly settings: RunSettings;
}

/** Returns the benchmarks of a budget as they are now, in order, each once. The error is one sentence. */
export function runnable(
  budget: string,
  config: Config,
  benchFiles: Pick<BenchFiles, 'lookup'>,
): Result<readonly RunnableBenchmark[], string> {
  const found = budgetNamed(config, budget);
  if (found === undefined) return err(l10n.t`There is no budget "${budget}".`);
  if (found.subject.kind === 'manual')
    return err(l10n.t`The figure of "${budget}" is recorded by hand, so nothing can run.`);
  const resolved = resolve(config, found, benchFiles);
  if (!resolved.ok) return err(resolved.error[0].message);
  const benchmarks = new Map<string, RunnableBenchmark>();
  for (const { name, found: benchmark, budget: own } of leaves(resolved.value.members)) {
    const { origin } = benchmark;
    if (origin.kind === 'command')
      return err(l10n.t`${name} is measured by a command, which cannot be debugged or profiled here.`);
    const { bundle, failure, file } = origin;
    if (bundle === null) return err(sentence(failure?.message ?? l10n.t`${name} could not be built`));
    const one = { name: benchmark.name, benchFile: file, bundle, settings: own.run };
    benchmarks.set(JSON.stringify([file, benchmark.name]), one);
  }
  return ok([...benchmarks.values()]);
}

/** Returns what it takes to run a benchmark under a debugger. */
export function debugTarget(
  { name, benchFile, bundle: { code, launch } }: RunnableBenchmark,
  { runtime, root, workerPath }: { readonly runtime: Runtime; readonly root: string; readonly workerPath: string },
): DebugTarget {
  return {
    ...{ name, benchFile, bundle: code, prelude: launch?.prelude ?? null },
    ...{ node: runtime.command, execArgv: launch?.execArgv ?? [], cwd: root },
    env: runtime.env['ELECTRON_RUN_AS_NODE'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' },
    program: path.join(path.dirname(workerPath), 'debug.js'),
  };
}
