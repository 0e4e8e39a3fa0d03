import process from 'node:process';
import type { Log } from '../../engine/util/log.js';
import { terminalText } from '../../requests/lines/paint.js';

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

/** Returns lines as text for a terminal. What follows a line break within a line is indented, so that it reads as no line of ours. */
export const linesText = (lines: readonly string[]): string =>
  lines
    .map(
      (line) =>
        `${terminalText(line)
          .trimEnd()
          .replaceAll(/\n(?! {2})/g, '\n    ')}\n`,
    )
    .join('');

/** Writes lines to standard output, and waits until they are out. If that fails, `outputFailure` says why. */
export const print = (lines: readonly string[]): Promise<void> => write(process.stdout, linesText(lines));

/** Writes a document: as it is to a file or a pipe, but a terminal gets no control characters of others. */
export const printDocument = (text: string, stream: Output = process.stdout): Promise<void> =>
  write(stream, stream.isTTY ? terminalText(text) : text);

type Output = typeof process.stdout | typeof process.stderr;

function write(stream: Output, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

/** Writes one line to standard error. */
export function printError(line: string): void {
  process.stderr.write(linesText([line]));
}

/** Returns the log for the engine's messages: warnings and errors are always printed, the rest if `verbose`. */
export function terminalLog(verbose: boolean): Log {
  const always = (message: string): void => printError(`perf-budget: ${message}`);
  const asked = verbose ? always : (): void => undefined;
  return { trace: asked, debug: asked, info: asked, warn: always, error: always };
}
