import { visible } from '../../core/text/escape.js';
import { placeText, type ProblemEntry } from '../../core/formats/reporters/document.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Log } from '../../engine/util/log.js';
import type { Paint } from '../lines/paint.js';
import type { ProgressDisplay } from '../measure/terms.js';
import { shownPath } from '../report/project-check.js';
import type { Input } from './definitions.js';

/** What a tool answers. */
export interface Answer {
  /** The figures, in the words of the terminal. */
  readonly text: string;
  /** In the shape of `--json`; null if there is nothing but the text. */
  readonly document: object | null;
  /** Whether the request or a configuration is wrong, or nothing could be answered. A broken budget is an answer. */
  readonly isError: boolean;
}

/** Where tools are called: an editor, or a program that an agent has started. */
export interface Host {
  /** Paths are relative to this folder. Absolute. */
  readonly directory: string;
  /** Why nothing of the user's may run, in a sentence; null if it may. */
  readonly refusal: string | null;
  /**
   * Calls `work` with the open projects of a folder (absolute; null for all), outer ones first. If `runs` is false, nothing of the
   * user's runs. Throws `UsageError` if there are none, or if the folder is none of this host's.
   */
  withProjects<T>(
    ask: { readonly folder: string | null; readonly runs: boolean; readonly signal: AbortSignal },
    work: (projects: readonly Project[]) => Promise<T>,
  ): Promise<T>;
  /** The folders that may be searched for benchmarks where there is no `perf-budget.jsonc`. Throws as `withProjects`. */
  folders(folder: string | null): Promise<readonly string[]>;
  /** What it takes to load bench files that no project has. */
  readonly running: {
    readonly log: Log;
    readonly workerPath: string;
    readonly nodePath: (root: string) => string | null;
  };
}

/** One call of a tool. */
export interface Call {
  readonly input: Input;
  readonly host: Host;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly progress: ProgressDisplay;
}

/** Leaves out colours, for which an agent has no use. */
export const plain: Paint = (_, text) => visible(text);

export const answerOf = (lines: readonly string[], document: object | null, isError = false): Answer => ({
  text: visible(lines.join('\n')).trim(),
  document,
  isError,
});

export const failed = (sentence: string): Answer => answerOf([sentence], null, true);

export const cancelled: Answer = failed('Cancelled: nothing was finished.');

export const textOf = ({ input }: Pick<Call, 'input'>, name: string): string | null =>
  typeof input[name] === 'string' ? input[name] : null;

export const textsOf = ({ input }: Pick<Call, 'input'>, name: string): readonly string[] => {
  const value = input[name];
  return typeof value === 'object' ? value : [];
};

/** Returns what is wrong in the projects' files, with files relative to the working directory. */
export const problemsIn = (directory: string, projects: readonly Project[]): readonly ProblemEntry[] =>
  projects.flatMap(({ snapshot }) =>
    snapshot.problems.map(({ location: { file, start }, message, warning }) => ({
      ...{ file: shownPath(directory, file), ...start, message },
      ...(warning === true && { warning }),
    })),
  );

/** Whether something is wrong, and not only to be known. */
export const isWrong = ({ warning }: ProblemEntry): boolean => warning !== true;

export const problemLines = (problems: readonly ProblemEntry[]): readonly string[] =>
  problems.map((problem) => `${placeText(problem)}  ${problem.message}`);
