import * as l10n from '@vscode/l10n';
import type { Config } from '../../core/language/budget.js';
import { err, ok, type Result } from '../../core/result.js';
import { sentence } from '../../core/text/words.js';
import type { BenchFiles } from '../discovery/bench-files.js';
import { placed } from '../explain/cpu-profile.js';
import { thresholdFor, type ExplainerParts } from '../explain/explainer.js';
import type { CpuProfile } from '../explain/request.js';
import { layOut } from '../explain/side-profile.js';
import { warmMsFor } from '../measure/paired.js';
import { runnable } from './debug.js';

/** For how long the warm code runs under the profiler, in milliseconds, and how far apart its samples are, in microseconds. */
const profileMs = 1000;
const intervalUs = 100;

/** Which benchmark of a budget to profile. */
export interface ProfileRequest {
  readonly budget: string;
  readonly benchmark: string;
  readonly benchFile: string;
}

interface Profiled {
  readonly config: Config;
  readonly benchFiles: Pick<BenchFiles, 'lookup'>;
  /** How many nanoseconds a call takes; null if nobody knows. */
  readonly time: number | null;
}

/**
 * Profiles a benchmark as it is saved now, in a process of its own and warmed up as for a measurement. The error is one sentence;
 * null after an abort.
 */
export async function profileBenchmark(
  { budget, benchmark, benchFile }: ProfileRequest,
  { config, benchFiles, time }: Profiled,
  { root, workers, store, workerPath }: ExplainerParts,
  signal: AbortSignal,
): Promise<Result<CpuProfile, string> | null> {
  const found = runnable(budget, config, benchFiles);
  if (!found.ok) return found;
  const one = found.value.find(({ name, benchFile: file }) => name === benchmark && file === benchFile);
  if (one === undefined) return err(l10n.t`There is no benchmark "${benchmark}" any more.`);
  const { bundle, settings } = one;
  const side = await layOut(store.url(bundle), store, { root, benchFile });
  const warmMs = warmMsFor(settings.timeMs);
  const answer = await workers.request(
    {
      type: 'measure',
      ...{ name: benchmark, benchFile, launch: store.launch(bundle) },
      sides: [{ side: 'current', bundle: side.url }],
      ...{ cold: settings.warmup === 0, warmup: settings.warmup, concurrency: settings.concurrency },
      ...{ sampleMs: profileMs, warmMs, latency: null },
      deadlineMs: Math.max(2 * (profileMs + warmMs), settings.timeMs),
      profile: { ms: profileMs, intervalUs, threshold: thresholdFor(time ?? 0) },
    },
    { signal, timeoutMs: 4 * settings.timeMs + 8_000, isLast: true },
  );
  if (!answer.ok) return answer.error.kind === 'aborted' ? null : err(sentence(answer.error.message));
  const profile = answer.value.type === 'measured' ? answer.value.profiles?.[0]?.profile : undefined;
  return profile === undefined
    ? err(l10n.t('V8 returned no profile of the benchmark.'))
    : ok(placed(profile, side, workerPath));
}
