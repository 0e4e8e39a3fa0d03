import { unreachable } from '../result.js';
import { isDependency, type SlowFact, type SlowWhy } from './v8-log.js';

/** A fact, and the code that it is about. */
export interface PlacedFact {
  readonly fact: SlowFact;
  /** The text of the statement. */
  readonly statement: string;
}

/**
 * Returns those facts of the current code that are not facts of the old one. A fact is the same if it is about the same property
 * or reason, in a function of the same name or in the same statement; each old one accounts for one.
 */
export function newFacts(current: readonly PlacedFact[], old: readonly PlacedFact[]): readonly PlacedFact[] {
  const left = new Set(old);
  let found = current.filter(({ fact }) => !old.some((one) => isSameChange(fact, one.fact)));
  const alike = [
    (one: PlacedFact, other: PlacedFact) => isSameStatement(one, other) && isSameFunction(one, other),
    isSameStatement,
    isSameFunction,
  ];
  for (const isAlike of alike)
    found = found.filter((one) => {
      const match = [...left].find((other) => subjectOf(one.fact) === subjectOf(other.fact) && isAlike(one, other));
      if (match !== undefined) left.delete(match);
      return match === undefined;
    });
  return found;
}

/** A change that goes on is the same as one in the old code: which functions lose their code differs with what is inlined where. */
const isSameChange = (one: SlowFact, old: SlowFact): boolean =>
  [one, old].every((fact) => fact.kind === 'deoptimized' && isDependency(fact.reason)) &&
  timesOf(old) >= timesOf(one) / leastAlike;

/** So many times as often is another matter. */
const leastAlike = 4;

const timesOf = (fact: SlowFact): number => (fact.kind === 'deoptimized' ? fact.times : 0);

const isSameStatement = (one: PlacedFact, other: PlacedFact): boolean => one.statement === other.statement;

const isSameFunction = ({ fact: one }: PlacedFact, { fact: other }: PlacedFact): boolean =>
  one.functionName !== '' && one.functionName === other.functionName;

function subjectOf(why: SlowWhy): string {
  switch (why.kind) {
    // The reasons differ from run to run.
    case 'deoptimized':
    case 'not optimized':
      return why.kind;
    case 'dictionary':
      return `${why.kind} ${why.reason}`;
    case 'megamorphic':
      return `${why.kind} ${why.access} ${why.property}`;
    default:
      return unreachable(why);
  }
}

/** How much of a statement without an end tells it apart. */
const mostStatement = 200;

/** Returns the statement around an offset, as far as punctuation tells. */
export function statementAt(text: string, offset: number): string {
  const from = Math.max(0, offset - mostStatement);
  const before = /[^;{}\n]*$/.exec(text.slice(from, offset))?.[0] ?? '';
  const after = /^[^;{}\n]*/.exec(text.slice(offset, offset + mostStatement))?.[0] ?? '';
  return (before + after).trim();
}
