import * as l10n from '@vscode/l10n';
import type { Config } from '../../core/language/budget.js';
import { err, ok, type Result } from '../../core/result.js';
import type { CpuProfile } from '../explain/request.js';
import { debugTarget, runnable, type DebugTarget } from './debug.js';
import type { Guests } from './guests.js';
import type { ProjectParts } from './parts.js';
import { profileBenchmark, type ProfileRequest } from './profile.js';

/** Runs single benchmarks of budgets without a verdict: under a debugger, or V8's profiler. */
export class SingleBenchmarks {
  constructor(
    readonly parts: ProjectParts,
    readonly guests: Guests,
    /** Returns the configuration once all that was saved has been read; null if it cannot be read. */
    readonly saved: () => Promise<Config | null>,
  ) {}

  async debugTargets(budget: string): Promise<Result<readonly DebugTarget[], string>> {
    if (!this.parts.trusted) return err(l10n.t('Nothing runs in Restricted Mode, so nothing can be debugged.'));
    const config = await this.saved();
    if (config === null) return err(l10n.t('The budget file cannot be read.'));
    const found = runnable(budget, config, this.parts.benchFiles);
    return found.ok ? ok(found.value.map((one) => debugTarget(one, this.parts))) : found;
  }

  async profile(
    request: ProfileRequest,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Result<CpuProfile, string> | null> {
    if (!this.parts.trusted) return err(l10n.t('Nothing runs in Restricted Mode, so nothing can be profiled.'));
    const config = await this.saved();
    if (config === null) return err(l10n.t('The budget file cannot be read.'));
    const { benchFiles, explainer, history } = this.parts;
    const profiled = { config, benchFiles, time: history.ownRows(request.budget, 1)[0]?.time?.value ?? null };
    return this.guests.visit(signal, (turn, until) =>
      turn((each) => profileBenchmark(request, profiled, explainer.parts, each), until),
    );
  }
}
