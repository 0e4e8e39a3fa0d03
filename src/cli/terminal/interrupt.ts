import process from 'node:process';
import { exitCodes } from './exit-codes.js';

/** How long what was begun may take to end in good order before the program leaves it. */
const graceMs = 3000;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Null while nobody has interrupted. */
  readonly exitCode: number | null;
  dispose(): void;
}

/** Ctrl-C aborts the signal; a second one, or too slow an end, ends the program at once. Workers die with it. */
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
