import type { Relation } from '../language/budget.js';
import type { Verdict } from '../results/measurement.js';

/** The kinds of themes that VS Code has. */
export type ThemeKind = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** One run. */
export interface SparkPoint {
  /** Null where the run failed. */
  readonly estimate: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly verdict: Verdict;
}

export interface SparkOptions {
  readonly theme: ThemeKind;
  /** What is shown, for those who cannot see it: `Time of tokenize`. */
  readonly title: string;
  /** Writes a value with its unit, to the digits that its interval supports. */
  readonly format: (value: number, interval?: { readonly low: number; readonly high: number }) => string;
  /** `label` replaces the default `≤ 2 ms`. */
  readonly bound?: { readonly value: number; readonly relation: Relation; readonly label?: string } | null;
  /** `name` is what it is called: `HEAD`. */
  readonly baseline?: { readonly value: number; readonly name: string } | null;
  /** Where several pictures are put into one document, each needs its own. */
  readonly id?: string;
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** The options with their defaults. */
export type Picture = Required<SparkOptions>;
