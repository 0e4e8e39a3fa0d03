import type { Collector } from './collector.js';
import { Signal } from './signal.js';

/** The globals that vitest defines with `globals: true`. */
const names = [
  ...['bench', 'describe', 'suite', 'test', 'it', 'expect', 'vi', 'vitest', 'assert'],
  ...['beforeAll', 'afterAll', 'beforeEach', 'afterEach'],
];

/**
 * Makes a collector the current one, and intercepts what a script does to its process meanwhile: an exit ends the script, not the
 * process, and uncaught errors and rejections count as thrown by the script. `ended` settles when the script has nothing left
 * to do.
 */
export function guard(
  collector: Collector,
  channel: { ref(): void; unref(): void } | null,
): { readonly ended: Promise<void>; readonly release: () => void } {
  let end: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  ended.catch(() => undefined);

  // The libraries' stand-ins find the collector here. It stays, because code that is evaluated late belongs to the last script.
  Object.defineProperty(globalThis, Symbol.for('perf-budget.collector'), { value: collector, configurable: true });
  for (const name of names) define(name, collector);

  const failed = (error: unknown) => {
    if (!(error instanceof Signal) && !collector.pretended) fail(error);
  };
  const exit = process.exit.bind(process);
  const { exitCode } = process;
  process.exit = () => {
    end();
    throw new Signal('exit');
  };
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
  // Node emits this event when nothing is left to do; our own channel must not prevent that.
  process.on('beforeExit', end);
  channel?.unref();

  const release = () => {
    process.off('uncaughtException', failed);
    process.off('unhandledRejection', failed);
    process.off('beforeExit', end);
    channel?.ref();
    process.exit = exit;
    process.exitCode = exitCode;
  };
  return { ended, release };
}

/** Defines a global, unless the script has defined it. */
function define(name: string, collector: Collector): void {
  const present = Object.getOwnPropertyDescriptor(globalThis, name);
  if (present !== undefined && present.get?.name !== 'ofPerfBudget') return;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: function ofPerfBudget() {
      return (collector.library('vitest') as Record<string, unknown>)[name];
    },
    set: (value: unknown) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true }),
  });
}
