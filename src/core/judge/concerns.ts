import type { Budget } from '../language/budget.js';
import type { Concern } from '../results/measurement.js';
import { unreachable } from '../result.js';
import type { AnswerComparison } from '../results/answers.js';
import type { JudgedConcern, Member, Vanished } from './judgement.js';

/** A gain of more than 95% is rarely the result of an optimization, and often that of work that is not done any more. */
const leastRatio = 0.05;

/** Returns what no check of the budget says, gravest first. */
export function concernsOf(
  budget: Pick<Budget, 'run'>,
  members: readonly Member[],
  vanished: Vanished | null,
): readonly JudgedConcern[] {
  const all: JudgedConcern[] = members
    .flatMap((member) => member.parts ?? [member])
    .flatMap((member) => ofMember(member, budget.run.answers === 'same'));
  if (vanished !== null) all.push({ kind: 'vanished', verdict: 'warn', ...vanished });
  return all.toSorted((a, b) => gravity.indexOf(a.verdict) - gravity.indexOf(b.verdict));
}

const gravity: readonly Concern['verdict'][] = ['fail', 'undecided', 'warn'];

function ofMember(member: Pick<Member, 'name' | 'measurement'>, isAsked: boolean): readonly JudgedConcern[] {
  const { answers, comparison, empty, notCompared } = member.measurement;
  const found: JudgedConcern[] = [];
  // Where no old code runs, that has been said.
  const isKnown = answers?.kind === 'failed' && notCompared !== undefined;
  if (isAsked && answers !== undefined && answers.kind !== 'same' && !isKnown)
    found.push({ kind: 'answer', verdict: verdictOf(answers), member, answers });
  // The same answer shows that the work is done, unless the compiler removed it from the loop.
  const isProved = answers?.kind === 'same';
  const isGain = comparison !== null && comparison.high < 1;
  if (isGain && empty === true) found.push({ kind: 'implausible', verdict: 'warn', member, comparison: null });
  else if (isGain && !isProved && comparison.high < leastRatio)
    found.push({ kind: 'implausible', verdict: 'warn', member, comparison });
  return found;
}

function verdictOf({ kind }: Exclude<AnswerComparison, { kind: 'same' }>): Concern['verdict'] {
  switch (kind) {
    case 'other':
      return 'fail';
    case 'varies':
    case 'failed':
    case 'nothing':
    case 'opaque':
      return 'undecided';
    default:
      return unreachable(kind);
  }
}
