import type { BudgetResult } from './measurement.js';

/** Whether `--strict` fails a budget that is not broken: it is undecided, or it measures less than the baseline does. */
export const failsStrict = ({ verdict, concerns }: Pick<BudgetResult, 'verdict' | 'concerns'>): boolean =>
  verdict === 'undecided' || (verdict === 'warn' && concerns?.some(({ kind }) => kind === 'vanished') === true);
