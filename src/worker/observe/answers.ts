import type { Answer, AnswerSpot } from '../../core/results/answers.js';
import type { Case } from '../collect/case.js';
import { describeAnswer } from './describe-answer.js';
import { now } from '../sample/now.js';

/**
 * Calls a case a few times and describes what it returns or resolves to, each time before anything can change it. Starts no
 * further call after the deadline (milliseconds from now). Throws what the user's code throws.
 */
export async function observeAnswers(
  benchmark: Case,
  {
    calls,
    show,
    deadlineMs,
  }: { readonly calls: number; readonly show: AnswerSpot | null; readonly deadlineMs: number },
): Promise<readonly Answer[]> {
  const started = now();
  const answers: Answer[] = [];
  while (answers.length < calls && (answers.length === 0 || now() - started < deadlineMs)) {
    for (const hook of benchmark.beforeEach) await hook('run');
    const answer = await benchmark.fn();
    answers.push(describeAnswer(answer, show?.call === answers.length ? show.block : null));
    for (const hook of benchmark.afterEach) await hook('run');
  }
  return answers;
}
