import type { BenchCall } from '../../core/outline/index.js';
import type { Preparation } from '../../core/language/budget.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { NamedFailure } from '../../worker/protocol.js';
import type { Bundle } from '../bundle/bundle.js';
import type { CommandSource } from '../command/command.js';

/** The fields that bench files and commands share. */
interface Origin {
  /** The absolute path of a bench file; for a command, the configuration's path, `#`, and the command's name. */
  readonly file: string;
  readonly failure: RunFailure | null;
  /** What single suites and tests of it threw: nothing is known of the benchmarks that they would have defined. */
  readonly failures: readonly NamedFailure[];
  /** The names of its benchmarks, as found by running it. */
  readonly names: readonly string[];
  /** Every file that can affect a result: the import graph plus the files in `watch`. */
  readonly inputs: ReadonlySet<string>;
  readonly watched: readonly string[];
}

/** One bench file. Replaced as a whole when the file, or one that it imports, changes. */
export interface BenchFile extends Origin {
  readonly kind: 'file';
  readonly text: string;
  /** Null if the file does not build (`failure` says why), or if no budget is about any of its benchmarks. */
  readonly bundle: Bundle | null;
  /** The calls in the text that declare a benchmark with a literal name. */
  readonly calls: readonly BenchCall[];
  /** How its code gets ready; absent if it runs as it is. */
  readonly preparation?: Preparation;
  /** The state of what its build reads; absent without a build. */
  readonly sources?: string;
}

/** One command of the configuration. */
export interface BenchCommand extends Origin {
  readonly kind: 'command';
  readonly command: CommandSource;
  /** Changes whenever the names of its benchmarks may have changed. */
  readonly state: string;
}

/** The source of some benchmarks. */
export type BenchOrigin = BenchFile | BenchCommand;

/** The calls in its text that declare a benchmark with a literal name. */
export const callsOf = (origin: BenchOrigin): readonly BenchCall[] => (origin.kind === 'file' ? origin.calls : []);

/** Whether some of its benchmarks' names do not appear in its text. */
export function makesNames(origin: BenchOrigin): boolean {
  const { names } = origin;
  const written = new Set(callsOf(origin).map(({ name }) => name));
  return names.length === 0 || names.some((name) => !written.has(name));
}
