import process from 'node:process';
import { styleText } from 'node:util';
import type { Log } from '../engine/log.js';

type Format = Parameters<typeof styleText>[0];

/** Colours text for standard output, where the terminal, NO_COLOR and FORCE_COLOR allow it. */
export type Paint = (format: Format, text: string) => string;

export const paint: Paint = (format, text) => (text === '' ? '' : styleText(format, text, { stream: process.stdout }));

process.stdout.on('error', leaveQuietly);

/** Writes lines to standard output, and waits until they are out. A reader that has gone away (`| head`) is no error. */
export function print(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve) => process.stdout.write(`${lines.join('\n')}\n`, () => resolve()));
}

/** A line of its own on standard error. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What the engine has to say: warnings always, the rest where it is asked for. */
export function terminalLog(verbose: boolean): Log {
  const always = (message: string): void => say(`perf-budget: ${message}`);
  const asked = verbose ? always : (): void => undefined;
  return { trace: asked, debug: asked, info: asked, warn: always, error: always };
}

function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
