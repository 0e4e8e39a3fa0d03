import type { Verdict } from '../../../src/core/results/measurement.js';

/** A benchmark that misbehaves, and what must be said of it. */
export interface Kind {
  readonly name: string;
  /** The text of its bench file, in which the benchmark has the name of its budget. */
  readonly source: string;
  /** The verdicts that are right. */
  readonly verdicts: readonly Verdict[];
  /** What the budget's message says; absent if any sentence will do. */
  readonly message?: RegExp;
  /** The limit of its budget; absent for one that it keeps if it is measured. */
  readonly limit?: string;
  /** The name of its benchmark; `bad` if absent. */
  readonly benchmark?: string;
  /** Whether it takes many seconds, because somebody has to wait for it. */
  readonly isLong?: true;
  /** What the case needs of the system; it is skipped, and says so, without. */
  readonly needs?: 'linux' | 'posix';
}

/** The bench file of a benchmark that does this in every iteration. */
export const inLoop = (body: string, head = ''): string =>
  `import { bench } from 'vitest';\n${head}\nbench('bad', () => {\n  ${body}\n});\n`;

/** One that does this while the bench file is loaded. */
export const atLoad = (head: string, body = ''): string => inLoop(body, head);

/** Takes 10 ms of a processor or more, however busy the machine is; see `fast`. */
export const slow =
  'let sum = 0; for (let i = 0; i < 10_000_000; i++) sum += Math.sqrt(i); kept.push(sum); kept.length = 0;';
export const slowHead = 'const kept: number[] = [];';
/** A limit that nothing `slow` keeps. */
export const fast = 'time <= 100 us';

/** Measured as if it behaved; what does nothing is as fast as an empty function, and so not compared. */
export const measured = ['pass', 'undecided'] as const;
export const failed = ['error'] as const;
/** All are true of it: it is measured, or one sentence says why not. */
export const either = ['pass', 'error', 'undecided'] as const;
