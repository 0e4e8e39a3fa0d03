import { setFlagsFromString } from 'node:v8';

/**
 * How many calls a function takes to reach V8's last compiler: as many as V8 waits for after its types last changed
 * (`minimum_invocations_after_ic_update` in flag-definitions.h; tiering-manager.cc has the rule), for 3,000. A function whose
 * loops were replaced while they ran costs no further budget, so that one of 50 µs gets there only with its 3,000th call: 0.2 s
 * on a plateau five times as slow, at whose end two copies of the same code arrive at different moments. What is measured is code
 * that has been hot for long, and this is how it is reached within the warm-up. Fewer calls, for this or for the other
 * compilers, are too few for V8 to know the types: two copies of the same code then stay twice as fast and as slow.
 */
const hotSoon: readonly (readonly [major: number, flag: string])[] = [
  [22, '--invocation-count-for-turbofan=500'],
  // There, it is bytes of bytecode, a sixth of V8's own.
  [20, '--interrupt-budget=11264'],
];

/** Lets code that is loaded from now on become hot early. */
export function becomeHotSoon(): void {
  const major = Number(process.versions.node.split('.')[0]);
  const flag = hotSoon.find(([least]) => major >= least)?.[1];
  if (flag !== undefined) setFlagsFromString(flag);
}
