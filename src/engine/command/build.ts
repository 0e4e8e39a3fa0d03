import { stripVTControlCharacters } from 'node:util';
import { writeFile } from 'node:fs/promises';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import { runProgram, type ProcessOptions } from './process.js';

const buildMs = 15 * 60_000;
/** How many of the last lines a message quotes. */
const quoted = 3;
const mostQuoted = 400;
/** npm says in lines of its own that the script failed, where to find its log, and that there is a newer npm. */
const npmOwn = /^npm (?:ERR!|error|warn|WARN|notice)|^> /;
/** Node ends what it says of an error with the stack and its version. */
const nodeOwn = /^(?:at .*[:)]\d*\)?|Node\.js v\d.*|[{}^~\s]+)$/;

export type BuildOptions = Pick<ProcessOptions, 'runtime' | 'workerPath' | 'signal'> & {
  /** Replaces the limit of fifteen minutes. */
  readonly timeoutMs?: number;
};

/** How many characters of a build's output are kept, the last ones. */
const mostLogged = 1_000_000;

/**
 * Runs a build or an installation to its end, and writes what it prints to `log`. A failure quotes the lines that most likely
 * say why. Nothing of it is left running.
 */
export async function runBuild(
  command: readonly string[],
  cwd: string,
  log: string,
  options: BuildOptions,
): Promise<Result<null, RunFailure | Aborted>> {
  let text = '';
  const ran = await runProgram(command, {
    ...options,
    cwd,
    timeoutMs: options.timeoutMs ?? buildMs,
    reads: false,
    onOutput: (more) => (text = (text + more).slice(-mostLogged)),
  });
  // A log that cannot be written is not worth a failure.
  await writeFile(log, `$ ${command.join(' ')}\n${text}`).catch(() => undefined);
  if (ran.ok) return ok(null);
  if (ran.error.kind === 'aborted') return ran;
  const last = tellingLines(text);
  return err({ ...ran.error, message: `${ran.error.message}${last === '' ? '' : `: ${last}`}` });
}

/** Returns the last line that names an error and those after it, or else the last lines. */
function tellingLines(text: string): string {
  const lines = stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.filter((line) => !npmOwn.test(line) && !nodeOwn.test(line));
  // If the script printed nothing, npm may say why it did not run, and does so first.
  if (own.length === 0)
    return (lines.find((line) => /^npm (?:ERR!|error) [^c]/.test(line)) ?? lines.at(-1) ?? '').slice(0, mostQuoted);
  const named = own.findLastIndex((line) => /\berror\b|^\w*Error:/i.test(line));
  const last = own
    .slice(named === -1 ? -quoted : named)
    .slice(0, quoted)
    .join(' · ');
  return last.length > mostQuoted ? `${last.slice(0, mostQuoted)}…` : last;
}
