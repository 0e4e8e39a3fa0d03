import { setFlagsFromString } from 'node:v8';

/**
 * How many calls a function takes to reach V8's next compiler, a tenth of V8's own numbers (flag-definitions.h; src/execution/
 * tiering-manager.cc has the rule). A function whose loops were replaced while they ran costs no further budget, so that one of
 * 50 µs gets to its last compiler after 3,000 calls: 0.2 s of a plateau three times as slow, at the end of which two copies of
 * the same code arrive at different moments. What is measured is code that has been hot for long, and that is how it is
 * reached within the warm-up.
 */
const soon: readonly (readonly [major: number, flags: readonly string[]])[] = [
  [
    22,
    [
      '--invocation-count-for-maglev=40',
      '--invocation-count-for-maglev-osr=10',
      '--invocation-count-for-turbofan=200',
      '--invocation-count-for-osr=50',
      '--minimum-invocations-after-ic-update=50',
    ],
  ],
  // Before, the budget was counted in bytes of bytecode.
  [20, ['--interrupt-budget=6600', '--minimum-invocations-after-ic-update=50']],
];

/** Lets code that is loaded from now on become hot early. Says nothing where V8 has no such flags. */
export function becomeHotSoon(): void {
  const major = Number(process.versions.node.split('.')[0]);
  for (const flag of soon.find(([least]) => major >= least)?.[1] ?? []) setFlagsFromString(flag);
}
