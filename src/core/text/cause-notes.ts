import * as l10n from '@vscode/l10n';
import { formatPercent } from '../language/figures.js';
import type { Explanation } from '../results/causes.js';

/** Below this part of the difference, the causes are not the whole story. */
const most = 0.5;

/** Says how much of a difference of time the causes leave unexplained, if that is the larger part; null if it is not. */
export function timeNote({ causes, explained }: Pick<Explanation, 'causes' | 'explained'>): string | null {
  if (explained === null || explained >= most) return null;
  if (causes.length === 0)
    return l10n.t(
      'No function accounts for the difference: it is spread over code that has not changed, as when code lies elsewhere in memory.',
    );
  return l10n.t`The causes explain ${formatPercent(explained)} of the difference. The rest is spread over other code.`;
}
