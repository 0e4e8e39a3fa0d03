import * as l10n from '@vscode/l10n';
import { formatPercent } from '../language/figures.js';
import type { NoiseShortfall } from '../stats/noise.js';

/** `this machine can resolve 6% in 2 s, but the budget allows 3%: set "time": "8 s"`. */
export function noiseWords(shortfall: NoiseShortfall): string {
  const { seconds, needed } = shortfall;
  if (shortfall.kind === 'one-process') {
    return l10n.t`one process in ${duration(seconds)} is too few to compare: ${giveIt(needed)}`;
  }
  const { seen, tightness } = shortfall;
  const [sees, within, allowed] = [percent(seen), duration(seconds), percent(tightness)];
  return Number.isFinite(needed)
    ? l10n.t`this machine can resolve ${sees} in ${within}, but the budget allows ${allowed}: ${giveIt(needed)}`
    : l10n.t`this machine can resolve ${sees} in ${within}, but the budget allows ${allowed}, and no time is enough`;
}

/** The fix for too few seconds, behind a colon. */
export const giveIt = (seconds: number): string => l10n.t`set "time": "${duration(roundUp(seconds))}"`;

const percent = (fraction: number): string => formatPercent(fraction, fraction < 0.0995 ? 1 : 0);

/** Formats seconds as in a budget's `time`. */
const duration = (seconds: number): string =>
  seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.ceil(seconds / 60)} min`;

/** Rounds up to what a person would write: whole seconds, then tens. */
const roundUp = (seconds: number): number => (seconds <= 10 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10);
