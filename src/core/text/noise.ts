import * as l10n from '@vscode/l10n';
import { formatPercent } from '../language/figures.js';
import type { NoiseShortfall } from '../stats/noise.js';

/** `this machine can resolve 6% in 2 s, but the budget allows 3%: set "time": "8 s"`. */
export function noiseWords(shortfall: NoiseShortfall): string {
  const { seconds, needed } = shortfall;
  if (shortfall.kind === 'one-process') {
    return l10n.t`one process in ${duration(seconds)} is too few to compare${giveIt(needed)}`;
  }
  const { seen, tightness } = shortfall;
  const sees = l10n.t`this machine can resolve ${percent(seen)} in ${duration(seconds)}, but the budget allows ${percent(tightness)}`;
  return Number.isFinite(needed) ? sees + giveIt(needed) : l10n.t`${sees}, and no time is enough`;
}

/** The fix for too few seconds, at the end of a sentence. */
export const giveIt = (seconds: number): string => l10n.t`: set "time": "${duration(roundUp(seconds))}"`;

const percent = (fraction: number): string => formatPercent(fraction, fraction < 0.0995 ? 1 : 0);

/** Formats seconds as in a budget's `time`. */
const duration = (seconds: number): string =>
  seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Math.ceil(seconds / 60)} min`;

/** Rounds up to what a person would write: whole seconds, then tens. */
const roundUp = (seconds: number): number => (seconds <= 10 ? Math.ceil(seconds) : Math.ceil(seconds / 10) * 10);
