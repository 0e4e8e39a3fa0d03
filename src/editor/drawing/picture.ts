import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Budget } from '../../core/language/budget.js';
import { formatTime } from '../../core/language/figures.js';
import { sparkline, svgAddress, type SparkOptions, type ThemeKind } from '../../core/text/sparkline.js';
import type { HistoryRow } from '../../engine/history/store.js';

/** Draws the times of `rows` (newest first) with the budget's bound and baseline. Returns an image's address in theme colours. */
export function picture(rows: readonly HistoryRow[], budget: Budget, width = 320): string {
  const points = rows.toReversed().map(({ time, result }) => ({ estimate: time, verdict: result.verdict }));
  const baseline = baselineOf(rows);
  const bound = boundOf(budget, baseline?.value ?? null);
  const newest = rows.find(({ time }) => time !== null)?.time ?? null;
  // What the user wrote is exact; the rest is only as precise as the newest run.
  const isExact = (value: number): boolean => value === bound?.value && bound.isExact;
  const interval = (value: number) =>
    newest === null || isExact(value)
      ? undefined
      : { low: (value * newest.low) / newest.value, high: (value * newest.high) / newest.value };
  return svgAddress(
    sparkline(points, {
      theme: themeKind(),
      title: vscode.l10n.t('Time of {0}', budget.name),
      format: (value) => formatTime(value, interval(value)),
      baseline,
      bound,
      width,
    }),
  );
}

/** Returns what the last run was compared with: its time divided by the ratio. */
function baselineOf(rows: readonly HistoryRow[]): NonNullable<SparkOptions['baseline']> | null {
  const last = rows.find(({ time, result }) => time !== null && result.comparison !== null);
  if (last?.time === undefined || last.time === null || last.result.comparison === null) return null;
  return { value: last.time.value / last.result.comparison.ratio, name: last.baseline?.name ?? l10n.t('the baseline') };
}

/** Returns the most serious bound on time: as written, or relative to the baseline. */
function boundOf(
  { checks }: Budget,
  baseline: number | null,
): (NonNullable<SparkOptions['bound']> & { isExact: boolean }) | null {
  const onTime = checks.filter(({ metric }) => metric.kind === 'time').toReversed();
  const written = onTime.find(({ bound }) => bound.kind === 'quantity') ?? onTime[0];
  if (written === undefined) return null;
  const { bound, relation } = written;
  if (bound.kind === 'quantity') return { value: bound.value, relation, isExact: true };
  return baseline === null || bound.kind !== 'baseline'
    ? null
    : { value: baseline * bound.factor, relation, isExact: false };
}

function themeKind(): ThemeKind {
  switch (vscode.window.activeColorTheme.kind) {
    case vscode.ColorThemeKind.Light:
      return 'light';
    case vscode.ColorThemeKind.Dark:
      return 'dark';
    case vscode.ColorThemeKind.HighContrast:
      return 'high-contrast';
    case vscode.ColorThemeKind.HighContrastLight:
      return 'high-contrast-light';
  }
}
