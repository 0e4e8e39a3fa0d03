import process from 'node:process';
import { exitCodes } from '../../requests/report/exit-codes.js';

/** How long running work may take to end cleanly before the program exits anyway. */
const graceMs = 3000;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Null until somebody interrupts. */
  readonly exitCode: number | null;
  dispose(): void;
}

/** Aborts the signal on Ctrl-C. A second Ctrl-C, or too slow an end, ends the program at once, and its workers with it. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const on = (code: number) => () => {
    if (exitCode !== null) process.exit(exitCode);
    exitCode = code;
    setTimeout(() => process.exit(code), graceMs).unref();
    controller.abort();
  };
  const listeners = [
    ['SIGINT', on(exitCodes.interrupted)],
    ['SIGTERM', on(exitCodes.terminated)],
  ] as const;
  for (const [name, listener] of listeners) process.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    dispose() {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
