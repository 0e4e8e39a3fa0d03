import type { BudgetEntry, CheckDocument } from '../../../../src/core/formats/reporters/document.js';
import { exampleCauses } from '../../results/example-causes.js';
import { example } from './example.js';

/** The example with one text in every place where others may write: names, units, messages, paths, machines, baselines. */
export function exampleWith(text: string): CheckDocument {
  const place = { file: text, line: 3, column: 1 };
  const causes = exampleCauses.map((cause, index) => ({
    ...cause,
    ...{ function: text, was: text, package: text, file: text, text },
    ...{ baseline: { ...cause.baseline, unit: text }, current: { ...cause.current, unit: text } },
    ...(index === 1 && { kind: 'retained' as const, retainer: { constructor: text, path: [text, text] } }),
    reasons: [{ kind: 'dictionary' as const, function: text, ...place, message: text }],
  }));
  const budgets = example.budgets.map((budget, index): BudgetEntry => ({
    ...budget,
    ...{ causes, causesNote: text },
    ...{ name: `${index}${text}`, benchmark: text, message: text, note: text, place, tags: [text] },
    checks: budget.checks.map((check) => ({
      ...check,
      note: check.note === null ? null : text,
      measured: check.measured && { ...check.measured, unit: text },
      bound: check.bound && { ...check.bound, unit: text },
    })),
  }));
  return {
    ...example,
    budgets,
    baseline: { name: text, commit: '0123456789abcdef' },
    machine: { ...example.machine, cpu: `x${text}`, os: text },
    problems: [{ ...place, message: `1${text}` }],
  };
}
