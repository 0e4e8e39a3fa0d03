import { spawn } from 'node:child_process';
import path from 'node:path';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { ProcessReply } from '../../worker/process.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import { killTree } from '../workers/processes.js';
import type { Runtime } from '../workers/runtime.js';

/** Nobody reads more output than this. */
const mostOutput = 256 * 1024 * 1024;
const mostErrors = 16_384;

/** The output of a command, and the time and memory that it took. */
export type Ended = Omit<Extract<ProcessReply, { type: 'ended' }>, 'type' | 'code' | 'signal'> & {
  /** Its standard output; empty unless `reads` is set. */
  readonly output: string;
};

export interface ProcessOptions {
  readonly runtime: Runtime;
  /** `dist/worker.js`; `process.js` is beside it. */
  readonly workerPath: string;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether standard output is wanted. */
  readonly reads: boolean;
  /** Gets standard output and standard error as they come; then a failure quotes neither. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs a program to its end, without a shell, a terminal or standard input, and leaves nothing of it running. Any end but
 * exit code 0 is a failure, whatever it printed before.
 */
export async function runProgram(
  command: readonly string[],
  options: ProcessOptions,
): Promise<Result<Ended, RunFailure | Aborted>> {
  const { runtime, cwd, signal, timeoutMs } = options;
  if (signal.aborted) return err({ kind: 'aborted' });
  const child = spawn(
    runtime.command,
    ['--no-warnings', path.join(path.dirname(options.workerPath), 'process.js'), ...command],
    {
      cwd,
      env: runtime.env,
      // In its own session, a program that asks for a terminal gets an error instead of waiting for an answer.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', options.reads || options.onOutput !== undefined ? 'pipe' : 'ignore', 'pipe', 'ipc'],
    },
  );
  const output: Buffer[] = [];
  let bytes = 0;
  let errors = '';
  let timer: NodeJS.Timeout | undefined;
  let stop: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.on('error', () => resolve());
  });
  const shown = shownAs(command);
  const answer = await new Promise<Result<ProcessReply, RunFailure | Aborted>>((resolve) => {
    stop = () => resolve(err({ kind: 'aborted' }));
    signal.addEventListener('abort', stop);
    const late = `"${shown}" did not finish in ${Math.round(timeoutMs / 1000)} s and was stopped`;
    timer = setTimeout(() => resolve(err({ kind: 'timeout', message: late })), timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => {
      options.onOutput?.(chunk.toString());
      if (!options.reads) return;
      output.push(chunk);
      bytes += chunk.length;
      if (bytes > mostOutput) resolve(err({ kind: 'memory', message: `"${shown}" printed more than 256 MB` }));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (options.onOutput === undefined) errors = (errors + text).slice(-mostErrors);
      else options.onOutput(text);
    });
    child.on('message', (message: ProcessReply) => resolve(ok(message)));
    child.on('error', (error) =>
      resolve(err({ kind: 'spawn', message: `Node could not be started as "${runtime.command}": ${error.message}` })),
    );
    child.on('close', () => resolve(err({ kind: 'crashed', message: `"${shown}" ended unexpectedly` })));
  });
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  // Processes that it left running may hold its pipes open.
  killTree(child);
  await closed;
  if (!answer.ok) return answer;
  const reply = answer.value;
  if (reply.type === 'unstarted') return err({ kind: 'spawn', message: unstarted(command, reply.code, reply.message) });
  const { code, signal: by, wall, cpu, rss } = reply;
  if (by !== null) return err({ kind: 'crashed', message: `"${shown}" crashed with signal ${by}${last(errors)}` });
  if (code !== 0)
    return err({ kind: 'exited', message: `"${shown}" exited with code ${code ?? 'none'}${last(errors)}` });
  return ok({ wall, cpu, rss, output: Buffer.concat(output).toString() });
}

/** Returns a command as messages show it. */
export function shownAs(command: readonly string[]): string {
  const line = command.join(' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function unstarted([program = '']: readonly string[], code: string | null, message: string): string {
  const isPath = /[\\/]/.test(program);
  if (code === 'ENOENT') return isPath ? `${program} does not exist` : `"${program}" is not on the PATH`;
  if (code === 'EACCES') return `${program} is not executable`;
  return `${program} could not be started: ${message}`;
}

/** Returns why the command failed: the last line of standard error that names an error, else its last line. */
function last(errors: string): string {
  const lines = errors.split(/\r?\n/).map((line) => line.trim());
  // Runtimes print the stack and their version after the error.
  const named = lines.findLast((each) => /(?:^|\s)\w*(?:error|exception|panicked|fatal)\b.*:/i.test(each));
  const line = named ?? lines.findLast((each) => each !== '');
  return line === undefined ? '' : `: ${line.slice(0, 200)}`;
}
