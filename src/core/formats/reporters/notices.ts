import { openReasons } from '../../text/terminal.js';
import { againstOf, worstFirst, type BudgetEntry, type CheckDocument, type Place } from './document.js';
import { findings } from '../../text/finding.js';

/** How loud a notice is: `note` breaks nothing and warns of nothing. */
export type Loudness = 'error' | 'warning' | 'note';

/** One thing that a reader of code should see beside it. */
export interface Notice {
  readonly kind: Loudness;
  /** The budget; null for a problem of a configuration or a bench file. */
  readonly budget: BudgetEntry | null;
  readonly title: string;
  /** A sentence or more. */
  readonly message: string;
  /** Null where nobody knows. */
  readonly place: Place | null;
}

/** Everything that is wrong, the worst first: missed checks, what could not be measured, problems. */
export function notices(document: CheckDocument, strict: boolean): readonly Notice[] {
  const budgets = worstFirst(document).flatMap((budget) => ofBudget(budget, againstOf(budget, document), strict));
  const problems = document.problems.map(({ message, warning, ...place }): Notice => ({
    kind: warning === true ? 'warning' : 'error',
    budget: null,
    title: 'perf-budget',
    message,
    place: placeOnly(place),
  }));
  return [...budgets, ...problems];
}

function ofBudget(budget: BudgetEntry, against: string, strict: boolean): readonly Notice[] {
  const place = budget.place ?? budget.written ?? null;
  if (budget.verdict === 'undecided') {
    const message = openReasons([budget]).join(' ') || budget.message;
    return [{ kind: strict ? 'error' : 'note', budget, title: `${budget.name} is undecided`, message, place }];
  }
  return findings(budget.name, budget, against).map(({ level, message }): Notice => {
    // A level alone breaks nothing: a limit counts where the budget as a whole is broken.
    const broken = level === 'limit' && (budget.verdict === 'fail' || budget.verdict === 'error');
    const kind = broken ? 'error' : level === 'target' ? 'note' : 'warning';
    const title = budget.verdict === 'error' ? `${budget.name} was not measured` : titleOf(budget, kind);
    return { kind, budget, title, message, place };
  });
}

function titleOf({ name, waived }: BudgetEntry, kind: Loudness): string {
  if (waived !== undefined && kind === 'warning') return `${name} is over its budget but waived`;
  if (kind === 'error') return `${name} is over its budget`;
  return kind === 'warning' ? `${name} is close to its budget` : `${name} misses its target`;
}

const placeOnly = ({ file, line, column }: Place): Place => ({ file, line, column });
