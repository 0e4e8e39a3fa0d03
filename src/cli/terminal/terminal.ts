import process from 'node:process';
import { styleText } from 'node:util';
import type { Log } from '../../engine/util/log.js';

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output, where the terminal, NO_COLOR and FORCE_COLOR allow it. */
export type Paint = (format: Format, text: string) => string;

export const paint: Paint = (format, text) => (text === '' ? '' : styleText(format, text, { stream: process.stdout }));

let failure: string | null = null;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Without a reader (`| head`) nobody misses the rest; on a full disk somebody does.
  if (error.code !== 'EPIPE') failure = whyNot(error);
});

/** Why standard output could not be written, in a few words; null where it could. */
export const outputFailure = (): string | null => failure;

/** What a file system has to say, without the path: that is not the one that the user gave. */
export function whyNot(error: unknown): string {
  // "ENOENT: no such file or directory, open '…'", "ENOSPC: no space left on device, write".
  return (error instanceof Error ? error.message : String(error)).replace(/, \w+( '.*)?$/s, '');
}

/** Writes lines to standard output, and waits until they are out. `outputFailure` says where they could not be. */
export function print(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, () => resolve()));
}

/** A line of its own on standard error. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What the engine has to say: warnings always, the rest where it is asked for. */
export function terminalLog(verbose: boolean): Log {
  const always = (message: string): void => printError(`perf-budget: ${message}`);
  const asked = verbose ? always : (): void => undefined;
  return { trace: asked, debug: asked, info: asked, warn: always, error: always };
}
