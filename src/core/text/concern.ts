import * as l10n from '@vscode/l10n';
import type { JudgedConcern, Vanished } from '../judge/judgement.js';
import type { AnswerComparison } from '../results/answers.js';
import type { BudgetResult, Concern } from '../results/measurement.js';
import { unreachable } from '../result.js';
import { speedAgainst } from './figures.js';

/** Returns a concern with its sentence. `several`: whether the budget has several benchmarks. */
export function concernOf(judged: JudgedConcern, several: boolean, against: string): Concern {
  const { kind, verdict } = judged;
  const named = judged.kind !== 'vanished' && several ? { benchmark: judged.member.name } : {};
  return { kind, verdict, message: words(judged, against), ...named };
}

function words(judged: JudgedConcern, against: string): string {
  switch (judged.kind) {
    case 'answer':
      return answerWords(judged.answers, against);
    case 'implausible':
      return judged.comparison === null
        ? l10n.t('takes no longer than an empty function: is it still doing the work?')
        : l10n.t`is ${speedAgainst(judged.comparison, against)}: is it still doing the work?`;
    case 'vanished': {
      const { gone, had } = judged;
      const left = had - gone.length;
      const names = gone.length > 3 ? `${gone.slice(0, 3).join(', ')}, …` : listed(gone);
      return gone.length === 1
        ? l10n.t`measures ${left} of the ${had} benchmarks that ${against} has: ${names} is gone`
        : l10n.t`measures ${left} of the ${had} benchmarks that ${against} has: ${names} are gone`;
    }
    default:
      return unreachable(judged);
  }
}

/** `a`, `a and b`, `a and b and c`. */
const listed = ([first = '', ...others]: readonly string[]): string =>
  others.reduce((all, name) => l10n.t`${all} and ${name}`, first);

/** Returns the error of a budget whose benchmarks all vanished. */
export function goneWords(name: string, { gone, had }: Vanished, against: string): string {
  const [only = ''] = gone;
  if (had === 1)
    return l10n.t`The benchmark "${only}" no longer exists, but ${against} has it. Was it renamed, skipped or deleted?`;
  return l10n.t`The benchmarks of "${name}" no longer exist, but ${against} has ${had}. Were they renamed, skipped or deleted?`;
}

function answerWords(answers: Exclude<AnswerComparison, { kind: 'same' }>, against: string): string {
  const instead = l10n.t('or set "answers": "any"');
  switch (answers.kind) {
    case 'other': {
      const { call, path, current, baseline } = answers;
      const differs =
        path === '' ? l10n.t`${current}, was ${baseline}` : l10n.t`${path} is ${current}, was ${baseline}`;
      return call === 0
        ? l10n.t`returns a different answer than at ${against}: ${differs}`
        : l10n.t`returns a different answer than at ${against}: in call ${call + 1}, ${differs}`;
    }
    case 'varies':
      return l10n.t`returns a different answer in every run, so its answers cannot be compared; make them repeatable, ${instead}`;
    case 'failed':
      return l10n.t`has no answer to compare with ${against}: ${answers.why}`;
    case 'nothing':
      return l10n.t`returns nothing, so there is no answer to compare with ${against}; return the result, ${instead}`;
    case 'opaque':
      return l10n.t`returns ${answers.what}, whose contents cannot be compared with ${against}; return them as plain values, ${instead}`;
    default:
      return unreachable(answers);
  }
}

/** Whether old and new code certainly return different answers, so that their speed is beside the point. */
export const differs = ({ kind, verdict }: Concern): boolean => kind === 'answer' && verdict === 'fail';

/** Returns the concern that the verdict is about; null if a check is as grave, or if there is none. */
export function leadingConcern({ verdict, waived, checks, concerns }: BudgetResult): Concern | null {
  const [worst] = concerns ?? [];
  // A waived budget warns of what would otherwise fail it.
  const gravest = waived === undefined ? verdict : 'fail';
  if (worst?.verdict !== gravest) return null;
  // A wrong answer matters more than its speed.
  if (differs(worst)) return worst;
  const level = gravest === 'warn' ? 'acceptable' : 'limit';
  const isOpen = gravest === 'undecided';
  const isExplained = checks.some(
    (check) =>
      check.level === level &&
      (isOpen ? check.verdict === 'undecided' : check.verdict === 'fail' || check.verdict === 'warn'),
  );
  return isExplained ? null : worst;
}

/** Whether old and new code return something else, so that the speed of one says nothing of the other. */
export const hasOtherAnswer = ({ concerns = [] }: Pick<BudgetResult, 'concerns'>): boolean =>
  concerns.some(({ kind, verdict }) => kind === 'answer' && verdict === 'fail');

/** `returns a different answer than at HEAD: .id is 4, was 5`, for a title. */
export const concernTitle = ({ message, benchmark }: Concern): string =>
  `${benchmark === undefined ? '' : `${benchmark}: `}${message.replace(/^is /, '')}`;

/** `parse returns a different answer than at HEAD: .id is 4, was 5.` */
export const concernSentence = (subject: string, { message, benchmark }: Concern): string =>
  `${subject}${benchmark === undefined ? '' : ` (${benchmark})`} ${message}${message.endsWith('?') ? '' : '.'}`;
