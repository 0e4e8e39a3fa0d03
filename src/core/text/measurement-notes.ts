import * as l10n from '@vscode/l10n';
import { formatQuantity } from '../language/figures.js';

/** The note of a benchmark that measures nothing, given nanoseconds per iteration. */
export const nothingNote = (time: number): string =>
  l10n.t`${formatQuantity(Number(time.toPrecision(2)), 'time')} per iteration is as fast as an empty function: the compiler may have removed the work; return or use its result`;

/** Why two sides that measure nothing are not compared. */
export const emptyWhy = (): string => l10n.t('both sides are as fast as an empty function');

/** The note of an asynchronous benchmark that takes no longer than an empty one, and yet does something. */
export const emptyNote = (time: number): string =>
  l10n.t`${formatQuantity(Number(time.toPrecision(2)), 'time')} per iteration is as fast as an empty async function, so most of it is the cost of a promise`;

/** The note of a benchmark whose code may still become faster than it was. */
export const coldNote = (): string =>
  l10n.t(
    'an iteration takes so long that V8 may not have finished optimizing the code: in the long run it may be faster',
  );

/** The note of a benchmark whose function returns a promise from only some of its calls. */
export const mixedNote = (): string => l10n.t('it returns a promise from some calls only; each promise is awaited');

/** The note of a benchmark whose single iterations are too short for the timer. */
export const batchNote = (time: number, batch: number): string =>
  l10n.t`an iteration of ${formatQuantity(Number(time.toPrecision(2)), 'time')} is shorter than the timer can resolve: percentiles are bounds from batches of ${batch}; time and mean are exact`;

/** The note of a measurement of old code with the bench file that it had. `why`: what the current one lacks; empty if unknown. */
export const ownBenchNote = (baseline: string, why: string): string =>
  l10n.t`${baseline} was measured with its own bench file, because the current one does not run there${why === '' ? '' : `: ${why}`}`;

/** The note of a measurement whose old code did not run: it is compared with the figures captured with that baseline. */
export const keptNote = (baseline: string): string =>
  l10n.t`compared with the figures of ${baseline}, measured at another time`;
