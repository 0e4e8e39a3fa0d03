import { covers } from '../../core/config/mentions.js';
import { relativeTo } from '../../engine/util/paths.js';
import type { KnownBenchmark, Project } from '../../engine/project/snapshot.js';
import { fileKey } from './budgetIndex.js';

type Benchmarks = readonly KnownBenchmark[];

/** The benchmarks of each file. Their list stays the same until one of them changes. */
const byFile = new WeakMap<Benchmarks, ReadonlyMap<string, Benchmarks>>();

/** Returns the benchmarks that no budget is about, of one file (a `fileKey`) or of all. */
export function uncovered({ root, snapshot }: Project, key: string | null = null): Benchmarks {
  const { benchmarks, config } = snapshot;
  if (benchmarks === null || config === null) return [];
  const wanted = key === null ? benchmarks : (indexOf(benchmarks).get(key) ?? []);
  if (wanted.length === 0) return [];
  const isCovered = covers(config.budgets);
  return wanted.filter(({ name, file }) => !isCovered({ name, file: relativeTo(root, file) }));
}

function indexOf(benchmarks: Benchmarks): ReadonlyMap<string, Benchmarks> {
  const known = byFile.get(benchmarks);
  if (known !== undefined) return known;
  const files = new Map<string, KnownBenchmark[]>();
  for (const benchmark of benchmarks) {
    const key = fileKey(benchmark.file);
    const others = files.get(key);
    if (others === undefined) files.set(key, [benchmark]);
    else others.push(benchmark);
  }
  byFile.set(benchmarks, files);
  return files;
}
