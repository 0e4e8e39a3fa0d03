import type { Relation } from '../language/budget.js';
import type { Verdict } from '../results/measurement.js';

/** The kinds of VS Code themes. */
export type ThemeKind = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light';

/** One run. */
export interface SparkPoint {
  /** Null if the run failed. */
  readonly estimate: { readonly value: number; readonly low: number; readonly high: number } | null;
  readonly verdict: Verdict;
}

export interface SparkOptions {
  readonly theme: ThemeKind;
  /** What is shown, for screen readers: `Time of tokenize`. */
  readonly title: string;
  /** Formats a value with its unit, to the digits that its interval supports. */
  readonly format: (value: number, interval?: { readonly low: number; readonly high: number }) => string;
  /** `label` replaces the default `≤ 2 ms`. */
  readonly bound?: { readonly value: number; readonly relation: Relation; readonly label?: string } | null;
  /** `name` is the baseline's name: `HEAD`. */
  readonly baseline?: { readonly value: number; readonly name: string } | null;
  /** If one document holds several pictures, each needs its own. */
  readonly id?: string;
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** The options with their defaults. */
export type Picture = Required<SparkOptions>;
