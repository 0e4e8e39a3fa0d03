import { setFlagsFromString } from 'node:v8';
import type { Tiering } from '../protocol.js';

/** V8's major version of Node: before 22, Maglev was off, and thresholds counted bytes of bytecode, not calls. */
const isOld = Number(process.versions.node.split('.')[0]) < 22;

/** The bytes of bytecode that stand for a call, and the calls that everything takes to be compiled, per call of the threshold. */
const bytesPerCall = 20;
const callsPerThreshold = isOld ? 3.5 : 2.5;
/** With lower thresholds than this, code is more often compiled again. */
const lowThreshold = 1000;
const callsPerLowThreshold = 3.5;

/** For what is run and not timed. */
export const observedTiering: Tiering = { threshold: 1000, replacesLoops: true };

/** Returns how many calls bring code to V8's last compiler. */
export const callsNeeded = ({ threshold }: Tiering): number =>
  Math.ceil((threshold < lowThreshold ? callsPerLowThreshold : callsPerThreshold) * threshold);

/**
 * Makes V8 use its last compiler sooner, for code that is loaded from now on, so that what is measured is what the code costs when
 * it has long been hot. With its defaults, a function that passes a callback to a built-in is compiled by TurboFan at its 11,000th
 * call or later (often after seconds), and runs up to twenty times slower before that. There are three reasons:
 *
 * - Maglev, the middle compiler. A function whose loops were optimized while they ran is entered through Maglev's code for
 *   thousands of calls (tiering-manager.cc). Without it, the same last compiler comes sooner to the same code.
 * - TurboFan waits for 3,000 calls. After 1,000, types are as well known. With far fewer, some code is compiled before they are
 *   and stays worse: the threshold is lower only for code that is too slow for a thousand calls, whose loops have run often by then.
 * - Loops are replaced while they run, on the stack. What is compiled then, in the middle of a first call, knows few types: on Node
 *   20, two copies of one loop stayed three times apart. In the long run, functions are entered at their beginning. Only code of
 *   which one call takes long needs its loops replaced.
 *
 * The end values are those of the defaults: see bench:truth in docs/measurement.md.
 */
export function useLastCompilerSoon({ threshold, replacesLoops }: Tiering): void {
  setFlagsFromString(replacesLoops ? '--use-osr' : '--no-use-osr');
  // V8 prints a message about a flag that it does not know.
  if (isOld) {
    setFlagsFromString(`--interrupt-budget=${bytesPerCall * threshold}`);
    return;
  }
  setFlagsFromString('--no-maglev');
  setFlagsFromString(`--invocation-count-for-turbofan=${threshold}`);
  setFlagsFromString(`--minimum-invocations-after-ic-update=${Math.min(500, Math.ceil(threshold / 2))}`);
}
