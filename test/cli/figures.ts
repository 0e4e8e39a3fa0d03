import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import {
  changeBounds,
  formatChange,
  formatInterval,
  formatPlusMinus,
  formatSpeed,
} from '../../src/core/language/figures.js';
import { freeUnit, type Dimension } from '../../src/core/language/quantity.js';
import type { BudgetResult, CheckResult } from '../../src/core/results/measurement.js';
import { elapsed } from '../../src/core/text/terminal.js';
import { figuresOf } from '../../src/core/text/figures.js';

/** A figure as a report writes it, and the word that stands for it in a snapshot. */
type Figure = readonly [text: string, word: string];

/**
 * A report whose figures are words: only those that the document of the same run has, and in the lines of their own budget.
 * A figure of another budget, one that is made up and a bound that a user wrote stay as they are.
 */
export function maskFigures(
  text: string,
  { budgets, elapsedMs }: Pick<CheckDocument, 'budgets' | 'elapsedMs'>,
): string {
  const total: Figure = [elapsed(elapsedMs), 'TIME'];
  return text
    .split('\n')
    .map((line) => {
      const own = budgets.filter(({ name }) => line.includes(name));
      if (own.length > 0) return own.reduce(maskOwn, line);
      return / in \S+ \S+?( vs |; |$)/.test(line) ? replaceFigure(line, total) : line;
    })
    .join('\n');
}

/** What is said of one budget. */
export const maskOwn = (text: string, budget: BudgetResult): string => figuresIn(budget).reduce(replaceFigure, text);

/** The longest first, for one may be the end of another. */
const figuresIn = (budget: BudgetResult): readonly Figure[] =>
  [...changes(budget), ...budget.checks.flatMap(measured)].toSorted(([a], [b]) => b.length - a.length);

function changes({ comparison }: BudgetResult): readonly Figure[] {
  if (comparison === null) return [];
  const { ratio } = comparison;
  const change = formatChange(ratio, comparison);
  const speed = formatSpeed(ratio, comparison);
  return [
    [`${change} (${changeBounds(comparison).join(' … ')})`, 'CHANGE'],
    [`${speed} (${changeBounds(comparison).join(' … ')})`, 'CHANGE'],
    [formatPlusMinus(ratio, comparison), 'CHANGE'],
    [change, 'CHANGE'],
    [formatInterval(comparison, 'to'), 'INTERVAL'],
    [formatInterval(comparison), 'INTERVAL'],
    [speed, speed.replace(/^[\d.,]+(%| times)/, 'SHARE')],
  ];
}

const words: Partial<Record<Dimension, string>> = { time: 'TIME', rate: 'RATE', size: 'SIZE' };

/** Counts and shares stay as they are: they are the same in every run. */
function measured(check: CheckResult): readonly Figure[] {
  if (check.measured === null) return [];
  const { low, high, unit } = check.measured;
  const word = words[freeUnit(unit).dimension];
  if (word === undefined) return [];
  const bound = check.bound ?? { value: 0, unit };
  /** Held against itself, a figure has no more digits than it needs. */
  const shown = (one: number): string =>
    text({ ...check, measured: { value: one, low, high, unit }, bound: { value: one, unit } });
  const suffix = / .*$/.exec(shown(high))?.[0] ?? '';
  const from = shown(low).endsWith(suffix) ? shown(low).slice(0, -suffix.length) : shown(low);
  const relative = check.check.includes('baseline') ? figuresOf(check)?.bound : undefined;
  return [
    [`${from} to ${shown(high)}`, `${word} to ${word}`],
    [text({ ...check, bound }), word],
    ...(relative === undefined ? [] : [[relative, word] as const]),
  ];
}

const text = (check: CheckResult): string => figuresOf(check)?.measured ?? '';

/** Not where it is the end of a longer figure. */
function replaceFigure(line: string, [figure, word]: Figure): string {
  if (figure === '') return line;
  return line
    .split(figure)
    .reduce((before, after) => before + (/[\d.,]$/.test(before) || /^[\d%/]/.test(after) ? figure : word) + after);
}
