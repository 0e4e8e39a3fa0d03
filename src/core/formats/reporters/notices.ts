import { openReasons } from '../../text/terminal.js';
import {
  againstOf,
  furtherProblems,
  problemOf,
  worstFirst,
  type BudgetEntry,
  type CheckDocument,
  type Place,
} from './document.js';
import type { Concern } from '../../results/measurement.js';
import { findings } from '../../text/finding.js';
import { causesText, type CausesText } from '../../text/cause.js';

/** How loud a notice is: a `note` neither fails nor warns. */
export type Loudness = 'error' | 'warning' | 'note';

/** One thing to show beside the code. */
export interface Notice {
  readonly kind: Loudness;
  /** Null for a problem in a configuration or a bench file. */
  readonly budget: BudgetEntry | null;
  readonly title: string;
  /** One or more sentences. */
  readonly message: string;
  /** Null if unknown. */
  readonly place: Place | null;
  /** What accounts for the difference; null if nothing is known, or if another notice of the budget has it. */
  readonly causes: CausesText | null;
}

/** Returns everything that is wrong: missed checks and undecided or unmeasured budgets, worst first, then problems. */
export function notices(document: CheckDocument, strict: boolean): readonly Notice[] {
  const budgets = worstFirst(document).flatMap((budget) => ofBudget(budget, document, strict));
  const problems = furtherProblems(document).map(({ message, warning, ...place }): Notice => ({
    kind: warning === true ? 'warning' : 'error',
    budget: null,
    title: 'perf-budget',
    message,
    place: placeOnly(place),
    causes: null,
  }));
  return [...budgets, ...problems];
}

function ofBudget(budget: BudgetEntry, document: CheckDocument, strict: boolean): readonly Notice[] {
  const against = againstOf(budget, document);
  const problem = problemOf(document, budget);
  const place = problem === null ? (budget.failure ?? budget.place ?? budget.written ?? null) : placeOnly(problem);
  if (budget.verdict === 'undecided') {
    const message = openReasons([budget]).join(' ') || budget.message;
    return [
      { kind: strict ? 'error' : 'note', budget, title: `${budget.name} is undecided`, message, place, causes: null },
    ];
  }
  const found = findings(budget.name, budget, against);
  // The causes are of what was measured, which a check says.
  const explained = Math.max(
    0,
    found.findIndex(({ check }) => check !== null),
  );
  return found.map(({ level, message, concern }, index): Notice => {
    // A missed limit is an error only if the whole budget is broken.
    const isBroken = level === 'limit' && (budget.verdict === 'fail' || budget.verdict === 'error');
    const broken = isBroken || (strict && concern === 'vanished');
    const kind = broken ? 'error' : level === 'target' ? 'note' : 'warning';
    const title =
      concern !== undefined
        ? concernNames[concern](budget.name)
        : budget.verdict === 'error'
          ? `${budget.name} was not measured`
          : titleOf(budget, kind);
    return { kind, budget, title, message, place, causes: index === explained ? causesText(budget) : null };
  });
}

const concernNames: Readonly<Record<Concern['kind'], (name: string) => string>> = {
  answer: (name) => `${name} returns a different answer`,
  vanished: (name) => `${name} has fewer benchmarks`,
  implausible: (name) => `${name} is suspiciously fast`,
};

function titleOf({ name, waived }: BudgetEntry, kind: Loudness): string {
  if (waived !== undefined && kind === 'warning') return `${name} is over its budget but waived`;
  if (kind === 'error') return `${name} is over its budget`;
  return kind === 'warning' ? `${name} is close to its budget` : `${name} misses its target`;
}

const placeOnly = ({ file, line, column }: Place): Place => ({ file, line, column });
