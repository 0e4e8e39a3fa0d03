/**
 * Reports a figure of a benchmark's own, which a check can then name: `lost messages = 0`.
 *
 * The metric is the mean of all values that the measured iterations report under the name, hooks and tear-down included;
 * what is reported only while the bench file is loaded or warmed up counts where they report none. `unit` is one of a
 * check's (`ms`, `KB`, `%`, `lines/s`); without one the figure is a plain number. Does nothing where Perf Budget is not
 * measuring. Throws where it is, for a name that Perf Budget measures itself (`time`, `p95`) and a value that is not finite.
 */
export function report(name: string, value: number, unit?: string): void {
  const key = Symbol.for('perf-budget.collector');
  const collector = (globalThis as Record<symbol, { library(name: string): { report: typeof report } } | undefined>)[
    key
  ];
  collector?.library('perf-budget').report(name, value, unit);
}
