import { begun, type Case } from '../collect/case.js';
import type { Reports } from '../collect/reports.js';
import { observeAllocations } from './allocations.js';
import { observeAnswers } from './answers.js';
import { observeCycles } from './cycles.js';
import { observeRetainers } from './retainers.js';
import { observeRunning } from './running.js';
import { observeSteady } from './steady.js';
import { observeAttempts, type Attempts } from './attempts.js';
import type { Observed, ObserveRequest } from '../protocol.js';
import { unreachable } from '../../core/result.js';

/** A loaded case, with what its file reports and what it runs at the end. */
export interface Loaded {
  readonly benchmark: Case;
  readonly reports: Reports;
  readonly end: () => Promise<void>;
}

/** Answers a request about a case. Throws what the user's code throws if the answer cannot say so. */
export async function observe(
  request: ObserveRequest,
  { benchmark: defined, reports, end }: Loaded,
  describe: (error: unknown) => string,
  onAttempts: (attempts: Attempts) => void,
): Promise<Observed> {
  const finish = async (): Promise<void> => {
    for (const hook of defined.after) await hook('run');
    await end();
  };
  const { what } = request;
  try {
    if (what.kind === 'steady') {
      const iterations = await observeSteady(defined, what);
      await end();
      return { type: 'observed', kind: 'steady', iterations };
    }
    for (const hook of defined.before) await hook('run');
    return await figuresOf({ ...request, what }, begun(defined), reports, finish, describe, onAttempts);
  } catch (error) {
    // They may have started a server, and what they throw now is no news.
    await finish().catch(() => undefined);
    throw error;
  }
}

async function figuresOf(
  { what, deadlineMs }: ObserveRequest & { readonly what: Exclude<ObserveRequest['what'], { kind: 'steady' }> },
  benchmark: Case,
  reports: Reports,
  finish: () => Promise<void>,
  describe: (error: unknown) => string,
  onAttempts: (attempts: Attempts) => void,
): Promise<Observed> {
  switch (what.kind) {
    case 'running': {
      const figures = await observeRunning(benchmark, { ...what, deadlineMs }, () => reports.restart());
      await finish();
      return { type: 'observed', kind: 'running', figures: { ...figures, reported: reports.figures } };
    }
    case 'cycles': {
      const points = await observeCycles(benchmark, what.cycles, deadlineMs);
      await finish();
      return { type: 'observed', kind: 'cycles', points };
    }
    case 'allocations': {
      const allocations = await observeAllocations(benchmark, { ...what, deadlineMs });
      await finish();
      return { type: 'observed', kind: 'allocations', allocations };
    }
    case 'retainers': {
      const retainers = await observeRetainers(benchmark, { ...what, deadlineMs });
      await finish();
      return { type: 'observed', kind: 'retainers', retainers };
    }
    case 'attempts': {
      const attempts = await observeAttempts(benchmark, { ...what, deadlineMs }, describe, onAttempts);
      await finish();
      return { type: 'observed', kind: 'attempts', attempts };
    }
    case 'answers': {
      const answers = await observeAnswers(benchmark, { ...what, deadlineMs });
      await finish();
      return { type: 'observed', kind: 'answers', answers };
    }
    default:
      return unreachable(what);
  }
}
