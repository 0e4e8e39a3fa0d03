import * as l10n from '@vscode/l10n';
import type { Growth } from '../language/budget.js';
import { minus } from '../language/figures.js';
import type { Exponent, GrowthRefusal, GrowthResult, JudgedGrowth } from '../stats/growth.js';
import { unreachable } from '../result.js';

/** An interval of the power wider than this is not worth a figure. */
const unknown = 1;

/** Returns one line about a family: `grows as n^1.07 (1.02 to 1.12): O(n log n) holds`. */
export function growthWords(result: GrowthResult): string {
  if (result.kind === 'refused') return refusalWords(result.bound, result.refusal);
  return `${powerWords(result)}: ${verdictWords(result)}`;
}

/** `O(log n) needs at least 3 sizes of 2 or more; there are 2`. */
export function refusalWords(bound: Growth, refusal: GrowthRefusal): string {
  switch (refusal.kind) {
    case 'too-few-sizes': {
      const { needed, smallest, sizes } = refusal;
      return l10n.t`${bound} needs at least ${needed} sizes of ${smallest} or more; ${sizes === 1 ? l10n.t('there is 1') : l10n.t`there are ${sizes}`}`;
    }
    case 'too-narrow': {
      const { needed, first, last } = refusal;
      const factor = Math.floor((last / first) * 10) / 10;
      return l10n.t`${bound} needs sizes that span at least a factor of ${needed}; ${first} to ${last} is a factor of ${factor}`;
    }
    case 'not-positive':
      return l10n.t`${bound} needs values above zero; at size ${refusal.n} the value is ${refusal.value}`;
    default:
      return unreachable(refusal);
  }
}

/** Says how the cost grows with n, without a verdict: `grows as n^1.07 (1.02 to 1.12)`. */
function powerWords({ exponent, best, fits }: Pick<JudgedGrowth, 'exponent' | 'best' | 'fits'>): string {
  if (best === 'O(1)' && fits.length === 1) return l10n.t`does not grow with n (n^${range(exponent)})`;
  if (exponent.high - exponent.low > unknown)
    return l10n.t`grows as a power of n that is still unknown (n^${range(exponent)})`;
  return l10n.t`grows as n^${power(exponent.value)} (${range(exponent)})`;
}

function verdictWords({ verdict, bound, fits }: JudgedGrowth): string {
  switch (verdict) {
    case 'pass':
      return l10n.t`${bound} holds`;
    case 'fail':
      return l10n.t`faster than ${bound}`;
    case 'undecided':
      return fits.length === 0
        ? l10n.t`${bound} is undecided; add more or larger sizes`
        : l10n.t`it may be ${listed(fits)}; add more or larger sizes`;
    default:
      return unreachable(verdict);
  }
}

const power = (value: number): string =>
  value
    .toFixed(2)
    .replace(/^-0\.00$/, '0.00')
    .replace('-', minus);

const range = ({ low, high }: Exponent): string => l10n.t`${power(low)} to ${power(high)}`;

function listed(orders: readonly Growth[]): string {
  const last = orders[orders.length - 1] ?? '';
  return orders.length < 2 ? last : l10n.t`${orders.slice(0, -1).join(', ')} or ${last}`;
}
