import * as l10n from '@vscode/l10n';
import { parseCheck } from '../../language/check.js';
import { formatTime } from '../../language/figures.js';
import type { BudgetResult } from '../../results/measurement.js';
import { freeUnit } from '../../language/quantity.js';
import { cells, table, time } from './markup.js';
import type { PastRun } from './trend.js';
import { markup, type Markup } from '../../text/escape.js';
import { formatShare } from '../../text/figures.js';

interface Phase {
  readonly name: string;
  /** Nanoseconds from the start of the first phase; `length` is in nanoseconds too. */
  readonly from: number;
  readonly length: number;
}

/** A bound more than this many times the longest run would squeeze the phases flat. */
const farthest = 3;

/**
 * Draws the parts of a sum one after the other, each at its start and with its length; below them the previous run, and
 * across both the bounds on the total. Empty if nothing took any time.
 */
export function timeline(result: BudgetResult, runs: readonly PastRun[]): Markup {
  const phases = phasesOf(result);
  const total = totalOf(phases);
  if (!(total > 0)) return markup``;
  // The newest run in the history counts as the run that `result` is from.
  const [last, before] = runs;
  const old = before === undefined ? [] : phasesOf(before.result);
  const longest = Math.max(total, totalOf(old));
  const bounds = boundsOf(result).filter(({ value }) => value <= longest * farthest);
  const end = Math.max(longest, ...bounds.map(({ value }) => value)) * 1.02;
  const at = (value: number): string => `${Number(((value / end) * 100).toFixed(2))}%`;
  const marks = bounds.map(({ value, level }) => markup`<i class="held ${level}" style="left:${at(value)}"></i>`);
  const lane = (what: string | Markup, of: readonly Phase[], kind: string): Markup => {
    const bars = of.map(({ name, from, length }) => {
      const place = `left:${at(from)};width:${at(length)}`;
      return markup`<span class="phase" style="${place}" title="${name}: ${formatTime(length)}">${name}</span>`;
    });
    return markup`<div class="lane${kind}"><span>${what}</span><div>${bars}${marks}</div></div>`;
  };
  const words = bounds.map(({ value, text, level }) => {
    const side = value > end / 2 ? `right:${at(end - value)}` : `left:${at(value)}`;
    return markup`<span class="${level}" style="${side}">${text} ${level}</span>`;
  });
  const lanes = [
    ...(words.length === 0 ? [] : [markup`<div class="lane words"><span></span><div>${words}</div></div>`]),
    lane(last === undefined ? l10n.t('now') : time(last.at), phases, ''),
    ...(before === undefined || old.length === 0 ? [] : [lane(time(before.at), old, ' before')]),
  ];
  const rows = phases.map(({ name, from, length }) => {
    const then = old.find((one) => one.name === name);
    const columns = [name, shown(from), shown(length), formatShare(length / total)];
    return cells(old.length === 0 ? columns : [...columns, then === undefined ? '–' : shown(then.length)]);
  });
  const sum = [l10n.t('All'), '', shown(total), '', ...(old.length === 0 ? [] : [shown(totalOf(old))])];
  const heads = [l10n.t('Part'), l10n.t('Starts at'), l10n.t('Time'), l10n.t('Share')];
  const all = old.length === 0 ? heads : [...heads, l10n.t('Before')];
  const picture = markup`<div class="lanes" aria-hidden="true">\n${markup.join(lanes, '\n')}\n</div>`;
  return table(markup`${l10n.t('One after the other')}\n${picture}`, all, [...rows, cells(sum)], 'numbers');
}

function phasesOf({ parts = [] }: BudgetResult): readonly Phase[] {
  let from = 0;
  return parts.map(({ name, value, unit }) => {
    const length = value * freeUnit(unit).scale;
    const phase = { name, from, length };
    from += length;
    return phase;
  });
}

const totalOf = (phases: readonly Phase[]): number => phases.reduce((sum, { length }) => sum + length, 0);

/** Returns the bounds on the total time, in nanoseconds. */
function boundsOf({ checks }: BudgetResult): readonly { value: number; text: string; level: string }[] {
  return checks.flatMap(({ check, bound, level }) => {
    const parsed = parseCheck(check);
    if (!parsed.ok || parsed.value.metric.kind !== 'time' || parsed.value.bound.kind !== 'quantity') return [];
    if (bound === null) return [];
    const value = bound.value * freeUnit(bound.unit).scale;
    return [{ value, text: formatTime(value), level }];
  });
}

/** Formats a time to three digits. */
const shown = (nanoseconds: number): string =>
  nanoseconds === 0 ? '0' : formatTime(nanoseconds, { low: nanoseconds * 0.995, high: nanoseconds * 1.005 });
