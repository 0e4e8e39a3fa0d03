import process from 'node:process';
import { styleText } from 'node:util';
import type { Log } from '../../engine/util/log.js';

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output, if the terminal, NO_COLOR and FORCE_COLOR allow it. */
export type Paint = (format: Format, text: string) => string;

export const paint: Paint = (format, text) => (text === '' ? '' : styleText(format, text, { stream: process.stdout }));

/** The width of the terminal that standard output is; unlimited if it is none. */
export const columnsOfOutput = (): number =>
  process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : Infinity;

let failure: string | null = null;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Without a reader (`| head`), nobody misses the rest; on a full disk, somebody does.
  if (error.code !== 'EPIPE') failure = whyNot(error);
});

/** Returns why standard output could not be written, in a few words; null if it could. */
export const outputFailure = (): string | null => failure;

/** Returns the message of a file-system error without its path, which is not the one that the user gave. */
export function whyNot(error: unknown): string {
  // "ENOENT: no such file or directory, open '…'", "ENOSPC: no space left on device, write".
  return (error instanceof Error ? error.message : String(error)).replace(/, \w+( '.*)?$/s, '');
}

/** Writes lines to standard output, and waits until they are out. If that fails, `outputFailure` says why. */
export function print(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, () => resolve()));
}

/** Writes one line to standard error. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Returns the log for the engine's messages: warnings and errors are always printed, the rest if `verbose`. */
export function terminalLog(verbose: boolean): Log {
  const always = (message: string): void => printError(`perf-budget: ${message}`);
  const asked = verbose ? always : (): void => undefined;
  return { trace: asked, debug: asked, info: asked, warn: always, error: always };
}
