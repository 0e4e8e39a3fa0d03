/**
 * Reports a benchmark's own figure, which a check can then name: `lost messages = 0`.
 *
 * The metric is the mean of all values that the measured iterations report under the name, including hooks and tear-down. If
 * they report none, values from loading and warming up the bench file count. `unit` is a unit that a check can have (`ms`,
 * `KB`, `%`, `lines/s`); without one, the figure is a plain number. Does nothing unless Perf Budget is measuring; if it is,
 * throws for a name that Perf Budget measures itself (`time`, `p95`) and for a value that is not finite.
 */
export function report(name: string, value: number, unit?: string): void {
  const key = Symbol.for('perf-budget.collector');
  const collector = (globalThis as Record<symbol, { library(name: string): { report: typeof report } } | undefined>)[
    key
  ];
  collector?.library('perf-budget').report(name, value, unit);
}
