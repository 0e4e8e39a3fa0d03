import { parseCheck } from '../../language/check.js';
import { formatTime } from '../../language/figures.js';
import type { BudgetResult } from '../../results/measurement.js';
import { freeUnit } from '../../language/quantity.js';
import { cells, table, time } from './markup.js';
import type { PastRun } from './trend.js';
import { escapeMarkup as escape } from '../../text/escape.js';
import { formatShare } from '../../text/figures.js';

interface Phase {
  readonly name: string;
  /** Nanoseconds since the first began, and how long it takes. */
  readonly from: number;
  readonly length: number;
}

/** A bound that is further away would press the phases flat. */
const farthest = 3;

/**
 * What happens one after the other, each phase where it begins and as long as it takes; below it the run before, and across
 * both what the total is held against. Empty where nothing took any time.
 */
export function timeline(result: BudgetResult, runs: readonly PastRun[]): string {
  const phases = phasesOf(result);
  const total = totalOf(phases);
  if (!(total > 0)) return '';
  // The newest run in the history is the one that is told, where it is not older than what it was kept by.
  const [last, before] = runs;
  const old = before === undefined ? [] : phasesOf(before.result);
  const longest = Math.max(total, totalOf(old));
  const bounds = boundsOf(result).filter(({ value }) => value <= longest * farthest);
  const end = Math.max(longest, ...bounds.map(({ value }) => value)) * 1.02;
  const at = (value: number): string => `${Number(((value / end) * 100).toFixed(2))}%`;
  const marks = bounds.map(({ value, level }) => `<i class="held ${level}" style="left:${at(value)}"></i>`).join('');
  const lane = (what: string, of: readonly Phase[], kind: string): string => {
    const bars = of.map(({ name, from, length }) => {
      const place = `left:${at(from)};width:${at(length)}`;
      return `<span class="phase" style="${place}" title="${escape(`${name}: ${formatTime(length)}`)}">${escape(name)}</span>`;
    });
    return `<div class="lane${kind}"><span>${what}</span><div>${bars.join('')}${marks}</div></div>`;
  };
  const words = bounds.map(({ value, text, level }) => {
    const side = value > end / 2 ? `right:${at(end - value)}` : `left:${at(value)}`;
    return `<span class="${level}" style="${side}">${escape(text)} ${level}</span>`;
  });
  const lanes = [
    ...(words.length === 0 ? [] : [`<div class="lane words"><span></span><div>${words.join('')}</div></div>`]),
    lane(last === undefined ? 'now' : time(last.at), phases, ''),
    ...(before === undefined || old.length === 0 ? [] : [lane(time(before.at), old, ' before')]),
  ];
  const rows = phases.map(({ name, from, length }) => {
    const then = old.find((one) => one.name === name);
    const columns = [escape(name), shown(from), shown(length), escape(formatShare(length / total))];
    return cells(old.length === 0 ? columns : [...columns, then === undefined ? '–' : shown(then.length)]);
  });
  const sum = ['All', '', shown(total), '', ...(old.length === 0 ? [] : [shown(totalOf(old))])];
  const heads = ['Part', 'Starts at', 'Time', 'Share', ...(old.length === 0 ? [] : ['Before'])];
  const picture = `<div class="lanes" aria-hidden="true">\n${lanes.join('\n')}\n</div>`;
  return table(`One after the other\n${picture}`, heads, [...rows, cells(sum)], 'numbers');
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

/** What the total time is held against, in nanoseconds. */
function boundsOf({ checks }: BudgetResult): readonly { value: number; text: string; level: string }[] {
  return checks.flatMap(({ check, bound, level }) => {
    const parsed = parseCheck(check);
    if (!parsed.ok || parsed.value.metric.kind !== 'time' || parsed.value.bound.kind !== 'quantity') return [];
    if (bound === null) return [];
    const value = bound.value * freeUnit(bound.unit).scale;
    return [{ value, text: formatTime(value), level }];
  });
}

/** To three digits. */
const shown = (nanoseconds: number): string =>
  nanoseconds === 0 ? '0' : escape(formatTime(nanoseconds, { low: nanoseconds * 0.995, high: nanoseconds * 1.005 }));
