/** The raw data of `npm run bench:detect`: a file of JSON lines that is only ever appended to. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export const methods = ['ours', 'tinybench', 'vitest', 'turns'] as const;
export type Method = (typeof methods)[number];

/** `unmeasured`: told at once that the code is the same, which says nothing about measuring. */
export type Outcome = 'alarm' | 'pass' | 'undecided' | 'error' | 'unmeasured';

/** The start of a run, which may be one of several in a file. */
export interface RunLine {
  readonly kind: 'run';
  readonly at: string;
  /** The commit of this project, and whether the working tree differed from it. */
  readonly commit: string;
  readonly dirty: boolean;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly seed: number;
}

/** One answer to the question whether new code is slower than old by more than a check allows. */
export interface ComparisonLine {
  readonly kind: 'comparison';
  readonly at: string;
  readonly method: Method;
  readonly workload: string;
  /** What was injected: 0.1 is 10 % more items; and the true factor of the time, by the count of items. */
  readonly change: number;
  readonly factor: number;
  /** Whether the background load was there, and the system's load average of the last minute. */
  readonly load: boolean;
  readonly loadAverage: number;
  /** Of the checks `time <= baseline + 3%`, `+ 5%` and `+ 10%`, those that were asked. */
  readonly outcomes: Readonly<Partial<Record<'3' | '5' | '10', Outcome>>>;
  /** Told as faster than the old code. */
  readonly faster: boolean;
  /** New ÷ old, and its interval where the method has one; null where it came to none. */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** From the saved file to the verdict. */
  readonly seconds: number;
  /** How old the stored number was that it was compared with. */
  readonly baselineSeconds?: number;
  readonly note?: string;
}

export type RawLine = RunLine | ComparisonLine;

/** A line that a crash tore is left where it is, and ends here. */
export function openRaw(file: string): (line: RawLine) => void {
  if (existsSync(file) && !readFileSync(file, 'utf8').endsWith('\n')) appendFileSync(file, '\n');
  return (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
}

/** What can be read of a raw file's text. */
export function parseRaw(text: string): RawLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as RawLine];
    } catch {
      return [];
    }
  });
}
