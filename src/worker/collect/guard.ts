import type { Collector } from './collector.js';
import { isA, Signal } from './signal.js';

/** The globals that vitest defines with `globals: true`. */
const names = [
  ...['bench', 'describe', 'suite', 'test', 'it', 'expect', 'vi', 'vitest', 'assert'],
  ...['beforeAll', 'afterAll', 'beforeEach', 'afterEach'],
];

/** How a script came to its end, and what that means if it was not evaluated by then. */
export interface Ended {
  readonly kind: 'exit' | 'idle';
  readonly words: string;
}

/**
 * Makes a collector the current one, and intercepts what a script does to its process meanwhile: an exit ends the script, not the
 * process, and uncaught errors and rejections count as thrown by the script. `ended` settles when the script has nothing left
 * to do
 */
export function guard(
  collector: Collector,
  channel: { readonly ref: () => void; readonly unref: () => void } | null,
): { readonly ended: Promise<Ended>; readonly release: () => void } {
  let end: (how: Ended) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const ended = new Promise<Ended>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  ended.catch(() => undefined);

  // The libraries' stand-ins find the collector here. It stays, because code that is evaluated late belongs to the last script.
  Object.defineProperty(globalThis, Symbol.for('perf-budget.collector'), { value: collector, configurable: true });
  for (const name of names) define(name, collector);

  const failed = (error: unknown) => {
    if (!isA(error, Signal) && !collector.pretended) fail(error);
  };
  const exit = process.exit.bind(process);
  const { exitCode } = process;
  process.exit = (code) => {
    end({ kind: 'exit', words: `called process.exit(${code ?? ''}) while it was loaded` });
    throw new Signal('exit');
  };
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
  // Node emits this event when nothing is left to do; our own channel must not prevent that.
  const idle = (): void =>
    end({ kind: 'idle', words: 'never finishes loading: something that it awaits at its top level never settles' });
  process.on('beforeExit', idle);
  channel?.unref();

  const release = () => {
    process.off('uncaughtException', failed);
    process.off('unhandledRejection', failed);
    process.off('beforeExit', idle);
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
