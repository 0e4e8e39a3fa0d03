import * as l10n from '@vscode/l10n';
import path from 'node:path';
import * as v from 'valibot';
import type { RunFailure } from '../../core/results/measurement.js';
import { err, ok, type Result } from '../../core/result.js';
import type { ProcessReply } from '../../worker/process.js';
import { Channel, channelStdio } from '../processes/channel.js';
import { Child, type ChildEnd } from '../processes/child.js';
import { settle } from '../processes/settle.js';
import type { Aborted } from '../workers/benchmark-workers.js';
import type { Runtime } from '../workers/runtime.js';

/** Nobody reads more output than this. */
const mostOutput = 256 * 1024 * 1024;
const mostErrors = 16_384;

const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const schema: v.GenericSchema<unknown, ProcessReply> = v.variant('type', [
  v.object({
    type: v.literal('ended'),
    code: v.nullable(v.number()),
    signal: v.nullable(v.custom<NodeJS.Signals>((name) => typeof name === 'string' && /^SIG[A-Z0-9]+$/.test(name))),
    wall: amount,
    cpu: v.nullable(amount),
    rss: v.nullable(v.object({ low: amount, high: amount })),
  }),
  v.object({ type: v.literal('unstarted'), code: v.nullable(v.string()), message: v.string() }),
]);

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
  const child = new Child(
    runtime.command,
    ['--no-warnings', path.join(path.dirname(options.workerPath), 'process.js'), ...command],
    {
      cwd,
      // In its own session, a program that asks for a terminal gets an error instead of waiting for an answer.
      env: runtime.env,
      stdio: ['ignore', options.reads || options.onOutput !== undefined ? 'pipe' : 'ignore', 'pipe', ...channelStdio],
      startsPrograms: true,
    },
  );
  const output: Buffer[] = [];
  let bytes = 0;
  let errors = '';
  const shown = shownAs(command);
  type Answer = Result<ProcessReply, RunFailure>;
  const settled = await settle<Answer, ChildEnd>({ ended: child.ended, timeoutMs, signal }, (reply) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      options.onOutput?.(chunk.toString());
      if (!options.reads) return;
      output.push(chunk);
      bytes += chunk.length;
      if (bytes > mostOutput) reply(err({ kind: 'memory', message: l10n.t`"${shown}" printed more than 256 MB` }));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (options.onOutput === undefined) errors = (errors + text).slice(-mostErrors);
      else options.onOutput(text);
    });
    const unexpected: Answer = err({ kind: 'crashed', message: l10n.t`"${shown}" ended unexpectedly` });
    const receive = (message: unknown): void => {
      const parsed = v.safeParse(schema, message);
      reply(parsed.success ? ok(parsed.output) : unexpected);
    };
    new Channel(child, receive, () => reply(unexpected));
  });
  // What it left running ends, and so do the pipes that this held open.
  child.kill();
  if (settled.kind === 'aborted') return err({ kind: 'aborted' });
  if (settled.kind === 'timeout') {
    const late = l10n.t`"${shown}" did not finish in ${Math.round(timeoutMs / 1000)} s and was stopped`;
    return err({ kind: 'timeout', message: late });
  }
  if (settled.kind === 'ended') {
    const { end } = settled;
    if (end.kind === 'exit') return err({ kind: 'crashed', message: l10n.t`"${shown}" ended unexpectedly` });
    const message = l10n.t`Node could not be started as "${runtime.command}": ${end.error.message}`;
    return err({ kind: 'spawn', message });
  }
  if (!settled.reply.ok) return settled.reply;
  // Its last output.
  await child.ended;
  const reply = settled.reply.value;
  if (reply.type === 'unstarted') return err({ kind: 'spawn', message: unstarted(command, reply.code, reply.message) });
  const { code, signal: by, wall, cpu, rss } = reply;
  if (by !== null)
    return err({ kind: 'crashed', message: l10n.t`"${shown}" crashed with signal ${by}${last(errors)}` });
  if (code !== 0)
    return err({ kind: 'exited', message: l10n.t`"${shown}" exited with code ${code ?? 'none'}${last(errors)}` });
  return ok({ wall, cpu, rss, output: Buffer.concat(output).toString() });
}

/** Returns a command as messages show it. */
export function shownAs(command: readonly string[]): string {
  const line = command.join(' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

function unstarted([program = '']: readonly string[], code: string | null, message: string): string {
  const isPath = /[\\/]/.test(program);
  if (code === 'ENOENT') return isPath ? l10n.t`${program} does not exist` : l10n.t`"${program}" is not on the PATH`;
  if (code === 'EACCES') return l10n.t`${program} is not executable`;
  return l10n.t`${program} could not be started: ${message}`;
}

/** Returns why the command failed: the last line of standard error that names an error, else its last line. */
function last(errors: string): string {
  const lines = errors.split(/\r?\n/).map((line) => line.trim());
  // Runtimes print the stack and their version after the error.
  const named = lines.findLast((each) => /(?:^|\s)\w*(?:error|exception|panicked|fatal)\b.*:/i.test(each));
  const line = named ?? lines.findLast((each) => each !== '');
  return line === undefined ? '' : `: ${line.slice(0, 200)}`;
}
