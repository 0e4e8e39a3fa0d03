import path from 'node:path';
import { configFileName } from '../../core/config/file-names.js';
import type { CheckDocument } from '../../core/formats/reporters/document.js';
import { failsStrict } from '../../core/results/strict.js';
import { exitCodes, gravest } from './exit-codes.js';
import { checkDocument } from './document.js';
import type { ProjectCheck } from './project-check.js';

/** Returns the exit code of several projects together. */
export const exitCodeOfChecks = (checked: readonly ProjectCheck[], strict: boolean): number =>
  exitCodeOf(checkDocument('.', checked), strict);

/** Returns the exit code of a document. A problem outside a configuration is a bench file that could not be loaded. */
export function exitCodeOf(
  {
    budgets,
    problems,
    unchanged,
    unchecked = [],
  }: Pick<CheckDocument, 'budgets' | 'problems' | 'unchanged' | 'unchecked'>,
  strict: boolean,
): number {
  return gravest([
    strict && unchanged === true ? exitCodes.failed : exitCodes.ok,
    unchecked.length > 0 ? exitCodes.broken : exitCodes.ok,
    ...problems.map(({ file, warning }) => {
      if (warning === true) return exitCodes.ok;
      return path.basename(file) === configFileName ? exitCodes.configuration : exitCodes.broken;
    }),
    ...budgets.map((budget) => {
      if (budget.verdict === 'error') return exitCodes.broken;
      return budget.verdict === 'fail' || (strict && failsStrict(budget)) ? exitCodes.failed : exitCodes.ok;
    }),
  ]);
}
