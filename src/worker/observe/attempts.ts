import type { Case } from '../collect/case.js';
import { now } from '../sample/now.js';

export interface Attempts {
  readonly iterations: number;
  /** Iterations that threw or rejected, and the message of the first. */
  readonly errors: number;
  readonly message: string | null;
}

/** Milliseconds between two reports of progress; the last one counts if the process dies. */
const reportMs = 10;
/** The first errors, each of which is reported at once. */
const plainErrors = 100;

/**
 * Runs a case's iterations, `concurrency` at once, and counts those that throw or reject. Starts none after the deadline
 * (milliseconds from now). Throws what hooks throw.
 */
export async function observeAttempts(
  benchmark: Case,
  { iterations, concurrency, deadlineMs }: { iterations: number; concurrency: number; deadlineMs: number },
  describe: (error: unknown) => string,
  onAttempts: (attempts: Attempts) => void,
): Promise<Attempts> {
  const started = now();
  let begun = 0;
  let done = 0;
  let errors = 0;
  let message: string | null = null;
  let reportedAt = started;
  const attempts = (): Attempts => ({ iterations: done, errors, message });
  const lane = async (): Promise<void> => {
    while (begun < iterations && (begun === 0 || now() - started < deadlineMs)) {
      begun++;
      for (const hook of benchmark.beforeEach) await hook('run');
      try {
        await benchmark.fn();
      } catch (error) {
        if (errors++ < plainErrors) reportedAt = -Infinity;
        message ??= describe(error);
      }
      done++;
      if (now() - reportedAt >= reportMs) {
        reportedAt = now();
        onAttempts(attempts());
      }
      for (const hook of benchmark.afterEach) await hook('run');
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, iterations) }, lane));
  return attempts();
}
