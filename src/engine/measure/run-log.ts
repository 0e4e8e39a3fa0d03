import type { BudgetResult } from '../../core/results/measurement.js';
import { isSameCode } from '../../core/text/figures.js';
import { duration, runLine, verdictLine } from '../../core/text/log.js';
import type { Log } from '../util/log.js';
import type { RunEvents } from './request.js';

/** Logs what a run finds, and at its end what its time was spent on. */
export function logged(
  events: RunEvents,
  log: Log,
): { readonly events: RunEvents; readonly planned: () => void; readonly ended: (isWhole: boolean) => void } {
  const began = performance.now();
  let [planned, judged] = [began, began];
  let against = 'the baseline';
  const results = new Map<string, BudgetResult>();
  const own: RunEvents = {
    ...events,
    baseline: (baseline) => {
      against = baseline?.name ?? against;
      events.baseline(baseline);
    },
    judged: () => {
      judged = performance.now();
      events.judged?.();
    },
    result: (result, figures) => {
      // One with causes is reported again.
      if (!results.has(result.name) && !result.cached && !isSameCode(result)) log.info(verdictLine(result, against));
      results.set(result.name, result);
      events.result(result, figures);
    },
  };
  const ended = (isWhole: boolean): void => {
    const now = performance.now();
    if (!isWhole) log.info(`Ended after ${duration(now - began)} by a newer run, or cancelled.`);
    else if (results.size > 0) {
      const times = { planned: planned - began, measured: judged - planned, explained: now - judged };
      log.info(runLine([...results.values()], times));
    }
  };
  return { events: own, planned: () => (planned = performance.now()), ended };
}
