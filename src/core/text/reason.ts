import * as l10n from '@vscode/l10n';
import type { Reason } from '../judge/judgement.js';
import { formatQuantity } from '../language/figures.js';
import { dimensionNames } from '../language/quantity.js';
import { unreachable } from '../result.js';
import { growthWords, refusalWords } from './growth.js';
import { giveIt, noiseWords } from './noise.js';

/** Returns the note of a `CheckResult`: why it is undecided, what it needs, how a family grows. */
export function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case 'noted':
    case 'unsettled':
      return reason.note;
    case 'not-measured':
      return reason.note === null
        ? l10n.t`${reason.metric} was not measured`
        : l10n.t`${reason.metric} was not measured: ${reason.note}`;
    case 'not-additive':
      return l10n.t`${reason.metric} cannot be added up: use time, mean or cpu for a sum`;
    case 'not-recorded':
      return l10n.t`nothing is recorded yet; run perf-budget record "${reason.budget}" <value>`;
    case 'not-reported': {
      const others =
        reason.reported.length === 0 ? l10n.t('it reports nothing') : l10n.t`it reports ${reason.reported.join(', ')}`;
      return l10n.t`the benchmark does not report ${reason.metric}; ${others}`;
    }
    case 'unit-mismatch': {
      const { metric, unit, bound } = reason;
      const written = formatQuantity(bound.value, bound.unit);
      const reported = unit === null ? l10n.t('without a unit') : l10n.t`in ${unit}`;
      return l10n.t`${metric} is reported ${reported}, but ${written} is ${dimensionNames[bound.unit.dimension]()}`;
    }
    case 'not-compared':
      return notComparedWords(reason.why);
    case 'not-in-baseline':
      return l10n.t`${reason.baseline} has no ${reason.metric} to compare with`;
    case 'reference-not-measured':
      return l10n.t`"${reason.reference}" was not measured`;
    case 'reference-without-size': {
      const { reference, count, member } = reason;
      return l10n.t`"${reference}" matches ${count} benchmarks, but none has the size of ${member}`;
    }
    case 'reference-unanswered':
      return `"${reason.reference}": ${reasonWords(reason.reason)}`;
    case 'size-unanswered':
      return `${reason.member}: ${reasonWords(reason.reason)}`;
    case 'too-few-samples': {
      const { metric, needed, taken, seconds } = reason;
      const count = (value: number): string => formatQuantity(value, 'count');
      return taken === 1
        ? l10n.t`${metric} needs ${count(needed)} samples; ${count(taken)} was taken: ${giveIt(seconds)}`
        : l10n.t`${metric} needs ${count(needed)} samples; ${count(taken)} were taken: ${giveIt(seconds)}`;
    }
    case 'too-noisy': {
      const { shortfall, iterationNs } = reason;
      const words = noiseWords(shortfall);
      if (iterationNs === null) return words;
      return l10n.t`an iteration takes ${formatQuantity(Number(iterationNs.toPrecision(2)), 'time')}, and ${words}`;
    }
    case 'disturbed':
      return l10n.t(
        'this machine was too busy: runs of the same code took very different times; check again when it is quiet',
      );
    case 'growth':
      return `${reason.metric} ${growthWords(reason.growth)}`;
    case 'growth-refused':
      return refusalWords(reason.bound, reason.refusal);
    case 'same-code':
      return l10n.t`same code as ${reason.baseline}`;
    case 'stale':
      return staleWords(reason.days);
    default:
      return unreachable(reason);
  }
}

export const notComparedWords = (why: string): string => l10n.t`not compared: ${why.replace(/\.$/, '')}`;

/** `stale: 112 days old` */
export const staleWords = (days: number): string => l10n.t`stale: ${days} days old`;
