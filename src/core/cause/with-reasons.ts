import type { Explanation, SlowReason } from '../results/causes.js';

/** A reader takes in so many reasons of a cause. */
const most = 3;

/**
 * Adds what V8 reported to the causes: to the one whose function it is about, otherwise to the first, because an object that is
 * made in one function makes another one slow.
 */
export function withReasons(explanation: Explanation, reasons: readonly SlowReason[]): Explanation {
  const { causes } = explanation;
  if (causes.length === 0 || reasons.length === 0) return explanation;
  const owners = reasons.map((reason) => {
    const own = causes.findIndex(
      ({ file, function: name, callee }) =>
        file === reason.file && (name === reason.function || callee === reason.function),
    );
    return Math.max(0, own);
  });
  return {
    ...explanation,
    causes: causes.map((cause, index) => {
      const own = reasons.filter((_, at) => owners[at] === index).slice(0, most);
      return own.length === 0 ? cause : { ...cause, reasons: own };
    }),
  };
}
