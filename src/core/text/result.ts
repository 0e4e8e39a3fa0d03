import * as l10n from '@vscode/l10n';
import type { JudgedCheck, Judgement } from '../judge/judgement.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import { concernOf, concernTitle, leadingConcern } from './concern.js';
import { resultMessage } from './message.js';
import { reasonWords, staleWords } from './reason.js';

/** Adds the sentences to a judgement: what `--json` prints and the history keeps. */
export function budgetResult(judgement: Judgement): BudgetResult {
  const { checks, concerns: found, shown, several, against, recorded, parts, ...figures } = judgement;
  const judged = checks.map((one) => ({ ...one, result: checkResult(one, several) }));
  const note = shown?.measurement.note ?? null;
  const isNamed = several || shown?.parts !== undefined;
  const concerns = found.map((concern) => concernOf(concern, isNamed, against));
  // A check's own note may already contain it.
  const isNoted = note !== null && judged.every(({ result }) => result.note?.includes(note) !== true);
  const results = judged.map(({ result }) => result);
  const lead = leadingConcern({ ...figures, checks: results, concerns, message: '' });
  const words = shown === null ? '' : resultMessage(judgement.verdict, judged, { shown, several, against });
  const sentence = lead === null ? words : [concernTitle(lead), words].filter((part) => part !== '').join(' · ');
  const message =
    recorded === null && checks.length === 0
      ? reasonWords({ kind: 'not-recorded', budget: judgement.name })
      : [sentence, ...(recorded ? recordedWords(recorded) : [])].join(' · ');
  return {
    ...figures,
    checks: results,
    message,
    ...(parts !== undefined && { parts }),
    ...(isNoted && { note }),
    ...(concerns.length > 0 && { concerns }),
  };
}

function checkResult({ check, level, verdict, measured, bound, used, reason, member }: JudgedCheck, several: boolean) {
  const note = reason === null ? null : reasonWords(reason);
  const unsettled = reason?.kind === 'unsettled' ? { unsettled: true as const } : {};
  const result: CheckResult = { check: check.text, level, verdict, measured, bound, used, note, ...unsettled };
  return several && member !== null ? { ...result, benchmark: member.name } : result;
}

/** Says when a value was recorded, by whom, and its age if it is too old. */
function recordedWords({ at, by, staleDays }: NonNullable<Judgement['recorded']>): readonly string[] {
  const origin = by === '' ? l10n.t`recorded ${at}` : l10n.t`recorded ${at} by ${by}`;
  return staleDays === null ? [origin] : [origin, staleWords(staleDays)];
}
