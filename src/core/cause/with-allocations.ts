import type { Cause, Explanation } from '../results/causes.js';
import type { FunctionAllocation } from './allocations.js';
import type { Code } from './code.js';

/** The least growth, in bytes a call, that has the collector work more. */
const leastGrowth = 8;

/**
 * Adds what functions allocate: to the causes in them, and to the collector's work, which is placed where most more is allocated
 * because the collector itself has no place.
 */
export function withAllocations(
  explanation: Explanation,
  functions: readonly FunctionAllocation[],
  code: Code,
): Explanation {
  const [most] = functions.toSorted((a, b) => b.current - b.baseline - (a.current - a.baseline));
  const of = ({ file, function: name, kind }: Cause): FunctionAllocation | undefined =>
    kind === 'garbage collection'
      ? most !== undefined && most.current - most.baseline >= leastGrowth
        ? most
        : undefined
      : functions.find((one) => one.file === file && one.function === name);
  return {
    ...explanation,
    causes: explanation.causes.map((cause) => {
      const own = of(cause);
      if (own === undefined) return cause;
      const allocated = { baseline: Math.round(own.baseline), current: Math.round(own.current) };
      if (cause.kind !== 'garbage collection') return { ...cause, allocated };
      const [line] = own.function === null ? [0] : code.lineRange(own.file, own.function);
      const place = line === 0 ? {} : { line, column: 1, text: code.text(own.file, line) };
      const packageName = own.package === null ? {} : { package: own.package };
      return { ...cause, allocated, function: own.function, file: own.file, ...place, ...packageName };
    }),
  };
}
