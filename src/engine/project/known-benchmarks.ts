import { Lines } from '../../core/problem.js';
import type { BenchOrigin } from '../discovery/bench-origin.js';
import type { KnownBenchmark } from './snapshot.js';

/** The benchmarks and where their names are written, for completion and links. Returns the same list if nothing changed. */
export class KnownBenchmarks {
  readonly #byFile = new WeakMap<BenchOrigin, readonly KnownBenchmark[]>();
  #files: readonly BenchOrigin[] = [];
  #all: readonly KnownBenchmark[] = [];

  of(files: readonly BenchOrigin[]): readonly KnownBenchmark[] {
    const isSame = files.length === this.#files.length && files.every((file, index) => file === this.#files[index]);
    if (isSame) return this.#all;
    this.#files = files;
    this.#all = files.flatMap((file) => {
      const known = this.#byFile.get(file) ?? benchmarksIn(file);
      this.#byFile.set(file, known);
      return known;
    });
    return this.#all;
  }
}

function benchmarksIn(origin: BenchOrigin): readonly KnownBenchmark[] {
  const { file, names } = origin;
  if (origin.kind === 'command') return names.map((name) => ({ name, file, location: null }));
  const { text, calls } = origin;
  const lines = new Lines(file, text);
  const written = new Map(calls.map((call) => [call.name, call.nameRange]));
  return names.map((name) => {
    const range = written.get(name);
    return { name, file, location: range === undefined ? null : lines.location(range) };
  });
}
